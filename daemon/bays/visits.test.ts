import { describe, expect, it } from "vitest";
import type { BayStateWord } from "../../contract/payloads.ts";
import { drivesIn, drivesOut, north, type Script, south, Visit, type VisitOptions } from "./visit.fixture.ts";

/** Empty; a car drives in for 15 s; a technician works from 100 to 1,000 s; the car stands alone; it drives out from 2,000 s. */
const ordinary: Script = (second) => {
  const car = second < 1_500 ? drivesIn(second, 30, 45) : drivesOut(second, 2_000, 2_015);
  const people = second >= 100 && second < 1_000 ? 1 : 0;
  return car === undefined ? { people } : { car, people };
};

const ORDINARY: readonly [BayStateWord, number][] = [
  ["empty", 0],
  ["arriving", 30],
  ["occupied", 45],
  ["working", 100],
  ["occupied", 1_000],
  ["waiting", 1_000],
  ["leaving", 2_000],
  ["empty", 2_010],
];

function visit(everyMs: number, script: Script, seconds: number, more: Partial<VisitOptions> = {}): Visit {
  return new Visit({ everyMs, seconds, cameras: [{ id: north, script }], ...more }).play();
}

describe.each([200, 1_000, 4_000])("a bay that is looked at every %i ms", (everyMs) => {
  const slack = everyMs / 1000;

  it("tells an ordinary visit as it was, each state within eight seconds and two samples of the truth", () => {
    for (const seed of [1, 2, 3]) {
      const played = visit(everyMs, ordinary, 2_100, { seed });
      expect(played.states).toEqual(ORDINARY.map(([state]) => state));
      for (const [index, [, trueSecond]] of ORDINARY.entries()) {
        const { since, at } = played.timesOf(played.changes[index]!);
        expect(Math.abs(since - trueSecond)).toBeLessThanOrEqual(8 + 2 * slack);
        expect(at).toBeGreaterThanOrEqual(since);
      }
    }
  });

  it("rides out thirty seconds in which the car is hidden, however often", () => {
    const script: Script = (second) => ({ car: 0, hidden: second > 60 && second % 90 < 30 });
    const played = visit(everyMs, script, 550, { missed: 0 });
    expect(played.states).toEqual(["occupied"]);
  });

  it("does not take a car that is being covered and uncovered for one that leaves", () => {
    const script: Script = (second) => {
      const turn = second % 80;
      return { car: 0, cover: second < 60 ? 0 : Math.max(0, Math.min(0.6, turn * 0.04, (50 - turn) * 0.04)) };
    };
    expect(visit(everyMs, script, 600, { missed: 0 }).states).toEqual(["occupied"]);
  });

  it("goes on working while the technician is behind the car or fetches a tool", () => {
    const script: Script = (second) => ({ car: 0, people: second > 30 && second % 60 < 35 ? 1 : 0 });
    const played = visit(everyMs, script, 900);
    expect(played.states).toEqual(["occupied", "working"]);
  });

  it("does not take somebody who walks through for work", () => {
    const script: Script = (second) => ({ car: 0, people: second >= 60 && second < 70 ? 1 : 0 });
    expect(visit(everyMs, script, 300).states).toEqual(["occupied"]);
  });

  it("does not take a flicker of the model for a car", () => {
    const script: Script = (second) => (Math.floor(second) % 60 === 7 && second % 1 < 0.2 ? { car: 0 } : {});
    expect(visit(everyMs, script, 600, { missed: 0 }).states).toEqual(["empty"]);
  });

  it("does not take a car on a lift for a car that leaves", () => {
    const script: Script = (second) => ({ car: 0, people: second < 600 ? 1 : 0, raised: second > 120 && second < 400 });
    expect(visit(everyMs, script, 600).states).toEqual(["occupied", "working"]);
  });

  it("shows a lost camera as unknown and never as empty, since its last picture, and goes on where it was", () => {
    const script: Script = (second) => ({ car: 0, people: 1, dark: second > 200 && second < 320 });
    const played = visit(everyMs, script, 500);
    expect(played.states).toEqual(["occupied", "working", "unknown", "working"]);
    const [, working, unknown, again] = played.changes;
    expect(played.timesOf(unknown!).since).toBeGreaterThan(200 - 2 * slack);
    expect(played.timesOf(unknown!).since).toBeLessThanOrEqual(200 + slack);
    expect(again?.since).toEqual(working?.since);
    expect(again?.cause).toBe("seen-again");
  });

  it("calls a bay empty after a blind time only when an occlusion is ruled out", () => {
    const script: Script = (second) => (second < 100 ? { car: 0 } : { dark: second < 200 });
    const played = visit(everyMs, script, 300);
    expect(played.states).toEqual(["occupied", "unknown", "empty"]);
    expect(played.timesOf(played.changes[2]!).at).toBeGreaterThanOrEqual(240);
  });

  it("waits when the job waits, even with people about, and not longer than the job", () => {
    const played = visit(everyMs, () => ({ car: 0, people: 1 }), 600, {
      job: (second) => ({ paused: second >= 200 && second < 400 }),
    });
    expect(played.states).toEqual(["occupied", "working", "waiting", "occupied", "working"]);
    expect(played.timesOf(played.changes[2]!).since).toBeCloseTo(200, -1);
    expect(played.timesOf(played.changes[4]!).since).toBeCloseTo(400, -1);
  });
});

describe("two cameras on one bay", () => {
  const cameras = (a: Script, b: Script) => [
    { id: north, script: a },
    { id: south, script: b },
  ];

  it("keep it known while one of them lives", () => {
    const dies: Script = (second) => ({ car: 0, dark: second > 100 });
    const lives: Script = () => ({ car: 0 });
    const played = new Visit({ everyMs: 1_000, seconds: 400, cameras: cameras(dies, lives) }).play();
    expect(played.states).toEqual(["occupied"]);
  });

  it("believe the one that sees the car against the one that is blocked", () => {
    const blocked: Script = (second) => ({ car: 0, hidden: second > 60 });
    const sees: Script = () => ({ car: 0 });
    const played = new Visit({ everyMs: 1_000, seconds: 400, cameras: cameras(blocked, sees) }).play();
    expect(played.states).toEqual(["occupied"]);
  });

  it("count the same people once", () => {
    const two: Script = () => ({ car: 0, people: 2 });
    const played = new Visit({ everyMs: 1_000, seconds: 60, cameras: cameras(two, two), missed: 0, unsure: 0 }).play();
    expect(played.observer.peopleAt(played.changes[0]!.bayId)).toBe(2);
  });
});

describe("evidence of a bay", () => {
  it("records presence in segments of at most five minutes and counts people", () => {
    const script: Script = (second) => ({ car: 0, people: second >= 60 && second < 960 ? 2 : 0 });
    const played = visit(1_000, script, 1_200).finish();
    const presence = played.segments.filter((segment) => segment.kind === "presence");
    expect(presence.length).toBeGreaterThanOrEqual(3);
    for (const { from, to } of presence) expect(to.monoMs - from.monoMs).toBeLessThanOrEqual(300_000);
    expect(played.evidenceSeconds("presence")).toBeGreaterThan(890);
    expect(played.evidenceSeconds("presence")).toBeLessThanOrEqual(900);
    expect(Math.max(...presence.map((segment) => segment.people))).toBe(2);
    expect(played.evidenceSeconds("blind")).toBe(0);
  });

  it("records as blind exactly the time between two looks of any camera", () => {
    const script: Script = (second) => ({ car: 0, people: 1, dark: second > 100 && second < 900 });
    const played = visit(1_000, script, 1_000).finish();
    expect(played.evidenceSeconds("blind")).toBeCloseTo(800, -1);
    expect(played.evidenceSeconds("presence") + played.evidenceSeconds("blind")).toBeLessThanOrEqual(1_000);
    for (const { from, to } of played.segments) expect(to.monoMs - from.monoMs).toBeLessThanOrEqual(300_000);
  });

  it("needs no blind time where nobody claims labour", () => {
    const script: Script = (second) => ({ dark: second > 100 && second < 900 });
    expect(visit(1_000, script, 1_000, { labourRuns: false }).finish().segments).toEqual([]);
  });

  it("flushes nothing twice", () => {
    const played = visit(1_000, () => ({ car: 0, people: 1 }), 130).finish();
    const first = played.evidenceSeconds("presence");
    played.finish();
    expect(played.evidenceSeconds("presence")).toBe(first);
    expect(first).toBeGreaterThan(120);
  });

  it("takes a raised lift as evidence while somebody was near it in the last ten minutes", () => {
    const played = visit(1_000, (second) => ({ car: 0, people: second < 300 ? 1 : 0 }), 60);
    const at = played.clock.stamp();
    const bayId = played.changes[0]!.bayId;
    played.observer.onEquipment(bayId, "lift-raised", at);
    played.play(2_000).finish();
    // Raised at 60 s, the last person at 300 s, ten minutes on.
    expect(played.evidenceSeconds("lift")).toBeGreaterThan(830);
    expect(played.evidenceSeconds("lift")).toBeLessThanOrEqual(845);
  });

  it("takes a torque result as the half minute of work that it ends", () => {
    const played = visit(1_000, () => ({ car: 0 }), 60);
    const news = played.observer.onEquipment(played.changes[0]!.bayId, "torque-result", played.clock.stamp());
    const [segment] = news[0]?.segments ?? [];
    expect(segment).toMatchObject({ kind: "tool" });
    expect(segment && segment.to.monoMs - segment.from.monoMs).toBe(30_000);
  });
});

describe("after a restart", () => {
  it("begins as unknown, tells so, and goes on in the journaled state once the bay was seen", () => {
    const played = visit(1_000, () => ({ car: 0, people: 1 }), 120);
    const working = played.changes.at(-1);
    played.restart();
    played.play(121);
    expect(played.states.at(-1)).toBe("unknown");
    played.play(150);
    expect(played.states).toEqual(["occupied", "working", "unknown", "working"]);
    expect(played.changes.at(-1)?.since).toEqual(working?.since);
  });
});
