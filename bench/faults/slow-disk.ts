import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { connectAsync, type MqttClient } from "mqtt";
import sharp from "sharp";
import Type from "typebox";
import Value from "typebox/value";
import { TOPICS, topicOf } from "../../contract/topics.ts";
import { ending } from "./ending.ts";
import { cameraNames } from "./shop.ts";
import { metricOf, pause, Site } from "./site.ts";

export interface SlowDiskOptions {
  readonly seconds: number;
  readonly folder: string;
  readonly say: (line: string) => void;
}

const FLUSH_MS = 20;
const CAMERAS = 4;
const FRAMES_PER_SECOND = 5;
const FRAME_BYTES = 250_000;
const WARM_UP_MS = 3_000;

/** On a machine that is busy with other things even an idle loop is delayed: that much, per hop between threads and processes, is allowed on top. */
const LIMITS = {
  loopDelayP99Ms: 50,
  acknowledgementP99Ms: 150,
  /** Device, gateway, journal thread, gateway, device. */
  acknowledgementHops: 4,
} as const;

/** Every flush of the journal takes 20 ms more, as on a tired eMMC, while frames and durable messages come in: nobody may be kept waiting by it. */
export async function slowDiskRun({ seconds, folder, say }: SlowDiskOptions) {
  const site = await Site.open({ folder, cameras: CAMERAS, gatewayWords: ["--planted-bug", "slow-disk"] });
  try {
    const { program, ready } = site.startGateway();
    const { page, brokers } = await ready;
    const figures = await measure(site, { page, port: brokers[0]?.port ?? 0, seconds, say });
    const endedByItself = await program.stop();
    const { verdict, chainsVerified, failures } = await ending(site);
    const lost = [...(endedByItself ? [] : ["the gateway did not end by itself"]), ...failures];
    const limits = {
      loopDelayP99Ms: rounded(LIMITS.loopDelayP99Ms + figures.idleLoopDelayP99Ms),
      acknowledgementP99Ms: rounded(
        LIMITS.acknowledgementP99Ms + LIMITS.acknowledgementHops * figures.idleLoopDelayP99Ms,
      ),
    };
    const tooSlow = (["loopDelayP99Ms", "acknowledgementP99Ms"] as const)
      .filter((name) => !(figures[name] < limits[name]))
      .map((name) => `${name} ${figures[name]}, allowed ${limits[name]}`);
    return {
      run: "slow-disk" as const,
      ok: lost.length === 0 && tooSlow.length === 0,
      /** What is wrong with the messages, and what took too long: the second depends on the machine. */
      failures: lost,
      tooSlow,
      flushMs: FLUSH_MS,
      seconds,
      cores: availableParallelism(),
      cameras: CAMERAS,
      framesPerSecondPerCamera: FRAMES_PER_SECOND,
      frameBytes: FRAME_BYTES,
      ...figures,
      limits,
      sent: verdict.sent,
      acknowledged: verdict.acknowledged,
      atHeadquarters: verdict.atHeadquarters,
      missing: verdict.missing.length,
      duplicated: verdict.duplicated.length,
      phantom: verdict.phantom.length,
      chainsVerified,
    };
  } finally {
    await site.close();
  }
}

interface Measurement {
  readonly page: string;
  readonly port: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** Frames and messages for so long; afterwards every device is gone again. */
async function measure(site: Site, { page, port, seconds, say }: Measurement) {
  const { publishers } = site;
  const cameras: Camera[] = [];
  const idle = fork(new URL("../idle-loop.ts", import.meta.url));
  try {
    const jpeg = await frame();
    for (const name of cameraNames(CAMERAS))
      cameras.push(await film(name, site.passwordOf(`camera/${name}`), port, jpeg));
    for (const publisher of publishers) {
      publisher.connectTo(port);
      publisher.speak();
    }
    await pause(WARM_UP_MS);
    for (const publisher of publishers) publisher.takeAcknowledgementMs();
    say(`measuring for ${seconds} s`);
    await pause(seconds * 1_000);
    const waits = publishers.flatMap((publisher) => publisher.takeAcknowledgementMs()).sort((a, b) => a - b);
    const loopDelayP99Ms = await metricOf(page, "baygate_loop_delay_p99_ms");
    const commitP99Ms = await metricOf(page, "baygate_journal_commit_p99_ms");
    const answer = once(idle, "message");
    idle.send("how long?");
    const [idleLoopDelayP99Ms]: unknown[] = await answer;
    return {
      framesSent: cameras.reduce((sum, camera) => sum + camera.sent(), 0),
      loopDelayP99Ms: rounded(loopDelayP99Ms),
      acknowledgements: waits.length,
      acknowledgementP50Ms: rounded(percentile(waits, 0.5)),
      acknowledgementP99Ms: rounded(percentile(waits, 0.99)),
      commitP99Ms: rounded(commitP99Ms),
      /** Of a process that does nothing, beside ours: what the machine alone costs. */
      idleLoopDelayP99Ms: rounded(Value.Parse(Type.Number(), idleLoopDelayP99Ms)),
    };
  } finally {
    if (idle.connected) idle.kill();
    for (const camera of cameras) camera.stop();
    for (const publisher of publishers) publisher.disconnect();
  }
}

interface Camera {
  readonly sent: () => number;
  readonly stop: () => void;
}

/** Publishes one picture in turns with its twin, which differs in its last byte; falls behind rather than queue up. */
async function film(name: string, password: string, port: number, jpeg: Buffer): Promise<Camera> {
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: name,
    username: `camera/${name}`,
    password,
    reconnectPeriod: 0,
  });
  // The gateway stops before the camera does.
  client.on("error", () => undefined);
  const pictures = [jpeg, Buffer.concat([jpeg, Buffer.of(1)])];
  let sent = 0;
  let busy = false;
  const timer = setInterval(() => {
    const picture = pictures[sent % pictures.length];
    if (busy || !client.connected || picture === undefined) return;
    busy = true;
    sent += 1;
    client.publish(topicOf(TOPICS.cameraFrame, name), picture, { qos: 0 }, () => {
      busy = false;
    });
  }, 1_000 / FRAMES_PER_SECOND);
  return {
    sent: () => sent,
    stop: () => {
      clearInterval(timer);
      client.end(true);
    },
  };
}

/** A 1080p picture; bytes behind its end marker are allowed and bring it to its size. */
async function frame(): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: 1920, height: 1080, channels: 3, background: "#6b7075" } })
    .jpeg({ quality: 90 })
    .toBuffer();
  return Buffer.concat([jpeg, Buffer.alloc(Math.max(0, FRAME_BYTES - jpeg.length))]);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
