import { toHex } from "../can-frame.ts";
import { ask, askOnCan } from "./ask.ts";
import type { ElmQuestion } from "./can-question.ts";
import type { ElmChip } from "./chip.ts";
import type { ElmProcedure } from "./dialog.ts";
import { CAN_PROTOCOLS, type ElmProtocol, isCan, protocolOfNumber } from "./protocols.ts";
import { PLAIN_ADDRESSING, settle } from "./settings.ts";
import { inquire, prepare } from "./setup.ts";

/** One try in the search for a car. */
export type ElmSearchStep = {
  /** `auto`: the chip's own search, which knows K-line and J1850. */
  readonly protocol: ElmProtocol | "auto";
  readonly question: ElmQuestion;
};

/** K-line wakes its units at five bits a second, and the chip's own search goes through every line that it knows. */
const SEARCH_MS = 45_000;

/** SAE J1979, supported PIDs: every unit that knows OBD answers. */
const SUPPORTED_PIDS = Uint8Array.of(0x01, 0x00);
/** ISO 14229-1, tester present: for cars that know UDS only, which are electric ones and those after SAE J1979-2. */
const TESTER_PRESENT = Uint8Array.of(0x3e, 0x00);

/**
 * The steps in which a car is looked for: the line where it was found last; CAN at 500 kbit/s in both widths, by J1979 and then by
 * UDS; CAN at 250; then what the chip finds by itself.
 */
export function searchSteps(chip: ElmChip): readonly ElmSearchStep[] {
  const found = chip.carProtocol;
  const others = CAN_PROTOCOLS.filter((protocol) => protocol.number !== found?.number);
  const fast = CAN_PROTOCOLS.slice(0, 2);
  return [
    ...(found === undefined ? [] : [stepOf(found, SUPPORTED_PIDS)]),
    ...others.filter((protocol) => fast.includes(protocol)).map((protocol) => stepOf(protocol, SUPPORTED_PIDS)),
    ...fast.map((protocol) => stepOf(protocol, TESTER_PRESENT)),
    ...others.filter((protocol) => !fast.includes(protocol)).map((protocol) => stepOf(protocol, SUPPORTED_PIDS)),
    stepOf("auto", SUPPORTED_PIDS),
  ];
}

function stepOf(protocol: ElmProtocol | "auto", request: Uint8Array): ElmSearchStep {
  // Lines that are not CAN have no identifiers: there the width means nothing.
  const idBits = protocol !== "auto" && protocol.bus === "can-29" ? 29 : 11;
  return { protocol, question: { target: { kind: "functional", idBits }, request } };
}

/** Takes one step; when the car answers, its line is the chip's from now on. */
export function* findCar(
  chip: ElmChip,
  { protocol, question }: ElmSearchStep,
  nowMs: number,
): ElmProcedure<"found" | "silent" | "unusable"> {
  if (protocol === "auto") return yield* letChipSearch(chip, question);
  const asked = isCan(protocol)
    ? yield* askOnCan(chip, question, protocol, nowMs, nowMs + SEARCH_MS)
    : yield* ask(chip, question, nowMs);
  if (asked.kind === "unusable") return "unusable";
  const answered = asked.outcome.answers.length > 0;
  if (answered) chip.carProtocol = protocol;
  else if (chip.carProtocol === protocol) chip.carProtocol = undefined;
  return answered ? "found" : "silent";
}

function* letChipSearch(chip: ElmChip, { request }: ElmQuestion): ElmProcedure<"found" | "silent" | "unusable"> {
  if (!chip.isReady && !(yield* prepare(chip))) return "unusable";
  const search = { setting: "protocol", command: "ATSP0", isRequired: true } as const;
  const settled = yield* settle(chip, [...PLAIN_ADDRESSING, search]);
  chip.protocol = undefined;
  chip.forgetSetting("header");
  if (settled.kind === "lost-settings") return "unusable";
  let answered = false;
  yield {
    kind: "send",
    text: toHex(request),
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

/** Lets the chip close the bus, so that it neither acknowledges frames nor keeps a K-line awake while nothing is asked. */
export function* leaveCar(chip: ElmChip): ElmProcedure<void> {
  if (chip.isReady) yield* inquire("ATPC");
}
