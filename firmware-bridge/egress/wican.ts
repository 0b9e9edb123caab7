import type { CanFrame } from "../../vehicle-protocols/index.ts";
import type { Approvals } from "./approvals.ts";
import { EgressRefusal } from "./refusal.ts";

/** Commands that only ask the dongle about itself; `reboot` and everything that stores or clears is not here. */
const COMMANDS: ReadonlySet<string> = new Set(["get_vbatt", "get_autopid_data"]);

/** WiCAN over MQTT: frames on `can/tx` belong to the approved question, commands are those that only read. */
export function guardWican(topic: string, payload: string, nativeId: string, approvals: Approvals): void {
  const message: unknown = JSON.parse(payload);
  if (topic === `wican/${nativeId}/cmd`) {
    if (isRecord(message) && Object.keys(message).length === 1 && COMMANDS.has(String(message.cmd))) return;
    throw new EgressRefusal("command", `${payload.slice(0, 80)} is not a command that only reads`);
  }
  if (topic !== `wican/${nativeId}/can/tx`)
    throw new EgressRefusal("command", `nothing is sent to ${topic.slice(0, 80)}`);
  if (!isRecord(message) || !Array.isArray(message.frame))
    throw new EgressRefusal("frame", "the message holds no list of frames");
  for (const item of message.frame) approvals.passFrame(frameOf(item));
}

function frameOf(item: unknown): CanFrame {
  if (isRecord(item)) {
    const { id, dlc, extd, rtr, data } = item;
    if (
      typeof id === "number" &&
      typeof extd === "boolean" &&
      rtr === false &&
      Array.isArray(data) &&
      dlc === data.length &&
      data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 0xff)
    )
      return { id, extended: extd, data: Uint8Array.from(data) };
  }
  throw new EgressRefusal("frame", "the firmware would not take this frame as it is meant");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
