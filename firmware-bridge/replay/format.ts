import { ascParser, type CanLineParser, candumpParser, trcParser } from "../../vehicle-protocols/index.ts";

export type LogFormat = "candump" | "asc" | "trc";

const PARSERS: Readonly<Record<LogFormat, () => CanLineParser>> = {
  candump: candumpParser,
  asc: ascParser,
  trc: trcParser,
};

/** A new parser for one pass over a log. */
export function parserOf(format: LogFormat): CanLineParser {
  return PARSERS[format]();
}

/** The format whose parser finds most frames, and more of them than unreadable lines, in the beginning of a log; undefined where none does. */
export function recogniseFormat(beginning: Uint8Array): LogFormat | undefined {
  let best: { readonly format: LogFormat; readonly score: number } | undefined;
  for (const format of ["candump", "asc", "trc"] as const) {
    let score = 0;
    for (const { kind } of parserOf(format).push(beginning)) {
      if (kind === "data") score += 1;
      else if (kind === "unreadable") score -= 1;
    }
    if (score > (best?.score ?? 0)) best = { format, score };
  }
  return best?.format;
}
