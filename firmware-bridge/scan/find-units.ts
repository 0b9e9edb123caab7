import type { DIAGNOSTIC_STANDARDS } from "../../contract/payloads.ts";
import { type ExchangeTarget, encodeObdRequest, ProtocolProbe } from "../../vehicle-protocols/index.ts";
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
  readonly standard: Exclude<(typeof DIAGNOSTIC_STANDARDS)[number], "j1939">;
  readonly units: readonly FoundUnit[];
}

/**
 * Finds out by which rules the car is read, and the units that answer a question to all: SAE J1979 first, then OBD on UDS, then ISO 14229-1.
 * A chip that looks for the line itself is let do so before.
 * @throws ConversationFailure `car-silent` when nobody answers on any line
 */
export async function findUnits(car: BoundedCar): Promise<FoundUnits> {
  const found = await car.findLine();
  if (found?.format === "legacy") return findOnOldLine(car, found);
  const probe = found === undefined ? new ProtocolProbe() : new ProtocolProbe([found.idBits]);
  for (let question = probe.next(); question !== undefined; question = probe.next()) {
    const { idBits, request } = question;
    const { answers } = await car.ask({ target: { kind: "functional", idBits }, request });
    probe.take(answers);
  }
  const { conclusion } = probe;
  if (conclusion === undefined || conclusion.standard === "silent") throw new ConversationFailure("car-silent");
  const { standard, idBits, ecuIds } = conclusion;
  return {
    standard,
    target: { kind: "functional", idBits },
    line: found ?? { protocol: `iso15765-4-${idBits}bit`, idBits, format: "can" },
    units: ecuIds.map((ecuId) => ({ ecuId, extended: idBits === 29 })),
  };
}

/** K-line and J1850 know SAE J1979 only. */
async function findOnOldLine(car: BoundedCar, line: CarLine): Promise<FoundUnits> {
  const target: ExchangeTarget = { kind: "functional", idBits: line.idBits };
  const { answers } = await car.ask({ target, request: encodeObdRequest({ service: 0x01, pids: [0x00] }) });
  const units = new Map(answers.map(({ ecuId }) => [ecuId, { ecuId, extended: false }]));
  if (units.size === 0) throw new ConversationFailure("car-silent");
  return { standard: "obd", target, line, units: [...units.values()] };
}
