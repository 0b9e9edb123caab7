import type { DeviceStatus } from "../../contract/payloads.ts";
import type { DraftOf } from "../../contract/records.ts";
import type { Presence, StatusKind } from "../broker/broker.ts";
import type { DeviceCommand } from "../shop/commands.ts";

type DeviceChanged = Extract<DeviceCommand, { kind: "device-changed" }>;
type DeviceState = DraftOf<"device.changed">["body"]["state"];

/** What a device's own status message says. A dongle that hangs reports, through its bridge, a fault with the detail `silent`. */
export function fromStatus(kind: StatusKind, deviceId: string, status: DeviceStatus): DeviceChanged {
  const state: DeviceState = status.state === "fault" && status.detail === "silent" ? "silent" : status.state;
  return { kind: "device-changed", device: kind, deviceId, state };
}

/**
 * What a connection says. Readers and equipment are there when they are connected; cameras are judged by their frames and dongles by
 * their bridge, since both may be connected and say nothing.
 */
export function fromPresence({ principal, state }: Presence): DeviceChanged | undefined {
  const { role, id } = principal;
  if (role !== "reader" && role !== "equipment") return undefined;
  return { kind: "device-changed", device: role, deviceId: id, state: state === "connected" ? "online" : "offline" };
}
