/** What a capture says was asked, as far as its text tells. */
export type CommandText = {
  /** Service id first; undefined if the text names none. */
  readonly request: Uint8Array | undefined;
  /** Header and receive address as written, upper case. */
  readonly header: string | undefined;
  readonly receiveAddress: string | undefined;
  /** `e`, `ta`, `f` … behind the bar. */
  readonly properties: ReadonlyMap<string, string>;
};

/**
 * Reads the name of a command: `7E0.7E8.22F190|e=2A,fc=1`, `DB33.010C`, `22F190`, `7E0 22 F1 90`. The last group of hex
 * digits is the request; an odd digit at its end is the ELM327 count of expected answers and is dropped.
 */
export function parseCommandText(text: string): CommandText {
  const bar = text.indexOf("|");
  const way = bar < 0 ? text : text.slice(0, bar);
  const properties = new Map(
    (bar < 0 ? "" : text.slice(bar + 1)).split(",").flatMap((property): [string, string][] => {
      const equals = property.indexOf("=");
      return equals < 0 ? [] : [[property.slice(0, equals).trim().toLowerCase(), property.slice(equals + 1).trim()]];
    }),
  );
  const groups = way
    .trim()
    .toUpperCase()
    .split(/[.:#/]/)
    .map((group) => group.replace(/\s+/g, ""));
  const digits = groups.at(-1) ?? "";
  const [header, receiveAddress] = groups.length > 1 ? groups : [];
  return {
    request: requestBytes(digits),
    header,
    receiveAddress: groups.length > 2 ? receiveAddress : undefined,
    properties,
  };
}

function requestBytes(digits: string): Uint8Array | undefined {
  const even = digits.slice(0, digits.length - (digits.length % 2));
  if (even.length < 2 || even.length > 2 * 4_095 || !/^[0-9A-F]+$/.test(even)) return undefined;
  return Uint8Array.from({ length: even.length / 2 }, (_, i) => Number.parseInt(even.slice(2 * i, 2 * i + 2), 16));
}
