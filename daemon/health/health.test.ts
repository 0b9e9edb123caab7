import { tmpdir } from "node:os";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../../machine/manual-clock.ts";
import { type AttentionState, type Cause, NO_ATTENTION, patienceFor, stepAttention } from "./attention.ts";
import { ClockWatch } from "./clock-watch.ts";
import { dayOf } from "./day.ts";
import { addSample, DiskGuardian, type DiskSample, daysLeft, isDiskLow } from "./disk.ts";
import { maskPlate } from "./plate.ts";
import { LoopDelayMonitor, temperatureC } from "./process-watch.ts";
import { Progress } from "./progress.ts";
import { promiseRisk } from "./promise.ts";

const HOUR = 3_600_000;

const silent: Cause = {
  key: "camera-silent:north",
  kind: "camera-silent",
  urgency: "now",
  values: { camera: "north" },
  action: "see-camera",
  target: "north",
  code: null,
};

/** Plays causes second by second; returns the keys shown after each second. */
function play(seconds: readonly (readonly Cause[])[]): readonly (readonly string[])[] {
  let state: AttentionState = NO_ATTENTION;
  return seconds.map((causes, second) => {
    const step = stepAttention(state, causes, { wallMs: 1_000_000 + second * 1000, monoMs: second * 1000 });
    state = step.state;
    return step.items.map((item) => item.key);
  });
}

test("a fault that passes makes no card, one that lasts makes one, and it stays until the fault has been gone for a while", () => {
  const { enterMs, leaveMs } = patienceFor("camera-silent");
  const enter = enterMs / 1000;
  const leave = leaveMs / 1000;
  const transient = play([...Array.from({ length: enter }, () => [silent]), ...Array.from({ length: 60 }, () => [])]);
  expect(transient.every((keys) => keys.length === 0)).toBe(true);
  const lasting = play([
    ...Array.from({ length: enter + 5 }, () => [silent]),
    ...Array.from({ length: leave + 5 }, () => []),
  ]);
  expect(lasting[enter - 1]).toEqual([]);
  expect(lasting[enter]).toEqual([silent.key]);
  expect(lasting[enter + 4 + leave - 1]).toEqual([silent.key]);
  expect(lasting[enter + 4 + leave]).toEqual([]);
});

test("a flapping fault never flickers: at most one change per time that it must last or be gone", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (there) => {
      const shown = play(there.map((is) => (is ? [silent] : []))).map((keys) => keys.length);
      const changes = shown.flatMap((count, second) => (second > 0 && count !== shown[second - 1] ? [second] : []));
      const least = Math.min(patienceFor("camera-silent").enterMs, patienceFor("camera-silent").leaveMs) / 1000;
      for (const [index, second] of changes.entries())
        expect(second - (changes[index - 1] ?? -1000)).toBeGreaterThanOrEqual(least);
      expect(Math.max(0, ...shown)).toBeLessThanOrEqual(1);
    }),
  );
});

test("a fact is a card at once, keeps the time it began, and cards come by urgency, then age", () => {
  const fact = (key: string, urgency: Cause["urgency"], since?: number): Cause => ({
    ...silent,
    key,
    kind: "vin-mismatch",
    urgency,
    ...(since === undefined ? {} : { since }),
  });
  const causes = [fact("info", "info", 1), fact("young", "now", 900), fact("old", "now", 100), fact("unknown", "soon")];
  const first = stepAttention(NO_ATTENTION, causes, { wallMs: 5_000, monoMs: 0 });
  expect(first.items.map((item) => item.key)).toEqual(["old", "young", "unknown", "info"]);
  const later = stepAttention(first.state, causes, { wallMs: 99_000, monoMs: 94_000 });
  expect(later.items.find((item) => item.key === "unknown")?.since).toBe(5_000);
  expect(stepAttention(later.state, [], { wallMs: 99_000, monoMs: 94_000 }).items).toEqual([]);
});

test("a promise is at risk when the work that is left is longer than the time that is left", () => {
  const job = { promisedAt: 10 * HOUR, flatRateHours: 2, labourMs: 0.5 * HOUR, workers: 1 };
  expect(promiseRisk(job, 8 * HOUR)).toBe("none");
  expect(promiseRisk(job, 8.6 * HOUR)).toBe("at-risk");
  expect(promiseRisk({ ...job, workers: 2 }, 8.6 * HOUR)).toBe("none");
  expect(promiseRisk({ ...job, workers: 0 }, 8.6 * HOUR)).toBe("at-risk");
  expect(promiseRisk({ ...job, labourMs: 3 * HOUR }, 9.9 * HOUR)).toBe("none");
  expect(promiseRisk({ ...job, labourMs: 3 * HOUR }, 10.1 * HOUR)).toBe("late");
  expect(promiseRisk({ ...job, flatRateHours: null }, 9 * HOUR)).toBe("none");
  expect(promiseRisk({ ...job, flatRateHours: null }, 9.6 * HOUR)).toBe("at-risk");
  expect(promiseRisk({ ...job, promisedAt: null }, 99 * HOUR)).toBe("none");
});

test("a plate shows its last characters alone, and never all of a short one", () => {
  expect(maskPlate("沪A12345", 3)).toBe("•••345");
  expect(maskPlate("沪A·D12345", 4)).toBe("•••2345");
  expect(maskPlate("沪A12345", 0)).toBe("•••");
  expect(maskPlate("A123", 4)).toBe("•••3");
  expect(maskPlate("AB", 4)).toBe("•••");
  expect(maskPlate(null, 3)).toBeNull();
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 16 }),
      fc.integer({ min: 0, max: 4 }),
      (plate, shown) => {
        const visible = [...(maskPlate(plate, shown) ?? "")].length - 3;
        return visible <= shown && visible <= Math.max(0, [...plate].length - 3);
      },
    ),
  );
});

test("the shop's day begins at its own midnight, also when the clocks change", () => {
  const shanghai = dayOf(Date.UTC(2026, 10, 21, 17, 30), "Asia/Shanghai");
  expect(shanghai).toEqual({ fromMs: Date.UTC(2026, 10, 21, 16), toMs: Date.UTC(2026, 10, 22, 16) });
  const spring = dayOf(Date.UTC(2026, 2, 29, 10), "Europe/Berlin");
  expect(spring).toEqual({ fromMs: Date.UTC(2026, 2, 28, 23), toMs: Date.UTC(2026, 2, 29, 22) });
  const autumn = dayOf(Date.UTC(2026, 9, 25, 10), "Europe/Berlin");
  expect(autumn).toEqual({ fromMs: Date.UTC(2026, 9, 24, 22), toMs: Date.UTC(2026, 9, 25, 23) });
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2034, 0) }),
      fc.constantFrom(
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Africa/Cairo",
        "Asia/Kolkata",
        "Pacific/Auckland",
      ),
      (wallMs, zone) => {
        const day = dayOf(wallMs, zone);
        expect(day.fromMs).toBeLessThanOrEqual(wallMs);
        expect(day.toMs).toBeGreaterThan(wallMs);
        expect(dayOf(day.toMs, zone).fromMs).toBe(day.toMs);
        expect([23, 24, 25]).toContain((day.toMs - day.fromMs) / HOUR);
      },
    ),
  );
});

test("days left come from the rate at which the disk fills, and are unknown until that can be told", async () => {
  let samples: readonly DiskSample[] = [];
  for (let hour = 0; hour <= 30; hour += 1)
    samples = addSample(samples, { atMs: hour * HOUR, freeBytes: 100e9 - hour * 1e9 });
  expect(samples[0]?.atMs).toBe(6 * HOUR);
  expect(daysLeft(samples)).toBeCloseTo(70 / 24, 5);
  expect(daysLeft(samples.slice(0, 1))).toBeNull();
  expect(
    daysLeft([
      { atMs: 0, freeBytes: 10 },
      { atMs: HOUR, freeBytes: 20 },
    ]),
  ).toBeNull();
  expect(isDiskLow({ freeBytes: 50e9, totalBytes: 100e9, daysLeft: 3 })).toBe(true);
  expect(isDiskLow({ freeBytes: 50e9, totalBytes: 100e9, daysLeft: null })).toBe(false);
  expect(isDiskLow({ freeBytes: 1e9, totalBytes: 100e9, daysLeft: null })).toBe(true);
  const guardian = new DiskGuardian(tmpdir(), () => 0);
  expect(guardian.room()).toBeUndefined();
  await guardian.measure();
  expect(guardian.room()?.freeBytes).toBeGreaterThan(0);
  const absent = new DiskGuardian("/nowhere/at/all", () => 0);
  await absent.measure();
  expect(absent.room()).toBeUndefined();
});

test("a jump of the wall clock is told once, with whether it can be believed; passing time is not", () => {
  const clock = new ManualClock();
  const watch = new ClockWatch(clock);
  clock.advance(3_600_000);
  expect(watch.look()).toBeUndefined();
  clock.jumpWall(86_400_000);
  clock.advance(5_000);
  expect(watch.look()).toEqual({ byMs: 86_400_000, trusted: true });
  expect(watch.look()).toBeUndefined();
  clock.jumpWall(-40 * 365 * 86_400_000, false);
  expect(watch.look()).toEqual({ byMs: -40 * 365 * 86_400_000, trusted: false });
  clock.jumpWall(0, true);
  expect(watch.look()).toEqual({ byMs: 0, trusted: true });
  for (let n = 0; n < 100; n += 1) {
    clock.jumpWall(100);
    expect(watch.look()).toBeUndefined();
  }
});

test("a part that stands still beyond its deadline is named, and is well again when it moves", () => {
  let nowMs = 0;
  const progress = new Progress(() => nowMs);
  const journal = progress.watch("journal", 1_000);
  const shop = progress.watch("shop", 5_000);
  nowMs = 1_001;
  expect(progress.stuck()).toEqual(["journal"]);
  journal();
  expect(progress.stuck()).toEqual([]);
  nowMs = 9_000;
  shop();
  expect(progress.stuck()).toEqual(["journal"]);
});

test("the box's own figures are numbers or unknown, never an error", async () => {
  const loop = new LoopDelayMonitor();
  expect(loop.read()).toEqual({ p50Ms: 0, p99Ms: 0, maxMs: 0 });
  loop.start();
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(loop.read(true).maxMs).toBeGreaterThanOrEqual(0);
  loop.stop();
  const temperature = await temperatureC();
  expect(temperature === null || Number.isFinite(temperature)).toBe(true);
});
