import { toHex } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import type { ExchangeOptions, ExchangeOutcome } from "../exchange/index.ts";
import type { ObdTransport } from "../obd/index.ts";
import { CanQuestion, type ElmQuestion } from "./can-question.ts";
import type { ElmChip } from "./chip.ts";
import type { ElmProcedure } from "./dialog.ts";
import { LegacyQuestion } from "./legacy-question.ts";
import type { ElmProtocol } from "./protocols.ts";
import type { ElmNotice } from "./reply-line.ts";
import {
  addressSettings,
  type ElmSettingWish,
  type ElmSettled,
  LONGEST_TIMEOUT_MS,
  legacyHeaderSetting,
  PLAIN_ADDRESSING,
  protocolSetting,
  settle,
  timeoutSetting,
} from "./settings.ts";

/** The prompt of an answered question comes within the chip's timer; long answers over a slow serial line take seconds. */
const PROMPT_MS = 12_000;
/** K-line wakes its units at five bits a second. */
const LEGACY_PROMPT_MS = 45_000;
/** What a chip that cannot be interrupted waits for further answers; five times what ISO 15765-4 gives a unit. */
const SHORT_TIMEOUT_MS = 250;
/** ISO 14229-1 tester present, answer suppressed: the chip listens on for an answer that was announced. */
const TESTER_PRESENT = "3E80";
/** How long a chip listens that takes no interruption: it goes on for as long behind the answer. */
const LISTENING_MS = 400;
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

export type ElmTried =
  | { readonly kind: "settled"; readonly outcome: ExchangeOutcome; readonly format: ObdTransport }
  /** Worth another try; the outcome stands if that was the last. */
  | {
      readonly kind: "again";
      readonly outcome: ExchangeOutcome;
      readonly format: ObdTransport;
      readonly afterReset: boolean;
    };

export type ElmAttempt = { readonly isThorough: boolean; readonly nowMs: number; readonly untilMs: number };

/** One question on CAN, with all that follows from it: announced answers, units that were busy. */
export function* tryOnCan(
  chip: ElmChip,
  options: ElmQuestion,
  protocol: ElmProtocol,
  attempt: ElmAttempt,
): ElmProcedure<ElmTried> {
  const p2Ms = options.p2Ms ?? 1000;
  const timeoutMs = attempt.isThorough ? p2Ms : Math.min(p2Ms, SHORT_TIMEOUT_MS);
  const question = new CanQuestion(options);
  const ready = yield* settleProtocol(chip, protocol, [timeoutSetting(timeoutMs), ...addressSettings(options.target)]);
  if (ready.kind !== "settled") return unsettled(ready, "can");

  const request = toHex(options.request);
  const key = `${chip.protocol?.number}:${JSON.stringify(options.target)}:${request}`;
  const count = chip.expectedCount(key, options.target.kind === "physical");
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
      // A chip that takes no interruption would only be confused by one.
      hear: (part) => question.hear(part) && chip.takesInterruption,
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
      yield* settle(chip, [timeoutSetting(chip.takesInterruption ? LONGEST_TIMEOUT_MS : LISTENING_MS)]);
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

function judgeCan(chip: ElmChip, question: CanQuestion, key: string, count: number | undefined): ElmTried {
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
  const fellShort = count !== undefined && (!isWhole || outcome.answers.length !== count);
  const wasDisturbed = !isWhole && (question.isGarbled || [...notices].some((notice) => PASSING.has(notice)));
  const lostSettings = !isWhole && (question.isRefused || question.wasRestarted || hasReset(notices));
  if (fellShort || wasDisturbed || lostSettings)
    return { kind: "again", outcome, format: "can", afterReset: lostSettings };
  return { kind: "settled", outcome, format: "can" };
}

/** One question to all units on K-line or J1850. */
export function* tryOnLegacy(
  chip: ElmChip,
  options: ExchangeOptions,
  protocol: ElmProtocol,
  attempt: Omit<ElmAttempt, "isThorough">,
): ElmProcedure<ElmTried> {
  const format = "legacy";
  const wishes = [timeoutSetting(options.p2Ms ?? 1000), legacyHeaderSetting(protocol), ...PLAIN_ADDRESSING];
  const ready = yield* settleProtocol(chip, protocol, wishes);
  if (ready.kind !== "settled") return unsettled(ready, format);
  const question = new LegacyQuestion(options.request);
  yield {
    kind: "send",
    text: toHex(options.request),
    bus: protocol.bus,
    timeoutMs: Math.max(1000, Math.min(LEGACY_PROMPT_MS, attempt.untilMs - attempt.nowMs)),
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

function unsettled(settled: Exclude<ElmSettled, { kind: "settled" }>, format: ObdTransport): ElmTried {
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
