import type { ClearedEcu, DiagnosticAddress } from "../contract/payloads.ts";
import { encodeClearRequest } from "../vehicle-protocols/clearing.ts";
import type { IsoTpAddress } from "../vehicle-protocols/index.ts";
import type { BoundedCar } from "./bounded-car.ts";
import { ConversationFailure } from "./dialect.ts";
import { EgressRefusal } from "./egress/index.ts";
import { physicalAddress } from "./readings.ts";
import { findUnits } from "./scan/find-units.ts";
import { ScanTalk, type UnitAnswer } from "./scan/scan-talk.ts";
import { sweep } from "./scan/sweep.ts";
import { addressTextOf, UnitNotes } from "./scan/unit-notes.ts";

/** How a unit says that it does not know a service. */
const NOT_SPOKEN: ReadonlySet<string> = new Set(["no-answer", "service-not-supported"]);

/**
 * Clears the codes of every unit that answers: by SAE J1979 all at once, then by ISO 14229-1 each unit that speaks it. The egress lets neither pass without a
 * technician's authority. Once it has begun, what became of each unit is told, also when the conversation breaks off.
 * @param addresses units that do not hear questions to all
 * @throws ConversationFailure `car-silent` and others, before anything was cleared
 */
export async function clearCodes(car: BoundedCar, addresses: readonly DiagnosticAddress[]): Promise<ClearedEcu[]> {
  const { target, standard, units: found } = await findUnits(car);
  const talk = new ScanTalk(car, target);
  const units = found.map(({ ecuId, extended }) => UnitNotes.of(ecuId, extended));
  const known = new Set(units.map((unit) => unit.addressText));
  const further = addresses
    .filter((address) => address.functional !== true)
    .map(physicalAddress)
    .filter((address) => !known.has(addressTextOf(address)));
  units.push(...(await sweep(talk, further, undefined)));
  if (talk.ended !== undefined) throw new ConversationFailure(talk.ended);

  const byObd =
    standard === "obd"
      ? await talk.askAll(
          encodeClearRequest({ kind: "emissions" }),
          found.map(({ ecuId }) => ecuId),
        )
      : undefined;
  let hasBegun = byObd !== undefined;
  const clearOne = async (address: IsoTpAddress): Promise<UnitAnswer> => {
    try {
      const answer = await talk.askOne(address, encodeClearRequest({ kind: "group" }));
      hasBegun = true;
      return answer;
    } catch (error) {
      if (!hasBegun || !(error instanceof EgressRefusal)) throw error;
      // The authority has run out in the middle: what was cleared is cleared.
      return { reason: "not-authorised", isRefusal: false, denied: false };
    }
  };
  const cleared: ClearedEcu[] = [];
  for (const unit of units) {
    const obd = byObd?.get(unit.ecuId) ?? talk.silence();
    const uds = unit.address === undefined ? undefined : await clearOne(unit.address);
    cleared.push({ address: unit.addressText, ...verdict(obd, uds) });
  }
  return cleared;
}

/** Where a unit knows ISO 14229-1, that clears more than SAE J1979 does, and its word counts. */
function verdict(obd: UnitAnswer, uds: UnitAnswer | undefined): Pick<ClearedEcu, "outcome" | "reason"> {
  const word = uds !== undefined && (!("reason" in uds) || !NOT_SPOKEN.has(uds.reason)) ? uds : obd;
  if (!("reason" in word)) return { outcome: "cleared" };
  const reason = word.reason.slice(0, 60);
  return { outcome: word.isRefusal ? "refused" : "no-answer", reason };
}
