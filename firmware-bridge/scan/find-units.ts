import { type ExchangeTarget, encodeObdRequest } from "../../vehicle-protocols/index.ts";
import type { BoundedCar } from "../bounded-car.ts";
import { type CarLine, ConversationFailure } from "../dialect.ts";

/** A control unit that has answered: the id it answers from. */
export interface FoundUnit {
  readonly ecuId: number;
  readonly extended: boolean;
}

export interface FoundUnits {
  /** How questions to all are addressed on this car. */
  readonly target: ExchangeTarget;
  readonly line: CarLine;
  readonly units: readonly FoundUnit[];
}

/** ISO 15765-4: which identifiers a car uses is found by asking. */
const CAN_LINES: readonly CarLine[] = [
  { protocol: "iso15765-4-11bit", idBits: 11, format: "can" },
  { protocol: "iso15765-4-29bit", idBits: 29, format: "can" },
];

/**
 * Finds the units that answer a question to all (service 01, supported PIDs).
 * @throws ConversationFailure `car-silent` when none does on any line
 */
export async function findUnits(car: BoundedCar): Promise<FoundUnits> {
  const found = await car.findLine();
  for (const line of found === undefined ? CAN_LINES : [found]) {
    const target: ExchangeTarget = { kind: "functional", idBits: line.idBits };
    const { answers } = await car.ask({ target, request: encodeObdRequest({ service: 0x01, pids: [0x00] }) });
    const units = new Map(answers.map(({ ecuId, extended }) => [ecuId, { ecuId, extended }]));
    if (units.size > 0) return { target, line, units: [...units.values()] };
  }
  throw new ConversationFailure("car-silent");
}
