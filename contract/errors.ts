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
  JOURNAL_ALREADY_OPEN: {
    title: { en: "The journal is held by another process", "zh-CN": "日志正被另一个进程使用" },
    cause: { en: "A gateway is running on this data directory.", "zh-CN": "该数据目录上已有网关在运行。" },
    remedy: { en: "Stop that gateway first, or give this one its own data directory.", "zh-CN": "请先停止那个网关,或为本网关指定单独的数据目录。" },
    retryable: false,
  },
  JOURNAL_BACKUP_DAMAGED: {
    title: { en: "The backup did not pass its check", "zh-CN": "备份未通过校验" },
    cause: { en: "The copy of the journal is not a whole database.", "zh-CN": "日志副本不是完整的数据库。" },
    remedy: { en: "Make or choose another backup, and check the disk it lies on.", "zh-CN": "请重新备份或换用另一份备份,并检查其所在磁盘。" },
    retryable: true,
  },
  JOURNAL_CLOSED: {
    title: { en: "The journal is closed", "zh-CN": "日志已关闭" },
    cause: { en: "The gateway is stopping; nothing more is accepted.", "zh-CN": "网关正在停止,不再接受新内容。" },
    remedy: { en: "Start the gateway again; the sender will repeat what was not confirmed.", "zh-CN": "请重新启动网关;未确认的内容发送方会重发。" },
    retryable: true,
    status: 503,
  },
  JOURNAL_DROP_REFUSED: {
    title: { en: "These records may not be given up", "zh-CN": "这些记录不允许放弃" },
    cause: { en: "Labour is never given up to disk pressure, and nothing may be given up that the gateway's state still needs.", "zh-CN": "工时记录绝不会因磁盘紧张而放弃;网关状态仍需要的记录也不能放弃。" },
    remedy: { en: "Free disk space by other means: pictures first, then files that are not the gateway's.", "zh-CN": "请用其他方式释放磁盘空间:先清理图片,再清理不属于网关的文件。" },
    retryable: false,
  },
  JOURNAL_DUPLICATE_MESSAGE: {
    title: { en: "This message is already recorded", "zh-CN": "该消息已记录" },
    cause: { en: "The source sent the same message again, for instance because an acknowledgement was lost.", "zh-CN": "来源重复发送了同一条消息,例如因为确认丢失。" },
    remedy: { en: "Nothing to do.", "zh-CN": "无需处理。" },
    retryable: false,
    status: 409,
  },
  JOURNAL_FAULTS_FORBIDDEN: {
    title: { en: "Planted faults are for demos and tests only", "zh-CN": "故障注入只用于演示和测试" },
    cause: { en: "The journal was asked to misbehave outside a demo or a test.", "zh-CN": "在演示或测试之外要求日志模拟故障。" },
    remedy: { en: "Start without planted faults.", "zh-CN": "请去掉故障注入后再启动。" },
    retryable: false,
  },
  JOURNAL_FULL: {
    title: { en: "The journal has reached its size limit", "zh-CN": "日志已达到容量上限" },
    cause: { en: "Headquarters has not been reached for long, or the disk is full.", "zh-CN": "长时间无法连接总部,或磁盘已满。" },
    remedy: { en: "Mend the line to headquarters or free disk space. Labour time is still recorded.", "zh-CN": "请恢复与总部的连接或释放磁盘空间。工时仍在记录。" },
    retryable: true,
    status: 507,
  },
  JOURNAL_NOT_DURABLE: {
    title: { en: "The database does not promise durability", "zh-CN": "数据库未保证持久写入" },
    cause: { en: "SQLite did not accept write-ahead logging with synchronous=FULL, so a power cut could lose what was confirmed.", "zh-CN": "SQLite 未能启用 WAL 与 synchronous=FULL,断电可能丢失已确认的内容。" },
    remedy: { en: "Put the data directory on a local disk (not a network share), and use the SQLite that comes with the gateway.", "zh-CN": "请把数据目录放在本地磁盘(不要用网络共享),并使用网关自带的 SQLite。" },
    retryable: false,
  },
  JOURNAL_NOT_FOUND: {
    title: { en: "There is no journal here", "zh-CN": "此处没有日志" },
    cause: { en: "The data directory is empty or is another one.", "zh-CN": "数据目录为空,或指定了别的目录。" },
    remedy: { en: "Name the data directory of the gateway.", "zh-CN": "请指定网关的数据目录。" },
    retryable: false,
  },
  JOURNAL_RECORD_INVALID: {
    title: { en: "A record does not fit its schema", "zh-CN": "记录不符合格式" },
    cause: { en: "A part of the gateway decided on something that the contract does not allow.", "zh-CN": "网关的某个部件产生了契约不允许的内容。" },
    remedy: { en: "Nothing of this command was recorded. Please report it with a support bundle.", "zh-CN": "该操作未被记录。请附上支持包报告此问题。" },
    retryable: false,
    status: 500,
  },
  JOURNAL_STORAGE_FAILED: {
    title: { en: "The disk refused to store", "zh-CN": "磁盘拒绝写入" },
    cause: { en: "Writing or flushing failed (disk full, worn out, removed, or read-only).", "zh-CN": "写入或刷盘失败(磁盘已满、损坏、被移除或只读)。" },
    remedy: { en: "Check the disk with `baygate doctor`. Nothing was confirmed that is not stored; senders repeat it.", "zh-CN": "请用 `baygate doctor` 检查磁盘。未存储的内容都没有被确认,发送方会重发。" },
    retryable: true,
    status: 503,
  },
  JOURNAL_VERSION_UNKNOWN: {
    title: { en: "The journal was written by a newer gateway", "zh-CN": "日志由更新版本的网关写入" },
    cause: { en: "The software was put back to an older version than the one that wrote this data directory.", "zh-CN": "软件被降级到比写入该数据目录的版本更旧。" },
    remedy: { en: "Install the newer version again, or restore a backup made by this one.", "zh-CN": "请重新安装较新的版本,或恢复由当前版本制作的备份。" },
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
