import { connectAsync } from "mqtt";
import Type, { type Static } from "typebox";
import Value from "typebox/value";

/** A dongle on a busy bus, a process of its own so that only the gateway's side is measured: prints its second of messages again and again. */
export const DongleOrder = Type.Object({
  brokerUrl: Type.String(),
  username: Type.String(),
  password: Type.String(),
  nativeId: Type.String(),
  messages: Type.Array(Type.String()),
});
export type DongleOrder = Static<typeof DongleOrder>;

const TICK_MS = 20;

process.once("message", (message) => void start(Value.Parse(DongleOrder, message)));

async function start({ brokerUrl, username, password, nativeId, messages }: DongleOrder): Promise<void> {
  const client = await connectAsync(brokerUrl, { clientId: nativeId, username, password });
  const bytes = messages.map((text) => Buffer.from(text));
  const beganMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beganMs) / 1000) * bytes.length);
    for (; sent < due; sent++) client.publish(`wican/${nativeId}/can/rx`, bytes[sent % bytes.length] ?? "");
  }, TICK_MS);
  process.on("message", (word) => {
    if (word === "how many?") process.send?.(sent);
  });
  process.on("disconnect", () => {
    clearInterval(timer);
    client.end(true, () => process.exit(0));
  });
  process.send?.("running");
}
