import type { TSchema } from "typebox";
import { NATIVE_TOPICS } from "./dialects/index.ts";
import {
  AttentionPayload,
  BayStatePayload,
  BridgeConfig,
  DeviceStatus,
  DongleFrames,
  DongleReadings,
  DongleRequest,
  DongleResponse,
  DongleScan,
  DongleSignals,
  EquipmentEvent,
  GatewayHealth,
  JobStatePayload,
  ReaderTap,
} from "./payloads.ts";

/** Every topic of ours begins so; dialects' native topics do not. */
export const TOPIC_PREFIX = "baygate/1/";

/** Who holds a credential of the broker. `gateway` is the daemon itself, inside the process. */
export const ROLES = ["camera", "dongle", "reader", "equipment", "bridge", "observer", "gateway"] as const;
export type Role = (typeof ROLES)[number];

/**
 * Levels in braces name a device: `{camera}` matches one level that must be the camera's own id; `{native}` is the native id
 * that the configuration gives a dongle. A device may use only rows whose named level is its own; the bridge those of the devices configured under it.
 * In native rows `+` stands for any one level, and a last `#` for one or more (never for none); they name nobody, so such a row has a named level before them.
 */
export interface TopicRow {
  readonly pattern: string;
  /** Of a native row: only dongles of this dialect stand in its `{native}`. */
  readonly dialect?: string;
  /** Of a native row: what can stand in its `{native}`, where not every text can. */
  readonly nativeId?: RegExp;
  /** `binary` is passed on as it is (a JPEG); `native` is firmware's own text, understood by its dialect. */
  readonly payload: TSchema | "binary" | "native";
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Committed to the journal before it is acknowledged; its payload carries a `messageId`. */
  readonly durable: boolean;
  /** Largest payload accepted; the packet guard kills a connection that announces more. */
  readonly maxBytes: number;
  readonly publishers: readonly Role[];
  readonly readers: readonly Role[];
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const TOPICS = {
  cameraFrame: row("camera/{camera}/frame", "binary", {
    maxBytes: 4 * MIB,
    publishers: ["camera", "bridge"],
    readers: [],
  }),
  cameraStatus: row("camera/{camera}/status", DeviceStatus, {
    qos: 1,
    retain: true,
    publishers: ["camera", "bridge"],
    readers: ["observer"],
  }),
  dongleStatus: row("dongle/{dongle}/status", DeviceStatus, {
    qos: 1,
    retain: true,
    publishers: ["bridge"],
    readers: ["observer"],
  }),
  readerStatus: row("reader/{reader}/status", DeviceStatus, {
    qos: 1,
    retain: true,
    publishers: ["reader", "bridge"],
    readers: ["observer"],
  }),
  equipmentStatus: row("equipment/{equipment}/status", DeviceStatus, {
    qos: 1,
    retain: true,
    publishers: ["equipment", "bridge"],
    readers: ["observer"],
  }),
  dongleScan: row("dongle/{dongle}/scan", DongleScan, {
    qos: 1,
    durable: true,
    maxBytes: 256 * KIB,
    publishers: ["bridge"],
    readers: [],
  }),
  dongleSignals: row("dongle/{dongle}/signals", DongleSignals, {
    maxBytes: 256 * KIB,
    publishers: ["bridge"],
    readers: [],
  }),
  dongleFrames: row("dongle/{dongle}/frames", DongleFrames, {
    maxBytes: 512 * KIB,
    publishers: ["bridge"],
    readers: [],
  }),
  dongleReadings: row("dongle/{dongle}/readings", DongleReadings, {
    maxBytes: 512 * KIB,
    publishers: ["bridge"],
    readers: [],
  }),
  dongleRequest: row("dongle/{dongle}/request", DongleRequest, {
    qos: 1,
    publishers: ["gateway"],
    readers: ["bridge"],
  }),
  dongleResponse: row("dongle/{dongle}/response", DongleResponse, { qos: 1, publishers: ["bridge"], readers: [] }),
  equipmentEvent: row("equipment/{equipment}/event", EquipmentEvent, {
    qos: 1,
    durable: true,
    publishers: ["equipment", "bridge"],
    readers: [],
  }),
  readerTap: row("reader/{reader}/tap", ReaderTap, {
    qos: 1,
    durable: true,
    publishers: ["reader", "bridge"],
    readers: [],
  }),
  bridgeStatus: row("bridge/{bridge}/status", DeviceStatus, {
    qos: 1,
    retain: true,
    publishers: ["bridge"],
    readers: ["observer"],
  }),
  bridgeConfig: row("bridge/{bridge}/config", BridgeConfig, {
    qos: 1,
    retain: true,
    maxBytes: 512 * KIB,
    publishers: ["gateway"],
    readers: ["bridge"],
  }),
  bayState: row("bay/{any}/state", BayStatePayload, {
    qos: 1,
    retain: true,
    publishers: ["gateway"],
    readers: ["observer", "bridge"],
  }),
  jobState: row("job/{any}/state", JobStatePayload, {
    qos: 1,
    retain: true,
    publishers: ["gateway"],
    readers: ["observer"],
  }),
  gatewayHealth: row("gateway/health", GatewayHealth, {
    qos: 1,
    retain: true,
    publishers: ["gateway"],
    readers: ["camera", "dongle", "reader", "equipment", "bridge", "observer"],
  }),
  gatewayAttention: row("gateway/attention", AttentionPayload, {
    qos: 1,
    retain: true,
    publishers: ["gateway"],
    readers: ["observer"],
  }),
} as const satisfies Record<string, TopicRow>;

export type TopicName = keyof typeof TOPICS;

/** Every row that the broker knows, dialects' native topics included. */
export const ALL_TOPICS: readonly TopicRow[] = [...Object.values(TOPICS), ...NATIVE_TOPICS];

function row(
  pattern: string,
  payload: TopicRow["payload"],
  options: Partial<TopicRow> & Pick<TopicRow, "publishers" | "readers">,
): TopicRow {
  return {
    pattern: TOPIC_PREFIX + pattern,
    payload,
    qos: 0,
    retain: false,
    durable: false,
    maxBytes: 16 * KIB,
    ...options,
  };
}

/** Topics that a dongle's options name (`DialectRow.topicsIn`): its own to publish, its bridge's to read. */
export const NAMED_TOPIC: TopicRow = {
  pattern: "(named in the configuration)",
  payload: "native",
  qos: 1,
  retain: true,
  durable: false,
  maxBytes: 16 * KIB,
  publishers: ["dongle"],
  readers: ["bridge"],
};

/**
 * The topic of a row for one device: `topicOf(TOPICS.cameraFrame, "bay1-north")`.
 * Every `{…}` level takes the same id; rows of ours have at most one.
 */
export function topicOf(row: TopicRow, id = ""): string {
  return row.pattern.replaceAll(/\{[a-z]+\}/g, id);
}

export interface TopicMatch {
  readonly row: TopicRow;
  /** What the `{…}` level held, and its name. */
  readonly id?: string;
  readonly level?: string;
}

const compiled = ALL_TOPICS.map((candidate) => ({ row: candidate, levels: candidate.pattern.split("/") }));

/** The row that a concrete topic (no wildcards) belongs to, or undefined. Linear in the table, which is short. */
export function matchTopic(topic: string): TopicMatch | undefined {
  const levels = topic.split("/");
  for (const candidate of compiled) {
    const match = matchLevels(candidate.levels, levels);
    const { nativeId } = candidate.row;
    if (match && (nativeId === undefined || nativeId.test(match.id ?? ""))) return { row: candidate.row, ...match };
  }
  return undefined;
}

function matchLevels(
  pattern: readonly string[],
  levels: readonly string[],
): { id?: string; level?: string } | undefined {
  const tail = pattern.at(-1) === "#";
  if (tail ? levels.length < pattern.length : levels.length !== pattern.length) return undefined;
  let found: { id?: string; level?: string } = {};
  for (const [index, part] of pattern.entries()) {
    if (part === "#") return levels.slice(index).every(isPlainLevel) ? found : undefined;
    const level = levels[index] ?? "";
    if (part.startsWith("{") || part === "+") {
      if (!isPlainLevel(level)) return undefined;
      if (part !== "+") found = { id: level, level: part.slice(1, -1) };
    } else if (part !== level) return undefined;
  }
  return found;
}

function isPlainLevel(level: string): boolean {
  return level !== "" && !level.includes("+") && !level.includes("#");
}

/** Whether a filter (MQTT 3.1.1 §4.7.1) takes a concrete topic in. */
export function topicMatchesFilter(topic: string, filter: string): boolean {
  if (topic === filter) return true;
  const levels = topic.split("/");
  const wanted = filter.split("/");
  for (const [index, part] of wanted.entries()) {
    if (part === "#") return true;
    if (index >= levels.length || (part !== "+" && part !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
