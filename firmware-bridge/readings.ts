import type { DiagnosticAddress, DongleReadings, ReadCommand } from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import {
  addressWithByte,
  type ExchangeOptions,
  type ExchangeTarget,
  fromHex,
  type IsoTpAddress,
  normalAddress,
  physicalAddressOf,
  toHex,
} from "../vehicle-protocols/index.ts";
import type { BoundedCar } from "./bounded-car.ts";
import type { CarOutcome } from "./dialect.ts";
import { EgressRefusal } from "./egress/index.ts";

/**
 * A command of the gateway as a question to the car.
 * @throws EgressRefusal `address` when nobody can say from where the answer would come
 */
function questionOf({ request, address }: ReadCommand): ExchangeOptions {
  return { target: targetOf(address), request: fromHex(request) };
}

function targetOf(address: DiagnosticAddress): ExchangeTarget {
  if (address.functional === true) return { kind: "functional", idBits: address.extended ? 29 : 11 };
  return { kind: "physical", address: physicalAddress(address) };
}

/**
 * The contract's address of one unit.
 * @throws EgressRefusal `address` when nobody can say from where the answer would come
 */
export function physicalAddress({
  requestId,
  responseId,
  extended,
  requestByte,
  responseByte,
}: DiagnosticAddress): IsoTpAddress {
  const base = normalAddress(requestId, responseId ?? responseIdOf(requestId, extended), extended);
  // Where the answer carries a byte too, it is the tester's address (extended) or the same one (mixed).
  return requestByte === undefined ? base : addressWithByte(base, requestByte, responseByte ?? requestByte);
}

/** ISO 15765-4 for 18DAxxF1; for 11 bits its distance of eight, which most makers keep outside 7E0–7E7 too. */
function responseIdOf(requestId: number, extended: boolean): number {
  const answering = extended ? 0x18da0000 | ((requestId & 0xff) << 8) | ((requestId >>> 8) & 0xff) : requestId + 8;
  if (extended ? requestId >>> 16 === 0x18da && physicalAddressOf(answering, true) !== undefined : answering <= 0x7ff)
    return answering;
  throw new EgressRefusal(
    "address",
    `nobody knows from where ${requestId.toString(16)} is answered: name a responseId`,
  );
}

export type Reading = DongleReadings["readings"][number];

/** Asks one command and tells what came back, with its arrival. */
export async function readingOf(car: BoundedCar, command: ReadCommand, clock: Clock): Promise<Reading> {
  const outcome = await car.ask(questionOf(command));
  return { key: command.key, at: clock.now(), ...answersOf(outcome) };
}

/** What came back, as bytes; a refusal or a broken answer of the only unit is the reason why there is none. */
function answersOf(outcome: CarOutcome): Pick<Reading, "answers" | "error"> {
  const answers: Reading["answers"] = [];
  let reason: string | undefined = outcome.error?.code;
  for (const answer of outcome.answers) {
    if (answer.kind === "positive") answers.push({ ecu: ecuText(answer.ecuId), payload: toHex(answer.payload) });
    else reason = answer.kind === "negative" ? answer.name : answer.error.code;
  }
  return answers.length > 0 || reason === undefined ? { answers } : { answers, error: reason.slice(0, 60) };
}

/** A control unit's address as the contract writes it. */
export function ecuText(ecuId: number): string {
  return ecuId.toString(16).toUpperCase().padStart(2, "0");
}
