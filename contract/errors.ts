/** What an operator needs to know of one error: why it happens and what to do, in both languages. */
export interface ErrorRow {
  readonly title: { readonly en: string; readonly "zh-CN": string };
  readonly cause: { readonly en: string; readonly "zh-CN": string };
  readonly remedy: { readonly en: string; readonly "zh-CN": string };
  /** Trying the same again may help. */
  readonly retryable: boolean;
  /** HTTP status where the error reaches a client. */
  readonly status?: number;
}

/**
 * The error registry. A code, once given out, keeps its meaning for ever. `docs/errors.md` is generated from this table;
 * nobody recognises an error by its message.
 */
export const ERRORS = {
  NODE_TOO_OLD: {
    title: { en: "Node.js is too old", "zh-CN": "Node.js 版本过低" },
    cause: { en: "The database driver crashes on Node.js before 24.", "zh-CN": "数据库驱动在 24 以前的 Node.js 上会崩溃。" },
    remedy: { en: "Start through `npm run …` or `npx baygate …`, which bring Node.js 24 with them.", "zh-CN": "请用 `npm run …` 或 `npx baygate …` 启动,它们自带 Node.js 24。" },
    retryable: false,
  },
  CLOCK_SCALE_FORBIDDEN: {
    title: { en: "The clock scale is for demos only", "zh-CN": "时钟倍速只用于演示" },
    cause: { en: "BAYGATE_CLOCK is set, but this is not a demo or a test.", "zh-CN": "设置了 BAYGATE_CLOCK,但当前不是演示或测试。" },
    remedy: { en: "Remove BAYGATE_CLOCK from the environment.", "zh-CN": "请从环境变量中删除 BAYGATE_CLOCK。" },
    retryable: false,
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
export type Language = "en" | "zh-CN";

/**
 * An error that a person may meet. `message` is for logs (English); the page and the command line show the registry's
 * sentences for `code`. Details that help (a path, a line, a value) go into `details`.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, options: { readonly detail?: string; readonly details?: Record<string, unknown>; readonly cause?: unknown } = {}) {
    super(options.detail === undefined ? ERRORS[code].title.en : `${ERRORS[code].title.en}: ${options.detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GatewayError";
    this.code = code;
    this.details = options.details ?? {};
  }

  /** What the operator can do, in his language. */
  remedy(language: Language): string {
    return ERRORS[this.code].remedy[language];
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}
