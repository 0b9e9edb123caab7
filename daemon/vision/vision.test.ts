import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import sharp from "sharp";
import Value from "typebox/value";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CameraId } from "../../contract/ids.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { renderFrame } from "../../simulator/scene/index.ts";
import { randomScenes } from "../../simulator/scene/random-scene.ts";
import type { FrameResult } from "./detections.ts";
import { tinyYolov8, writeBundle } from "./registry/test-bundle.ts";
import { createVision, type Vision, type VisionOptions, type WorkerEvent } from "./vision.ts";

const FAULTY = fileURLToPath(new URL("./worker/test-faulty-worker.ts", import.meta.url));
const north = Value.Parse(CameraId, "north");
const south = Value.Parse(CameraId, "south");
const clock = new ManualClock();
let vision: Vision | undefined;
let results: FrameResult[];
let events: WorkerEvent[];
let folder: string;

beforeEach(async () => {
  results = [];
  events = [];
  folder = await mkdtemp(join(tmpdir(), "baygate-vision-"));
});

afterEach(async () => {
  await vision?.stop();
  vision = undefined;
  await rm(folder, { recursive: true, force: true });
});

const settings = (): VisionOptions => ({
  bundleFolder: folder,
  workers: 1,
  providers: ["cpu"],
  hangMs: 30_000,
  maxWorkerMemoryBytes: 2 ** 31,
  liveThumbnails: true,
  clock,
  log: pino({ level: "silent" }),
  random: () => 1,
  onResult: (result) => results.push(result),
  onWorker: (event) => events.push(event),
});

function start(options: Partial<VisionOptions> = {}): Vision {
  vision = createVision({ ...settings(), ...options });
  vision.start();
  return vision;
}

/** Real processes take what time they take; nothing here asserts how long. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 25_000, interval: 10 });
const restarts = () => events.flatMap((event) => (event.kind === "restarting" ? [event.reason] : []));
const orders = (order: string, length = 100) => Buffer.alloc(length, order);

async function ask(running: Vision, picture: Buffer, cameraId = north): Promise<FrameResult> {
  const before = results.length;
  running.submit(cameraId, picture, clock.stamp());
  await until(() => results.length > before);
  const result = results[before];
  if (result === undefined) throw new Error("no result");
  return result;
}

const grey = (level: number, width = 320, height = 160) =>
  sharp({ create: { width, height, channels: 3, background: { r: level, g: level, b: level } } })
    .jpeg()
    .toBuffer();

describe("the vision runtime with a real worker", () => {
  test("turns a JPEG into detections in the picture's own coordinates", async () => {
    await writeBundle(
      folder,
      {
        calibration: {
          vehicle: [
            [0, 0],
            [1, 0.5],
          ],
        },
      },
      tinyYolov8(),
    );
    const running = start();
    expect(running.status().state).toBe("preparing");
    await until(() => running.status().state === "running");
    expect(running.status()).toMatchObject({
      provider: "cpu",
      model: { name: "tiny", version: "1.0.0" },
      problem: undefined,
    });
    // The network finds a vehicle at centre 32, 32 of 16 × 8 in its 64 × 64 input; the picture lies there as 64 × 32 from row 16 on.
    const dark = await ask(running, await grey(40));
    expect(dark).toMatchObject({ cameraId: "north", width: 320, height: 160, inferred: true });
    expect(dark.detections.map((one) => one.label)).toEqual(["vehicle"]);
    const [vehicle] = dark.detections;
    expect(vehicle?.box.map((edge) => Number(edge.toFixed(4)))).toEqual([24 / 64, 12 / 32, 40 / 64, 20 / 32]);
    expect(vehicle?.probability).toBeCloseTo(0.45, 5);
    // Its person's score is the picture's mean brightness: half 240, half padding of 114.
    const bright = await ask(running, await grey(240));
    expect(bright.detections.map((one) => [one.label, one.score.toFixed(2)])).toEqual([
      ["vehicle", "0.90"],
      ["person", ((240 + 114) / 2 / 255).toFixed(2)],
    ]);
  });

  test("keeps the last detections of a still scene, and looks again when the time has come", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start({ keepAliveMs: 600_000 });
    const picture = await grey(200);
    await until(() => running.status().state === "running");
    const first = await ask(running, picture);
    const still = await ask(running, picture);
    expect([first.inferred, still.inferred]).toEqual([true, false]);
    expect(still.detections).toEqual(first.detections);
    // A black box drives in.
    const moved = await sharp(picture)
      .composite([
        { input: { create: { width: 120, height: 80, channels: 3, background: "black" } }, left: 100, top: 40 },
      ])
      .jpeg()
      .toBuffer();
    expect((await ask(running, moved)).inferred).toBe(true);
    expect(running.status().perCamera.get(north)).toMatchObject({
      received: 3,
      processed: 3,
      skippedStill: 1,
      skippedCalm: 0,
      dropped: 0,
    });
    await running.stop();
    const eager = start({ keepAliveMs: 0 });
    await until(() => eager.status().state === "running");
    await ask(eager, picture);
    expect((await ask(eager, picture)).inferred).toBe(true);
  });

  test("does not even decode what a calm camera sends between two looks", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start({ keepAliveMs: 600_000, calmEveryMs: 600_000 });
    const picture = await grey(200);
    await until(() => running.status().state === "running");
    for (let frame = 0; frame < 11; frame++) await ask(running, picture);
    running.submit(north, picture, clock.stamp());
    expect(running.status().perCamera.get(north)).toMatchObject({ received: 12, processed: 11, skippedCalm: 1 });
    // Another camera is as awake as ever.
    expect((await ask(running, picture, south)).inferred).toBe(true);
  });

  test("serves a live picture with what was found in it covered, and forgets it at the end", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start();
    await until(() => running.status().state === "running");
    const at = clock.stamp();
    // A fine chequer: whatever is not covered shows it.
    const chequer = Buffer.from(
      Uint8Array.from({ length: 640 * 320 }, (_, pixel) =>
        (((pixel % 640) >> 4) + (Math.floor(pixel / 640) >> 4)) % 2 ? 255 : 0,
      ),
    );
    const jpeg = await sharp(chequer, { raw: { width: 640, height: 320, channels: 1 } })
      .jpeg()
      .toBuffer();
    running.submit(north, jpeg, at);
    await until(() => running.thumbnail(north) !== undefined);
    const thumbnail = running.thumbnail(north);
    expect(thumbnail?.at).toEqual(at);
    const { data, info } = await sharp(thumbnail?.jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
    const spread = (left: number, top: number, right: number, bottom: number) => {
      const values: number[] = [];
      for (let y = Math.round(top * info.height); y < bottom * info.height; y++)
        for (let x = Math.round(left * info.width); x < right * info.width; x++)
          values.push(data[y * info.width + x] ?? 0);
      return Math.max(...values) - Math.min(...values);
    };
    expect(spread(0.02, 0.02, 0.3, 0.3)).toBeGreaterThan(150);
    // Within the vehicle's box (24…40 of 64, 12…20 of 32), away from JPEG's ringing at its edge.
    expect(spread(0.42, 0.42, 0.58, 0.58)).toBeLessThan(spread(0.02, 0.02, 0.3, 0.3) / 2);
    expect(running.thumbnail(south)).toBeUndefined();
    await running.stop();
    expect(running.thumbnail(north)).toBeUndefined();
  });

  test("keeps somebody covered on the live picture through a frame that missed him", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start({ keepAliveMs: 1 });
    await until(() => running.status().state === "running");
    // The network's person, at 12 to 20, 36 to 44 of 64, is as sure as the picture is bright: there in the first frame, not found in the second.
    const bright = await ask(running, await grey(240, 320, 320));
    expect(bright.detections.map(({ label }) => label)).toContain("person");
    await until(() => running.thumbnail(north) !== undefined);
    const first = running.thumbnail(north);
    // Live pictures are a second apart.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const dark = await ask(running, await grey(20, 320, 320));
    expect(dark.detections.map(({ label }) => label)).not.toContain("person");
    await until(() => running.thumbnail(north) !== first);
    const { data, info } = await sharp(running.thumbnail(north)?.jpeg)
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => data[Math.round(y * info.height) * info.width + Math.round(x * info.width)];
    expect([at(0.05, 0.05), at(16 / 64, 40 / 64)].map((level) => (level ?? 0) > 60)).toEqual([false, true]);
  });

  test("a damaged picture costs itself and nothing else", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start();
    await until(() => running.status().state === "running");
    const whole = await grey(120);
    const noise = Buffer.from(Uint8Array.from({ length: 320 * 160 * 3 }, (_, at) => (at * 7919) % 251));
    const rich = await sharp(noise, { raw: { width: 320, height: 160, channels: 3 } })
      .jpeg()
      .toBuffer();
    // Its header is whole and it has an end, but half of its rows are gone.
    running.submit(north, Buffer.concat([rich.subarray(0, rich.length / 2), Buffer.from([0xff, 0xd9])]), clock.stamp());
    running.submit(south, Buffer.from("nothing like a picture"), clock.stamp());
    await until(() => [...running.status().perCamera.values()].every((camera) => camera.unreadable === 1));
    expect((await ask(running, whole)).detections).toHaveLength(1);
    expect(restarts()).toEqual([]);
  });

  test("a killed worker comes back and goes on", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start();
    await until(() => running.status().state === "running");
    await ask(running, await grey(100));
    const before = running.status().workers[0]?.pid;
    expect(running.killWorkerForDrill()).toBe("vision-1");
    await until(() => restarts().length === 1);
    expect(running.status().state).toBe("degraded");
    await until(() => running.status().state === "running");
    await ask(running, await grey(220));
    expect(running.status().workers[0]?.pid).not.toBe(before);
    expect(restarts()).toEqual(["drill"]);
  });

  test("an absent or bad model is a state with a reason, and a mended one is taken up", async () => {
    const running = start();
    await until(() => running.status().problem !== undefined);
    expect(running.status()).toMatchObject({
      state: "degraded",
      problem: { code: "MODEL_FILE_MISSING" },
      model: undefined,
    });
    running.submit(north, await grey(100), clock.stamp());
    await writeBundle(folder, { sha256: "0".repeat(64) }, tinyYolov8());
    await until(() => running.status().problem?.code === "MODEL_HASH_MISMATCH");
    await writeBundle(folder, {}, tinyYolov8());
    await until(() => results.length === 1);
    expect(running.status()).toMatchObject({ state: "running", problem: undefined });
    expect(restarts()).toEqual(["model-refused", "model-refused"]);
  });

  test("the shipped model finds the car that the simulator draws", async () => {
    const scenes = randomScenes(5, 12, 960, 540);
    const running = start({
      bundleFolder: fileURLToPath(new URL("../../models/bay", import.meta.url)),
      keepAliveMs: 0,
    });
    await until(() => running.status().state === "running");
    let cars = 0;
    let seen = 0;
    for (const scene of scenes) {
      const { jpeg, truth } = await renderFrame(scene);
      const result = await ask(running, jpeg);
      expect(result).toMatchObject({ width: 960, height: 540 });
      cars += truth.objects.filter((object) => object.label === "vehicle").length;
      seen += result.detections.filter((one) => one.label === "vehicle").length;
    }
    expect(cars).toBeGreaterThan(3);
    expect(seen).toBeGreaterThan(0);
  });
});

describe("planned recycling", () => {
  test("puts fresh workers in the place of old ones, which answer until then, and remembers what stood before a still scene", async () => {
    await writeBundle(folder, {}, tinyYolov8());
    const running = start({ keepAliveMs: 600_000, calmEveryMs: 0, recycleAfterMs: 1500 });
    await until(() => running.status().state === "running");
    const [former] = running.status().workers;
    const picture = await grey(200);
    const before = await ask(running, picture);
    // Somebody asks all the time; nobody waits for ever.
    while (running.status().recyclings === 0) await ask(running, picture);
    expect(running.status()).toMatchObject({ state: "running", problem: undefined, next: undefined });
    expect(running.status().workers.map(({ pid }) => pid)).not.toContain(former?.pid);
    const after = await ask(running, picture);
    expect(after.inferred).toBe(false);
    expect(after.detections).toEqual(before.detections);
    expect(restarts()).toEqual([]);
    await vi.waitFor(() => expect(readFile(`/proc/${former?.pid}/stat`)).rejects.toThrow(), { timeout: 25_000 });
  });

  test("does not touch a picture that hangs: the deadline for it stays, and a later picture is looked at", async () => {
    const running = start({ workerProgram: FAULTY, hangMs: 2_000, recycleAfterMs: 700 });
    await until(() => running.status().state === "running");
    running.submit(north, orders("s"), clock.stamp());
    await until(() => running.status().recyclings > 0);
    expect((await ask(running, orders("x"), south)).cameraId).toBe("south");
    // With whichever worker it is at the time, it is given up after two.
    await until(() => running.status().perCamera.get(north)?.poisoned === 1 || running.status().recyclings > 4);
    await ask(running, orders("y"), south);
  });
});

describe("another model", () => {
  let another: string;

  beforeEach(async () => {
    another = await mkdtemp(join(tmpdir(), "baygate-vision-next-"));
    await writeBundle(folder, {}, tinyYolov8());
  });

  afterEach(async () => {
    await rm(another, { recursive: true, force: true });
  });

  test("is prepared while the present one works on, takes over when it is warm, and looks at the still scene anew", async () => {
    await writeBundle(another, { version: "1.1.0", thresholds: { person: 0.5, vehicle: 0.95 } }, tinyYolov8());
    const running = start({ keepAliveMs: 600_000 });
    await until(() => running.status().state === "running");
    const [former] = running.status().workers;
    const picture = await grey(200);
    expect((await ask(running, picture)).detections.map((one) => one.label)).toContain("vehicle");
    running.takeOver(another, "tiny 1.1.0");
    expect(running.status()).toMatchObject({
      state: "running",
      model: { version: "1.0.0" },
      next: { name: "tiny 1.1.0", problem: undefined },
    });
    expect((await ask(running, picture)).inferred).toBe(false);
    await until(() => running.status().model?.version === "1.1.0");
    expect(running.status()).toMatchObject({ state: "running", next: undefined, problem: undefined });
    const after = await ask(running, picture);
    expect(after.inferred).toBe(true);
    expect(after.detections.map((one) => one.label)).not.toContain("vehicle");
    expect(restarts()).toEqual([]);
    await vi.waitFor(() => expect(readFile(`/proc/${former?.pid}/stat`)).rejects.toThrow(), { timeout: 25_000 });
  });

  test("that cannot be opened is refused with the reason, and the present one stays", async () => {
    await writeBundle(another, { sha256: "0".repeat(64) }, tinyYolov8());
    const refused: string[] = [];
    const running = start({ onBundleRefused: (bundle, { code }) => refused.push(bundle, code) });
    await until(() => running.status().state === "running");
    running.takeOver(another, "tiny 1.1.0");
    await until(() => running.status().next?.problem !== undefined);
    expect(running.status()).toMatchObject({
      state: "running",
      model: { version: "1.0.0" },
      problem: undefined,
      next: { name: "tiny 1.1.0", problem: { code: "MODEL_HASH_MISMATCH" } },
    });
    expect(refused).toEqual([another, "MODEL_HASH_MISMATCH"]);
    await ask(running, await grey(220));
    // Going back to what works already changes nothing, and the page still says what was wrong with the other.
    running.takeOver(folder, "tiny 1.0.0");
    expect(running.status()).toMatchObject({ next: { problem: { code: "MODEL_HASH_MISMATCH" } } });
    expect(running.status().workers).toHaveLength(1);
  });

  test("takes the place of one that could not be opened at the start", async () => {
    await writeBundle(another, { sha256: "0".repeat(64) }, tinyYolov8());
    const running = start({
      bundleFolder: another,
      bundleName: "tiny 1.1.0",
      onBundleRefused: () => setImmediate(() => running.takeOver(folder, "tiny 1.0.0")),
    });
    await until(() => running.status().state === "running");
    expect(running.status()).toMatchObject({
      model: { version: "1.0.0" },
      problem: undefined,
      next: { name: "tiny 1.1.0", problem: { code: "MODEL_HASH_MISMATCH" } },
    });
  });

  test("that is called off while it is prepared leaves nothing behind", async () => {
    await writeBundle(another, { version: "1.1.0" }, tinyYolov8());
    const running = start();
    await until(() => running.status().state === "running");
    running.takeOver(another, "tiny 1.1.0");
    running.takeOver(folder, "tiny 1.0.0");
    expect(running.status()).toMatchObject({ model: { version: "1.0.0" }, next: undefined });
    await running.stop();
    expect(running.status().state).toBe("stopped");
  });
});

describe("supervision", () => {
  const faulty = (options: Partial<VisionOptions> = {}) => start({ workerProgram: FAULTY, ...options });

  test("a worker that dies of a picture costs that picture only; the picture is tried twice and then known", async () => {
    const running = faulty();
    await until(() => running.status().state === "running");
    running.submit(north, orders("d"), clock.stamp());
    await until(() => restarts().length === 2);
    await until(() => running.status().state === "running");
    expect(running.status().perCamera.get(north)).toMatchObject({ poisoned: 1, processed: 0 });
    running.submit(north, orders("d"), clock.stamp());
    expect(running.status().perCamera.get(north)?.poisoned).toBe(2);
    expect((await ask(running, orders("."))).width).toBe(100);
    expect((await ask(running, orders("d".toUpperCase()))).width).toBe(100);
    expect(restarts()).toEqual(["died", "died"]);
  });

  test("other cameras' frames survive a worker's death", async () => {
    const running = faulty();
    await until(() => running.status().state === "running");
    running.submit(north, orders("d"), clock.stamp());
    running.submit(south, orders("."), clock.stamp());
    await until(() => results.length === 1);
    expect(results[0]?.cameraId).toBe("south");
  });

  test("a hung worker is killed and replaced, whether its loop stands still or only its work", async () => {
    const running = faulty({ hangMs: 400 });
    await until(() => running.status().state === "running");
    running.submit(north, orders("h"), clock.stamp());
    await until(() => restarts().length === 2);
    running.submit(north, orders("s"), clock.stamp());
    await until(() => restarts().length === 4);
    expect(restarts()).toEqual(["hung", "hung", "hung", "hung"]);
  });

  test("a worker above its memory ceiling finishes what it has and is replaced, and its picture is not blamed", async () => {
    const running = faulty();
    await until(() => running.status().state === "running");
    await ask(running, orders("m"));
    await until(() => restarts().length === 1);
    expect(restarts()).toEqual(["memory"]);
    await ask(running, orders("."));
    expect(running.status().perCamera.get(north)).toMatchObject({ processed: 2, poisoned: 0 });
  });

  test("a worker that says what no worker of ours says is killed", async () => {
    const running = faulty();
    await until(() => running.status().state === "running");
    running.submit(north, orders("l"), clock.stamp());
    await until(() => restarts().length >= 1);
    expect(restarts()[0]).toBe("lied");
  });

  test("beyond capacity the newest frame wins and the others are counted", async () => {
    const running = faulty();
    await until(() => running.status().state === "running");
    for (let length = 1; length <= 50; length++) running.submit(north, orders(".", length), clock.stamp());
    await until(() => results.some((result) => result.width === 50));
    const status = running.status().perCamera.get(north);
    expect(status?.received).toBe(50);
    expect((status?.processed ?? 0) + (status?.dropped ?? 0)).toBe(50);
    expect(results.map((result) => result.width)).toEqual(results.map((result) => result.width).sort((a, b) => a - b));
  });

  test("a picture larger than a place in shared memory still arrives", async () => {
    const running = faulty();
    await until(() => running.status().state === "running");
    expect((await ask(running, orders(".", 5 * 1024 * 1024))).width).toBe(5 * 1024 * 1024);
  });

  test("a shop without cameras starts no worker, and has its photos looked at", async () => {
    vision = createVision({
      ...settings(),
      photoProgram: fileURLToPath(new URL("./photo/naming-program.fixture.ts", import.meta.url)),
    });
    vision.start(false);
    vision.submit(north, orders("."), clock.stamp());
    expect((await vision.lookAtPhoto(orders("p"))).models).toHaveLength(1);
    expect(vision.status()).toMatchObject({ state: "stopped", workers: [] });
    vision.takeOver(join(folder, "other"), "bay 2.0.0");
    expect(vision.status().workers).toEqual([]);
    await vision.stop();
    await expect(vision.lookAtPhoto(orders("p"))).rejects.toMatchObject({ code: "VISION_NOT_RUNNING" });
  });

  test("leaves no file and no process behind", async () => {
    const running = faulty({ workers: 2 });
    await until(
      () =>
        running.status().workers.length === 2 && running.status().workers.every((worker) => worker.state === "running"),
    );
    const pids = running.status().workers.map((worker) => worker.pid ?? 0);
    await running.stop();
    expect(running.status().state).toBe("stopped");
    for (const pid of pids) await expect(readFile(`/proc/${pid}/stat`)).rejects.toThrow();
  });
});
