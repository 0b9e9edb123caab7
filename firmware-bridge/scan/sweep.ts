import {
  encodeUdsRequest,
  type IsoTpAddress,
  normalAddress,
  normalFixedAddress,
} from "../../vehicle-protocols/index.ts";
import type { ScanTalk } from "./scan-talk.ts";
import { addressTextOf, UnitNotes } from "./unit-notes.ts";

/** A unit that is there answers "tester present" at once; some hundred addresses are tried. */
const SWEEP_P2_MS = 120;
/** Units found beyond those that OBD knows; a car has some seventy. */
const MOST_UNITS = 48;
/** Time that a sweep leaves for reading what it found. */
const RESERVE_MS = 15_000;

const TESTER_PRESENT = encodeUdsRequest({ service: 0x3e, silent: false });

/**
 * Units that answer on these addresses and, where wished, on all on which units may listen: 18DAxxF1 with 29 bits; with 11 bits 700–7FF, answered eight
 * higher, which is what most makers do. It is bounded by number and by the scan's time.
 */
export async function sweep(
  talk: ScanTalk,
  addresses: readonly IsoTpAddress[],
  everywhere: { readonly idBits: 11 | 29; readonly except: ReadonlySet<string> } | undefined,
): Promise<UnitNotes[]> {
  const found = new Map<string, UnitNotes>();
  const tryOne = async (address: IsoTpAddress, p2Ms?: number) => {
    const name = addressTextOf(address);
    if (found.has(name)) return;
    const answer = await talk.askOne(address, TESTER_PRESENT, p2Ms);
    // A refusal is an answer too: somebody is there.
    if ("payloads" in answer || (answer.reason !== "no-answer" && answer.reason !== talk.ended))
      found.set(name, new UnitNotes(address.receiveId, address));
  };
  for (const address of addresses) await tryOne(address);
  if (everywhere === undefined) return [...found.values()];
  for (const address of addressesOf(everywhere.idBits)) {
    if (found.size >= MOST_UNITS || talk.leftMs < RESERVE_MS) break;
    if (!everywhere.except.has(addressTextOf(address))) await tryOne(address, SWEEP_P2_MS);
  }
  return [...found.values()];
}

function addressesOf(idBits: 11 | 29): IsoTpAddress[] {
  if (idBits === 29) return Array.from({ length: 0xf1 }, (_, unit) => normalFixedAddress(unit));
  return Array.from({ length: 0x100 }, (_, low) => 0x700 + low)
    .filter((id) => (id & 0x08) === 0 && id !== 0x7df)
    .map((id) => normalAddress(id, id + 8));
}
