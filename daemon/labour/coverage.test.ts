import { describe, expect, it } from "vitest";
import { moved } from "../bays/facts.ts";
import { baysToFlush } from "../shop/shop.ts";
import { advisor, bay1, bay2, li, minutes, Workshop, wang } from "../shop/workshop.fixture.ts";

describe("evidence coverage", () => {
  it("joins presence, lift and tool of the job's bay and leaves blind time out of the judgement", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    const start = shop.clock.stamp();
    shop.clockOn(li);
    shop.evidence("presence", moved(start, -minutes(3)), moved(start, minutes(2)));
    shop.evidence("lift", moved(start, minutes(1)), moved(start, minutes(4)));
    shop.evidence("blind", moved(start, minutes(3)), moved(start, minutes(6)));
    shop.evidence("presence", start, moved(start, minutes(5)), bay2);
    shop.clock.advance(minutes(10));
    shop.clockOff(li);
    expect(shop.intervals[0]?.evidence).toEqual({
      claimedMs: minutes(10),
      presenceMs: minutes(2),
      liftMs: minutes(3),
      toolMs: 0,
      coveredMs: minutes(4),
      unobservableMs: minutes(2),
      coverage: 0.5,
    });
  });

  it("is null when nothing could be observed, and no reproach", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    const start = shop.clock.stamp();
    shop.clockOn(li);
    shop.clock.advance(minutes(4));
    shop.evidence("blind", start, shop.clock.stamp());
    shop.clockOff(li);
    expect(shop.intervals[0]?.evidence).toMatchObject({ coverage: null, unobservableMs: minutes(4) });
    expect(shop.intervals[0]?.flags).toEqual([]);
  });

  it("flags time that was observed without a trace of anybody", () => {
    const shop = new Workshop();
    shop.openJob("RO-1");
    shop.clockOn(li);
    shop.clock.advance(minutes(4));
    shop.clockOff(li);
    expect(shop.intervals[0]?.flags).toEqual(["no-evidence"]);
  });

  it("does not count the unrecorded minutes before a crash against anybody", () => {
    const shop = new Workshop();
    shop.start();
    shop.openJob("RO-1");
    const start = shop.clock.stamp();
    shop.clockOn(li);
    shop.evidence("presence", start, moved(start, minutes(5)));
    shop.clock.advance(minutes(8));
    shop.beat();
    shop.killAndRestart(minutes(2));
    const back = shop.clock.stamp();
    shop.clock.advance(minutes(5));
    shop.evidence("presence", back, shop.clock.stamp());
    shop.clockOff(li);
    expect(shop.intervals[0]?.evidence).toMatchObject({
      claimedMs: minutes(15),
      coveredMs: minutes(10),
      unobservableMs: minutes(5),
      coverage: 1,
    });
  });

  it("follows the job to another bay", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1", bay1);
    const start = shop.clock.stamp();
    shop.clockOn(li);
    shop.clock.advance(minutes(2));
    shop.evidence("presence", start, shop.clock.stamp(), bay1);
    const command = { kind: "assign-job", jobId, bayId: bay2, by: advisor } as const;
    expect(baysToFlush(shop.state, command)).toEqual([bay1]);
    shop.do(command);
    const moment = shop.clock.stamp();
    shop.clock.advance(minutes(2));
    shop.evidence("presence", start, shop.clock.stamp(), bay2);
    shop.clockOff(li);
    expect(shop.intervals[0]?.evidence).toMatchObject({ coveredMs: minutes(4), coverage: 1 });
    expect(shop.intervals[0]?.bayId).toBe(bay2);
    expect(moment.monoMs).toBeGreaterThan(start.monoMs);
  });

  it("needs open evidence recorded before whatever ends labour", () => {
    const shop = new Workshop();
    const jobId = shop.openJob("RO-1");
    shop.clockOn(li);
    expect(baysToFlush(shop.state, { kind: "clock-off", technicianId: li, by: advisor })).toEqual([bay1]);
    expect(baysToFlush(shop.state, { kind: "close-job", jobId, by: advisor })).toEqual([bay1]);
    shop.evidence("presence", shop.clock.stamp(), moved(shop.clock.stamp(), 1_000), bay2);
    expect(baysToFlush(shop.state, { kind: "gateway-stopped", reason: "update" })).toEqual([bay2]);
    expect(baysToFlush(shop.state, { kind: "clock-off", technicianId: wang, by: advisor })).toEqual([]);
  });
});
