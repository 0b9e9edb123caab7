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
    cause: {
      en: "The database driver crashes on Node.js before 24.",
      "zh-CN": "数据库驱动在 24 以前的 Node.js 上会崩溃。",
    },
    remedy: {
      en: "Start through `npm run …` or `npx baygate …`, which bring Node.js 24 with them.",
      "zh-CN": "请用 `npm run …` 或 `npx baygate …` 启动,它们自带 Node.js 24。",
    },
    retryable: false,
  },
  CLOCK_SCALE_FORBIDDEN: {
    title: { en: "The clock scale is for demos only", "zh-CN": "时钟倍速只用于演示" },
    cause: {
      en: "BAYGATE_CLOCK is set, but this is not a demo or a test.",
      "zh-CN": "设置了 BAYGATE_CLOCK,但当前不是演示或测试。",
    },
    remedy: { en: "Remove BAYGATE_CLOCK from the environment.", "zh-CN": "请从环境变量中删除 BAYGATE_CLOCK。" },
    retryable: false,
  },
  JOURNAL_ALREADY_OPEN: {
    title: { en: "The journal is held by another process", "zh-CN": "日志正被另一个进程使用" },
    cause: { en: "A gateway is running on this data directory.", "zh-CN": "该数据目录上已有网关在运行。" },
    remedy: {
      en: "Stop that gateway first, or give this one its own data directory.",
      "zh-CN": "请先停止那个网关,或为本网关指定单独的数据目录。",
    },
    retryable: false,
  },
  JOURNAL_BACKUP_DAMAGED: {
    title: { en: "The backup did not pass its check", "zh-CN": "备份未通过校验" },
    cause: { en: "The copy of the journal is not a whole database.", "zh-CN": "日志副本不是完整的数据库。" },
    remedy: {
      en: "Make or choose another backup, and check the disk it lies on.",
      "zh-CN": "请重新备份或换用另一份备份,并检查其所在磁盘。",
    },
    retryable: true,
  },
  JOURNAL_CLOSED: {
    title: { en: "The journal is closed", "zh-CN": "日志已关闭" },
    cause: { en: "The gateway is stopping; nothing more is accepted.", "zh-CN": "网关正在停止,不再接受新内容。" },
    remedy: {
      en: "Start the gateway again; the sender will repeat what was not confirmed.",
      "zh-CN": "请重新启动网关;未确认的内容发送方会重发。",
    },
    retryable: true,
    status: 503,
  },
  JOURNAL_DROP_REFUSED: {
    title: { en: "These records may not be given up", "zh-CN": "这些记录不允许放弃" },
    cause: {
      en: "Labour is never given up to disk pressure, and nothing may be given up that the gateway's state still needs.",
      "zh-CN": "工时记录绝不会因磁盘紧张而放弃;网关状态仍需要的记录也不能放弃。",
    },
    remedy: {
      en: "Free disk space by other means: pictures first, then files that are not the gateway's.",
      "zh-CN": "请用其他方式释放磁盘空间:先清理图片,再清理不属于网关的文件。",
    },
    retryable: false,
  },
  JOURNAL_DUPLICATE_MESSAGE: {
    title: { en: "This message is already recorded", "zh-CN": "该消息已记录" },
    cause: {
      en: "The source sent the same message again, for instance because an acknowledgement was lost.",
      "zh-CN": "来源重复发送了同一条消息,例如因为确认丢失。",
    },
    remedy: { en: "Nothing to do.", "zh-CN": "无需处理。" },
    retryable: false,
    status: 409,
  },
  JOURNAL_FAULTS_FORBIDDEN: {
    title: { en: "Planted faults are for demos and tests only", "zh-CN": "故障注入只用于演示和测试" },
    cause: {
      en: "The journal was asked to misbehave outside a demo or a test.",
      "zh-CN": "在演示或测试之外要求日志模拟故障。",
    },
    remedy: { en: "Start without planted faults.", "zh-CN": "请去掉故障注入后再启动。" },
    retryable: false,
  },
  JOURNAL_FULL: {
    title: { en: "The journal has reached its size limit", "zh-CN": "日志已达到容量上限" },
    cause: {
      en: "Headquarters has not been reached for long, or the disk is full.",
      "zh-CN": "长时间无法连接总部,或磁盘已满。",
    },
    remedy: {
      en: "Mend the line to headquarters or free disk space. Labour time is still recorded.",
      "zh-CN": "请恢复与总部的连接或释放磁盘空间。工时仍在记录。",
    },
    retryable: true,
    status: 507,
  },
  JOURNAL_NOT_DURABLE: {
    title: { en: "The database does not promise durability", "zh-CN": "数据库未保证持久写入" },
    cause: {
      en: "SQLite did not accept write-ahead logging with synchronous=FULL, so a power cut could lose what was confirmed.",
      "zh-CN": "SQLite 未能启用 WAL 与 synchronous=FULL,断电可能丢失已确认的内容。",
    },
    remedy: {
      en: "Put the data directory on a local disk (not a network share), and use the SQLite that comes with the gateway.",
      "zh-CN": "请把数据目录放在本地磁盘(不要用网络共享),并使用网关自带的 SQLite。",
    },
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
    cause: {
      en: "A part of the gateway decided on something that the contract does not allow.",
      "zh-CN": "网关的某个部件产生了契约不允许的内容。",
    },
    remedy: {
      en: "Nothing of this command was recorded. Please report it with a support bundle.",
      "zh-CN": "该操作未被记录。请附上支持包报告此问题。",
    },
    retryable: false,
    status: 500,
  },
  JOURNAL_STORAGE_FAILED: {
    title: { en: "The disk refused to store", "zh-CN": "磁盘拒绝写入" },
    cause: {
      en: "Writing or flushing failed (disk full, worn out, removed, or read-only).",
      "zh-CN": "写入或刷盘失败(磁盘已满、损坏、被移除或只读)。",
    },
    remedy: {
      en: "Check the disk with `baygate doctor`. Nothing was confirmed that is not stored; senders repeat it.",
      "zh-CN": "请用 `baygate doctor` 检查磁盘。未存储的内容都没有被确认,发送方会重发。",
    },
    retryable: true,
    status: 503,
  },
  JOURNAL_VERSION_UNKNOWN: {
    title: { en: "The journal was written by a newer gateway", "zh-CN": "日志由更新版本的网关写入" },
    cause: {
      en: "The software was put back to an older version than the one that wrote this data directory.",
      "zh-CN": "软件被降级到比写入该数据目录的版本更旧。",
    },
    remedy: {
      en: "Install the newer version again, or restore a backup made by this one.",
      "zh-CN": "请重新安装较新的版本,或恢复由当前版本制作的备份。",
    },
    retryable: false,
  },

  // http and people
  HTTP_REQUEST_INVALID: {
    title: { en: "The request is not understood", "zh-CN": "请求无法识别" },
    cause: { en: "The request does not match what this gateway expects.", "zh-CN": "请求内容与网关的要求不符。" },
    remedy: {
      en: "Reload the page. If it stays, page and gateway are of different versions.",
      "zh-CN": "请刷新页面;若仍出现,说明页面与网关版本不一致。",
    },
    retryable: false,
    status: 400,
  },
  HTTP_REQUEST_TOO_LARGE: {
    title: { en: "The request is too large", "zh-CN": "请求过大" },
    cause: { en: "More was sent than this request may carry.", "zh-CN": "发送的内容超过了该请求的上限。" },
    remedy: { en: "Send less at once.", "zh-CN": "请减少一次发送的内容。" },
    retryable: false,
    status: 413,
  },
  HTTP_MEDIA_TYPE_REFUSED: {
    title: { en: "This kind of content is not accepted", "zh-CN": "不接受此类内容" },
    cause: { en: "The gateway accepts JSON only.", "zh-CN": "网关只接受 JSON。" },
    remedy: { en: "Send the request as application/json.", "zh-CN": "请以 application/json 发送请求。" },
    retryable: false,
    status: 415,
  },
  HTTP_NOT_FOUND: {
    title: { en: "There is nothing here", "zh-CN": "这里没有内容" },
    cause: { en: "The address does not exist on this gateway.", "zh-CN": "网关上没有这个地址。" },
    remedy: { en: "Go back to the start page.", "zh-CN": "请返回首页。" },
    retryable: false,
    status: 404,
  },
  HTTP_HOST_UNKNOWN: {
    title: { en: "The gateway does not go by this name", "zh-CN": "网关不使用此名称" },
    cause: {
      en: "The request was addressed to a host name that is not this gateway's.",
      "zh-CN": "请求所用的主机名不属于本网关。",
    },
    remedy: {
      en: "Use the gateway's IP address, or add the name to http.names in shop.yaml.",
      "zh-CN": "请使用网关的 IP 地址,或在 shop.yaml 的 http.names 中添加该名称。",
    },
    retryable: false,
    status: 421,
  },
  HTTP_RATE_LIMITED: {
    title: { en: "Too many requests", "zh-CN": "请求过于频繁" },
    cause: {
      en: "This device asks faster than the gateway allows.",
      "zh-CN": "此设备的请求频率超过了网关允许的范围。",
    },
    remedy: { en: "Wait a moment and try again.", "zh-CN": "请稍候再试。" },
    retryable: true,
    status: 429,
  },
  HTTP_BUSY: {
    title: { en: "The gateway is busy", "zh-CN": "网关繁忙" },
    cause: { en: "Too many sign-ins or open pages at once.", "zh-CN": "同时登录或打开的页面过多。" },
    remedy: {
      en: "Try again in a few seconds; close pages that nobody looks at.",
      "zh-CN": "请几秒后重试,并关闭不再使用的页面。",
    },
    retryable: true,
    status: 503,
  },
  HTTP_FORGED_REQUEST: {
    title: { en: "The request did not come from the gateway's page", "zh-CN": "请求并非来自网关页面" },
    cause: {
      en: "The proof that the gateway's own page sent it is missing or wrong.",
      "zh-CN": "缺少或错误的凭据,无法证明请求由网关自己的页面发出。",
    },
    remedy: { en: "Reload the page and try again.", "zh-CN": "请刷新页面后重试。" },
    retryable: true,
    status: 403,
  },
  HTTP_ANSWER_INVALID: {
    title: {
      en: "The gateway made an answer that it does not understand itself",
      "zh-CN": "网关生成的应答不符合自身约定",
    },
    cause: { en: "A fault in the gateway's software.", "zh-CN": "网关软件存在缺陷。" },
    remedy: { en: "Make a support bundle and send it to the maintainer.", "zh-CN": "请生成支持包并发送给维护人员。" },
    retryable: false,
    status: 500,
  },
  HTTP_INTERNAL: {
    title: { en: "Something went wrong in the gateway", "zh-CN": "网关内部出错" },
    cause: { en: "A fault in the gateway's software.", "zh-CN": "网关软件存在缺陷。" },
    remedy: { en: "Try again. If it stays, make a support bundle.", "zh-CN": "请重试;若仍出现,请生成支持包。" },
    retryable: true,
    status: 500,
  },
  HTTP_CERTIFICATE_FAILED: {
    title: { en: "The page's certificate could not be made", "zh-CN": "无法生成页面证书" },
    cause: { en: "The folder for the certificate cannot be read or written.", "zh-CN": "证书文件夹无法读取或写入。" },
    remedy: {
      en: "Check the rights and the free space of the data folder.",
      "zh-CN": "请检查数据文件夹的权限和剩余空间。",
    },
    retryable: true,
  },
  HTTP_LISTEN_FAILED: {
    title: { en: "The page's address cannot be opened", "zh-CN": "无法打开页面地址" },
    cause: {
      en: "Another program uses the port, or the address is not one of this machine.",
      "zh-CN": "端口被其他程序占用,或该地址不属于本机。",
    },
    remedy: {
      en: "Check http.address and http.port in shop.yaml.",
      "zh-CN": "请检查 shop.yaml 中的 http.address 和 http.port。",
    },
    retryable: true,
  },
  PAGE_NOT_BUILT: {
    title: { en: "The page has not been built", "zh-CN": "页面尚未构建" },
    cause: { en: "The folder with the built page is missing.", "zh-CN": "缺少已构建页面的文件夹。" },
    remedy: { en: "Run `npm run build` once.", "zh-CN": "请运行一次 `npm run build`。" },
    retryable: false,
    status: 503,
  },
  SIGN_IN_NEEDED: {
    title: { en: "Please sign in", "zh-CN": "请先登录" },
    cause: { en: "There is no session, or it has ended.", "zh-CN": "没有登录,或登录已失效。" },
    remedy: { en: "Sign in again.", "zh-CN": "请重新登录。" },
    retryable: false,
    status: 401,
  },
  SIGN_IN_REFUSED: {
    title: { en: "Name or password is wrong", "zh-CN": "账号或密码错误" },
    cause: { en: "No enabled person has this login and password.", "zh-CN": "没有与此账号和密码相符的可用人员。" },
    remedy: { en: "Check both. A manager can set a new password.", "zh-CN": "请检查后重试;店长可以重设密码。" },
    retryable: false,
    status: 401,
  },
  SIGN_IN_PAUSED: {
    title: { en: "Too many wrong attempts", "zh-CN": "尝试次数过多" },
    cause: {
      en: "Too many sign-ins have failed for this login or from this device.",
      "zh-CN": "此账号或此设备登录失败次数过多。",
    },
    remedy: { en: "Wait until the pause is over.", "zh-CN": "请等待暂停时间结束后再试。" },
    retryable: true,
    status: 429,
  },
  PERMISSION_DENIED: {
    title: { en: "Your role may not do this", "zh-CN": "您的角色无权执行此操作" },
    cause: { en: "This action belongs to another role.", "zh-CN": "此操作属于其他角色。" },
    remedy: { en: "Ask a manager.", "zh-CN": "请联系店长。" },
    retryable: false,
    status: 403,
  },
  SETUP_ALREADY_DONE: {
    title: { en: "The gateway has been set up", "zh-CN": "网关已完成初始设置" },
    cause: { en: "A manager exists already.", "zh-CN": "已有店长账号。" },
    remedy: { en: "Sign in instead.", "zh-CN": "请直接登录。" },
    retryable: false,
    status: 409,
  },
  SETUP_CODE_WRONG: {
    title: { en: "The setup code is wrong", "zh-CN": "设置码错误" },
    cause: {
      en: "This is not the code that the gateway printed at its last start.",
      "zh-CN": "这不是网关最近一次启动时打印的设置码。",
    },
    remedy: {
      en: "Read the code from the gateway's console or log; restart the gateway for a new one.",
      "zh-CN": "请从网关控制台或日志中读取设置码;重启网关可获得新的设置码。",
    },
    retryable: false,
    status: 403,
  },
  SETUP_CODE_SPENT: {
    title: { en: "The setup code no longer works", "zh-CN": "设置码已失效" },
    cause: { en: "It was guessed at too often.", "zh-CN": "错误尝试次数过多。" },
    remedy: { en: "Restart the gateway; it prints a new code.", "zh-CN": "请重启网关,它会打印新的设置码。" },
    retryable: false,
    status: 403,
  },
  THUMBNAIL_ABSENT: {
    title: { en: "No picture to show", "zh-CN": "没有可显示的画面" },
    cause: {
      en: "The camera has sent none lately, or pictures may not be shown.",
      "zh-CN": "摄像头近期没有画面,或不允许显示画面。",
    },
    remedy: { en: "See the camera's state.", "zh-CN": "请查看摄像头状态。" },
    retryable: true,
    status: 404,
  },
  PEOPLE_FILE_DAMAGED: {
    title: { en: "The list of people was damaged", "zh-CN": "人员名单文件已损坏" },
    cause: {
      en: "The file could not be read; the last good copy is used.",
      "zh-CN": "文件无法读取,已使用最近一次的完好副本。",
    },
    remedy: {
      en: "Check that nobody is missing, then change any person once to write a new file.",
      "zh-CN": "请核对人员是否齐全,然后修改任一人员以重新写入文件。",
    },
    retryable: false,
  },
  PEOPLE_FILE_LOST: {
    title: { en: "The list of people cannot be read", "zh-CN": "人员名单无法读取" },
    cause: {
      en: "Neither the file nor its last good copy is readable; the damaged files are kept.",
      "zh-CN": "文件及其完好副本均无法读取,损坏的文件已保留。",
    },
    remedy: {
      en: "Restore a backup, or set the gateway up anew with the printed setup code.",
      "zh-CN": "请恢复备份,或用打印的设置码重新设置网关。",
    },
    retryable: false,
  },
  PEOPLE_UNKNOWN: {
    title: { en: "This person does not exist", "zh-CN": "人员不存在" },
    cause: { en: "There is no person with this id.", "zh-CN": "没有此编号的人员。" },
    remedy: { en: "Reload the list of people.", "zh-CN": "请刷新人员列表。" },
    retryable: false,
    status: 404,
  },
  PEOPLE_LOGIN_TAKEN: {
    title: { en: "This login is taken", "zh-CN": "登录名已被使用" },
    cause: { en: "Another person has the same login.", "zh-CN": "其他人员已使用此登录名。" },
    remedy: { en: "Choose another login.", "zh-CN": "请换一个登录名。" },
    retryable: false,
    status: 409,
  },
  PEOPLE_BADGE_TAKEN: {
    title: { en: "This badge belongs to someone else", "zh-CN": "工牌已属于他人" },
    cause: { en: "Another enabled person has the same badge.", "zh-CN": "其他在用人员已使用此工牌。" },
    remedy: {
      en: "Take the badge from that person first, or use another one.",
      "zh-CN": "请先解除该人员的工牌,或使用其他工牌。",
    },
    retryable: false,
    status: 409,
  },
  PEOPLE_DETAILS_INVALID: {
    title: { en: "The person's details are not valid", "zh-CN": "人员信息无效" },
    cause: {
      en: "Login, name, role, password or badge breaks a rule: login a-z 0-9 . _ -, password 10 to 200 characters.",
      "zh-CN": "登录名、姓名、角色、密码或工牌不符合规则:登录名只能用 a-z 0-9 . _ -,密码 10 至 200 个字符。",
    },
    remedy: { en: "Correct the details and try again.", "zh-CN": "请更正后重试。" },
    retryable: false,
    status: 400,
  },
  MODEL_BUNDLE_UNSAFE: {
    title: { en: "The model bundle holds what is no plain file", "zh-CN": "模型包中含有非普通文件" },
    cause: {
      en: "A file of the bundle is a link, a folder or a device: it could lead out of the bundle.",
      "zh-CN": "模型包中的某个文件是链接、目录或设备,可能指向模型包之外。",
    },
    remedy: { en: "Copy the files themselves into one folder.", "zh-CN": "请将文件本身复制到同一目录。" },
    retryable: false,
  },
  MODEL_EXTERNAL_DATA: {
    title: { en: "The model keeps data outside its file", "zh-CN": "模型把数据放在文件之外" },
    cause: {
      en: "The ONNX file refers to other files, which the hash of the bundle does not cover.",
      "zh-CN": "该 ONNX 文件引用了其他文件,模型包的校验值无法覆盖它们。",
    },
    remedy: { en: "Export the model as one single ONNX file.", "zh-CN": "请把模型导出为单个 ONNX 文件。" },
    retryable: false,
  },
  MODEL_FILE_MISSING: {
    title: { en: "The model bundle is not complete", "zh-CN": "模型包不完整" },
    cause: {
      en: "model.yaml or the ONNX file it names cannot be read.",
      "zh-CN": "无法读取 model.yaml 或其中指定的 ONNX 文件。",
    },
    remedy: {
      en: "Install the model bundle again, or correct the folder under `vision.models`.",
      "zh-CN": "请重新安装模型包,或修正 `vision.models` 中的目录。",
    },
    retryable: true,
  },
  MODEL_FLAGS_MISSING: {
    title: { en: "The model file does not tell everything", "zh-CN": "模型文件未包含全部信息" },
    cause: {
      en: "A bare ONNX file has no card, and what is missing cannot be read from it.",
      "zh-CN": "单独的 ONNX 文件没有模型卡,缺少的信息无法从中读取。",
    },
    remedy: {
      en: "Give the flags that the message names, or run the command on a terminal and answer its questions.",
      "zh-CN": "请补充消息中列出的参数,或在终端中运行该命令并回答提问。",
    },
    retryable: false,
  },
  MODEL_GOLDEN_INVALID: {
    title: { en: "The golden set cannot be used", "zh-CN": "无法使用金标集" },
    cause: {
      en: "Its annotations (_annotations.coco.json) or pictures are missing, damaged or about none of the model's labels.",
      "zh-CN": "标注文件(_annotations.coco.json)或图片缺失、损坏,或不含该模型的任何类别。",
    },
    remedy: {
      en: "Mend the folder that the message names; its category names are the model's labels.",
      "zh-CN": "请修正消息中的目录;标注的类别名须与模型类别一致。",
    },
    retryable: false,
  },
  MODEL_GOLDEN_WORSE: {
    title: { en: "The model is worse than it should be", "zh-CN": "模型效果低于应有水平" },
    cause: {
      en: "On the golden set it loses more than one point of AP50 against its card, or against the model at work. A bad conversion to int8 does this.",
      "zh-CN": "在金标集上,其 AP50 比模型卡或当前模型低 1 个百分点以上。int8 转换不当常会如此。",
    },
    remedy: {
      en: "Export the model anew (FP16 or FP32), or correct the figure in its card. The model at work stays.",
      "zh-CN": "请重新导出模型(FP16 或 FP32),或更正模型卡中的数值。当前模型继续工作。",
    },
    retryable: false,
  },
  MODEL_HASH_MISMATCH: {
    title: { en: "The model file is not the one its card describes", "zh-CN": "模型文件与模型卡不符" },
    cause: {
      en: "The SHA-256 of the ONNX file differs from model.yaml: the file is damaged or was exchanged.",
      "zh-CN": "ONNX 文件的 SHA-256 与 model.yaml 不一致:文件已损坏或被替换。",
    },
    remedy: { en: "Install the model bundle again from its source.", "zh-CN": "请从原始来源重新安装模型包。" },
    retryable: false,
  },
  MODEL_IN_USE: {
    title: { en: "This model is at work", "zh-CN": "该模型正在使用" },
    cause: { en: "The version is the active one of its role.", "zh-CN": "该版本是其用途的当前版本。" },
    remedy: {
      en: "Roll back first (`baygate models rollback ROLE`), then remove it.",
      "zh-CN": "请先回退(`baygate models rollback ROLE`),再删除。",
    },
    retryable: false,
  },
  MODEL_KEY_UNREADABLE: {
    title: { en: "A trusted key cannot be read", "zh-CN": "无法读取可信公钥" },
    cause: {
      en: "A file under `vision.trustedModelKeys` is missing or holds no Ed25519 public key in PEM.",
      "zh-CN": "`vision.trustedModelKeys` 中的文件缺失,或不是 PEM 格式的 Ed25519 公钥。",
    },
    remedy: { en: "Correct the file or its name in shop.yaml.", "zh-CN": "请修正该文件或 shop.yaml 中的文件名。" },
    retryable: false,
  },
  MODEL_LABELS_MISMATCH: {
    title: { en: "The model's classes differ from its card", "zh-CN": "模型类别与模型卡不符" },
    cause: {
      en: "Number, names or order of the classes in the ONNX file are not those of model.yaml.",
      "zh-CN": "ONNX 文件中类别的数量、名称或顺序与 model.yaml 不同。",
    },
    remedy: {
      en: "Correct `labels` in model.yaml, or take the file that belongs to this card.",
      "zh-CN": "请修正 model.yaml 中的 `labels`,或使用与该模型卡匹配的文件。",
    },
    retryable: false,
  },
  MODEL_MANIFEST_INVALID: {
    title: { en: "The model's card has an error", "zh-CN": "模型卡有错误" },
    cause: { en: "model.yaml breaks the schema of model bundles.", "zh-CN": "model.yaml 不符合模型包的格式要求。" },
    remedy: { en: "Mend the keys that the message names.", "zh-CN": "请修正消息中指出的字段。" },
    retryable: false,
  },
  MODEL_NO_PROVIDER: {
    title: { en: "No provider can run the model", "zh-CN": "没有可运行该模型的执行后端" },
    cause: {
      en: "Every provider of `vision.providers` refused; the reasons are listed with it.",
      "zh-CN": "`vision.providers` 中的每个后端都拒绝运行,原因已列出。",
    },
    remedy: {
      en: "Add `cpu` to `vision.providers`, or mend the GPU driver.",
      "zh-CN": "请在 `vision.providers` 中加入 `cpu`,或修复 GPU 驱动。",
    },
    retryable: true,
  },
  MODEL_NOT_ONNX: {
    title: { en: "The model file is not ONNX", "zh-CN": "模型文件不是 ONNX" },
    cause: { en: "The file cannot be read as an ONNX model.", "zh-CN": "该文件无法作为 ONNX 模型读取。" },
    remedy: { en: "Take the ONNX file that belongs to this card.", "zh-CN": "请使用与该模型卡匹配的 ONNX 文件。" },
    retryable: false,
  },
  MODEL_NOTHING_OLDER: {
    title: { en: "There is no older version to return to", "zh-CN": "没有可回退的更早版本" },
    cause: { en: "The shipped model of this role is at work already.", "zh-CN": "该用途已在使用自带模型。" },
    remedy: {
      en: "Add a version with `baygate models add`; `baygate models list` shows what is there.",
      "zh-CN": "请用 `baygate models add` 添加版本;`baygate models list` 可查看现有版本。",
    },
    retryable: false,
  },
  MODEL_ROLE_LABELS_MISSING: {
    title: { en: "The model does not find what its role is for", "zh-CN": "模型不能识别其用途所需的目标" },
    cause: {
      en: "The gateway works with labels by name, and one that it needs in this role is not among the model's.",
      "zh-CN": "网关按名称使用类别,而该模型缺少此用途所需的类别。",
    },
    remedy: {
      en: "Name the labels as the message says (bay: person, vehicle; plate: plate; face: face), or choose another role.",
      "zh-CN": "请按消息命名类别(bay:person、vehicle;plate:plate;face:face),或选择其他用途。",
    },
    retryable: false,
  },
  MODEL_SHAPE_MISMATCH: {
    title: { en: "The model's tensors differ from its card", "zh-CN": "模型张量与模型卡不符" },
    cause: {
      en: "Name, type or shape of the input or output do not fit the card and its decode family.",
      "zh-CN": "输入或输出的名称、类型或形状与模型卡及其解码类型不符。",
    },
    remedy: {
      en: "Correct `input` and `family` in model.yaml, or export the model anew.",
      "zh-CN": "请修正 model.yaml 中的 `input` 和 `family`,或重新导出模型。",
    },
    retryable: false,
  },
  MODEL_SIGNATURE_INVALID: {
    title: { en: "The model's signature is not valid", "zh-CN": "模型签名无效" },
    cause: {
      en: "The signature belongs to none of the trusted keys, or the card was changed after it was signed.",
      "zh-CN": "签名不属于任何可信公钥,或模型卡在签名后被修改。",
    },
    remedy: {
      en: "Take the bundle from its source again; trust its publisher's key under `vision.trustedModelKeys` if you know it.",
      "zh-CN": "请从原始来源重新获取模型包;若确认发布者,请将其公钥加入 `vision.trustedModelKeys`。",
    },
    retryable: false,
  },
  MODEL_SIGNATURE_REQUIRED: {
    title: { en: "Only signed models are accepted here", "zh-CN": "此处仅接受已签名的模型" },
    cause: {
      en: "The bundle is unsigned, or no trusted key is configured by which its signature could be checked.",
      "zh-CN": "该模型包未签名,或未配置可用于验证签名的可信公钥。",
    },
    remedy: {
      en: "Ask for a signed bundle and name the publisher's key under `vision.trustedModelKeys`.",
      "zh-CN": "请索取已签名的模型包,并在 `vision.trustedModelKeys` 中填写发布者公钥。",
    },
    retryable: false,
  },
  MODEL_STORE_DAMAGED: {
    title: { en: "The note of which model is active is damaged", "zh-CN": "当前模型的记录已损坏" },
    cause: {
      en: "The file that names the active version cannot be read, or names one that is gone. The newest whole version before it is used.",
      "zh-CN": "记录当前版本的文件无法读取,或指向的版本已不存在。现使用之前最新的完整版本。",
    },
    remedy: {
      en: "Add the model again with `baygate models add`.",
      "zh-CN": "请用 `baygate models add` 重新添加模型。",
    },
    retryable: false,
  },
  MODEL_STORE_FAILED: {
    title: { en: "The model could not be stored", "zh-CN": "模型无法保存" },
    cause: {
      en: "The disk is full, worn out or read-only. What was there before is untouched.",
      "zh-CN": "磁盘已满、损坏或只读。原有内容未受影响。",
    },
    remedy: {
      en: "Make room (`baygate models remove`, `baygate doctor`) and add the model again.",
      "zh-CN": "请释放空间(`baygate models remove`、`baygate doctor`)后重新添加。",
    },
    retryable: true,
  },
  MODEL_TOO_LARGE: {
    title: { en: "The model file is too large", "zh-CN": "模型文件过大" },
    cause: { en: "The ONNX file is larger than this gateway accepts.", "zh-CN": "ONNX 文件超过了本网关允许的大小。" },
    remedy: { en: "Use a smaller model.", "zh-CN": "请使用更小的模型。" },
    retryable: false,
  },
  MODEL_OUTPUT_UNUSABLE: {
    title: { en: "The model's answer cannot be used", "zh-CN": "模型输出无法使用" },
    cause: {
      en: "The network gave numbers without meaning for this picture: not finite, or all zero.",
      "zh-CN": "网络对该图片输出了无意义的数值:非有限值或全为零。",
    },
    remedy: {
      en: "Try the picture with `cpu` alone under `vision.providers`; if that helps, export the model in 32-bit numbers.",
      "zh-CN": "请在 `vision.providers` 中仅保留 `cpu` 再试;若可行,请以 32 位精度重新导出模型。",
    },
    retryable: false,
    status: 422,
  },
  MODEL_VERSION_TAKEN: {
    title: { en: "Another model has this name and version", "zh-CN": "已有同名同版本的其他模型" },
    cause: {
      en: "A bundle with the same name and version, but other content, is in the store.",
      "zh-CN": "模型库中已有名称和版本相同但内容不同的模型包。",
    },
    remedy: {
      en: "Raise `version` in model.yaml (`--model-version` for a bare file), or remove the other one.",
      "zh-CN": "请提高 model.yaml 中的 `version`(单独文件用 `--model-version`),或删除另一个。",
    },
    retryable: false,
  },
  MODEL_VERSION_UNKNOWN: {
    title: { en: "There is no such model version", "zh-CN": "没有此模型版本" },
    cause: { en: "The store has no version of this name.", "zh-CN": "模型库中没有此名称的版本。" },
    remedy: { en: "See `baygate models list` for the names.", "zh-CN": "名称见 `baygate models list`。" },
    retryable: false,
  },
  PICTURE_NOT_AN_IMAGE: {
    title: { en: "This is not a picture", "zh-CN": "这不是图片" },
    cause: {
      en: "The bytes are neither JPEG nor another accepted picture format.",
      "zh-CN": "数据既不是 JPEG,也不是其他可接受的图片格式。",
    },
    remedy: {
      en: "Set the camera to send JPEG pictures; of photos JPEG, PNG and WebP are read.",
      "zh-CN": "请将摄像头设置为发送 JPEG 图片;照片支持 JPEG、PNG 和 WebP。",
    },
    retryable: false,
    status: 415,
  },
  PICTURE_POISONED: {
    title: { en: "The picture kills what looks at it", "zh-CN": "图片导致识别进程崩溃" },
    cause: {
      en: "Two processes in a row died or hung with this picture; it is not tried again.",
      "zh-CN": "连续两个进程在处理该图片时崩溃或卡死,不再重试。",
    },
    remedy: {
      en: "Take the picture again; if others fare alike, look at the machine's memory and send a support bundle.",
      "zh-CN": "请重新拍摄;若其他图片也如此,请检查本机内存并发送支持包。",
    },
    retryable: false,
    status: 422,
  },
  PICTURE_TOO_LARGE: {
    title: { en: "The picture is too large", "zh-CN": "图片过大" },
    cause: {
      en: "The picture has more pixels or a longer side than this gateway decodes.",
      "zh-CN": "图片的像素数或边长超过本网关可解码的范围。",
    },
    remedy: {
      en: "Lower the camera's resolution; a phone takes photos that are small enough at 12 megapixels.",
      "zh-CN": "请降低摄像头的分辨率;手机拍照请选择 1200 万像素。",
    },
    retryable: false,
    status: 413,
  },
  PICTURE_TRUNCATED: {
    title: { en: "The picture is cut off", "zh-CN": "图片不完整" },
    cause: {
      en: "The end of the picture is missing: the line broke off or the camera ran out of memory.",
      "zh-CN": "图片的结尾缺失:传输中断或摄像头内存不足。",
    },
    remedy: {
      en: "Check the camera's network; lower its quality setting if it goes on. Send a photo again.",
      "zh-CN": "请检查摄像头网络;若持续出现,请降低其画质设置。照片请重新发送。",
    },
    retryable: true,
    status: 422,
  },
  PICTURE_UNREADABLE: {
    title: { en: "The picture cannot be decoded", "zh-CN": "图片无法解码" },
    cause: { en: "The picture's header is whole, but its content is damaged.", "zh-CN": "图片头部完整,但内容已损坏。" },
    remedy: {
      en: "Look at the camera's own picture; restart the camera if it is damaged there as well. Take a photo again.",
      "zh-CN": "请查看摄像头自身画面;若同样损坏,请重启摄像头。照片请重新拍摄。",
    },
    retryable: true,
    status: 422,
  },
  PICTURE_UNSUPPORTED: {
    title: { en: "This kind of picture is not accepted", "zh-CN": "不接受此类图片" },
    cause: {
      en: "The picture uses a coding (arithmetic, lossless, 12-bit, HEIC, AVIF) that cameras here do not need.",
      "zh-CN": "图片使用了此处摄像头不需要的编码(算术、无损、12 位、HEIC、AVIF)。",
    },
    remedy: {
      en: "Set the camera to ordinary (baseline or progressive) JPEG; on a phone choose the most compatible photo format.",
      "zh-CN": "请将摄像头设置为普通(基线或渐进式)JPEG;手机请选择“兼容性最佳”的照片格式。",
    },
    retryable: false,
    status: 415,
  },
  PICTURE_FILE_UNREADABLE: {
    title: { en: "The picture file cannot be read", "zh-CN": "无法读取图片文件" },
    cause: {
      en: "There is no such file, it is a folder, or this user may not read it.",
      "zh-CN": "文件不存在、是文件夹,或当前用户无权读取。",
    },
    remedy: { en: "Check the path and the rights of the file.", "zh-CN": "请检查路径和文件权限。" },
    retryable: false,
  },
  PICTURE_ID_TAKEN: {
    title: { en: "Two pictures would have the same id", "zh-CN": "两张图片的标识相同" },
    cause: {
      en: "Results name a picture by its file's name without folder and extension, and an earlier file has the same. This one was not looked at.",
      "zh-CN": "结果以不含文件夹和扩展名的文件名标识图片,而前面已有同名的文件。该图片未被识别。",
    },
    remedy: {
      en: "Look at the folders one after the other, or rename one of the files.",
      "zh-CN": "请分别识别各文件夹,或重命名其中一个文件。",
    },
    retryable: false,
  },
  OUTPUT_FILE_UNWRITABLE: {
    title: { en: "The result's file cannot be written", "zh-CN": "无法写出结果文件" },
    cause: {
      en: "The folder cannot be made, this user may not write there, the name is a folder's, or the disk is full.",
      "zh-CN": "无法创建文件夹、当前用户无写入权限、该名称是文件夹,或磁盘已满。",
    },
    remedy: {
      en: "Name another file, or set the rights of its folder right, and run the command again.",
      "zh-CN": "请指定其他文件,或修正其文件夹的权限,然后重新运行命令。",
    },
    retryable: false,
  },
  SIZE_BOX_INVALID: {
    title: { en: "This box holds no part of the picture", "zh-CN": "该框不在图片内" },
    cause: {
      en: "The box has no width or height, or lies outside the picture.",
      "zh-CN": "该框的宽或高为零,或位于图片之外。",
    },
    remedy: {
      en: "Give the box as x,y,width,height in pixels of the upright picture, inside it.",
      "zh-CN": "请按 x,y,宽,高 给出框(单位为摆正后图片的像素),且须在图片之内。",
    },
    retryable: false,
    status: 422,
  },
  SIZE_OPTION_INVALID: {
    title: { en: "This option is not usable", "zh-CN": "该选项无法使用" },
    cause: {
      en: "A number is missing, not a number, or outside what can be measured.",
      "zh-CN": "缺少数值、不是数值,或超出可测范围。",
    },
    remedy: {
      en: "Write it as `baygate measure --help` shows, lengths in millimetres, places in pixels.",
      "zh-CN": "请按 `baygate measure --help` 的写法填写:长度用毫米,位置用像素。",
    },
    retryable: false,
    status: 422,
  },
  SIZE_NO_DAMAGE: {
    title: { en: "No damage is found in this box", "zh-CN": "框内未发现损伤" },
    cause: {
      en: "The damage model draws no outline inside the box.",
      "zh-CN": "损伤模型在框内没有识别出轮廓。",
    },
    remedy: {
      en: "Draw the box closely around the damage, take a closer photo, or give the outline by hand with --outline.",
      "zh-CN": "请将框紧贴损伤,或拍得更近,或用 --outline 手工给出轮廓。",
    },
    retryable: false,
    status: 422,
  },
  SIZE_NO_REFERENCE: {
    title: { en: "Nothing of known size is in the picture", "zh-CN": "图片中没有已知尺寸的参照物" },
    cause: {
      en: "No marker card, camera plane, plate or part of known size could be used. A size is never guessed.",
      "zh-CN": "没有可用的标记卡、摄像头平面、车牌或已知尺寸的部件。系统绝不猜测尺寸。",
    },
    remedy: {
      en: "Lay a marker card flat beside the damage and photograph both; say its side with --marker-mm or vision.markerMm.",
      "zh-CN": "请将标记卡平放在损伤旁一起拍摄,并用 --marker-mm 或 vision.markerMm 说明其边长。",
    },
    retryable: false,
    status: 422,
  },
  SIZE_PLANE_INVALID: {
    title: { en: "This camera plane is not usable", "zh-CN": "该摄像头平面无法使用" },
    cause: {
      en: "There is no such file or camera, its points are incomplete, stand in a line, or contradict each other.",
      "zh-CN": "文件或摄像头不存在,或标记点不完整、在一条直线上、互相矛盾。",
    },
    remedy: {
      en: "Measure four marks or more that enclose a large area, and write them as `cameras.….plane` in the example configuration shows.",
      "zh-CN": "请测量至少四个围成较大区域的标记点,并按示例配置中 `cameras.….plane` 的写法填写。",
    },
    retryable: false,
    status: 422,
  },
  PROMPT_INVALID: {
    title: { en: "The box or the points mark nothing in the picture", "zh-CN": "框或点未标出图片中的任何内容" },
    cause: {
      en: "Box or points are not written as numbers, lie outside the picture or hold nothing, no point is in the thing, or there are too many.",
      "zh-CN": "框或点不是数字、在图片之外或不包含任何内容,没有位于目标内的点,或数量过多。",
    },
    remedy: {
      en: "Draw again, in pixels of the upright picture: a box as x,y,width,height, or points as x,y (x,y,0 for what does not belong).",
      "zh-CN": "请按正向图片的像素重新标注:框写作 x,y,宽,高,点写作 x,y(不属于目标的点写作 x,y,0)。",
    },
    retryable: false,
    status: 422,
  },
  REDACTION_INCOMPLETE: {
    title: { en: "Faces or plates could not be covered for certain", "zh-CN": "无法确认人脸或车牌已全部遮盖" },
    cause: {
      en: "The last look at the covered picture still found something, or the look itself failed. The picture is not kept.",
      "zh-CN": "对遮盖后图片的最后一次复查仍有发现,或复查本身失败。该图片未保留。",
    },
    remedy: {
      en: "Take the picture again, closer to the damage, without people and plates in it.",
      "zh-CN": "请靠近损伤处重新拍摄,避免拍到人员和车牌。",
    },
    retryable: false,
    status: 422,
  },
  REDACTION_NO_MODEL: {
    title: { en: "Nothing can be covered: a model is missing", "zh-CN": "缺少模型,无法遮盖" },
    cause: {
      en: "The model for faces, plates or people is absent or cannot be opened, so that no photo may be kept.",
      "zh-CN": "人脸、车牌或人员模型缺失或无法打开,因此不能保留任何照片。",
    },
    remedy: {
      en: "Run `baygate models check` on the folders under vision.models; put the shipped bundles face, plate and bay back.",
      "zh-CN": "请对 vision.models 下的目录运行 `baygate models check`,并放回自带的 face、plate、bay 模型。",
    },
    retryable: true,
    status: 503,
  },
  REDACTION_OVER_SOURCE: {
    title: { en: "The covered picture would replace its source", "zh-CN": "遮盖后的图片会覆盖原图" },
    cause: {
      en: "What is to be written is one of the files to be read, under this name or another. Nothing was written.",
      "zh-CN": "要写出的文件就是要读取的文件之一(同名或另一名称)。没有写出任何文件。",
    },
    remedy: { en: "Name another file or an empty folder.", "zh-CN": "请指定其他文件名或空文件夹。" },
    retryable: false,
  },
  VISION_NOT_RUNNING: {
    title: { en: "The vision worker is not running", "zh-CN": "视觉进程未运行" },
    cause: {
      en: "The worker died, hung or could not be prepared, and is waiting for its next start.",
      "zh-CN": "视觉进程已退出、卡死或无法准备,正在等待下次启动。",
    },
    remedy: {
      en: "Wait for the restart; if it keeps happening, look at the model and the memory under `baygate doctor`.",
      "zh-CN": "请等待重启;若反复出现,请用 `baygate doctor` 查看模型和内存。",
    },
    retryable: true,
  },
  // photos and evidence
  PHOTO_TOO_MANY: {
    title: { en: "This repair order has as many photos as it can hold", "zh-CN": "该工单的照片数量已达上限" },
    cause: {
      en: "Photos of one job are limited, so that a stuck button cannot fill the box.",
      "zh-CN": "每个工单的照片数量有限,以免误操作占满存储。",
    },
    remedy: {
      en: "Use the photos that are there, or open a second repair order for this car.",
      "zh-CN": "请使用已有照片,或为该车另开工单。",
    },
    retryable: false,
    status: 409,
  },
  PHOTO_UNKNOWN: {
    title: { en: "There is no such photo", "zh-CN": "没有这张照片" },
    cause: {
      en: "The photo or finding named is not on record here, or not on this repair order.",
      "zh-CN": "本店或该工单没有所指的照片或检出项。",
    },
    remedy: { en: "Reload the page and choose again.", "zh-CN": "请刷新页面后重新选择。" },
    retryable: false,
    status: 404,
  },
  PHOTO_BUSY: {
    title: { en: "Other photos are being looked at", "zh-CN": "正在检测其他照片" },
    cause: {
      en: "A photo takes seconds; as many as may wait are waiting.",
      "zh-CN": "每张照片需要数秒,排队已满。",
    },
    remedy: { en: "Send this one again in a moment.", "zh-CN": "请稍后重新发送。" },
    retryable: true,
    status: 503,
  },
  PICTURE_NOT_KEPT: {
    title: { en: "The picture is no longer kept", "zh-CN": "照片已不再保存" },
    cause: {
      en: "It was given up to make room for newer ones; what was found on it stays on record.",
      "zh-CN": "为给新照片腾出空间已删除;检出结果仍在记录中。",
    },
    remedy: {
      en: "For the future raise retention.picturesMaxMb, or give the box a larger disk.",
      "zh-CN": "今后可调大 retention.picturesMaxMb,或更换更大的磁盘。",
    },
    retryable: false,
    status: 410,
  },
  PICTURE_MISSING: {
    title: { en: "The picture is not on the disk", "zh-CN": "磁盘上没有该照片" },
    cause: {
      en: "Its file was removed from outside, or the records were restored on another disk.",
      "zh-CN": "文件被外部删除,或记录是在另一块磁盘上恢复的。",
    },
    remedy: {
      en: "Copy the evidence folder of the old disk back, if there is one; the record stays as it is.",
      "zh-CN": "如有旧磁盘,请把其中的 evidence 文件夹复制回来;记录保持不变。",
    },
    retryable: false,
    status: 404,
  },
  PICTURE_DAMAGED: {
    title: { en: "The stored picture is damaged", "zh-CN": "保存的照片已损坏" },
    cause: {
      en: "Its file is not what was written, or belongs to another box's key. Nothing doubtful is shown.",
      "zh-CN": "文件与写入时不一致,或属于另一台设备的密钥。可疑内容不予显示。",
    },
    remedy: {
      en: "Check the disk with `baygate doctor`; take the photo again while the car is there.",
      "zh-CN": "请用 `baygate doctor` 检查磁盘;车辆在店时请重新拍照。",
    },
    retryable: false,
    status: 422,
  },
  EVIDENCE_KEY_UNUSABLE: {
    title: { en: "The key of the stored pictures cannot be used", "zh-CN": "照片密钥不可用" },
    cause: {
      en: "The key file is damaged, cannot be read, or is missing although pictures are there.",
      "zh-CN": "密钥文件损坏、无法读取,或已有照片但密钥缺失。",
    },
    remedy: {
      en: "Put evidence/box.key back from your copy. Without it the old pictures stay closed; to begin anew move the whole evidence folder away.",
      "zh-CN": "请放回您另存的 evidence/box.key。没有它旧照片无法打开;如需重新开始,请移走整个 evidence 文件夹。",
    },
    retryable: true,
    status: 503,
  },
  EVIDENCE_STORAGE_FAILED: {
    title: { en: "The picture could not be stored", "zh-CN": "照片无法保存" },
    cause: { en: "The disk is full or does not write.", "zh-CN": "磁盘已满或无法写入。" },
    remedy: {
      en: "Free disk space or have the disk checked, then send the photo again; nothing was recorded.",
      "zh-CN": "请腾出磁盘空间或检查磁盘后重新发送照片;本次未留下记录。",
    },
    retryable: true,
    status: 503,
  },
  EVIDENCE_NO_ROOM: {
    title: { en: "There is no room for this picture", "zh-CN": "没有空间保存该照片" },
    cause: {
      en: "The picture alone is larger than all pictures together may be.",
      "zh-CN": "这一张照片已超过全部照片的总量上限。",
    },
    remedy: { en: "Raise retention.picturesMaxMb.", "zh-CN": "请调大 retention.picturesMaxMb。" },
    retryable: false,
    status: 409,
  },
  // jobs, labour, diagnostics
  JOB_UNKNOWN: {
    title: { en: "No such repair order", "zh-CN": "没有这个工单" },
    cause: {
      en: "The repair order named does not exist in this shop, or was closed long ago.",
      "zh-CN": "本店没有该工单,或该工单早已关闭。",
    },
    remedy: { en: "Check the number, or open the repair order first.", "zh-CN": "请核对工单号,或先新建工单。" },
    retryable: false,
    status: 404,
  },
  JOB_CLOSED: {
    title: { en: "The repair order is closed", "zh-CN": "工单已关闭" },
    cause: {
      en: "A closed repair order takes no more labour time and no changes.",
      "zh-CN": "已关闭的工单不再接受工时和修改。",
    },
    remedy: { en: "Open a new repair order for further work.", "zh-CN": "如需继续作业,请新建工单。" },
    retryable: false,
    status: 409,
  },
  JOB_NUMBER_TAKEN: {
    title: { en: "This repair-order number is already open", "zh-CN": "该工单号已在进行中" },
    cause: { en: "An open repair order has the same number.", "zh-CN": "已有同号的未关闭工单。" },
    remedy: { en: "Use the open repair order, or choose another number.", "zh-CN": "请使用已有工单,或更换工单号。" },
    retryable: false,
    status: 409,
  },
  BAY_UNKNOWN: {
    title: { en: "No such bay", "zh-CN": "没有这个工位" },
    cause: { en: "The bay named is not in shop.yaml.", "zh-CN": "shop.yaml 中没有该工位。" },
    remedy: {
      en: "Choose a bay of this shop, or add it to shop.yaml.",
      "zh-CN": "请选择本店的工位,或在 shop.yaml 中添加。",
    },
    retryable: false,
    status: 404,
  },
  BAY_TAKEN: {
    title: { en: "The bay has another open repair order", "zh-CN": "该工位已有其他未关闭工单" },
    cause: { en: "One bay holds one open repair order at a time.", "zh-CN": "一个工位同时只能有一个未关闭工单。" },
    remedy: {
      en: "Close the other repair order or move it to another bay.",
      "zh-CN": "请先关闭另一工单,或将其移到其他工位。",
    },
    retryable: false,
    status: 409,
  },
  BADGE_UNKNOWN: {
    title: { en: "This badge is not known", "zh-CN": "工牌未登记" },
    cause: {
      en: "Nobody in this shop has this badge, or the person was disabled.",
      "zh-CN": "本店没有人使用该工牌,或该人员已停用。",
    },
    remedy: { en: "Ask the store manager to enter the badge for the person.", "zh-CN": "请店长为该人员登记工牌。" },
    retryable: false,
    status: 404,
  },
  LABOUR_NO_JOB: {
    title: { en: "No repair order to clock on to", "zh-CN": "没有可上工的工单" },
    cause: {
      en: "No repair order was named, and none is open at this bay.",
      "zh-CN": "未指定工单,且该工位没有未关闭的工单。",
    },
    remedy: {
      en: "Assign a repair order to the bay, or choose one, and tap again.",
      "zh-CN": "请先把工单分配到该工位或选择工单,然后重新刷卡。",
    },
    retryable: false,
    status: 409,
  },
  LABOUR_NOT_CLOCKED_ON: {
    title: { en: "Not clocked on", "zh-CN": "尚未上工" },
    cause: {
      en: "No labour time is running for this technician, so there is nothing to end.",
      "zh-CN": "该技师没有正在计时的工时。",
    },
    remedy: {
      en: "Clock on first. If time is missing, tell the store manager.",
      "zh-CN": "请先上工。如有漏记,请告知店长。",
    },
    retryable: false,
    status: 409,
  },
  SCAN_NO_BAY: {
    title: { en: "The repair order stands at no bay", "zh-CN": "工单未分配工位" },
    cause: {
      en: "A scan is asked of the bay's dongle, and the repair order has no bay.",
      "zh-CN": "扫描由工位的 OBD 诊断盒执行,而该工单没有工位。",
    },
    remedy: { en: "Assign the repair order to a bay with a dongle.", "zh-CN": "请把工单分配到有 OBD 诊断盒的工位。" },
    retryable: false,
    status: 409,
  },
  SCAN_NO_ANSWER: {
    title: { en: "The dongle did not answer in time", "zh-CN": "OBD 诊断盒未按时应答" },
    cause: {
      en: "No scan came before the deadline: ignition off, dongle unplugged, or no radio link.",
      "zh-CN": "到期仍未收到扫描结果:点火开关未开、诊断盒未插好或无线中断。",
    },
    remedy: {
      en: "Switch the ignition on and check the plug; the gateway tries again by itself.",
      "zh-CN": "请打开点火开关并检查插头;网关会自动重试。",
    },
    retryable: true,
    status: 504,
  },
  VEHICLE_FILE_UNREADABLE: {
    title: { en: "The vehicle file cannot be read", "zh-CN": "车型文件无法读取" },
    cause: {
      en: "The path names no file, or this user may not read it.",
      "zh-CN": "路径不是文件,或当前用户无权读取。",
    },
    remedy: { en: "Check the path and the file's permissions.", "zh-CN": "请检查路径和文件权限。" },
    retryable: false,
  },
  VEHICLE_FILE_TOO_LARGE: {
    title: { en: "The vehicle file is too large", "zh-CN": "车型文件过大" },
    cause: {
      en: "Signal sets, profiles and DBC files are a few megabytes at most.",
      "zh-CN": "信号集、车型配置和 DBC 文件最多几 MB。",
    },
    remedy: {
      en: "Check that this is the file you meant; unpack an archive first.",
      "zh-CN": "请确认文件是否正确;压缩包请先解压。",
    },
    retryable: false,
  },
  VEHICLE_FILE_INVALID: {
    title: { en: "The vehicle file cannot be used", "zh-CN": "车型文件无法使用" },
    cause: {
      en: "It is no OBDb signal set, WiCAN vehicle profile or DBC file, or it is damaged or cut off.",
      "zh-CN": "它不是 OBDb 信号集、WiCAN 车型配置或 DBC 文件,或文件已损坏、不完整。",
    },
    remedy: {
      en: "Download the file again from its source, as it is, and import that.",
      "zh-CN": "请从来源重新下载原始文件后再导入。",
    },
    retryable: false,
  },
  VEHICLE_UNNAMED: {
    title: { en: "It is not clear which vehicle the file is for", "zh-CN": "无法确定文件对应的车型" },
    cause: {
      en: "Neither the file nor its name says the make and model without doubt.",
      "zh-CN": "文件内容和文件名都不能明确说明品牌和车型。",
    },
    remedy: {
      en: "Say it: `--make Kia --model EV9`, and `--years 2024-` or `--wmi KNA` where it matters.",
      "zh-CN": "请指明:`--make Kia --model EV9`,必要时加 `--years 2024-` 或 `--wmi KNA`。",
    },
    retryable: false,
  },
  VEHICLE_LICENCE_NEEDED: {
    title: { en: "The licence of the vehicle file is not known", "zh-CN": "车型文件的许可证未知" },
    cause: {
      en: "Vehicle files belong to those who wrote them; nothing in or beside the file names its licence.",
      "zh-CN": "车型文件归其作者所有;文件中及其旁边都没有说明许可证。",
    },
    remedy: {
      en: "Look at its source and say it: `--licence CC-BY-SA-4.0`, or `--licence own` for a file of your own.",
      "zh-CN": "请查看来源并指明:`--licence CC-BY-SA-4.0`;自有文件用 `--licence own`。",
    },
    retryable: false,
  },
  VEHICLE_UNKNOWN: {
    title: { en: "No such vehicle file was imported", "zh-CN": "没有导入过该车型文件" },
    cause: { en: "The name is not in the list of vehicle files.", "zh-CN": "该名称不在车型文件列表中。" },
    remedy: { en: "Look it up: `baygate vehicles list`.", "zh-CN": "请查看:`baygate vehicles list`。" },
    retryable: false,
  },
  VEHICLE_CATALOGUE_DAMAGED: {
    title: { en: "A vehicle file in the catalogue is damaged", "zh-CN": "车型目录中的文件已损坏" },
    cause: {
      en: "The stored file no longer matches what was imported; it is left out until it is replaced.",
      "zh-CN": "存储的文件与导入时不一致;替换之前不会使用它。",
    },
    remedy: {
      en: "Remove it with `baygate vehicles remove` and import it again; check the disk.",
      "zh-CN": "请用 `baygate vehicles remove` 删除后重新导入,并检查磁盘。",
    },
    retryable: false,
  },
  CAPTURE_LINE_INVALID: {
    title: { en: "A line is no capture", "zh-CN": "该行不是抓包数据" },
    cause: {
      en: 'Each line must be a JSON document with "command" (text), "frames" (list of hex texts) and, if wanted, "year".',
      "zh-CN": '每行必须是一个 JSON 文档,含 "command"(文本)、"frames"(十六进制文本列表),可选 "year"。',
    },
    remedy: {
      en: 'Mend the line, for example {"command":"7E0.010C","frames":["7E804410C1AF8"]}.',
      "zh-CN": '请修正该行,例如 {"command":"7E0.010C","frames":["7E804410C1AF8"]}。',
    },
    retryable: false,
  },
  GBT_LINE_INVALID: {
    title: { en: "A line is no GB/T 32960 data", "zh-CN": "该行不是 GB/T 32960 数据" },
    cause: {
      en: "Each line must hold bytes of the stream in hex, at most a million characters; spaces are passed over.",
      "zh-CN": "每行须为十六进制的数据流字节,最多一百万个字符,空格忽略。",
    },
    remedy: {
      en: "Write the captured bytes as hex, for example 232302FE….",
      "zh-CN": "请将抓取的字节写成十六进制,例如 232302FE…。",
    },
    retryable: false,
  },
  DBC_FRAME_INVALID: {
    title: { en: "A line is no CAN frame", "zh-CN": "该行不是 CAN 帧" },
    cause: {
      en: 'Each line must be a JSON document with "id" (number), "data" (hex text) and, if wanted, "extended" (true or false).',
      "zh-CN": '每行必须是一个 JSON 文档,含 "id"(数字)、"data"(十六进制文本),可选 "extended"(true 或 false)。',
    },
    remedy: {
      en: 'Mend the line, for example {"id":291,"extended":false,"data":"0102030405060708"}.',
      "zh-CN": '请修正该行,例如 {"id":291,"extended":false,"data":"0102030405060708"}。',
    },
    retryable: false,
  },
  DBC_MESSAGE_UNKNOWN: {
    title: { en: "No DBC file describes this frame", "zh-CN": "没有 DBC 文件描述该帧" },
    cause: {
      en: "The identifier is in none of the files, or only with the other length (11 or 29 bits).",
      "zh-CN": "所有文件中都没有该标识符,或只有另一种长度(11 位或 29 位)。",
    },
    remedy: {
      en: "Add the DBC file of that vehicle or bus with another --dbc.",
      "zh-CN": "请用另一个 --dbc 添加该车型或总线的 DBC 文件。",
    },
    retryable: false,
  },
  DBC_FRAME_SHORT: {
    title: { en: "The frame is shorter than its DBC file says", "zh-CN": "该帧比 DBC 文件所述的短" },
    cause: {
      en: "The named signals lie beyond the bytes that came; the others are right.",
      "zh-CN": "所列信号超出收到的字节范围;其余信号有效。",
    },
    remedy: {
      en: "Check that the DBC file is the one of this vehicle and model year.",
      "zh-CN": "请确认 DBC 文件与该车型和年款一致。",
    },
    retryable: false,
  },
  DONGLE_NONE: {
    title: { en: "There is no dongle at this bay", "zh-CN": "该工位没有 OBD 诊断盒" },
    cause: {
      en: "The configuration names no dongle for the bay where the repair order stands.",
      "zh-CN": "配置中没有为该工单所在工位指定诊断盒。",
    },
    remedy: {
      en: "Move the repair order to a bay with a dongle, or add the dongle to the bay in shop.yaml.",
      "zh-CN": "请把工单移到有诊断盒的工位,或在 shop.yaml 中为该工位添加诊断盒。",
    },
    retryable: false,
    status: 409,
  },
  DONGLE_AWAY: {
    title: { en: "The dongle cannot be reached", "zh-CN": "无法连接 OBD 诊断盒" },
    cause: {
      en: "The dongle or the bridge that speaks for it is offline or silent.",
      "zh-CN": "诊断盒或负责它的固件桥离线或无响应。",
    },
    remedy: {
      en: "Check the plug in the car and the dongle's network; it is asked again as soon as it is back.",
      "zh-CN": "请检查车上的插头和诊断盒网络;恢复后即可再次访问。",
    },
    retryable: true,
    status: 503,
  },
  DONGLE_BUSY: {
    title: { en: "The dongle is talking to the car already", "zh-CN": "OBD 诊断盒正在与车辆通信" },
    cause: {
      en: "A dongle has one conversation at a time, and a scan or clearing is under way.",
      "zh-CN": "诊断盒一次只能进行一个会话,当前正在扫描或清除故障码。",
    },
    remedy: { en: "Wait until it is done.", "zh-CN": "请等待其完成。" },
    retryable: true,
    status: 409,
  },
  DONGLE_SILENT: {
    title: { en: "The dongle does not answer", "zh-CN": "OBD 诊断盒无应答" },
    cause: {
      en: "The dongle is online but gives no answer: its firmware hangs, or it lost its power.",
      "zh-CN": "诊断盒在线但没有应答:固件卡死或断电。",
    },
    remedy: {
      en: "Unplug the dongle, wait five seconds and plug it in again.",
      "zh-CN": "请拔下诊断盒,等待五秒后重新插入。",
    },
    retryable: true,
    status: 504,
  },
  DONGLE_LINK_LOST: {
    title: { en: "The line to the dongle broke off", "zh-CN": "与 OBD 诊断盒的连接中断" },
    cause: {
      en: "The network, serial or radio line was lost in the middle of a conversation.",
      "zh-CN": "会话过程中网络、串口或无线连接断开。",
    },
    remedy: { en: "Check the dongle's network and try again.", "zh-CN": "请检查诊断盒网络后重试。" },
    retryable: true,
    status: 503,
  },
  DONGLE_TOO_SLOW: {
    title: { en: "The dongle did not finish in time", "zh-CN": "OBD 诊断盒未在限定时间内完成" },
    cause: {
      en: "The car answered too slowly, or the dongle is overloaded.",
      "zh-CN": "车辆应答过慢,或诊断盒负载过高。",
    },
    remedy: {
      en: "Try again; close other programs that use the dongle.",
      "zh-CN": "请重试,并关闭其他正在使用诊断盒的程序。",
    },
    retryable: true,
    status: 504,
  },
  DONGLE_REPORTS_ONLY: {
    title: { en: "This dongle only reports and cannot be asked", "zh-CN": "该诊断盒只上报,不能询问车辆" },
    cause: {
      en: "Its firmware sends values of its own accord and takes no questions for the car.",
      "zh-CN": "其固件只会主动发送数据,不接受对车辆的询问。",
    },
    remedy: {
      en: "Use a dongle that passes questions on, or another tool, for scans and clearing.",
      "zh-CN": "扫描和清除故障码请使用支持询问的诊断盒或其他工具。",
    },
    retryable: false,
    status: 409,
  },
  DONGLE_REFUSED: {
    title: { en: "The bridge refused the request", "zh-CN": "固件桥拒绝了该请求" },
    cause: {
      en: "The bridge lets nothing reach a car but reading, and clearing with a technician's fresh authority; this was neither.",
      "zh-CN": "固件桥只允许读取,以及经技师当次授权的清除;该请求两者都不是。",
    },
    remedy: {
      en: "Set the clocks of both machines right if they differ; otherwise report it with a support bundle.",
      "zh-CN": "如果两台机器时钟不一致请校准;否则请附上支持包报告此问题。",
    },
    retryable: false,
    status: 409,
  },
  DONGLE_FAILED: {
    title: { en: "The dongle's adapter failed", "zh-CN": "诊断盒适配器出错" },
    cause: {
      en: "The bridge met something in the dongle's answers that it could not handle.",
      "zh-CN": "固件桥在诊断盒的应答中遇到无法处理的内容。",
    },
    remedy: {
      en: "Try again; if it stays, report it with a support bundle.",
      "zh-CN": "请重试;若仍然出现,请附上支持包报告。",
    },
    retryable: true,
    status: 502,
  },
  CAN_PACKAGE_MISSING: {
    title: { en: "The package for CAN interfaces is missing", "zh-CN": "缺少 CAN 接口软件包" },
    cause: {
      en: "A dongle of dialect socketcan is configured, but the optional package socketcan was not installed or not compiled for this Node.js.",
      "zh-CN": "配置了 socketcan 方言的诊断盒,但可选软件包 socketcan 未安装,或未针对当前 Node.js 编译。",
    },
    remedy: {
      en: "On the bridge's machine install a C++ compiler, make and Python 3, then let npm install under Node.js 24, as firmware-bridge/socketcan/README.md shows.",
      "zh-CN":
        "请在固件桥主机上安装 C++ 编译器、make 和 Python 3,然后按 firmware-bridge/socketcan/README.md 在 Node.js 24 下执行 npm install。",
    },
    retryable: true,
  },
  SERIAL_PACKAGE_MISSING: {
    title: { en: "The package for serial ports is missing", "zh-CN": "缺少串口软件包" },
    cause: {
      en: "A dongle on a serial port is configured, but the optional package serialport was not installed or does not suit this machine.",
      "zh-CN": "配置了串口诊断盒,但可选软件包 serialport 未安装,或不适用于本机。",
    },
    remedy: {
      en: "On the bridge's machine run npm install without leaving out optional packages, then restart the bridge.",
      "zh-CN": "请在固件桥主机上执行 npm install(不要跳过可选软件包),然后重启固件桥。",
    },
    retryable: true,
  },
  CAN_INTERFACE_ABSENT: {
    title: { en: "The CAN interface is not there", "zh-CN": "CAN 接口不可用" },
    cause: {
      en: "The interface is unplugged, set down, of another name, or none of CAN.",
      "zh-CN": "接口被拔出、已关闭、名称不符,或不是 CAN 接口。",
    },
    remedy: {
      en: "Look with `ip -details link show`; set the bit rate and bring the interface up, at each start of the machine.",
      "zh-CN": "请用 `ip -details link show` 查看;设置波特率并启用接口,且每次开机都要生效。",
    },
    retryable: true,
  },
  CAN_CANNOT_SEND: {
    title: { en: "The CAN interface cannot send", "zh-CN": "CAN 接口无法发送" },
    cause: {
      en: "Nobody on the bus acknowledges, or the controller left the bus after too many errors: no car, crossed wires, or a wrong bit rate.",
      "zh-CN": "总线上无人应答,或控制器因错误过多而离线:未接车、接线错误或波特率不对。",
    },
    remedy: {
      en: "Check plug and bit rate (500 kbit/s, older vans 250), and set `restart-ms 1000` on the interface so that it returns by itself.",
      "zh-CN": "请检查插头和波特率(500 kbit/s,老款货车 250),并在接口上设置 `restart-ms 1000` 使其自动恢复。",
    },
    retryable: true,
  },
  RECORDING_MISSING: {
    title: { en: "The recording cannot be opened", "zh-CN": "无法打开记录文件" },
    cause: {
      en: "There is no file at the configured path on the bridge's machine, it may not be read, or it is no plain file.",
      "zh-CN": "固件桥主机上配置的路径没有文件、无读取权限,或不是普通文件。",
    },
    remedy: {
      en: "Check `options.file` of the dongle, and that the bridge's user may read it.",
      "zh-CN": "请检查诊断盒的 `options.file`,并确认固件桥用户可读取该文件。",
    },
    retryable: true,
  },
  RECORDING_UNREADABLE: {
    title: { en: "The recording holds nothing that can be played", "zh-CN": "记录文件中没有可回放的内容" },
    cause: {
      en: "It is no log of candump, Vector ASC or PEAK TRC, it is packed, or no frame of it lies on the chosen bus after the chosen start.",
      "zh-CN": "不是 candump、Vector ASC 或 PEAK TRC 日志,文件已压缩,或在所选总线和起点之后没有帧。",
    },
    remedy: {
      en: "Unpack it, name its format in `options.format`, and check `bus` and `startAtSeconds`.",
      "zh-CN": "请先解压,在 `options.format` 中写明格式,并检查 `bus` 和 `startAtSeconds`。",
    },
    retryable: true,
  },
  CAR_SILENT: {
    title: { en: "The car does not answer", "zh-CN": "车辆无应答" },
    cause: {
      en: "The dongle is there, but no control unit answers: the ignition is off, or the car sleeps.",
      "zh-CN": "诊断盒正常,但没有控制单元应答:点火开关未开或车辆休眠。",
    },
    remedy: { en: "Switch the ignition on.", "zh-CN": "请打开点火开关。" },
    retryable: true,
    status: 504,
  },
  CAR_BATTERY_LOW: {
    title: { en: "The car's 12 V battery is too low to be asked", "zh-CN": "车辆 12 V 蓄电池电压过低" },
    cause: {
      en: "Below the dongle's minimum voltage the car is left alone, so that asking never drains it.",
      "zh-CN": "低于诊断盒设定的最低电压时不再访问车辆,以免耗尽蓄电池。",
    },
    remedy: {
      en: "Connect a charger; asking goes on by itself when the voltage has risen.",
      "zh-CN": "请接上充电机;电压回升后自动继续。",
    },
    retryable: true,
    status: 409,
  },
  POLLING_OFF: {
    title: { en: "Asking cars is switched off", "zh-CN": "已关闭对车辆的询问" },
    cause: {
      en: "Somebody used the switch that stops all scans, live values and clearing.",
      "zh-CN": "有人使用了停止一切扫描、实时数据和清除的开关。",
    },
    remedy: {
      en: "A store manager or installer can switch it on again on the page.",
      "zh-CN": "店长或安装员可在页面上重新打开。",
    },
    retryable: false,
    status: 409,
  },
  POLLING_OFF_BY_CONFIGURATION: {
    title: { en: "The configuration forbids asking cars", "zh-CN": "配置禁止询问车辆" },
    cause: { en: "shop.yaml says diagnostics.polling: false.", "zh-CN": "shop.yaml 中 diagnostics.polling 为 false。" },
    remedy: {
      en: "Set diagnostics.polling to true and start the gateway again.",
      "zh-CN": "请将 diagnostics.polling 设为 true 并重新启动网关。",
    },
    retryable: false,
    status: 409,
  },
  CLEAR_NEEDS_SCAN: {
    title: { en: "Codes are cleared only after a fresh scan", "zh-CN": "清除故障码前需要新的扫描" },
    cause: {
      en: "There is no scan of this car through this dongle within the last 30 minutes, or codes were cleared since.",
      "zh-CN": "最近 30 分钟内没有通过该诊断盒对此车的扫描,或扫描后已清除过。",
    },
    remedy: {
      en: "Scan the car first; the scan keeps what clearing would erase.",
      "zh-CN": "请先扫描车辆;扫描会保存即将被清除的内容。",
    },
    retryable: false,
    status: 409,
  },
  CLEAR_WRONG_CAR: {
    title: { en: "The car at the bay is not the repair order's", "zh-CN": "工位上的车辆与工单不符" },
    cause: {
      en: "The last scan read another vehicle identification number.",
      "zh-CN": "最近一次扫描读到了另一个车辆识别代号。",
    },
    remedy: {
      en: "Compare car and repair order, correct the assignment, and scan again.",
      "zh-CN": "请核对车辆与工单,改正后重新扫描。",
    },
    retryable: false,
    status: 409,
  },
  CLEAR_NO_ANSWER: {
    title: { en: "Nobody can say whether the codes were cleared", "zh-CN": "无法确认故障码是否已清除" },
    cause: {
      en: "No answer came before the deadline; the request may have reached the car.",
      "zh-CN": "到期没有收到应答;请求可能已到达车辆。",
    },
    remedy: {
      en: "Scan again: the scan shows what is left. It is never repeated by itself.",
      "zh-CN": "请重新扫描查看剩余故障码;系统不会自动重试。",
    },
    retryable: false,
    status: 504,
  },
  CLEAR_INTERRUPTED: {
    title: { en: "The gateway stopped while codes were being cleared", "zh-CN": "清除过程中网关停止" },
    cause: {
      en: "The gateway was restarted between the request and its answer; the request may have reached the car.",
      "zh-CN": "网关在请求与应答之间重新启动;请求可能已到达车辆。",
    },
    remedy: {
      en: "Scan again: the scan shows what is left. It is never repeated by itself.",
      "zh-CN": "请重新扫描查看剩余故障码;系统不会自动重试。",
    },
    retryable: false,
    status: 500,
  },
  CLEAR_REFUSED: {
    title: { en: "The car refused to clear its codes", "zh-CN": "车辆拒绝清除故障码" },
    cause: {
      en: "Its control units answered with a refusal; the reason stands beside each unit.",
      "zh-CN": "控制单元拒绝了请求;各单元旁列有原因。",
    },
    remedy: {
      en: "Switch the ignition on with the engine off, and try again; some units want another tool.",
      "zh-CN": "请打开点火开关但不启动发动机后重试;部分单元需要其他工具。",
    },
    retryable: false,
    status: 409,
  },
  SIGNAL_UNKNOWN: {
    title: { en: "There is no such value for this car", "zh-CN": "该车没有此数据" },
    cause: {
      en: "Neither the dongle tells it nor can the car be asked for it.",
      "zh-CN": "诊断盒未上报,也无法向车辆询问该数据。",
    },
    remedy: { en: "Choose from the list of values again.", "zh-CN": "请重新从数据列表中选择。" },
    retryable: false,
    status: 404,
  },
  RECORDING_RUNNING: {
    title: { en: "A recording runs already", "zh-CN": "正在记录中" },
    cause: { en: "One recording at a time is made for a repair order.", "zh-CN": "每个工单一次只能进行一个记录。" },
    remedy: { en: "Stop it first.", "zh-CN": "请先停止当前记录。" },
    retryable: false,
    status: 409,
  },
  RECORDING_NEEDS_VIEWER: {
    title: { en: "Only what somebody looks at can be recorded", "zh-CN": "只能记录正在查看的数据" },
    cause: {
      en: "A recording keeps what the live view shows, and nobody has the live view of this car open.",
      "zh-CN": "记录保存实时页面显示的数据,而当前没有人打开该车的实时页面。",
    },
    remedy: { en: "Open the live view, then start the recording.", "zh-CN": "请先打开实时页面再开始记录。" },
    retryable: false,
    status: 409,
  },
  RECORDING_UNKNOWN: {
    title: { en: "There is no such recording", "zh-CN": "没有此记录" },
    cause: {
      en: "It belongs to another repair order, or its points were given up to make room; its figures stand in the list.",
      "zh-CN": "该记录属于其他工单,或其曲线已为腾出空间而删除;数值仍在列表中。",
    },
    remedy: { en: "Choose from the list of recordings again.", "zh-CN": "请重新从记录列表中选择。" },
    retryable: false,
    status: 404,
  },
  CONFIG_FILE_UNREADABLE: {
    title: { en: "The configuration file cannot be read", "zh-CN": "无法读取配置文件" },
    cause: {
      en: "The file is missing, too large, not text, or not readable for this user.",
      "zh-CN": "文件不存在、过大、不是文本,或当前用户无权读取。",
    },
    remedy: {
      en: "Put shop.yaml in its place (config/shop.example.yaml is a start) and check its permissions.",
      "zh-CN": "请将 shop.yaml 放到正确位置(可从 config/shop.example.yaml 开始),并检查权限。",
    },
    retryable: false,
  },
  CONFIG_SYNTAX: {
    title: { en: "The configuration is not valid YAML", "zh-CN": "配置不是有效的 YAML" },
    cause: { en: "Indentation, a bracket, a quote or a repeated key.", "zh-CN": "缩进、括号、引号有误,或键重复。" },
    remedy: {
      en: "Correct the named line; indent with spaces, never with tabs.",
      "zh-CN": "请更正所示行;缩进只用空格,不用制表符。",
    },
    retryable: false,
  },
  CONFIG_UNKNOWN_KEY: {
    title: { en: "Unknown key in the configuration", "zh-CN": "配置中有未知的键" },
    cause: { en: "The key is misspelt or stands in the wrong place.", "zh-CN": "键名拼写错误或位置不对。" },
    remedy: { en: "Use the suggested name, or remove the key.", "zh-CN": "请使用建议的名称,或删除该键。" },
    retryable: false,
  },
  CONFIG_KEY_MISSING: {
    title: { en: "A key is missing in the configuration", "zh-CN": "配置中缺少必需的键" },
    cause: { en: "The key has no default.", "zh-CN": "该键没有默认值。" },
    remedy: {
      en: "Add the key; config/shop.example.yaml shows it.",
      "zh-CN": "请添加该键;config/shop.example.yaml 中有示例。",
    },
    retryable: false,
  },
  CONFIG_VALUE_INVALID: {
    title: { en: "A value in the configuration cannot be used", "zh-CN": "配置中的值无效" },
    cause: { en: "It has the wrong type, form or range.", "zh-CN": "类型、格式或范围不正确。" },
    remedy: { en: "Write what the message expects.", "zh-CN": "请按提示填写。" },
    retryable: false,
  },
  CONFIG_REFERENCE_UNKNOWN: {
    title: { en: "The configuration names a device that it does not describe", "zh-CN": "配置引用了未定义的设备" },
    cause: {
      en: "A bay or bridge names a camera, dongle, reader or piece of equipment that is not listed.",
      "zh-CN": "工位或固件桥引用的摄像头、诊断盒、读卡器或设备未列出。",
    },
    remedy: {
      en: "Add the device to its section or correct the name.",
      "zh-CN": "请在相应部分添加该设备,或更正名称。",
    },
    retryable: false,
  },
  CONFIG_ZONE_INVALID: {
    title: { en: "A bay's zone is not a usable area", "zh-CN": "工位区域无效" },
    cause: {
      en: "Its edges cross each other or it encloses next to nothing.",
      "zh-CN": "区域边线相互交叉,或几乎没有面积。",
    },
    remedy: {
      en: "Draw the zone again, corner after corner around the bay.",
      "zh-CN": "请沿工位四周逐点重新绘制区域。",
    },
    retryable: false,
  },
  CONFIG_DUPLICATE: {
    title: { en: "Something stands twice in the configuration", "zh-CN": "配置中有重复项" },
    cause: {
      en: "Two entries claim the same device, native id or address.",
      "zh-CN": "两个条目使用了同一设备、原生编号或地址。",
    },
    remedy: { en: "Give each its own.", "zh-CN": "请分别设置。" },
    retryable: false,
  },
  CONFIG_SECRET_INLINE: {
    title: { en: "A secret stands in the configuration", "zh-CN": "配置中直接写入了密钥或密码" },
    cause: {
      en: "Configurations are copied, sent and backed up; secrets must not travel with them.",
      "zh-CN": "配置会被复制、发送和备份,密钥不应随之传播。",
    },
    remedy: {
      en: "Put the secret into a file that only the service can read and name the file.",
      "zh-CN": "请把密钥放入仅服务可读的文件,并在配置中写文件名。",
    },
    retryable: false,
  },
  CONFIG_PLAIN_LISTENER: {
    title: { en: "An unencrypted listener is open to a network", "zh-CN": "对网络开放了未加密的监听端口" },
    cause: {
      en: "Passwords and pictures cross that network readable for anyone on it.",
      "zh-CN": "该网络上的任何人都可读取密码和画面。",
    },
    remedy: {
      en: "Use tls: true, or keep this listener on a network that holds nothing but such dongles.",
      "zh-CN": "请使用 tls: true,或仅在只有此类诊断盒的独立网络上开放。",
    },
    retryable: false,
  },
  CONFIG_SECRET_EXPOSED: {
    title: { en: "A secret file can be read by others", "zh-CN": "密钥文件可被其他用户读取" },
    cause: { en: "Its permissions let the group or everyone read it.", "zh-CN": "文件权限允许同组或所有用户读取。" },
    remedy: { en: "chmod 600 the file.", "zh-CN": "请对该文件执行 chmod 600。" },
    retryable: false,
  },
  CONFIG_SECRET_MISSING: {
    title: { en: "A file named in the configuration is missing", "zh-CN": "配置中引用的文件不存在" },
    cause: { en: "The path is wrong, or the file has not been copied yet.", "zh-CN": "路径有误,或文件尚未复制。" },
    remedy: {
      en: "Put the file there or correct the path; relative paths begin at the folder of shop.yaml.",
      "zh-CN": "请放置该文件或更正路径;相对路径从 shop.yaml 所在目录算起。",
    },
    retryable: false,
  },
  CONFIG_UNUSED: {
    title: { en: "A device is described but nothing uses it", "zh-CN": "设备已定义但未被使用" },
    cause: { en: "No bay or bridge names it.", "zh-CN": "没有工位或固件桥引用它。" },
    remedy: { en: "Name it in a bay, or remove it.", "zh-CN": "请在工位中引用它,或将其删除。" },
    retryable: false,
  },
  BROKER_LISTEN_FAILED: {
    title: { en: "The broker cannot open a listener", "zh-CN": "消息代理无法打开监听端口" },
    cause: {
      en: "The port is taken or the address does not belong to this machine (yet).",
      "zh-CN": "端口被占用,或该地址(尚)不属于本机。",
    },
    remedy: {
      en: "Stop the other program, or correct broker.listeners; it is tried again every few seconds.",
      "zh-CN": "请停止占用端口的程序,或更正 broker.listeners;系统会每隔几秒重试。",
    },
    retryable: true,
  },
  BROKER_PAYLOAD_INVALID: {
    title: { en: "A message does not fit its topic", "zh-CN": "消息内容与主题不符" },
    cause: {
      en: "The payload is not JSON in UTF-8, too deep, or not what the topic's schema asks for.",
      "zh-CN": "消息不是 UTF-8 编码的 JSON、嵌套过深,或不符合主题格式。",
    },
    remedy: {
      en: "Update the device's firmware or adapter; the message is kept in quarantine.",
      "zh-CN": "请更新设备固件或适配器;该消息已隔离保存。",
    },
    retryable: false,
  },
  BROKER_INTAKE_FAILED: {
    title: { en: "A message was understood but could not be taken in", "zh-CN": "消息已识别但无法处理" },
    cause: { en: "An error inside the gateway.", "zh-CN": "网关内部错误。" },
    remedy: {
      en: "The message is kept in quarantine; send a support bundle.",
      "zh-CN": "该消息已隔离保存;请发送支持包。",
    },
    retryable: false,
  },
  BROKER_CERTIFICATE_UNUSABLE: {
    title: { en: "The broker's certificate or key cannot be used", "zh-CN": "消息代理的证书或密钥无法使用" },
    cause: {
      en: "A file is missing, damaged, or key and certificate do not belong together.",
      "zh-CN": "文件缺失、损坏,或密钥与证书不匹配。",
    },
    remedy: {
      en: "Correct broker.tls, or remove it: a self-signed certificate is made then.",
      "zh-CN": "请更正 broker.tls,或将其删除以使用自动生成的自签名证书。",
    },
    retryable: false,
  },
  CREDENTIALS_UNREADABLE: {
    title: { en: "The device credentials cannot be read", "zh-CN": "无法读取设备凭据" },
    cause: { en: "The credentials file is damaged.", "zh-CN": "凭据文件已损坏。" },
    remedy: {
      en: "Restore it from a backup, or remove it and give every device a new password.",
      "zh-CN": "请从备份恢复,或删除后为每个设备重新设置密码。",
    },
    retryable: false,
  },
  CREDENTIAL_EXISTS: {
    title: { en: "This device has a password already", "zh-CN": "该设备已有密码" },
    cause: { en: "A credential of this role and name exists.", "zh-CN": "同一角色和名称的凭据已存在。" },
    remedy: { en: "Use rotate to give it a new password.", "zh-CN": "请使用轮换(rotate)设置新密码。" },
    retryable: false,
    status: 409,
  },
  CREDENTIAL_UNKNOWN: {
    title: { en: "No such device credential", "zh-CN": "没有此设备凭据" },
    cause: { en: "No credential of this role and name exists.", "zh-CN": "该角色和名称的凭据不存在。" },
    remedy: { en: "List the devices and check the name.", "zh-CN": "请列出设备并核对名称。" },
    retryable: false,
    status: 404,
  },
  HEADQUARTERS_UNREACHABLE: {
    title: { en: "Headquarters cannot be reached", "zh-CN": "无法连接总部" },
    cause: { en: "The line is down, or headquarters does not answer.", "zh-CN": "网络中断,或总部没有响应。" },
    remedy: {
      en: "Nothing is lost: records wait here and are sent when the line is back. Check the shop's internet connection if it lasts.",
      "zh-CN": "数据不会丢失:记录会保存在本机,恢复连接后自动上传。如持续断线,请检查门店网络。",
    },
    retryable: true,
  },
  HEADQUARTERS_NOT_TRUSTED: {
    title: { en: "This is not our headquarters", "zh-CN": "对方不是我们的总部" },
    cause: {
      en: "The server's certificate was not signed by the authority that was given to the installer, or names another host.",
      "zh-CN": "服务器证书不是由安装时提供的证书机构签发,或主机名不符。",
    },
    remedy: {
      en: "Check headquarters.url and headquarters.authorityFile. Nothing was sent.",
      "zh-CN": "请检查 headquarters.url 与 headquarters.authorityFile。没有发送任何数据。",
    },
    retryable: true,
  },
  HEADQUARTERS_NOT_ENROLLED: {
    title: { en: "This box is not enrolled at headquarters", "zh-CN": "本机尚未在总部登记" },
    cause: { en: "It has no certificate and no claim code.", "zh-CN": "没有证书,也没有登记码。" },
    remedy: {
      en: "Ask headquarters for a claim code and put it into the file that headquarters.claimCodeFile names.",
      "zh-CN": "请向总部索取登记码,并写入 headquarters.claimCodeFile 指定的文件。",
    },
    retryable: true,
  },
  HEADQUARTERS_CLAIM_REFUSED: {
    title: { en: "Headquarters does not accept the claim code", "zh-CN": "总部不接受该登记码" },
    cause: {
      en: "The code is mistyped, has run out, or was used by another box.",
      "zh-CN": "登记码有误、已过期,或已被其他设备使用。",
    },
    remedy: { en: "Ask headquarters for a new claim code.", "zh-CN": "请向总部索取新的登记码。" },
    retryable: true,
  },
  HEADQUARTERS_REFUSES_GATEWAY: {
    title: { en: "Headquarters refuses this box", "zh-CN": "总部拒绝本机" },
    cause: { en: "Its certificate was revoked or ran out too long ago.", "zh-CN": "本机证书已被吊销,或过期太久。" },
    remedy: {
      en: "Records are kept here. Ask headquarters why; with a new claim code the box can be enrolled again.",
      "zh-CN": "记录仍保存在本机。请联系总部;取得新的登记码后可重新登记。",
    },
    retryable: true,
  },
  HEADQUARTERS_OTHER_GATEWAY: {
    title: { en: "The claim code is another gateway's", "zh-CN": "登记码属于另一台网关" },
    cause: {
      en: "Headquarters issued the certificate for a gateway of another name than shop.gateway.",
      "zh-CN": "总部签发的证书与 shop.gateway 的名称不一致。",
    },
    remedy: {
      en: "Correct shop.gateway, or ask for a claim code for this name.",
      "zh-CN": "请更正 shop.gateway,或索取与该名称对应的登记码。",
    },
    retryable: true,
  },
  HEADQUARTERS_ANSWER_INVALID: {
    title: { en: "Headquarters gives an answer that cannot be right", "zh-CN": "总部的应答有误" },
    cause: {
      en: "The answer is cut off, does not fit its schema, or claims a record that was not sent.",
      "zh-CN": "应答不完整、格式不符,或声称收到未发送的记录。",
    },
    remedy: {
      en: "It was ignored and will be asked again. If it lasts, tell headquarters.",
      "zh-CN": "该应答已忽略并会重试。如持续出现,请通知总部。",
    },
    retryable: true,
  },
  HEADQUARTERS_BUSY: {
    title: { en: "Headquarters asks to wait", "zh-CN": "总部要求稍候" },
    cause: { en: "It is loaded or has a fault of its own.", "zh-CN": "总部负载过高或自身故障。" },
    remedy: { en: "Nothing to do: the box tries again by itself.", "zh-CN": "无需操作,本机会自动重试。" },
    retryable: true,
  },
  HEADQUARTERS_RECORD_REFUSED: {
    title: { en: "Headquarters refused a record", "zh-CN": "总部拒绝了一条记录" },
    cause: {
      en: "It holds another content under the same number, or the record breaks its schema.",
      "zh-CN": "总部已有同一编号的不同内容,或记录格式不符。",
    },
    remedy: {
      en: "The record is in quarantine with a copy, named in the loss ledger; those behind it went on. Send a support bundle.",
      "zh-CN": "该记录已隔离并保留副本,并记入缺失清单;后续记录照常上传。请发送支持包。",
    },
    retryable: false,
  },
  HEADQUARTERS_IDENTITY_UNREADABLE: {
    title: { en: "The box's identity file cannot be read", "zh-CN": "无法读取本机身份文件" },
    cause: { en: "The file with key and certificate is damaged.", "zh-CN": "保存密钥和证书的文件已损坏。" },
    remedy: {
      en: "Restore it from a backup, or remove it and enrol with a new claim code.",
      "zh-CN": "请从备份恢复,或删除后用新的登记码重新登记。",
    },
    retryable: false,
  },
  HEADQUARTERS_DATABASE_UNSAFE: {
    title: { en: "The database does not keep what it acknowledges", "zh-CN": "数据库不能保证已确认的数据" },
    cause: {
      en: "fsync or synchronous_commit is off on the PostgreSQL server.",
      "zh-CN": "PostgreSQL 服务器关闭了 fsync 或 synchronous_commit。",
    },
    remedy: {
      en: "Switch both on; headquarters does not start without them.",
      "zh-CN": "请同时开启;否则总部服务不会启动。",
    },
    retryable: false,
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
export type Language = "en" | "zh-CN";

/** Whether a code that another process names is one of the registry. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/**
 * An error that a person may meet. `message` is for logs (English); the page and the command line show the registry's
 * sentences for `code`. Details that help (a path, a line, a value) go into `details`.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    options: { readonly detail?: string; readonly details?: Record<string, unknown>; readonly cause?: unknown } = {},
  ) {
    super(
      options.detail === undefined ? ERRORS[code].title.en : `${ERRORS[code].title.en}: ${options.detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
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
