/**
 * What is wrong in a DBC file. Those in `LEFT_OUT` cost the file something (a statement, a signal, a message); the others
 * are contradictions that do not change how values are read.
 */
export type DbcProblemCode = keyof typeof PROBLEMS;

export type DbcProblem = {
  readonly code: DbcProblemCode;
  /** Counted from 1. */
  readonly line: number;
  /** The name or the piece of text that it is about. */
  readonly about: string;
};

type Words = { readonly en: string; readonly "zh-CN": string };
type ProblemRow = Words & { readonly effect: "left-out" | "kept" };

const PROBLEMS = {
  "unknown-statement": { effect: "left-out", en: "unknown statement, left out", "zh-CN": "未知语句,已忽略" },
  "broken-statement": {
    effect: "left-out",
    en: "statement not in the form that DBC files have, left out",
    "zh-CN": "语句不符合 DBC 格式,已忽略",
  },
  "unterminated-text": { effect: "left-out", en: "text without a closing quote", "zh-CN": "文本缺少结束引号" },
  "signal-outside-message": {
    effect: "left-out",
    en: "signal that belongs to no message, left out",
    "zh-CN": "信号不属于任何报文,已忽略",
  },
  "message-id-impossible": {
    effect: "left-out",
    en: "message with an identifier that CAN does not have, left out",
    "zh-CN": "报文标识符在 CAN 中不存在,已忽略",
  },
  "message-too-long": {
    effect: "left-out",
    en: "message longer than 4096 bytes, left out",
    "zh-CN": "报文超过 4096 字节,已忽略",
  },
  "signal-layout-impossible": {
    effect: "left-out",
    en: "signal with a start bit, length or byte order that cannot be, left out",
    "zh-CN": "信号的起始位、长度或字节序不可能,已忽略",
  },
  "float-length-impossible": {
    effect: "left-out",
    en: "floating-point signal that is not 16, 32 or 64 bits long, left out",
    "zh-CN": "浮点信号长度不是 16、32 或 64 位,已忽略",
  },
  "multiplexor-unclear": {
    effect: "left-out",
    en: "multiplexed signal whose multiplexor cannot be told, left out",
    "zh-CN": "无法确定该复用信号的选择信号,已忽略",
  },
  "multiplexor-circular": {
    effect: "left-out",
    en: "multiplexed signal that in the end selects itself, left out",
    "zh-CN": "复用信号循环选择自身,已忽略",
  },
  "signal-type-unknown": {
    effect: "left-out",
    en: "signal of an unknown value type (SIG_VALTYPE_), left out",
    "zh-CN": "信号数值类型(SIG_VALTYPE_)未知,已忽略",
  },
  "multiplexor-missing": {
    effect: "kept",
    en: "marked as multiplexed, but the message has no multiplexor: read in every frame",
    "zh-CN": "标记为复用信号,但报文没有选择信号:按每帧都有处理",
  },
  "multiplexing-contradiction": {
    effect: "kept",
    en: "SG_ and SG_MUL_VAL_ disagree about multiplexing: SG_ was followed",
    "zh-CN": "SG_ 与 SG_MUL_VAL_ 关于复用的说明不一致:以 SG_ 为准",
  },
  "identifier-flag-missing": {
    effect: "kept",
    en: "identifier of more than 11 bits without the mark of an extended one: read as extended",
    "zh-CN": "标识符超过 11 位但没有扩展帧标记:按扩展帧处理",
  },
  "duplicate-message-id": {
    effect: "kept",
    en: "identifier described twice: the later description counts",
    "zh-CN": "同一标识符重复定义:以后者为准",
  },
  "duplicate-signal-name": {
    effect: "kept",
    en: "two signals of one name in a message",
    "zh-CN": "同一报文中信号重名",
  },
  "signals-overlap": {
    effect: "kept",
    en: "signals share bits: each is read where it stands",
    "zh-CN": "信号占用相同的位:各按自己的位置读取",
  },
  "overlaps-not-checked": {
    effect: "kept",
    en: "too many signals to look for further overlaps",
    "zh-CN": "信号过多,不再检查重叠",
  },
  "signal-outside-data": {
    effect: "kept",
    en: "signal reaches beyond the message's length: absent unless a frame is longer",
    "zh-CN": "信号超出报文长度:除非帧更长,否则没有该值",
  },
  "factor-zero": { effect: "kept", en: "factor 0: the value is always the offset", "zh-CN": "系数为 0:数值恒为偏移量" },
  "float-type-mismatch": {
    effect: "kept",
    en: "SIG_VALTYPE_ does not fit the signal's length: the length was followed",
    "zh-CN": "SIG_VALTYPE_ 与信号长度不符:以长度为准",
  },
  "limits-unreadable": { effect: "kept", en: "limits that are no numbers", "zh-CN": "上下限不是数字" },
  "reference-unknown": {
    effect: "kept",
    en: "statement about something that the file does not describe",
    "zh-CN": "语句引用了文件中没有的对象",
  },
  "value-out-of-form": {
    effect: "kept",
    en: "attribute value that does not fit its definition",
    "zh-CN": "属性值与其定义不符",
  },
} as const satisfies Record<string, ProblemRow>;

/** One line for people, such as `line 12: unknown statement, left out (FOO_)`. */
export function describeProblem({ code, line, about }: DbcProblem, language: "en" | "zh-CN"): string {
  const text = PROBLEMS[code][language];
  return language === "en" ? `line ${line}: ${text} (${about})` : `第 ${line} 行:${text}(${about})`;
}

/** Whether the problem cost the file something. */
export function isLoss({ code }: DbcProblem): boolean {
  return PROBLEMS[code].effect === "left-out";
}

/** For who shows only the first few: what cost the file something before the rest, each in the order of the file. */
export function lossesFirst(problems: readonly DbcProblem[]): DbcProblem[] {
  return problems.toSorted((a, b) => Number(isLoss(b)) - Number(isLoss(a)));
}

const MOST_PROBLEMS = 1000;
const MOST_ABOUT = 80;

/** Keeps the first problems of a file and counts the rest, so that a hostile file cannot fill the memory with complaints. */
export class ProblemList {
  readonly problems: DbcProblem[] = [];
  further = 0;

  add(code: DbcProblemCode, line: number, about: string): void {
    if (this.problems.length >= MOST_PROBLEMS) this.further += 1;
    else
      this.problems.push({ code, line, about: about.length > MOST_ABOUT ? `${about.slice(0, MOST_ABOUT)}…` : about });
  }
}
