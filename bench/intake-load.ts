import { readFile } from "node:fs/promises";
import { connectAsync, type MqttClient } from "mqtt";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { TOPICS, topicOf } from "../contract/topics.ts";

/** The other end of the intake measurement, a process of its own: cameras and machines that load the gateway and keep account of what it acknowledged. */
const Login = Type.Object({ id: Type.String(), password: Type.String() });
export const LoadOrder = Type.Object({
  port: Type.Integer(),
  jpegFile: Type.String(),
  cameras: Type.Array(Login),
  machines: Type.Array(Login),
  framesPerSecond: Type.Number(),
  eventsPerSecond: Type.Number(),
  /** One event in so many is sent twice, as after a lost acknowledgement. */
  repeatEvery: Type.Integer(),
});
export type LoadOrder = Static<typeof LoadOrder>;

export const LoadReport = Type.Object({
  framesSent: Type.Integer(),
  /** Due, but the one before was still on its way out. */
  framesSkipped: Type.Integer(),
  eventsSent: Type.Integer(),
  /** `equipment/<id> <messageId>` of everything that was acknowledged. */
  acknowledged: Type.Array(Type.String()),
  unacknowledged: Type.Integer(),
  /** Between `measure` and `measured`. */
  acknowledgementMs: Type.Array(Type.Number()),
});
export type LoadReport = Static<typeof LoadReport>;

const report = { framesSent: 0, framesSkipped: 0, eventsSent: 0, unacknowledged: 0 };
const acknowledged = new Set<string>();
const acknowledgementMs: number[] = [];
let measured: readonly number[] | undefined;
const underWay = new Set<Promise<unknown>>();
const timers: NodeJS.Timeout[] = [];
const clients: MqttClient[] = [];

process.on("message", (message) => {
  if (message === "stop") void stop();
  else if (message === "measure") acknowledgementMs.length = 0;
  else if (message === "measured") measured = acknowledgementMs.slice();
  else void start(Value.Parse(LoadOrder, message));
});

async function start(order: LoadOrder): Promise<void> {
  const jpeg = await readFile(order.jpegFile);
  const connect = async (role: string, { id, password }: Static<typeof Login>) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${order.port}`, { username: `${role}/${id}`, password });
    clients.push(client);
    return client;
  };
  for (const camera of order.cameras)
    film(await connect("camera", camera), camera.id, jpeg, 1000 / order.framesPerSecond);
  for (const machine of order.machines) tell(await connect("equipment", machine), machine.id, order);
  process.send?.("running");
}

function film(client: MqttClient, id: string, jpeg: Buffer, everyMs: number): void {
  const topic = topicOf(TOPICS.cameraFrame, id);
  let busy = false;
  timers.push(
    setInterval(() => {
      if (busy) report.framesSkipped++;
      else {
        busy = true;
        report.framesSent++;
        client.publish(topic, jpeg, { qos: 0 }, () => {
          busy = false;
        });
      }
    }, everyMs),
  );
}

function tell(client: MqttClient, id: string, order: LoadOrder): void {
  const topic = topicOf(TOPICS.equipmentEvent, id);
  let count = 0;
  timers.push(
    setInterval(() => {
      const messageId = `${id}-${count++}`;
      const payload = JSON.stringify({
        messageId,
        kind: "torque-result",
        at: Date.now(),
        detail: { newtonMetres: 110.5, angle: 41 },
      });
      send(client, topic, payload, `equipment/${id} ${messageId}`);
      if (count % order.repeatEvery === 0) send(client, topic, payload, `equipment/${id} ${messageId}`);
    }, 1000 / order.eventsPerSecond),
  );
}

function send(client: MqttClient, topic: string, payload: string, name: string): void {
  const sentAt = performance.now();
  report.eventsSent++;
  const sent = client.publishAsync(topic, payload, { qos: 1 }).then(() => {
    acknowledged.add(name);
    acknowledgementMs.push(performance.now() - sentAt);
  });
  underWay.add(sent);
  sent.then(
    () => underWay.delete(sent),
    () => report.unacknowledged++,
  );
}

async function stop(): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  await Promise.allSettled(underWay);
  for (const client of clients) client.end(true);
  const whole: LoadReport = {
    ...report,
    acknowledged: [...acknowledged],
    acknowledgementMs: [...(measured ?? acknowledgementMs)],
  };
  process.send?.(whole, () => process.disconnect());
}
