import { DAMAGE_LABELS, type DamageLabel } from "../../../contract/photos.ts";
import type { FindingView } from "../../../contract/photos-api.ts";
import type { Translate } from "../language/i18n.ts";
import type { Tone } from "../look/states.tsx";

/** Where a finding stands: what the model says while nobody has spoken, then what the last person said. */
export type Standing = "found" | "person-decides" | "confirmed" | "dismissed";

export function standingOf({ tier, judged }: Pick<FindingView, "tier" | "judged">): Standing {
  return judged?.verdict ?? tier;
}

export const STANDING_TONE: Readonly<Record<Standing, Tone>> = {
  found: "bad",
  confirmed: "bad",
  "person-decides": "wait",
  dismissed: "calm",
};

/** The trade's word for a label; the model's own where it brings one that the page does not know. */
export function damageWord(label: string, t: Translate): string {
  const known: DamageLabel | undefined = DAMAGE_LABELS.find((each) => each === label);
  return known === undefined ? label : t(`photos.damage.${known}`);
}
