import { readFile } from "node:fs/promises";
import { connectAsync, type MqttClient } from "mqtt";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { TOPICS, topicOf } from "../contract/topics.ts";

/** The other end of the intake measurement, a process of its own: cameras and machines that load the gateway and keep account of what it acknowledged. */
const Login = Type.Object({ id: Type.String(), password: Type.String() });
export const LoadOrder = Type.Object({
  port: Type.Integer(),
  /** Picture files by the name of what they show. A camera sends those of its scene one after the other, for ever. */
  scenes: Type.Record(Type.String(), Type.Array(Type.String(), { minItems: 1 })),
  /** What a camera sees at first is the name of one of the scenes. */
  cameras: Type.Array(Type.Object({ ...Login.properties, scene: Type.String() })),
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

/** From now on a camera sees another scene, beginning with its first picture. Answered by `SceneShown`. */
export const ShowScene = Type.Object({ show: Type.String(), camera: Type.String() });
/** `atMs`: wall clock at which the first picture of the scene was handed to the socket. */
export const SceneShown = Type.Object({ shown: Type.String(), camera: Type.String(), atMs: Type.Number() });

const report = { framesSent: 0, framesSkipped: 0, eventsSent: 0, unacknowledged: 0 };
const acknowledged = new Set<string>();
const acknowledgementMs: number[] = [];
let measured: readonly number[] | undefined;
const underWay = new Set<Promise<unknown>>();
const timers: NodeJS.Timeout[] = [];
const clients: MqttClient[] = [];
const scenes = new Map<string, readonly Buffer[]>();
const seenBy = new Map<string, { scene: string; next: number }>();

process.on("message", (message) => {
  if (message === "stop") void stop();
  else if (message === "measure") acknowledgementMs.length = 0;
  else if (message === "measured") measured = acknowledgementMs.slice();
  else if (Value.Check(ShowScene, message)) seenBy.set(message.camera, { scene: message.show, next: 0 });
  else void start(Value.Parse(LoadOrder, message));
});

async function start(order: LoadOrder): Promise<void> {
  for (const [name, files] of Object.entries(order.scenes))
    scenes.set(name, await Promise.all(files.map((file) => readFile(file))));
  const connect = async (role: string, { id, password }: Static<typeof Login>) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${order.port}`, { username: `${role}/${id}`, password });
    clients.push(client);
    return client;
  };
  for (const camera of order.cameras) {
    seenBy.set(camera.id, { scene: camera.scene, next: 0 });
    film(await connect("camera", camera), camera.id, 1000 / order.framesPerSecond);
  }
  for (const machine of order.machines) tell(await connect("equipment", machine), machine.id, order);
  process.send?.("running");
}

function film(client: MqttClient, id: string, everyMs: number): void {
  const topic = topicOf(TOPICS.cameraFrame, id);
  let busy = false;
  timers.push(
    setInterval(() => {
      const sees = seenBy.get(id);
      const pictures = scenes.get(sees?.scene ?? "");
      const jpeg = pictures?.[(sees?.next ?? 0) % pictures.length];
      if (busy || sees === undefined || jpeg === undefined) report.framesSkipped++;
      else {
        busy = true;
        report.framesSent++;
        if (sees.next++ === 0) process.send?.({ shown: sees.scene, camera: id, atMs: Date.now() });
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
