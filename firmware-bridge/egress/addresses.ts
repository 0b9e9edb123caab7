import { type ExchangeTarget, functionalId, type IsoTpAddress } from "../../vehicle-protocols/index.ts";
import { EgressRefusal } from "./refusal.ts";

/**
 * Below this, 11-bit identifiers belong to the car's own traffic; diagnostic testers use what is above (ISO 15765-4: 7E0–7E7; makers: 6F1, 7xx).
 */
const LOWEST_DIAGNOSTIC_11_BIT = 0x600;

/** 29-bit identifiers under which makers listen to testers. */
const MAKERS_29_BIT: readonly { readonly mask: number; readonly value: number }[] = [
  // Volkswagen MEB: 17FC00xx is answered on 17FE00xx.
  { mask: 0x1fffff00, value: 0x17fc0000 },
  // ISO 15765-4 and 15765-2 normal fixed addressing from tester F1, priority 6.
  { mask: 0x1fff00ff, value: 0x18da00f1 },
];

/** Whether a CAN identifier is one on which a diagnostic tester speaks to one unit. */
function isTesterId(id: number, extended: boolean): boolean {
  if (extended) return MAKERS_29_BIT.some(({ mask, value }) => (id & mask) === value);
  return id >= LOWEST_DIAGNOSTIC_11_BIT && id <= 0x7ff && id !== functionalId(11);
}

/** Where frames of a question may go. */
export interface Route {
  readonly id: number;
  readonly extended: boolean;
  /** First data byte, with extended and mixed addressing. */
  readonly addressByte: number | undefined;
  /** One unit: it takes flow control and repetitions. An address of many takes the question alone. */
  readonly toOneUnit: boolean;
}

/**
 * The roads of a question: its own address, and those of the units that may answer it, which get flow control and, if they were busy, the question again.
 * @throws EgressRefusal `address` when a tester does not speak there
 */
export function routesOf(target: ExchangeTarget): readonly Route[] {
  if (target.kind === "functional") return target.idBits === 11 ? EVERYBODY_11_BIT : EVERYBODY_29_BIT;
  const routes =
    target.kind === "physical"
      ? [routeTo(target.address, true)]
      : [routeTo(target.request, false), ...target.ecus.map((ecu) => routeTo(ecu, true))];
  for (const { id, extended } of routes)
    if (!isTesterId(id, extended))
      throw new EgressRefusal("address", `CAN id ${id.toString(16)} is none that a diagnostic tester uses`);
  return routes;
}

/** ISO 15765-4: the functional address, and the eight or 256 units that answer it. */
const EVERYBODY_11_BIT: readonly Route[] = [
  { id: functionalId(11), extended: false, addressByte: undefined, toOneUnit: false },
  ...Array.from({ length: 8 }, (_, unit) => ({
    id: 0x7e0 + unit,
    extended: false,
    addressByte: undefined,
    toOneUnit: true,
  })),
];
const EVERYBODY_29_BIT: readonly Route[] = [
  { id: functionalId(29), extended: true, addressByte: undefined, toOneUnit: false },
  ...Array.from({ length: 256 }, (_, unit) => ({
    id: 0x18da00f1 + (unit << 8),
    extended: true,
    addressByte: undefined,
    toOneUnit: true,
  })),
];

function routeTo(
  { transmitId, extended, transmitAddressByte }: Pick<IsoTpAddress, "transmitId" | "extended" | "transmitAddressByte">,
  toOneUnit: boolean,
): Route {
  return { id: transmitId, extended, addressByte: transmitAddressByte, toOneUnit };
}
