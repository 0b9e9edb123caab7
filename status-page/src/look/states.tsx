import type { BayStateWord, WaitReason } from "../../../contract/payloads.ts";
import {
  IconAlertTriangle,
  IconArrowLeft,
  IconArrowRight,
  IconCar,
  IconCircleCheck,
  IconClock,
  IconCloud,
  IconCloudOff,
  IconCoffee,
  IconHourglass,
  IconPackage,
  IconParkingCircle,
  IconQuestionMark,
  IconSquare,
  IconTool,
  IconTools,
  IconUserCheck,
} from "./icons.ts";

/** How a thing stands, in the colours of the workshop. Always beside a word and an icon. */
export type Tone = "good" | "wait" | "bad" | "calm" | "move" | "unknown";

export const BAY_STATE_LOOK: Readonly<Record<BayStateWord, { readonly tone: Tone; readonly Icon: typeof IconTool }>> = {
  empty: { tone: "calm", Icon: IconSquare },
  arriving: { tone: "move", Icon: IconArrowRight },
  occupied: { tone: "calm", Icon: IconCar },
  working: { tone: "good", Icon: IconTool },
  waiting: { tone: "wait", Icon: IconHourglass },
  leaving: { tone: "move", Icon: IconArrowLeft },
  unknown: { tone: "unknown", Icon: IconQuestionMark },
};

export const WAIT_ICON: Readonly<Record<WaitReason, typeof IconTool>> = {
  parts: IconPackage,
  approval: IconUserCheck,
  bay: IconParkingCircle,
  tools: IconTools,
  break: IconCoffee,
};

export const RISK_LOOK = {
  none: { tone: "calm", Icon: IconCircleCheck },
  "at-risk": { tone: "wait", Icon: IconClock },
  late: { tone: "bad", Icon: IconAlertTriangle },
} as const;

/** How the line to headquarters stands. */
export const HEADQUARTERS_LOOK = {
  "all-sent": { className: "good", Icon: IconCloud },
  sending: { className: "moving", Icon: IconCloud },
  offline: { className: "wait", Icon: IconCloudOff },
  "not-enrolled": { className: "wait", Icon: IconCloudOff },
  refused: { className: "bad", Icon: IconAlertTriangle },
  "not-configured": { className: "soft", Icon: IconCloudOff },
} as const;

const TONE_CLASS: Readonly<Record<Tone, string>> = {
  good: "good",
  wait: "wait",
  bad: "bad",
  calm: "soft",
  move: "moving",
  unknown: "soft",
};

export function toneClass(tone: Tone): string {
  return TONE_CLASS[tone];
}
