import { type ExchangeTarget, functionalId } from "../../vehicle-protocols/index.ts";
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
export function isTesterId(id: number, extended: boolean): boolean {
  if (extended) return MAKERS_29_BIT.some(({ mask, value }) => (id & mask) === value);
  return id >= LOWEST_DIAGNOSTIC_11_BIT && id <= 0x7ff && id !== functionalId(11);
}

/**
 * The identifier on which a question goes out.
 * @throws EgressRefusal `address` when a tester does not speak there
 */
export function requireTesterTarget(target: ExchangeTarget): { readonly id: number; readonly extended: boolean } {
  if (target.kind === "functional") return { id: functionalId(target.idBits), extended: target.idBits === 29 };
  const { transmitId: id, extended } = target.address;
  if (!isTesterId(id, extended))
    throw new EgressRefusal("address", `CAN id ${id.toString(16)} is none that a diagnostic tester uses`);
  return { id, extended };
}
