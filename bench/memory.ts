import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import Value from "typebox/value";
import { EquipmentId } from "../contract/ids.ts";
import { openJournal } from "../daemon/journal/index.ts";
import type { Journal } from "../daemon/journal/journal.ts";
import { createVision, type Vision } from "../daemon/vision/index.ts";
import { type Clock, systemClock } from "../machine/clock.ts";
import { sceneAt } from "../simulator/shop/bay-scene.ts";
import { SHOP_BAYS } from "../simulator/shop/stage.ts";
import { SCRIPT, SCRIPT_MS } from "../simulator/shop/visit.ts";
import { PICTURE_SIZE, picturesOf } from "./camera-pictures.ts";
import { answerOf, commit, committedMessages, type GatewayParts, startGatewayParts } from "./gateway-parts.ts";
import { type LoadOrder, LoadReport } from "./intake-load.ts";
import { residentBytesOf } from "./processor-time.ts";
import { type BenchCheck, type BenchOptions, type BenchResult, median } from "./result.ts";
import { type Slope, slopeOf } from "./slope.ts";

const CAMERAS = 8;
const FRAMES_PER_SECOND = 5;
const MACHINES = 2;
const EVENTS_PER_SECOND = 5;
const REPEAT_EVERY = 10;
const PICTURES = 24;
const DEFAULT_MINUTES = 30;
/** Code is compiled and buffers grow to their working size. */
const WARM_UP_SHARE = 0.2;
/** A journal of more than twice the 16 MB that SQLite keeps of it in memory: an empty one would fill that for an hour, which is growth and no leak. */
const EARLIER_EVENTS = 60_000;
const APPENDED_TOGETHER = 500;
const EARLIER = Value.Parse(EquipmentId, "earlier");
const SAMPLE_EVERY_MS = 2_000;
/** Each worker is replaced this often in a run. */
const RECYCLINGS = 3;
/** A gigabyte in a month, taken over by the nightly recycling of the workers; the daemon lives on. */
const LIMIT_MIB_PER_HOUR = 24;
const BAY_MODEL = fileURLToPath(new URL("../models/bay", import.meta.url));

/** Eight busy cameras and machines that report, for half an hour: does anything grow, and is anything lost while workers are replaced? */
export async function bench({ minutes = DEFAULT_MINUTES }: BenchOptions): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "baygate-bench-"));
  const clock = systemClock({ demo: false });
  const journal = await openJournal({ directory: join(directory, "journal"), clock, log: pino({ level: "silent" }) });
  try {
    await fill(journal, clock);
    return await measure(directory, journal, minutes * 60_000);
  } finally {
    await journal.close(clock.stamp());
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a gateway that has stood for some weeks has in its journal. */
async function fill(journal: Journal, clock: Clock): Promise<void> {
  for (let count = 0; count < EARLIER_EVENTS; count += APPENDED_TOGETHER) {
    const at = clock.stamp();
    const names = Array.from({ length: APPENDED_TOGETHER }, (_, index) => `earlier-${count + index}`);
    await Promise.all(
      names.map((messageId) => {
        const payload = {
          messageId,
          kind: "torque-result",
          at: at.wallMs,
          detail: { newtonMetres: 110.5, angle: 41 },
        } as const;
        return commit(journal, { source: "equipment/earlier", device: EARLIER, payload, at });
      }),
    );
  }
}

async function measure(directory: string, journal: Journal, runMs: number): Promise<BenchResult> {
  const files = await writePictures(directory);
  let results = 0;
  const vision = await startVision({
    recycleAfterMs: runMs / (RECYCLINGS + 1),
    onResult: () => results++,
  });
  const gateway = await startGatewayParts({
    directory,
    journal,
    cameras: CAMERAS,
    machines: MACHINES,
    framesPerSecond: FRAMES_PER_SECOND,
    deliver: (id, jpeg) => vision.submit(id, jpeg, systemClock({ demo: false }).stamp()),
  });
  const load = fork(new URL("./intake-load.ts", import.meta.url), { serialization: "advanced" });
  try {
    await order(load, gateway, files);
    const samples = await sample(vision, runMs);
    load.send("stop");
    const recycled = vision.status().recyclings;
    const report = Value.Parse(LoadReport, await answerOf(load));
    const committed = committedMessages(journal);
    const lost = report.acknowledged.filter((name) => !committed.has(name)).length;
    const doubled = [...committed.values()].filter((count) => count > 1).length;
    const daemon = slopeOf(samples.map(({ atMs, daemonBytes }) => ({ atMs, bytes: daemonBytes })));
    const workers = workerSlope(samples);
    const checks: BenchCheck[] = [
      flat("the gateway's process", daemon),
      flat("the workers", workers),
      {
        name: "no acknowledged message is lost and none is there twice",
        ok: lost === 0 && doubled === 0 && report.unacknowledged === 0 && report.acknowledged.length > 0,
        detail: `${report.acknowledged.length} acknowledged, ${lost} lost, ${doubled} twice, ${report.unacknowledged} never acknowledged`,
      },
      { name: "workers were recycled meanwhile", ok: recycled > 0, detail: `${recycled} times` },
      {
        name: "frames were looked at all the time",
        ok: samples.every(({ results: seen }, at) => at === 0 || seen > (samples[at - 1]?.results ?? 0)),
        detail: `${results} results of ${gateway.broker.statistics().cameraFrames} frames; looked at every ${SAMPLE_EVERY_MS / 1000} s`,
      },
    ];
    return {
      name: "memory",
      coreBudget: `${availableParallelism()} cores shared by the gateway's process, its workers and the load; not pinned`,
      input: {
        minutes: runMs / 60_000,
        cameras: CAMERAS,
        framesPerSecondPerCamera: FRAMES_PER_SECOND,
        picture: `${PICTURE_SIZE.widthPx} × ${PICTURE_SIZE.heightPx} JPEG of about 250 KB, ${PICTURES} of a whole visit, all different`,
        durableEventsBefore: EARLIER_EVENTS,
        durableEventsPerSecond: MACHINES * EVENTS_PER_SECOND,
        warmUpShare: WARM_UP_SHARE,
      },
      figures: {
        daemonMiBPerHour: daemon.mibPerHour,
        daemonMiBPerHourError: daemon.error,
        workersMiBPerHour: workers.mibPerHour,
        workersMiBPerHourError: workers.error,
        daemonMiB: median(samples.map(({ daemonBytes }) => daemonBytes)) / 2 ** 20,
        workersMiB: median(samples.map(({ workerBytes }) => workerBytes)) / 2 ** 20,
        framesLookedAtPerSecond: results / (runMs / 1000),
      },
      ratios: { daemonGrowthOfTheLimit: daemon.mibPerHour / LIMIT_MIB_PER_HOUR },
      checks,
    };
  } finally {
    load.kill();
    await gateway.stop();
    await vision.stop();
  }
}

/** Flat within what can be told: the slope less twice its standard error stays under the limit, and the error itself is below it, too. */
function flat(what: string, { mibPerHour, error }: Slope): BenchCheck {
  const canBeTold = error < LIMIT_MIB_PER_HOUR;
  return {
    name: `${what} does not grow (limit ${LIMIT_MIB_PER_HOUR} MiB an hour)`,
    ok: canBeTold && mibPerHour - 2 * error < LIMIT_MIB_PER_HOUR,
    detail: `${mibPerHour.toFixed(1)} ± ${error.toFixed(1)} MiB an hour${canBeTold ? "" : "; that tells nothing: give it more --minutes"}`,
  };
}

interface Sample {
  readonly atMs: number;
  readonly daemonBytes: number;
  readonly workerBytes: number;
  /** Process ids of the workers: a new one begins small. */
  readonly workers: string;
  readonly results: number;
}

async function sample(vision: Vision, runMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  for (let elapsed = 0; elapsed < runMs; elapsed = performance.now() - began) {
    await pause(SAMPLE_EVERY_MS);
    const { workers, perCamera } = vision.status();
    const pids = workers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    if (elapsed < runMs * WARM_UP_SHARE) continue;
    samples.push({
      atMs: elapsed,
      daemonBytes: residentBytesOf(process.pid),
      workerBytes: pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0),
      workers: pids.join(" "),
      results: [...perCamera.values()].reduce((sum, { processed }) => sum + processed, 0),
    });
  }
  return samples;
}

/** Within one life of the workers each; of all lives the middle one. The first third of a life is its warm-up. */
function workerSlope(samples: readonly Sample[]): Slope {
  const lives = [...Map.groupBy(samples, ({ workers }) => workers).values()].filter((life) => life.length >= 9);
  const slopes = lives.map((life) =>
    slopeOf(life.slice(Math.floor(life.length / 3)).map(({ atMs, workerBytes }) => ({ atMs, bytes: workerBytes }))),
  );
  const sorted = slopes.sort((a, b) => a.mibPerHour - b.mibPerHour);
  return sorted[sorted.length >> 1] ?? { mibPerHour: Number.NaN, error: Number.NaN };
}

async function startVision(options: {
  readonly recycleAfterMs: number;
  readonly onResult: () => void;
}): Promise<Vision> {
  const warm = Promise.withResolvers<void>();
  const vision = createVision({
    bundleFolder: BAY_MODEL,
    workers: 0,
    providers: ["cpu"],
    hangMs: 30_000,
    maxWorkerMemoryBytes: 2 ** 31,
    recycleAfterMs: options.recycleAfterMs,
    liveThumbnails: true,
    clock: systemClock({ demo: false }),
    log: pino({ level: "silent" }),
    onResult: options.onResult,
    onWorker: (event) => {
      if (event.kind === "ready") warm.resolve();
      else warm.reject(new Error(`the worker ended: ${event.detail}`));
    },
  });
  vision.start();
  await warm.promise;
  return vision;
}

async function order(load: ChildProcess, gateway: GatewayParts, files: readonly string[]): Promise<void> {
  const { broker, credentials, configuration } = gateway;
  const logins = async (role: "camera" | "equipment", ids: readonly string[]) =>
    await Promise.all(ids.map(async (id) => ({ id, password: await credentials.add(role, id) })));
  const message: LoadOrder = {
    port: broker.listeners()[0]?.port ?? 0,
    scenes: { visit: [...files] },
    cameras: (await logins("camera", Object.keys(configuration.cameras))).map((login) => ({
      ...login,
      scene: "visit",
    })),
    machines: await logins("equipment", Object.keys(configuration.equipment)),
    framesPerSecond: FRAMES_PER_SECOND,
    eventsPerSecond: EVENTS_PER_SECOND,
    repeatEvery: REPEAT_EVERY,
  };
  load.send(message);
  await answerOf(load);
}

async function writePictures(directory: string): Promise<string[]> {
  const bay = SHOP_BAYS[0];
  if (bay === undefined) throw new Error("the simulated shop has no bay");
  const visits = SCRIPT.filter((visit) => visit.bay === bay.id);
  const jpegs = await picturesOf(sceneAt(bay.stage, visits, 0), PICTURES, (scene, at, count) => ({
    ...sceneAt(bay.stage, visits, (SCRIPT_MS * at) / count),
    ...PICTURE_SIZE,
    light: scene.light,
  }));
  const files = jpegs.map((_, at) => join(directory, `visit-${at}.jpg`));
  await Promise.all(jpegs.map((jpeg, at) => writeFile(join(directory, `visit-${at}.jpg`), jpeg)));
  return files;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
