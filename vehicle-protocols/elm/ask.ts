import { ProtocolError } from "../errors.ts";
import type { EcuAnswer, ExchangeOptions, ExchangeOutcome } from "../exchange/index.ts";
import type { IsoTpAddress } from "../iso-tp/index.ts";
import type { ObdTransport } from "../obd/index.ts";
import { type ElmTried, tryOnCan, tryOnLegacy } from "./attempt.ts";
import type { ElmQuestion } from "./can-question.ts";
import type { ElmChip } from "./chip.ts";
import type { ElmProcedure } from "./dialog.ts";
import { canProtocol, type ElmProtocol, isCan } from "./protocols.ts";
import { prepare } from "./setup.ts";

export type ElmAsked =
  | { readonly kind: "asked"; readonly outcome: ExchangeOutcome; readonly format: ObdTransport }
  /** What answers does not behave like an ELM327 any more: the line must be opened anew. */
  | { readonly kind: "unusable" };

/** Tries of one question in all: complaints of the chip, lost settings and swallowed lines are repeated, silence of the car is not. */
const MOST_TRIES = 3;

/**
 * Asks the car one question through the chip. The outcome is that of the same question over raw frames: units by their id,
 * the same error codes. On K-line and J1850 (once the car was found there) each message is an answer of its own.
 * A request longer than one frame is refused with `iso-tp-too-long`, since these chips send single frames.
 * @param nowMs when it begins; the question's `overallMs` counts from here
 */
export function* ask(chip: ElmChip, options: ExchangeOptions, nowMs: number): ElmProcedure<ElmAsked> {
  const untilMs = nowMs + (options.overallMs ?? 45_000);
  const { target } = options;
  if (target.kind === "group") return yield* askOneByOne(chip, options, target.ecus, nowMs, untilMs);
  const found = chip.carProtocol;
  if (found !== undefined && !isCan(found) && target.kind === "functional")
    return yield* repeatedly(chip, nowMs, untilMs, (startMs) =>
      tryOnLegacy(chip, options, found, { nowMs: startMs, untilMs }),
    );
  const isExtended = target.kind === "physical" ? target.address.extended : target.idBits === 29;
  return yield* askOnCan(chip, { ...options, target }, canProtocol(isExtended, found), nowMs, untilMs);
}

/** Asks on one CAN protocol, whatever is known of the car. */
export function* askOnCan(
  chip: ElmChip,
  question: ElmQuestion,
  protocol: ElmProtocol,
  nowMs: number,
  untilMs: number,
): ElmProcedure<ElmAsked> {
  const cannot = unaskable(question);
  if (cannot !== undefined) return { kind: "asked", outcome: { answers: [], error: cannot }, format: "can" };
  let isThorough = chip.takesInterruption;
  return yield* repeatedly(chip, nowMs, untilMs, function* (startMs) {
    const tried = yield* tryOnCan(chip, question, protocol, { isThorough, nowMs: startMs, untilMs });
    // A chip that cannot be interrupted was given little time: silence is believed only after the full time.
    const wasShort = !isThorough && tried.kind === "settled" && tried.outcome.error?.code === "no-answer";
    isThorough = true;
    return wasShort ? { ...tried, kind: "again", afterReset: false } : tried;
  });
}

function* askOneByOne(
  chip: ElmChip,
  options: ExchangeOptions,
  ecus: readonly IsoTpAddress[],
  nowMs: number,
  untilMs: number,
): ElmProcedure<ElmAsked> {
  const answers: EcuAnswer[] = [];
  let error: ProtocolError | undefined;
  let startMs = nowMs;
  for (const address of ecus) {
    const target = { kind: "physical", address } as const;
    const protocol = canProtocol(address.extended, chip.carProtocol);
    const asked = yield* askOnCan(chip, { ...options, target }, protocol, startMs, untilMs);
    if (asked.kind === "unusable") return asked;
    answers.push(...asked.outcome.answers);
    error ??= asked.outcome.error;
    startMs = (yield { kind: "pause", ms: 0 }).nowMs;
    if (startMs >= untilMs) break;
  }
  const outcome = answers.length > 0 || error === undefined ? { answers } : { answers, error };
  return { kind: "asked", outcome, format: "can" };
}

/** Why no chip of this family can ask this; undefined when it can. */
function unaskable({ target, request, frameLength }: ElmQuestion): ProtocolError | undefined {
  if (frameLength !== undefined && frameLength > 8)
    return new ProtocolError("unsupported-by-dongle", "this dongle knows no CAN FD");
  const longest = target.kind === "physical" && target.address.transmitAddressByte !== undefined ? 6 : 7;
  if (request.length <= longest) return undefined;
  return new ProtocolError("iso-tp-too-long", "this dongle sends requests of one frame only");
}

function* repeatedly(
  chip: ElmChip,
  nowMs: number,
  untilMs: number,
  attempt: (nowMs: number) => ElmProcedure<ElmTried>,
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
