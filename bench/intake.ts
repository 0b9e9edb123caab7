import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pino } from "pino";
import sharp from "sharp";
import Type from "typebox";
import Value from "typebox/value";
import type { CameraId } from "../contract/ids.ts";
import { openJournal } from "../daemon/journal/index.ts";
import type { Journal } from "../daemon/journal/journal.ts";
import { systemClock } from "../machine/clock.ts";
import { answerOf, committedMessages, type GatewayParts, startGatewayParts } from "./gateway-parts.ts";
import { type LoadOrder, LoadReport } from "./intake-load.ts";
import type { BenchCheck, BenchOptions, BenchResult } from "./result.ts";

const CAMERAS = 8;
const FRAMES_PER_SECOND = 5;
const FRAME_BYTES = 250_000;
const MACHINES = 4;
const EVENTS_PER_SECOND = 50;
const REPEAT_EVERY = 10;
const WARM_UP_MS = 4_000;
const MEASURED_MS = 24_000;
const MEMORY_EVERY_MS = 2_000;
/** The second part of the measurement: every flush as on a tired eMMC. */
const SLOW_FLUSH_MS = 20;

/** On a machine that is busy with other things even an idle loop is delayed: that much, per hop between threads, is allowed on top. */
const LIMITS = {
  loopDelayP99Ms: 50,
  slowAcknowledgementP99Ms: 150,
  /** Load, gateway, journal thread, gateway, load. */
  acknowledgementHops: 4,
  /** 600 MB a minute pass through; keeping one frame in twenty would show. */
  growthMbPerMinute: 30,
};

/**
 * Cameras and durable messages together against the real broker, camera intake and journal in this process, the load in another. Once on the disk as it
 * is, once with 20 ms added to every flush.
 */
export async function bench(_options: BenchOptions): Promise<BenchResult> {
  const asIs = await run(0);
  const slow = await run(SLOW_FLUSH_MS);
  return {
    name: "intake",
    coreBudget: `${availableParallelism()} cores shared by the gateway's process (loop and journal thread) and the load; not pinned`,
    input: {
      cameras: CAMERAS,
      framesPerSecondPerCamera: FRAMES_PER_SECOND,
      frameBytes: asIs.frameBytes,
      machines: MACHINES,
      durableEventsPerSecond: MACHINES * EVENTS_PER_SECOND,
      sentTwice: `one in ${REPEAT_EVERY}`,
      measuredSeconds: MEASURED_MS / 1000,
      slowFlushMs: SLOW_FLUSH_MS,
    },
    figures: { ...named(asIs.figures, ""), ...named(slow.figures, "SlowFlush") },
    ratios: { framesReceivedOfSent: asIs.figures.framesReceived / Math.max(1, asIs.figures.framesSent) },
    checks: [...asIs.checks, ...slow.checks],
  };
}

function named(figures: Readonly<Record<string, number>>, suffix: string): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${name}${suffix}`, value]));
}

async function run(flushDelayMs: number) {
  const directory = await mkdtemp(join(tmpdir(), "baygate-bench-"));
  const journal = await openJournal({
    directory: join(directory, "journal"),
    clock: systemClock({ demo: false }),
    log: pino({ level: "silent" }),
    ...(flushDelayMs === 0 ? {} : { demo: true, faults: { fsyncDelayMs: flushDelayMs } }),
  });
  try {
    return await measure(directory, journal, flushDelayMs);
  } finally {
    await journal.close(systemClock({ demo: false }).stamp());
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(directory: string, journal: Journal, flushDelayMs: number) {
  const jpegFile = join(directory, "frame.jpg");
  const frameBytes = await writeFrame(jpegFile);
  const gateway = await startGateway(directory, journal);
  const load = fork(new URL("./intake-load.ts", import.meta.url), { serialization: "advanced" });
  try {
    await order(load, gateway, jpegFile);
    await pause(WARM_UP_MS);
    load.send("measure");
    const loopDelay = monitorEventLoopDelay({ resolution: 5 });
    const before = { frames: gateway.broker.statistics().cameraFrames, processor: process.cpuUsage() };
    const idle = fork(new URL("./idle-loop.ts", import.meta.url));
    loopDelay.enable();
    await pause(MEASURED_MS);
    loopDelay.disable();
    load.send("measured");
    idle.send("how long?");
    const idleP99Ms = Value.Parse(Type.Number(), await answerOf(idle));
    const processor = process.cpuUsage(before.processor);
    const frames = gateway.broker.statistics().cameraFrames - before.frames;
    // Forced collections would stand in the delays, so memory has its own time, under the same load.
    const memory = flushDelayMs === 0 ? await watchMemory() : undefined;
    const report = await finish(load);
    return {
      frameBytes,
      ...verdict({ gateway, journal, report, loopDelay, idleP99Ms, memory, frames, processor, flushDelayMs }),
    };
  } finally {
    load.kill();
    await gateway.stop();
  }
}

interface Measured {
  readonly gateway: GatewayParts;
  readonly journal: Journal;
  readonly report: LoadReport;
  readonly loopDelay: ReturnType<typeof monitorEventLoopDelay>;
  /** Of a process that does nothing, beside ours. */
  readonly idleP99Ms: number;
  /** Measured on the disk as it is alone. */
  readonly memory: { readonly growthMbPerMinute: number; readonly peakRssMb: number } | undefined;
  readonly frames: number;
  readonly processor: NodeJS.CpuUsage;
  readonly flushDelayMs: number;
}

function verdict({
  gateway,
  journal,
  report,
  loopDelay,
  idleP99Ms,
  memory,
  frames,
  processor,
  flushDelayMs,
}: Measured) {
  const committed = committedMessages(journal);
  const lost = report.acknowledged.filter((name) => !committed.has(name)).length;
  const doubled = [...committed.values()].filter((count) => count > 1).length;
  const statistics = gateway.broker.statistics();
  const times = report.acknowledgementMs.sort((a, b) => a - b);
  const figures = {
    framesSent: report.framesSent,
    framesReceived: statistics.cameraFrames,
    framesPerSecond: frames / (MEASURED_MS / 1000),
    eventsSent: report.eventsSent,
    eventsAcknowledged: report.acknowledged.length,
    repeatsRecognised: statistics.durableDuplicates,
    loopDelayP50Ms: loopDelay.percentile(50) / 1e6,
    loopDelayP99Ms: loopDelay.percentile(99) / 1e6,
    idleLoopDelayP99Ms: idleP99Ms,
    loopDelayMaxMs: loopDelay.max / 1e6,
    acknowledgementP50Ms: times[Math.floor(times.length * 0.5)] ?? Number.NaN,
    acknowledgementP99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    ...(memory === undefined ? {} : { memoryGrowthMbPerMinute: memory.growthMbPerMinute, peakRssMb: memory.peakRssMb }),
    processorCoresUsed: (processor.user + processor.system) / 1000 / MEASURED_MS,
    journalCommits: journal.statistics().commits,
    commitP99Ms: journal.statistics().commitP99Ms,
  };
  const where = flushDelayMs === 0 ? "" : ` (${flushDelayMs} ms a flush)`;
  const checks: BenchCheck[] = [
    {
      name: `no acknowledged message is lost${where}`,
      ok: lost === 0 && report.unacknowledged === 0 && report.acknowledged.length > 0,
      detail: `${report.acknowledged.length} acknowledged, ${lost} lost, ${report.unacknowledged} never acknowledged`,
    },
    {
      name: `none is in the journal twice${where}`,
      ok: doubled === 0 && statistics.durableDuplicates > 0,
      detail: `${doubled} twice; ${statistics.durableDuplicates} repeats recognised`,
    },
    {
      name: `frames arrive${where}`,
      ok: figures.framesPerSecond > CAMERAS * FRAMES_PER_SECOND * 0.8 && gateway.refusedFrames() === 0,
      detail: `${figures.framesPerSecond.toFixed(1)}/s, ${gateway.refusedFrames()} refused`,
    },
    {
      name: `event-loop delay p99 < ${LIMITS.loopDelayP99Ms} ms${where}`,
      ok: figures.loopDelayP99Ms < LIMITS.loopDelayP99Ms + idleP99Ms,
      detail: `${figures.loopDelayP99Ms.toFixed(1)} ms; an idle process beside it ${idleP99Ms.toFixed(1)} ms`,
    },
  ];
  if (memory !== undefined) {
    const growth = memory.growthMbPerMinute;
    checks.push({
      name: "memory is steady",
      ok: growth < LIMITS.growthMbPerMinute,
      detail: `${growth.toFixed(1)} MB a minute after collection`,
    });
  }
  if (flushDelayMs > 0) {
    const ok = figures.acknowledgementP99Ms < LIMITS.slowAcknowledgementP99Ms + LIMITS.acknowledgementHops * idleP99Ms;
    checks.push({
      name: `acknowledgement p99 < ${LIMITS.slowAcknowledgementP99Ms} ms${where}`,
      ok,
      detail: `${figures.acknowledgementP99Ms.toFixed(1)} ms; idle loop ${idleP99Ms.toFixed(1)} ms`,
    });
  }
  return { figures, checks };
}

async function startGateway(directory: string, journal: Journal): Promise<GatewayParts> {
  // The newest frame of each camera is kept, as the vision slot would keep it.
  const newest = new Map<CameraId, Buffer>();
  return await startGatewayParts({
    directory,
    journal,
    cameras: CAMERAS,
    machines: MACHINES,
    framesPerSecond: FRAMES_PER_SECOND,
    deliver: (id, jpeg) => newest.set(id, jpeg),
  });
}

async function order(load: ChildProcess, gateway: GatewayParts, jpegFile: string): Promise<void> {
  const { broker, credentials, configuration } = gateway;
  const logins = async (role: "camera" | "equipment", ids: readonly string[]) =>
    Promise.all(ids.map(async (id) => ({ id, password: await credentials.add(role, id) })));
  const message: LoadOrder = {
    port: broker.listeners()[0]?.port ?? 0,
    scenes: { noise: [jpegFile] },
    cameras: (await logins("camera", Object.keys(configuration.cameras))).map((login) => ({
      ...login,
      scene: "noise",
    })),
    machines: await logins("equipment", Object.keys(configuration.equipment)),
    framesPerSecond: FRAMES_PER_SECOND,
    eventsPerSecond: EVENTS_PER_SECOND,
    repeatEvery: REPEAT_EVERY,
  };
  load.send(message);
  await answerOf(load);
}

async function finish(load: ChildProcess): Promise<LoadReport> {
  load.send("stop");
  return Value.Parse(LoadReport, await answerOf(load));
}

/**
 * What is alive after a collection, every two seconds. Frames under way make it swing, so the low points count: a leak lifts them, too.
 */
async function watchMemory(): Promise<{ readonly growthMbPerMinute: number; readonly peakRssMb: number }> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  const alive: number[] = [];
  let peakRssMb = 0;
  for (let elapsedMs = 0; elapsedMs < MEASURED_MS; elapsedMs += MEMORY_EVERY_MS) {
    await pause(MEMORY_EVERY_MS);
    if (typeof collect === "function") collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    alive.push((heapUsed + external) / 1e6);
    peakRssMb = Math.max(peakRssMb, rss / 1e6);
  }
  // Code is still being compiled and first buffers let go at the beginning.
  alive.splice(0, 2);
  const half = alive.length >> 1;
  const minutesApart = (half * MEMORY_EVERY_MS) / 60_000;
  const growthMbPerMinute = (Math.min(...alive.slice(half)) - Math.min(...alive.slice(0, half))) / minutesApart;
  return { growthMbPerMinute, peakRssMb };
}

/** A 1080p picture of noise whose amount makes the size of a real frame. */
async function writeFrame(path: string): Promise<number> {
  let quality = 90;
  for (;;) {
    const jpeg = await sharp({
      create: {
        width: 1920,
        height: 1080,
        channels: 3,
        background: "grey",
        noise: { type: "gaussian", mean: 128, sigma: 12 },
      },
    })
      .jpeg({ quality })
      .toBuffer();
    if (jpeg.length <= FRAME_BYTES * 1.05 || quality <= 5) {
      // Bytes behind the end marker are allowed; they bring every run to the same size.
      const frame = Buffer.concat([jpeg, Buffer.alloc(Math.max(0, FRAME_BYTES - jpeg.length))]);
      await writeFile(path, frame);
      return frame.length;
    }
    quality -= 5;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
