import type { ClearedEcu } from "../contract/payloads.ts";
import { encodeClearRequest } from "../vehicle-protocols/clearing.ts";
import { type EcuAnswer, physicalAddressOf } from "../vehicle-protocols/index.ts";
import type { BoundedCar } from "./bounded-car.ts";
import { ecuText } from "./readings.ts";
import { findUnits } from "./scan/find-units.ts";

/**
 * Clears the codes of every unit that answers: by SAE J1979 all at once, then by ISO 14229-1 each unit that speaks it. The egress lets neither pass
 * without a technician's authority.
 * @throws ConversationFailure `car-silent`, `deadline-passed`
 */
export async function clearCodes(car: BoundedCar): Promise<ClearedEcu[]> {
  const { target, units } = await findUnits(car);
  const outcome = await car.ask({
    target,
    request: encodeClearRequest({ kind: "emissions" }),
    expectedEcuIds: units.map((unit) => unit.ecuId),
  });
  const cleared: ClearedEcu[] = [];
  for (const { ecuId, extended } of units) {
    const byObd = outcome.answers.find((answer) => answer.ecuId === ecuId);
    const address = physicalAddressOf(ecuId, extended);
    const byUds =
      address === undefined
        ? undefined
        : (await car.ask({ target: { kind: "physical", address }, request: encodeClearRequest({ kind: "group" }) }))
            .answers[0];
    cleared.push({ address: ecuText(ecuId), ...verdict([byObd, byUds]) });
  }
  return cleared;
}

function verdict(answers: readonly (EcuAnswer | undefined)[]): Pick<ClearedEcu, "outcome" | "reason"> {
  if (answers.some((answer) => answer?.kind === "positive")) return { outcome: "cleared" };
  const refusal = answers.find((answer) => answer?.kind === "negative");
  if (refusal?.kind === "negative") return { outcome: "refused", reason: refusal.name.slice(0, 60) };
  const broken = answers.find((answer) => answer?.kind === "failed");
  return broken?.kind === "failed" ? { outcome: "no-answer", reason: broken.error.code } : { outcome: "no-answer" };
}
