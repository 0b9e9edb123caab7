import { pino } from "pino";
import sharp from "sharp";
import Value from "typebox/value";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CameraId } from "../../contract/ids.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { type Cameras, createCameras } from "./cameras.ts";
import { LatestSlot } from "./latest-slot.ts";
import { qualityOf } from "./quality.ts";

const north = Value.Parse(CameraId, "bay1-north");
const south = Value.Parse(CameraId, "bay1-south");
let picture: Buffer;
let clock: ManualClock;
let cameras: Cameras;
let events: string[];
let delivered: { readonly cameraId: CameraId; readonly jpeg: Buffer }[];

beforeAll(async () => {
  picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: "#888" } })
    .jpeg()
    .toBuffer();
});

beforeEach(() => {
  vi.useFakeTimers();
  clock = new ManualClock();
  events = [];
  delivered = [];
  cameras = createCameras({
    cameras: new Map([
      [north, { silentAfterMs: 45_000, maxFramesPerSecond: 5 }],
      [south, { silentAfterMs: 45_000, maxFramesPerSecond: 5 }],
    ]),
    clock,
    log: pino({ level: "silent" }),
    deliver: (cameraId, jpeg) => delivered.push({ cameraId, jpeg }),
    onSilent: (cameraId, { lastFrameAt }) =>
      events.push(`${cameraId} silent${lastFrameAt === undefined ? ", never seen" : ""}`),
    onBack: (cameraId) => events.push(`${cameraId} back`),
  });
  cameras.start();
});

afterEach(() => {
  cameras.stop();
  vi.useRealTimers();
});

const status = (cameraId = north) => {
  const found = cameras.status().get(cameraId);
  if (found === undefined) throw new Error("no such camera");
  return found;
};

/** Frames that differ in length, so that a test can tell them apart. */
const numbered = (number: number) => Buffer.concat([picture, Buffer.alloc(number)]);

describe("camera intake", () => {
  test("a camera that falls silent is told once, and once when it is back", () => {
    cameras.receive(north, picture);
    cameras.receive(south, picture);
    clock.advance(44_000);
    cameras.receive(south, numbered(1));
    expect(events).toEqual(["bay1-north back", "bay1-south back"]);
    clock.advance(2_000);
    clock.advance(30_000);
    expect(events.slice(2)).toEqual(["bay1-north silent"]);
    expect(status()).toMatchObject({ state: "silent", quality: "silent" });
    cameras.receive(north, numbered(2));
    cameras.receive(north, numbered(3));
    cameras.receive(south, numbered(2));
    expect(events.slice(3)).toEqual(["bay1-north back"]);
    clock.advance(46_000);
    expect(events.slice(4).sort()).toEqual(["bay1-north silent", "bay1-south silent"]);
  });

  test("a camera that never came is silent after its deadline too", () => {
    clock.advance(45_000);
    expect(events).toEqual(["bay1-north silent, never seen", "bay1-south silent, never seen"]);
  });

  test("a camera that repeats one picture is silent after its deadline, and said to be frozen until another picture comes", () => {
    cameras.receive(north, picture);
    for (let second = 0; second < 50; second++) {
      clock.advance(1_000);
      expect(cameras.receive(north, Buffer.from(picture))).toBeUndefined();
    }
    expect(events).toContain("bay1-north silent");
    expect(status()).toMatchObject({ state: "silent", frozen: true, received: 51, delivered: 1 });
    expect(status(south)).toMatchObject({ state: "silent", frozen: false });
    cameras.receive(north, numbered(1));
    expect(events.at(-1)).toBe("bay1-north back");
    expect(status()).toMatchObject({ state: "live", frozen: false });
    clock.advance(46_000);
    expect(status()).toMatchObject({ state: "silent", frozen: false });
  });

  test("broken pictures do not keep a camera alive", () => {
    cameras.receive(north, picture);
    for (let second = 0; second < 50; second++) {
      clock.advance(1_000);
      expect(cameras.receive(north, picture.subarray(0, 200))).toBe("PICTURE_TRUNCATED");
    }
    expect(events).toContain("bay1-north silent");
    expect(status()).toMatchObject({ refused: 50, refusedBy: { PICTURE_TRUNCATED: 50 }, received: 51, delivered: 1 });
  });

  test("beyond the pace the newest frame waits for its turn and the others are counted as dropped", () => {
    for (let number = 0; number < 10; number++) cameras.receive(north, numbered(number));
    expect(delivered.map((frame) => frame.jpeg.length - picture.length)).toEqual([0]);
    vi.advanceTimersByTime(199);
    expect(delivered).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(delivered.map((frame) => frame.jpeg.length - picture.length)).toEqual([0, 9]);
    expect(status()).toMatchObject({ received: 10, delivered: 2, dropped: 8 });
  });

  test("one camera's flood does not slow another", () => {
    for (let number = 0; number < 100; number++) cameras.receive(north, numbered(number));
    cameras.receive(south, picture);
    expect(delivered.map((frame) => frame.cameraId)).toEqual([north, south]);
  });

  test("a fault stays in the quality word for a minute or two, then goes", () => {
    cameras.receive(north, picture);
    clock.advance(40_000);
    for (let second = 0; second < 200; second++) {
      cameras.receive(north, numbered(second + 1));
      if (second === 50) expect(status().quality).toBe("poor");
      clock.advance(1_000);
    }
    expect(status().quality).toBe("good");
  });

  test("takes JPEG only", async () => {
    const png = await sharp({ create: { width: 64, height: 48, channels: 3, background: "#888" } })
      .png()
      .toBuffer();
    expect(cameras.receive(north, png)).toBe("PICTURE_UNSUPPORTED");
    expect(cameras.receive(north, Buffer.alloc(0))).toBe("PICTURE_NOT_AN_IMAGE");
    expect(delivered).toHaveLength(0);
  });

  test("after stop nothing is delivered and nothing is told", () => {
    for (let number = 0; number < 3; number++) cameras.receive(north, numbered(number));
    cameras.stop();
    vi.advanceTimersByTime(10_000);
    clock.advance(100_000);
    cameras.receive(north, picture);
    expect(delivered).toHaveLength(1);
    expect(events).toEqual(["bay1-north back"]);
  });
});

describe("the words for a camera's quality", () => {
  const base = { everSeen: true, silent: false, accepted: 300, refused: 0, longestGapMs: 300, silentAfterMs: 45_000 };
  test.each([
    ["good", base],
    ["waiting", { ...base, everSeen: false, accepted: 0 }],
    ["fair", { ...base, refused: 6 }],
    ["poor", { ...base, refused: 60 }],
    ["fair", { ...base, longestGapMs: 16_000 }],
    ["poor", { ...base, longestGapMs: 40_000 }],
    ["silent", { ...base, silent: true }],
    ["poor", { ...base, everSeen: false, accepted: 0, refused: 3 }],
  ] as const)("%s", (word, record) => {
    expect(qualityOf(record)).toBe(word);
  });
});

describe("a latest-wins slot", () => {
  test("what is given back never displaces what came meanwhile", () => {
    const slot = new LatestSlot<number>();
    slot.put(1);
    const taken = slot.take();
    slot.put(2);
    slot.putBack(taken ?? 0);
    expect(slot.take()).toBe(2);
    expect(slot.replaced).toBe(1);
    slot.putBack(2);
    expect(slot.take()).toBe(2);
    expect(slot.take()).toBeUndefined();
  });
});
