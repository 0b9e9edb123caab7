import type { CanFrame } from "../../vehicle-protocols/index.ts";
import { isRecord } from "../json.ts";

/**
 * What WiCAN firmware prints, read with its traps (firmware sources: mqtt.c, autopid.c). One topic,
 * `can/rx`, carries three families of payload; they are told apart by the `frame` array.
 */
export type WicanMessage =
  | { readonly kind: "frames"; readonly frames: readonly CanFrame[] }
  | { readonly kind: "values"; readonly values: Readonly<Record<string, number | string | boolean>> }
  /** A single parameter of the "wallbox" type: its name is in the topic alone. */
  | { readonly kind: "bare"; readonly value: number }
  | { readonly kind: "status"; readonly online: boolean }
  | { readonly kind: "battery"; readonly volts: number; readonly low: boolean }
  | { readonly kind: "command-echo" }
  | { readonly kind: "device-error"; readonly text: string }
  | { readonly kind: "malformed"; readonly reason: string };

const MAX_VALUES = 500;
const MAX_FRAMES = 1000;
const FRAME_BATCH = Buffer.from('{"bus"');

/** Whether a payload begins as a batch of frames does, from its first bytes alone: most of what comes on a busy bus is that. */
export function isFrameBatch(payload: Uint8Array): boolean {
  return FRAME_BATCH.every((byte, index) => payload[index] === byte);
}

/** Reads one payload; never throws. */
export function readWicanMessage(payload: Uint8Array): WicanMessage {
  let parsed: unknown;
  try {
    // A batch without a frame loses its bracket in the firmware and is no JSON; documented examples end in `};`.
    parsed = JSON.parse(Buffer.from(payload).toString("utf8").trim().replace(/;$/, ""));
  } catch {
    return { kind: "malformed", reason: "not JSON" };
  }
  if (typeof parsed === "number") return { kind: "bare", value: parsed };
  if (!isRecord(parsed)) return { kind: "malformed", reason: "not an object" };
  if (Array.isArray(parsed.frame)) return readFrames(parsed.frame, parsed.type);
  if ("frame" in parsed) return { kind: "malformed", reason: "frame is not a list" };
  if (typeof parsed.error === "string") return { kind: "device-error", text: parsed.error.slice(0, 200) };
  if (parsed.status === "online" || parsed.status === "offline")
    return { kind: "status", online: parsed.status === "online" };
  // The plain model answers on the command topic, so it also hears what we ask.
  if ("cmd" in parsed || "rsp" in parsed) return { kind: "command-echo" };
  if (typeof parsed.battery_voltage === "number")
    return { kind: "battery", volts: parsed.battery_voltage, low: parsed.alert === "low_battery" };
  return readValues(parsed);
}

function readFrames(list: readonly unknown[], type: unknown): WicanMessage {
  // Our own transmissions come back in the ELM log with type "tx".
  if (type !== undefined && type !== "rx") return { kind: "frames", frames: [] };
  if (list.length > MAX_FRAMES) return { kind: "malformed", reason: "too many frames" };
  const frames: CanFrame[] = [];
  for (const item of list) {
    const frame = readFrame(item);
    if (frame === undefined) return { kind: "malformed", reason: "a frame without id, dlc or data" };
    if (frame !== "remote") frames.push(frame);
  }
  return { kind: "frames", frames };
}

function readFrame(item: unknown): CanFrame | "remote" | undefined {
  if (!isRecord(item)) return undefined;
  const { id, dlc, data, extd, rtr } = item;
  if (!isInteger(id, 0x1fffffff) || !isInteger(dlc, 8) || !Array.isArray(data) || data.length > 64) return undefined;
  const extended = extd === true || id > 0x7ff;
  if (rtr === true) return "remote";
  if (data.length < dlc) return undefined;
  // `data` always holds eight bytes; only `dlc` of them were on the bus.
  const bytes = new Uint8Array(dlc);
  for (let index = 0; index < data.length; index += 1) {
    const byte: unknown = data[index];
    if (!isInteger(byte, 0xff)) return undefined;
    if (index < dlc) bytes[index] = byte;
  }
  return { id, extended, data: bytes };
}

function readValues(parsed: Record<string, unknown>): WicanMessage {
  const values: Record<string, number | string | boolean> = {};
  let count = 0;
  for (const [name, value] of Object.entries(parsed)) {
    // A Pro's clock is no better than ours: arrival is what we know.
    if (name === "timestamp" || count >= MAX_VALUES) continue;
    if (
      typeof value === "boolean" ||
      typeof value === "string" ||
      (typeof value === "number" && Number.isFinite(value))
    ) {
      values[name.slice(0, 80)] = typeof value === "string" ? value.slice(0, 200) : value;
      count += 1;
    }
  }
  return count === 0 ? { kind: "malformed", reason: "no value" } : { kind: "values", values };
}

/** The firmware drops a frame silently unless id and dlc are numbers and extd and rtr are JSON booleans. */
export function writeWicanFrame(frame: CanFrame): string {
  const data = [...frame.data];
  return JSON.stringify({
    bus: "0",
    type: "tx",
    frame: [{ id: frame.id, dlc: data.length, rtr: false, extd: frame.extended, data }],
  });
}

function isInteger(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}
