import type { DtcOutcome } from "../../../contract/records.ts";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashedCheck,
  IconHourglass,
  IconPlus,
  IconQuestionMark,
} from "../look/icons.ts";
import type { Tone } from "../look/states.tsx";

/** How each fate of a code looks, and in which order people read them: what still needs work first. */
export const OUTCOME_LOOK: Readonly<
  Record<DtcOutcome, { readonly tone: Tone; readonly Icon: typeof IconCircleCheck; readonly order: number }>
> = {
  "still-there": { tone: "bad", Icon: IconAlertTriangle, order: 0 },
  new: { tone: "bad", Icon: IconPlus, order: 1 },
  "permanent-left": { tone: "wait", Icon: IconHourglass, order: 2 },
  "cleared-not-proven": { tone: "wait", Icon: IconCircleDashedCheck, order: 3 },
  "not-checked-before": { tone: "wait", Icon: IconQuestionMark, order: 2 },
  "not-checked": { tone: "unknown", Icon: IconQuestionMark, order: 4 },
  fixed: { tone: "good", Icon: IconCircleCheck, order: 5 },
};
