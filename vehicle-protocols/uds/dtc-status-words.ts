import type { DtcClass, DtcStatus, DtcStatusBit, DtcUrgency } from "./dtc-status.ts";

/** A text in both languages of the page. */
export type BothLanguages = { readonly en: string; readonly "zh-CN": string };

/** What the bits of a status byte mean to a workshop. */
export const DTC_STATUS_WORDS: Readonly<Record<DtcStatusBit, BothLanguages>> = {
  "test-failed": { en: "the fault is present now", "zh-CN": "故障当前存在" },
  "test-failed-this-cycle": { en: "failed in this driving cycle", "zh-CN": "本次驾驶循环中检测到故障" },
  pending: { en: "pending: seen, not yet confirmed", "zh-CN": "待定:已检测到,尚未确认" },
  confirmed: { en: "confirmed", "zh-CN": "已确认" },
  "not-tested-since-clear": { en: "not tested since codes were cleared", "zh-CN": "清码后尚未完成检测" },
  "failed-since-clear": { en: "has failed since codes were cleared", "zh-CN": "清码后曾检测到故障" },
  "not-tested-this-cycle": { en: "not tested in this driving cycle", "zh-CN": "本次驾驶循环尚未完成检测" },
  "warning-indicator": { en: "asks for the warning lamp", "zh-CN": "请求点亮警告灯" },
};

export const DTC_STANDING_WORDS: Readonly<Record<DtcStatus["standing"], BothLanguages>> = {
  confirmed: { en: "confirmed", "zh-CN": "已确认" },
  pending: { en: "pending", "zh-CN": "待定" },
  stored: { en: "stored: has failed before, not now", "zh-CN": "历史:曾出现,当前未出现" },
  "not-failed": { en: "no fault", "zh-CN": "无故障" },
};

export const DTC_URGENCY_WORDS: Readonly<Record<DtcUrgency, BothLanguages>> = {
  "check-immediately": { en: "stop and have it checked at once", "zh-CN": "请立即停车检查" },
  "check-at-next-halt": { en: "have it checked at the next halt", "zh-CN": "请在下次停车时检查" },
  "maintenance-only": { en: "at the next service", "zh-CN": "下次保养时处理" },
};

export const DTC_CLASS_WORDS: Readonly<Record<DtcClass, BothLanguages>> = {
  unclassified: { en: "without class", "zh-CN": "未分级" },
  A: { en: "class A: emission limits are exceeded", "zh-CN": "A 级:排放超过限值" },
  B1: { en: "class B1: emission limits may be exceeded", "zh-CN": "B1 级:排放可能超过限值" },
  B2: { en: "class B2: emissions are affected, within the limits", "zh-CN": "B2 级:影响排放,但未超过限值" },
  C: { en: "class C: little effect on emissions", "zh-CN": "C 级:对排放影响很小" },
};
