import type { CanFrame } from "../../vehicle-protocols/index.ts";

/**
 * What WiCAN firmware prints, read with its traps (firmware sources: mqtt.c, autopid.c). One topic,
 * `can/rx`, carries three families of payload; they are told apart by the `frame` array.
 */
export type WicanMessage =
  | { readonly kind: "frames"; readonly frames: readonly CanFrame[] }
  | {
      readonly kind: "values";
      readonly values: Readonly<Record<string, number | string | boolean>>;
      readonly unixSeconds: number | undefined;
    }
  | { readonly kind: "status"; readonly online: boolean }
  | { readonly kind: "battery"; readonly volts: number; readonly low: boolean }
  | { readonly kind: "command-echo" }
  | { readonly kind: "device-error"; readonly text: string }
  | { readonly kind: "malformed"; readonly reason: string };

const MAX_VALUES = 500;
const MAX_FRAMES = 1000;

/** Reads one payload; never throws. */
export function readWicanMessage(payload: Uint8Array): WicanMessage {
  let parsed: unknown;
  try {
    // A batch without a frame loses its bracket in the firmware and is no JSON; documented examples end in `};`.
    parsed = JSON.parse(Buffer.from(payload).toString("utf8").trim().replace(/;$/, ""));
  } catch {
    return { kind: "malformed", reason: "not JSON" };
  }
  if (!isPlainObject(parsed)) return { kind: "malformed", reason: "not an object" };
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
  if (!isPlainObject(item)) return undefined;
  const { id, dlc, data, extd, rtr } = item;
  if (!isInteger(id, 0x1fffffff) || !isInteger(dlc, 8) || !Array.isArray(data) || data.length > 64) return undefined;
  const extended = extd === true || id > 0x7ff;
  if (rtr === true) return "remote";
  if (!data.every((byte) => isInteger(byte, 0xff))) return undefined;
  // `data` always holds eight bytes; only `dlc` of them were on the bus.
  return data.length < dlc ? undefined : { id, extended, data: Uint8Array.from(data.slice(0, dlc)) };
}

function readValues(parsed: Record<string, unknown>): WicanMessage {
  const values: Record<string, number | string | boolean> = {};
  let unixSeconds: number | undefined;
  for (const [name, value] of Object.entries(parsed).slice(0, MAX_VALUES)) {
    if (name === "timestamp" && typeof value === "number") unixSeconds = value;
    else if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)))
      values[name.slice(0, 80)] = value;
    else if (typeof value === "string") values[name.slice(0, 80)] = value.slice(0, 200);
  }
  if (Object.keys(values).length === 0) return { kind: "malformed", reason: "no value" };
  return { kind: "values", values, unixSeconds };
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

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isInteger(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}
