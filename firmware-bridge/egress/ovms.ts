import { EgressRefusal } from "./refusal.ts";

/** OVMS: that somebody looks, and which values are wanted. The shell (`client/…/command`) is never spoken to. */
export function guardOvms(topic: string, payload: string, nativeId: string): void {
  const [root, user = "", vehicle, client, name, ...rest] = topic.split("/");
  const what = rest.join("/");
  const own =
    root === "ovms" && /^[^+#]+$/.test(user) && vehicle === nativeId && client === "client" && name === "baygate";
  const harmless =
    (what === "active" && (payload === "0" || payload === "1")) ||
    (what === "request/metric" && /^v\.[a-z0-9.*]{1,40}$/.test(payload));
  if (!own || !harmless)
    throw new EgressRefusal("command", `${payload.slice(0, 40)} is not said to ${topic.slice(0, 120)}`);
}
