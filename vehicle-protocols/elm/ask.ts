import { toHex } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import type { ExchangeOptions, ExchangeOutcome } from "../exchange/index.ts";
import type { ObdLine } from "../obd/index.ts";
import { CanQuestion } from "./can-question.ts";
import type { ElmChip } from "./chip.ts";
import type { ElmProcedure } from "./dialog.ts";
import { LegacyQuestion } from "./legacy-question.ts";
import { CAN_PROTOCOLS, canProtocol, type ElmProtocol, isCan, protocolOfNumber } from "./protocols.ts";
import type { ElmNotice } from "./reply-line.ts";
import {
  addressSettings,
  type ElmSettingWish,
  type ElmSettled,
  LONGEST_TIMEOUT_MS,
  legacyHeaderSetting,
  protocolSetting,
  settle,
  timeoutSetting,
} from "./settings.ts";
import { inquire, prepare } from "./setup.ts";

export type ElmAsked =
  | { readonly kind: "asked"; readonly outcome: ExchangeOutcome; readonly format: ObdLine }
  /** What answers does not behave like an ELM327 any more: the line must be opened anew. */
  | { readonly kind: "unusable" };

/** Tries of one question in all: complaints of the chip, lost settings and swallowed lines are repeated, silence of the car is not. */
const MOST_TRIES = 3;
/** The prompt of an answered question comes within the chip's timer; long answers over a slow serial line take seconds. */
const PROMPT_MS = 12_000;
/** K-line wakes its units at five bits a second, and the chip's own search goes through every line that it knows. */
const SEARCH_MS = 45_000;
/** What a chip that cannot be interrupted waits for further answers; five times what ISO 15765-4 gives a unit. */
const SHORT_TIMEOUT_MS = 250;
/** ISO 14229-1 tester present, answer suppressed: the chip listens on for an answer that was announced. */
const TESTER_PRESENT = "3E80";
/** A chip that listens for less than this after a question has its own idea of `ATST`. */
const SHORTEST_WINDOW_MS = 200;

/** Complaints that are over with the next try. */
const PASSING: ReadonlySet<ElmNotice> = new Set([
  "stopped",
  "bus-busy",
  "buffer-full",
  "data-error",
  "rx-error",
  "feedback-error",
  "out-of-memory",
]);

/** Words for `no-answer` where the chip says more than that nobody answered. */
const COMPLAINTS: ReadonlySet<ElmNotice> = new Set([
  "unable-to-connect",
  "can-error",
  "bus-error",
  "bus-busy",
  "bus-init-error",
  "buffer-full",
  "data-error",
  "rx-error",
  "feedback-error",
  "internal-error",
  "out-of-memory",
]);

type Tried =
  | { readonly kind: "settled"; readonly outcome: ExchangeOutcome; readonly format: ObdLine }
  /** Worth another try; the outcome stands if that was the last. */
  | {
      readonly kind: "again";
      readonly outcome: ExchangeOutcome;
      readonly format: ObdLine;
      readonly afterReset: boolean;
    };

/**
 * Asks the car one question through the chip. The outcome is that of the same question over raw frames: units by their id,
 * the same error codes. On K-line and J1850 (once the car was found there) each message is an answer of its own.
 * A request longer than one frame is refused with `iso-tp-too-long`, since these chips send single frames.
 * @param nowMs when it begins; the question's `overallMs` counts from here
 */
export function* ask(chip: ElmChip, options: ExchangeOptions, nowMs: number): ElmProcedure<ElmAsked> {
  const untilMs = nowMs + (options.overallMs ?? 45_000);
  const { target } = options;
  const found = chip.carProtocol;
  if (found !== undefined && !isCan(found) && target.kind === "functional")
    return yield* repeatedly(chip, nowMs, untilMs, () => askLegacy(chip, options, found));
  const isExtended = target.kind === "physical" ? target.address.extended : target.idBits === 29;
  return yield* askOnCan(chip, options, canProtocol(isExtended, found), nowMs, untilMs);
}

/**
 * Looks whether the car answers on this protocol; `auto` leaves it to the chip's own search, which knows K-line and J1850.
 * Asks for the supported PIDs, as SAE J1979 wants it of a tester that has just been plugged in.
 */
export function* findCar(
  chip: ElmChip,
  protocol: ElmProtocol | "auto",
  nowMs: number,
): ElmProcedure<"found" | "silent" | "unusable"> {
  if (!chip.isReady && !(yield* prepare(chip))) return "unusable";
  if (protocol !== "auto") {
    const asked = yield* askOnCan(chip, firstQuestion(protocol), protocol, nowMs, nowMs + SEARCH_MS);
    if (asked.kind === "unusable") return "unusable";
    if (asked.outcome.answers.length === 0) return "silent";
    chip.carProtocol = protocol;
    return "found";
  }
  const settled = yield* settle(chip, [{ setting: "protocol", command: "ATSP0", isRequired: true }]);
  chip.protocol = undefined;
  chip.forgetSetting("header");
  if (settled.kind === "lost-settings") return "unusable";
  let answered = false;
  yield {
    kind: "send",
    text: toHex(FIRST_REQUEST),
    timeoutMs: SEARCH_MS,
    hear: (part) => {
      if (part.kind === "legacy" || part.kind === "can") answered = true;
      return false;
    },
  };
  if (!answered) return "silent";
  const [number = ""] = yield* inquire("ATDPN");
  const found = protocolOfNumber(number);
  if (found === undefined) return "silent";
  chip.carProtocol = found;
  return "found";
}

/** SAE J1979: which PIDs are supported; every unit that knows OBD answers. */
export const FIRST_REQUEST: Uint8Array = Uint8Array.of(0x01, 0x00);

/** What `findCar` asks; on lines that are not CAN as well, since there the width of identifiers means nothing. */
export function firstQuestion(protocol: ElmProtocol | "auto"): ExchangeOptions {
  const idBits = protocol !== "auto" && protocol.bus === "can-29" ? 29 : 11;
  return { target: { kind: "functional", idBits }, request: FIRST_REQUEST };
}

/** Protocols in the order in which a car is looked for, the one where it was found last before the others. */
export function protocolsToTry(chip: ElmChip): readonly (ElmProtocol | "auto")[] {
  const found = chip.carProtocol;
  if (found === undefined) return [...CAN_PROTOCOLS, "auto"];
  return [found, ...CAN_PROTOCOLS.filter((protocol) => protocol.number !== found.number), "auto"];
}

/** Lets the chip close the bus, so that it neither acknowledges frames nor keeps a K-line awake while nothing is asked. */
export function* leaveCar(chip: ElmChip): ElmProcedure<void> {
  if (chip.isReady) yield* inquire("ATPC");
}

function* askOnCan(
  chip: ElmChip,
  options: ExchangeOptions,
  protocol: ElmProtocol,
  nowMs: number,
  untilMs: number,
): ElmProcedure<ElmAsked> {
  const longest =
    options.target.kind === "physical" && options.target.address.transmitAddressByte !== undefined ? 6 : 7;
  if (options.request.length > longest) {
    const error = new ProtocolError("iso-tp-too-long", "this dongle sends requests of one frame only");
    return { kind: "asked", outcome: { answers: [], error }, format: "can" };
  }
  let isThorough = chip.takesInterruption;
  return yield* repeatedly(chip, nowMs, untilMs, function* (startMs) {
    const tried = yield* tryOnCan(chip, options, protocol, { isThorough, nowMs: startMs, untilMs });
    // A chip that cannot be interrupted was given little time: silence is believed only after the full time.
    const wasShort = !isThorough && tried.kind === "settled" && tried.outcome.error?.code === "no-answer";
    isThorough = true;
    return wasShort ? { ...tried, kind: "again", afterReset: false } : tried;
  });
}

function* repeatedly(
  chip: ElmChip,
  nowMs: number,
  untilMs: number,
  attempt: (nowMs: number) => ElmProcedure<Tried>,
): ElmProcedure<ElmAsked> {
  let startMs = nowMs;
  for (let tries = 1; ; tries++) {
    if (!chip.isReady && !(yield* prepare(chip))) return { kind: "unusable" };
    const tried = yield* attempt(startMs);
    if (tried.kind === "settled" || tries === MOST_TRIES)
      return { kind: "asked", outcome: tried.outcome, format: tried.format };
    if (tried.afterReset) chip.forget();
    startMs = (yield { kind: "pause", ms: 0 }).nowMs;
    if (startMs >= untilMs) return { kind: "asked", outcome: tried.outcome, format: tried.format };
  }
}

type Attempt = { readonly isThorough: boolean; readonly nowMs: number; readonly untilMs: number };

function* tryOnCan(
  chip: ElmChip,
  options: ExchangeOptions,
  protocol: ElmProtocol,
  attempt: Attempt,
): ElmProcedure<Tried> {
  const p2Ms = options.p2Ms ?? 1000;
  const timeoutMs = attempt.isThorough ? p2Ms : Math.min(p2Ms, SHORT_TIMEOUT_MS);
  const question = new CanQuestion(options);
  const ready = yield* settleProtocol(chip, protocol, [timeoutSetting(timeoutMs), ...addressSettings(options.target)]);
  if (ready.kind !== "settled") return unsettled(ready, "can");

  const request = toHex(options.request);
  const key = `${chip.protocol?.number}:${JSON.stringify(options.target)}:${request}`;
  const count = chip.expectedCount(key);
  let send: string | undefined = count === undefined ? request : request + count;
  let nowMs = attempt.nowMs;
  let pendingUntilMs = 0;
  while (send !== undefined) {
    const beganMs = nowMs;
    const prompt = yield {
      kind: "send",
      text: send,
      bus: protocol.bus,
      timeoutMs: Math.max(1000, Math.min(PROMPT_MS, attempt.untilMs - nowMs)),
      hear: (part) => question.hear(part),
    };
    nowMs = prompt.nowMs;
    if (prompt.ignoredInterruption) chip.takesInterruption = false;
    if (question.outcome !== undefined || question.isRefused || question.wasRestarted) break;
    if (nowMs >= attempt.untilMs) {
      question.end();
      break;
    }
    if (question.takePendingNews()) pendingUntilMs = nowMs + (options.p2StarMs ?? 5000);
    if (question.isPending && nowMs < pendingUntilMs) {
      yield* settle(chip, [timeoutSetting(LONGEST_TIMEOUT_MS)]);
      // A chip that does not wait must not make us chatter.
      if (nowMs - beganMs < SHORTEST_WINDOW_MS) nowMs = (yield { kind: "pause", ms: SHORTEST_WINDOW_MS }).nowMs;
      send = TESTER_PRESENT;
      continue;
    }
    const busy = question.conclude();
    if (busy === undefined) break;
    nowMs = (yield { kind: "pause", ms: options.busyPauseMs ?? 200 }).nowMs;
    const readdressed = yield* settle(chip, addressSettings(busy));
    if (readdressed.kind !== "settled") return unsettled(readdressed, "can");
    send = request;
  }
  return judgeCan(chip, question, key, count);
}

function judgeCan(chip: ElmChip, question: CanQuestion, key: string, count: number | undefined): Tried {
  const { notices } = question;
  if (question.isRefused && count !== undefined) {
    chip.takesCount = false;
    return { kind: "again", outcome: question.end(), format: "can", afterReset: false };
  }
  const outcome = explained(question.outcome ?? question.end(), notices);
  const isWhole = outcome.answers.length > 0 && outcome.answers.every((answer) => answer.kind !== "failed");
  const isClean = isWhole && !question.isGarbled && question.frames === outcome.answers.length;
  chip.noteCount(key, isClean ? outcome.answers.length : undefined);
  if (outcome.answers.length > 0) chip.carProtocol ??= chip.protocol;
  const fellShort = count !== undefined && outcome.answers.length !== count;
  const wasDisturbed = !isWhole && (question.isGarbled || [...notices].some((notice) => PASSING.has(notice)));
  const lostSettings = !isWhole && (question.isRefused || question.wasRestarted || hasReset(notices));
  if (fellShort || wasDisturbed || lostSettings)
    return { kind: "again", outcome, format: "can", afterReset: lostSettings };
  return { kind: "settled", outcome, format: "can" };
}

function* askLegacy(chip: ElmChip, options: ExchangeOptions, protocol: ElmProtocol): ElmProcedure<Tried> {
  const format = "k-line-or-j1850";
  const wishes = [timeoutSetting(options.p2Ms ?? 1000), legacyHeaderSetting(protocol)];
  const ready = yield* settleProtocol(chip, protocol, wishes);
  if (ready.kind !== "settled") return unsettled(ready, format);
  const question = new LegacyQuestion(options.request);
  yield {
    kind: "send",
    text: toHex(options.request),
    bus: protocol.bus,
    timeoutMs: SEARCH_MS,
    hear: (part) => question.hear(part),
  };
  const { notices } = question;
  const outcome = explained(question.outcome, notices);
  const isWhole = outcome.answers.length > 0 && !question.isGarbled;
  const lostSettings = !isWhole && (question.isRefused || question.wasRestarted || hasReset(notices));
  const wasDisturbed = !isWhole && (question.isGarbled || [...notices].some((notice) => PASSING.has(notice)));
  if (lostSettings || wasDisturbed) return { kind: "again", outcome, format, afterReset: lostSettings };
  return { kind: "settled", outcome, format };
}

/** A change of protocol may put the header back to that protocol's own. */
function* settleProtocol(
  chip: ElmChip,
  protocol: ElmProtocol,
  wishes: readonly ElmSettingWish[],
): ElmProcedure<ElmSettled> {
  const wish = protocolSetting(protocol);
  if (!chip.hasBeenTold(wish.setting, wish.command)) {
    const settled = yield* settle(chip, [wish]);
    if (settled.kind !== "settled") return settled;
    chip.forgetSetting("header");
  }
  chip.protocol = protocol;
  return yield* settle(chip, wishes);
}

function unsettled(settled: Exclude<ElmSettled, { kind: "settled" }>, format: ObdLine): Tried {
  if (settled.kind === "lost-settings") {
    const error = new ProtocolError("no-answer", "the dongle lost its settings");
    return { kind: "again", outcome: { answers: [], error }, format, afterReset: true };
  }
  const error = new ProtocolError("unsupported-by-dongle", `this dongle does not know ${settled.command}`);
  return { kind: "settled", outcome: { answers: [], error }, format };
}

function hasReset(notices: ReadonlySet<ElmNotice>): boolean {
  return notices.has("low-voltage-reset") || notices.has("internal-error");
}

/** Where nobody answered, the chip's own words say more than that. */
function explained(outcome: ExchangeOutcome, notices: ReadonlySet<ElmNotice>): ExchangeOutcome {
  const complaints = [...notices].filter((notice) => COMPLAINTS.has(notice));
  if (outcome.error?.code !== "no-answer" || complaints.length === 0) return outcome;
  return {
    ...outcome,
    error: new ProtocolError("no-answer", `no ECU answered; the dongle says ${complaints.join(", ")}`),
  };
}
