import fc from "fast-check";
import Value from "typebox/value";
import { describe, expect, test } from "vitest";
import { CameraId } from "../../contract/ids.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { FRAMES_PER_WORKER, type Frame, Scheduler } from "./scheduler.ts";

const camera = (name: string) => Value.Parse(CameraId, name);
const clock = new ManualClock();
let number = 0;
const frame = (cameraId: string): Frame => ({
  number: ++number,
  cameraId: camera(cameraId),
  jpeg: Buffer.alloc(1),
  at: clock.stamp(),
  deaths: 0,
});

describe("the scheduler", () => {
  test("a fast camera cannot starve a slow one", () => {
    const scheduler = new Scheduler();
    scheduler.submit(frame("slow"));
    const turns: string[] = [];
    for (let round = 0; round < 6; round++) {
      scheduler.submit(frame("fast"));
      if (round === 3) scheduler.submit(frame("slow"));
      const next = scheduler.next("w");
      if (next === undefined) throw new Error("a frame waits");
      turns.push(next.cameraId);
      scheduler.settle("w", next.number);
    }
    expect(turns).toEqual(["slow", "fast", "fast", "slow", "fast", "fast"]);
  });

  test("the newest frame of a camera is looked at, and what it replaced is counted", () => {
    const scheduler = new Scheduler();
    const frames = [frame("a"), frame("a"), frame("a")];
    for (const one of frames) scheduler.submit(one);
    expect(scheduler.next("w")).toBe(frames[2]);
    expect(scheduler.dropped(camera("a"))).toBe(2);
    expect(scheduler.next("w")).toBeUndefined();
  });

  test("a worker has one frame at the network and one behind it, of different cameras where it can", () => {
    const scheduler = new Scheduler();
    scheduler.submit(frame("a"));
    expect(scheduler.next("w")?.cameraId).toBe("a");
    for (const name of ["a", "b", "c"]) scheduler.submit(frame(name));
    expect(scheduler.next("w")?.cameraId).toBe("b");
    expect(scheduler.next("w")).toBeUndefined();
    expect(scheduler.heldBy("w")).toBe(FRAMES_PER_WORKER);
  });

  test("a camera's frames stay with one worker while it has any, so that results come in order", () => {
    const scheduler = new Scheduler();
    scheduler.submit(frame("a"));
    const first = scheduler.next("w1");
    scheduler.submit(frame("a"));
    expect(scheduler.next("w2")).toBeUndefined();
    scheduler.settle("w1", first?.number ?? 0);
    expect(scheduler.next("w2")?.cameraId).toBe("a");
  });

  test("when a worker dies its frames wait again, unless newer ones do", () => {
    const scheduler = new Scheduler();
    const [old, other] = [frame("a"), frame("b")];
    scheduler.submit(old);
    scheduler.submit(other);
    scheduler.next("w");
    scheduler.next("w");
    const newer = frame("a");
    scheduler.submit(newer);
    expect(scheduler.workerGone("w", true).poisoned).toEqual([]);
    expect(scheduler.next("w")).toBe(newer);
    scheduler.settle("w", newer.number);
    expect(scheduler.next("w")).toBe(other);
  });

  test("a picture during which two workers died is not tried again, and its second try is alone", () => {
    const scheduler = new Scheduler();
    const [bad, innocent] = [frame("a"), frame("b")];
    scheduler.submit(bad);
    scheduler.submit(innocent);
    scheduler.next("w");
    scheduler.next("w");
    scheduler.workerGone("w", true);
    const again = scheduler.next("w");
    expect(scheduler.next("w")).toBeUndefined();
    const { poisoned } = scheduler.workerGone("w", true);
    expect(poisoned).toEqual([again]);
    const last = scheduler.next("w");
    expect(new Set([again, last])).toEqual(new Set([bad, innocent]));
    scheduler.settle("w", last?.number ?? 0);
    expect(scheduler.next("w")).toBeUndefined();
  });

  test("a drill blames no picture", () => {
    const scheduler = new Scheduler();
    scheduler.submit(frame("a"));
    for (let drill = 0; drill < 5; drill++) {
      expect(scheduler.next("w")).toBeDefined();
      expect(scheduler.workerGone("w", false).poisoned).toEqual([]);
    }
  });

  test("whatever happens, every frame is waiting, held, answered, dropped or poisoned, and never two of these", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("submit" as const), who: fc.constantFrom("a", "b", "c") }),
      fc.record({ kind: fc.constant("next" as const), who: fc.constantFrom("w1", "w2") }),
      fc.record({ kind: fc.constant("settle" as const), who: fc.constantFrom("w1", "w2") }),
      fc.record({ kind: fc.constant("gone" as const), who: fc.constantFrom("w1", "w2") }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const scheduler = new Scheduler();
        const held = new Map<string, Frame[]>([
          ["w1", []],
          ["w2", []],
        ]);
        let submitted = 0;
        let ended = 0;
        for (const { kind, who } of steps) {
          const mine = held.get(who) ?? [];
          if (kind === "submit") {
            scheduler.submit(frame(who));
            submitted++;
          } else if (kind === "next") {
            const next = scheduler.next(who);
            if (next !== undefined) mine.push(next);
          } else if (kind === "settle") {
            const first = mine.shift();
            if (first !== undefined && scheduler.settle(who, first.number) === first) ended++;
          } else {
            ended += scheduler.workerGone(who, true).poisoned.length;
            mine.length = 0;
          }
          for (const [worker, frames] of held) expect(scheduler.heldBy(worker)).toBe(frames.length);
          expect(Math.max(...[...held.values()].map((frames) => frames.length))).toBeLessThanOrEqual(FRAMES_PER_WORKER);
        }
        const dropped = ["a", "b", "c"].reduce((sum, name) => sum + scheduler.dropped(camera(name)), 0);
        const inHand = [...held.values()].flat().length;
        let waiting = 0;
        for (let taken = scheduler.next("w3"); taken !== undefined; taken = scheduler.next("w3")) {
          waiting++;
          scheduler.settle("w3", taken.number);
        }
        for (const worker of held.keys()) scheduler.workerGone(worker, false);
        const behind = submitted - ended - dropped - inHand - waiting;
        // A camera whose frames another worker holds keeps its waiting one back: at most one each.
        expect(behind).toBeGreaterThanOrEqual(0);
        expect(behind).toBeLessThanOrEqual(inHand);
      }),
    );
  });
});
