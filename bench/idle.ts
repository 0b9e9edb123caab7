import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import Value from "typebox/value";
import { openJournal } from "../daemon/journal/index.ts";
import type { Journal } from "../daemon/journal/journal.ts";
import type { FrameResult } from "../daemon/vision/detections.ts";
import { createVision, type Vision } from "../daemon/vision/index.ts";
import { systemClock } from "../machine/clock.ts";
import type { SceneDescription } from "../simulator/scene/index.ts";
import { sceneAt } from "../simulator/shop/bay-scene.ts";
import { SHOP_BAYS } from "../simulator/shop/stage.ts";
import { PICTURE_SIZE, picturesOf } from "./camera-pictures.ts";
import { answerOf, startGatewayParts } from "./gateway-parts.ts";
import { type LoadOrder, SceneShown } from "./intake-load.ts";
import { processorMsOf } from "./processor-time.ts";
import { type BenchCheck, type BenchOptions, type BenchResult, median } from "./result.ts";

const CAMERAS = 16;
const FRAMES_PER_SECOND = 5;
const STILL_PICTURES = 6;
const WARM_UP_MS = 12_000;
const MEASURED_MS = 20_000;
const ROUNDS = 3;
/** The gate has to tell these from something that moves. */
const LIGHT_MS = 15_000;
/** A ramp up and down of a fifth in sixteen pictures, a little over three seconds: a cloud. */
const LIGHT_PICTURES = 16;
const BRIGHTER = 0.2;
/** Depth of a fluorescent tube's bands as the simulator draws them. */
const FLICKER = 0.06;
/** A calm camera is looked at again after this long, whatever the gate says (`KEEP_ALIVE_MS` times `CALM_KEEP_ALIVE` of the runtime). */
const CALM_KEEP_ALIVE_MS = 5000;
const BETWEEN_CARS_MS = 400;
const CAR_PATIENCE_MS = 5_000;
const LIMITS = { shareOfCore: 0.35, aim: 0.2, carSeenMs: 1000 } as const;
const BAY_MODEL = fileURLToPath(new URL("../models/bay", import.meta.url));
const SCENES = ["empty", "person", "light", "flicker"] as const;

/**
 * Sixteen cameras before which nothing happens, at the real broker, camera intake, journal and vision workers. What they cost together; whether a car
 * that drives in is seen in time; whether light makes work; whether somebody who stands still is forgotten.
 */
export async function bench(_options: BenchOptions): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "baygate-bench-"));
  const clock = systemClock({ demo: false });
  const journal = await openJournal({ directory: join(directory, "journal"), clock, log: pino({ level: "silent" }) });
  try {
    return await measure(directory, journal);
  } finally {
    await journal.close(clock.stamp());
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(directory: string, journal: Journal): Promise<BenchResult> {
  const scenes = await writeScenes(directory);
  const watch = new Watch();
  const vision = await startVision(watch);
  const gateway = await startGatewayParts({
    directory,
    journal,
    cameras: CAMERAS,
    machines: 0,
    framesPerSecond: FRAMES_PER_SECOND,
    deliver: (id, jpeg) => vision.submit(id, jpeg, systemClock({ demo: false }).stamp()),
  });
  const load = fork(new URL("./intake-load.ts", import.meta.url), { serialization: "advanced" });
  try {
    const ids = Object.keys(gateway.configuration.cameras);
    const cameras = await Promise.all(
      ids.map(async (id, index) => ({
        id,
        password: await gateway.credentials.add("camera", id),
        scene: SCENES[index % SCENES.length] ?? "empty",
      })),
    );
    // All still at first, the ones before which the light will change too.
    const atFirst = cameras.map((camera) => ({ ...camera, scene: camera.scene === "person" ? "person" : "empty" }));
    const order: LoadOrder = {
      port: gateway.broker.listeners()[0]?.port ?? 0,
      scenes: scenes.files,
      cameras: atFirst,
      machines: [],
      framesPerSecond: FRAMES_PER_SECOND,
      eventsPerSecond: 1,
      repeatEvery: 1,
    };
    load.send(order);
    await answerOf(load);
    await pause(WARM_UP_MS);

    const shares: number[] = [];
    watch.take();
    for (let round = 0; round < ROUNDS; round++) shares.push(await shareOfCore(vision, MEASURED_MS / ROUNDS));
    const still = watch.take();
    for (const { id, scene } of cameras)
      if (scene === "light" || scene === "flicker") load.send({ show: scene, camera: id });
    watch.take();
    await pause(LIGHT_MS);
    const lit = watch.take();
    for (const { id, scene } of cameras) if (scene !== "person") load.send({ show: "empty", camera: id });
    await pause(WARM_UP_MS / 2);
    const seenAfter = await driveIn(load, watch, ids);

    const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
    const frames = gateway.broker.statistics().cameraFrames;
    const of = (scene: string) => cameras.filter((camera) => camera.scene === scene).map(({ id }) => id);
    const kinds = { light: mostLooks(lit, of("light")), flicker: mostLooks(lit, of("flicker")) };
    // One more at either end, where the scene changes to the other light.
    const dueLooks = LIGHT_MS / CALM_KEEP_ALIVE_MS + 2;
    const persons = of("person").map((id) => still.get(id));
    const personSeen = persons.reduce((sum, one) => sum + (one?.withPerson ?? 0), 0);
    const personResults = persons.reduce((sum, one) => sum + (one?.results ?? 0), 0);
    const late = seenAfter.filter((ms) => ms === undefined || ms > LIMITS.carSeenMs).length;
    const known = seenAfter.filter((ms) => ms !== undefined);
    const checks: BenchCheck[] = [
      {
        name: `all processes together use at most ${LIMITS.shareOfCore * 100} % of a core (aim ${LIMITS.aim * 100} %)`,
        ok: share <= LIMITS.shareOfCore,
        detail: shares.map((one) => `${(one * 100).toFixed(1)} %`).join(", "),
      },
      {
        name: "a car that drives in is seen within a second, at every camera",
        ok: late === 0 && seenAfter.length === CAMERAS,
        detail: seenAfter.map((ms) => (ms === undefined ? "never" : `${Math.round(ms)} ms`)).join(", "),
      },
      {
        name: "a cloud and a flickering lamp make no work: only the looks that are due anyway",
        ok: kinds.light <= dueLooks && kinds.flicker <= dueLooks && kinds.light > 0,
        detail: `at most ${kinds.light} and ${kinds.flicker} looks at one camera in ${LIGHT_MS / 1000} s; due ${dueLooks}`,
      },
      {
        name: "somebody who stands still is not forgotten",
        ok: personResults > 0 && personSeen === personResults,
        detail: `in ${personSeen} of ${personResults} results of ${persons.length} cameras`,
      },
      {
        name: "every frame arrives, of about 250 KB",
        ok: frames > 0 && gateway.refusedFrames() === 0 && scenes.smallest > 200_000 && scenes.largest < 300_000,
        detail: `${frames} frames, ${gateway.refusedFrames()} refused, ${Math.round(scenes.smallest / 1000)} to ${Math.round(scenes.largest / 1000)} KB`,
      },
    ];
    return {
      name: "idle",
      coreBudget: `${availableParallelism()} cores, not pinned; counted: this process (broker, intake, journal thread, scheduler) and its vision workers, all threads; not counted: the load`,
      input: {
        cameras: CAMERAS,
        framesPerSecondPerCamera: FRAMES_PER_SECOND,
        picture: `${PICTURE_SIZE.widthPx} × ${PICTURE_SIZE.heightPx} JPEG, rendered, fresh sensor noise in each of ${STILL_PICTURES}`,
        bytesPerPicture: scenes.middle,
        measuredSeconds: MEASURED_MS / 1000,
        scenes: SCENES.join(", "),
      },
      figures: {
        percentOfOneCore: share * 100,
        framesPerSecond: CAMERAS * FRAMES_PER_SECOND,
        cpuMsPerFrame: (share * 1000) / (CAMERAS * FRAMES_PER_SECOND),
        networkLooksPerSecond: [...still.values()].reduce((sum, one) => sum + one.looks, 0) / (MEASURED_MS / 1000),
        carSeenAfterMsMedian: known.length === 0 ? Number.NaN : median(known),
        carSeenAfterMsLongest: known.length === 0 ? Number.NaN : Math.max(...known),
      },
      ratios: { ofTheLimit: share / LIMITS.shareOfCore },
      checks,
    };
  } finally {
    load.kill();
    await gateway.stop();
    await vision.stop();
  }
}

interface Counted {
  readonly results: number;
  readonly looks: number;
  readonly withPerson: number;
}

/** Counts what the runtime says, and waits for a car. */
class Watch {
  #counts = new Map<string, Counted>();
  #waiting: { readonly camera: string; readonly seen: () => void } | undefined;

  hear({ cameraId, detections, inferred }: FrameResult): void {
    const before = this.#counts.get(cameraId) ?? { results: 0, looks: 0, withPerson: 0 };
    this.#counts.set(cameraId, {
      results: before.results + 1,
      looks: before.looks + Number(inferred),
      withPerson: before.withPerson + Number(detections.some(({ label }) => label === "person")),
    });
    if (this.#waiting?.camera === cameraId && detections.some(({ label }) => label === "vehicle")) this.#waiting.seen();
  }

  /** What was counted since the last time. */
  take(): ReadonlyMap<string, Counted> {
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  /** @returns false when patience ended first */
  async vehicleAt(camera: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting = { camera, seen: () => resolve(true) };
    const timer = setTimeout(() => resolve(false), CAR_PATIENCE_MS);
    const seen = await promise;
    clearTimeout(timer);
    this.#waiting = undefined;
    return seen;
  }
}

async function startVision(watch: Watch): Promise<Vision> {
  const warm = Promise.withResolvers<void>();
  const vision = createVision({
    bundleFolder: BAY_MODEL,
    workers: 0,
    providers: ["cpu"],
    hangMs: 30_000,
    maxWorkerMemoryBytes: 2 ** 31,
    liveThumbnails: true,
    clock: systemClock({ demo: false }),
    log: pino({ level: "silent" }),
    onResult: (result) => watch.hear(result),
    onWorker: (event) =>
      event.kind === "ready" ? warm.resolve() : warm.reject(new Error(`the worker ended: ${event.detail}`)),
  });
  vision.start();
  await warm.promise;
  return vision;
}

/** Share of one core that this process and the workers use while nothing happens. */
async function shareOfCore(vision: Vision, ms: number): Promise<number> {
  const pids = [process.pid, ...vision.status().workers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))];
  const used = () => pids.map(processorMsOf);
  const [before, began] = [used(), performance.now()];
  await pause(ms);
  const after = used();
  if (after.includes(0)) throw new Error("a worker ended while its processor time was counted");
  return after.reduce((sum, now, at) => sum + now - (before[at] ?? 0), 0) / (performance.now() - began);
}

/** A car drives in before one camera after the other. @returns milliseconds from its first picture to the first result with a vehicle */
async function driveIn(load: ChildProcess, watch: Watch, ids: readonly string[]): Promise<(number | undefined)[]> {
  const times: (number | undefined)[] = [];
  for (const camera of ids) {
    const shown = new Promise<number>((resolve) => {
      const hear = (message: unknown) => {
        if (!Value.Check(SceneShown, message) || message.camera !== camera || message.shown !== "car") return;
        load.off("message", hear);
        resolve(message.atMs);
      };
      load.on("message", hear);
    });
    const seen = watch.vehicleAt(camera);
    load.send({ show: "car", camera });
    const atMs = await shown;
    times.push((await seen) ? Date.now() - atMs : undefined);
    load.send({ show: "empty", camera });
    await pause(BETWEEN_CARS_MS);
  }
  return times;
}

/** Of the camera that was looked at most. */
function mostLooks(counts: ReadonlyMap<string, Counted>, cameras: readonly string[]): number {
  return Math.max(...cameras.map((id) => counts.get(id)?.looks ?? 0));
}

/** Picture files of what happens before the cameras, and their sizes. */
async function writeScenes(directory: string) {
  const bay = SHOP_BAYS[0];
  if (bay === undefined) throw new Error("the simulated shop has no bay");
  const empty: SceneDescription = { ...sceneAt(bay.stage, [], 0), gateOpen: true };
  const car = { pose: 0.45, body: "sedan", colour: "#a31b20", plate: "沪A31K88" } as const;
  const person = { x: 1.5, y: 1.2, headingDeg: 180, posture: "standing", phase: 0, overalls: "#24457d" } as const;
  const wave = (at: number, count: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / count);
  const pictures: Readonly<Record<string, Buffer[]>> = {
    empty: await picturesOf(empty, STILL_PICTURES),
    person: await picturesOf({ ...empty, technicians: [person] }, STILL_PICTURES),
    light: await picturesOf(empty, LIGHT_PICTURES, (scene, at, count) => ({
      ...scene,
      light: { ...scene.light, brightness: scene.light.brightness * (1 - BRIGHTER * wave(at, count)) },
    })),
    flicker: await picturesOf({ ...empty, light: { ...empty.light, flicker: FLICKER } }, STILL_PICTURES),
    // Half way in, then a little further with every picture, as it rolls to its place.
    car: await picturesOf({ ...empty, cars: [car] }, 8, (scene, at, count) => ({
      ...scene,
      cars: [{ ...car, pose: car.pose + (0.5 * at) / count }],
    })),
  };
  const files: Record<string, string[]> = {};
  for (const [name, jpegs] of Object.entries(pictures)) {
    files[name] = jpegs.map((_, at) => join(directory, `${name}-${at}.jpg`));
    await Promise.all(jpegs.map((jpeg, at) => writeFile(join(directory, `${name}-${at}.jpg`), jpeg)));
  }
  const sizes = Object.values(pictures).flatMap((jpegs) => jpegs.map(({ length }) => length));
  return { files, smallest: Math.min(...sizes), largest: Math.max(...sizes), middle: Math.round(median(sizes)) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
