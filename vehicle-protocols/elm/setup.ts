import type { ElmChip } from "./chip.ts";
import type { ElmProcedure } from "./dialog.ts";

/** How a chip took a command. `restarted`: it was reset meanwhile; `confused`: its answer is that to something else. */
export type ElmTold = "ok" | "unknown" | "restarted" | "confused";

/** The chip answers commands about itself at once; a radio link may take its time. */
const COMMAND_MS = 2000;
/** `ATZ` tests the lamps for half a second; clones take up to two. */
const RESET_MS = 5000;
/** Long enough for what is still on its way to arrive and be dropped. */
const SETTLE_MS = 150;
const RESET_TRIES = 3;
/** What is kept of an answer in words. */
const MOST_WORDS = 8;

/**
 * Commands that every session begins with; a clone that does not know one works without it: no echo, no line feeds, no blanks,
 * headers on (several units answer one question, and WiCAN's emulation prints no line index without them), automatic
 * formatting, long messages, nothing stored in the chip's memory, fixed timing.
 */
const PREPARATION = ["ATE0", "ATL0", "ATS0", "ATH1", "ATCAF1", "ATAL", "ATM0", "ATAT0"];

/** What is believed of a chip on which almost nothing of this works: that it is none. */
const LEAST_ACCEPTED = 3;

/** Sends a command that sets something. */
export function* tell(text: string, timeoutMs = COMMAND_MS): ElmProcedure<ElmTold> {
  let told: ElmTold = "confused";
  yield {
    kind: "send",
    text,
    timeoutMs,
    hear: (part) => {
      if (part.kind === "ok") told = "ok";
      else if (part.kind === "unknown-command") told = "unknown";
      else if (part.kind === "banner" || (part.kind === "notice" && part.notice === "low-voltage-reset"))
        told = "restarted";
      return false;
    },
  };
  return told;
}

/** Sends a command that is answered in words: the lines of the answer. */
export function* inquire(text: string, timeoutMs = COMMAND_MS): ElmProcedure<readonly string[]> {
  const words: string[] = [];
  yield {
    kind: "send",
    text,
    timeoutMs,
    hear: (part, line) => {
      if (part.kind !== "garbage" && words.length < MOST_WORDS) words.push(line);
      return false;
    },
  };
  return words;
}

/**
 * Brings a chip from any state to one that is known: whatever it was doing is ended, it is reset and told how to print.
 * @returns false when what answers does not behave like an ELM327
 */
export function* prepare(chip: ElmChip): ElmProcedure<boolean> {
  chip.forget();
  const banner = yield* reset();
  if (banner === undefined) return false;
  let accepted = 0;
  for (const command of PREPARATION) {
    let told = yield* tell(command);
    if (told === "confused") {
      // An answer to something older came first: let everything arrive, then say it again.
      yield { kind: "pause", ms: SETTLE_MS };
      told = yield* tell(command);
    }
    if (told === "restarted" || told === "confused") return false;
    if (told === "ok") accepted += 1;
  }
  if (accepted < LEAST_ACCEPTED) return false;
  const stn = (yield* inquire("STI")).find((line) => /^STN\d/i.test(line));
  chip.identity = { banner, stn };
  chip.isReady = true;
  return true;
}

/** The first letter may only end what the chip was doing and be lost, so the command is said until it is understood. */
function* reset(): ElmProcedure<string | undefined> {
  for (let tries = 0; tries < RESET_TRIES; tries++) {
    yield { kind: "pause", ms: SETTLE_MS };
    let banner: string | undefined;
    yield {
      kind: "send",
      text: "ATZ",
      timeoutMs: RESET_MS,
      hear: (part) => {
        if (part.kind === "banner") banner = part.text;
        else if (part.kind === "text") banner ??= part.text;
        return false;
      },
    };
    if (banner !== undefined) return banner;
  }
  return undefined;
}

export type ElmVolts =
  | { readonly kind: "volts"; readonly volts: number }
  /** This chip does not measure. */
  | { readonly kind: "untold" }
  /** What answers does not behave like an ELM327: the line must be opened anew. */
  | { readonly kind: "unusable" };

/** Supply voltage as the chip measures it at the plug (`ATRV`); the car is not asked. */
export function* readVolts(chip: ElmChip): ElmProcedure<ElmVolts> {
  if (!chip.isReady && !(yield* prepare(chip))) return { kind: "unusable" };
  let volts = 0;
  let understood = false;
  yield {
    kind: "send",
    text: "ATRV",
    timeoutMs: COMMAND_MS,
    hear: (part) => {
      if (part.kind === "volts") volts = part.volts;
      if (part.kind === "volts" || part.kind === "unknown-command" || part.kind === "text") understood = true;
      return false;
    },
  };
  // Chips without the divider read nothing but zero.
  if (volts > 0) return { kind: "volts", volts };
  if (understood) return { kind: "untold" };
  // The answer was one to something else: what is known of the chip is no longer sure.
  chip.forget();
  return { kind: "unusable" };
}
