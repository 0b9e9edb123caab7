import { beforeEach, describe, expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { teltonika } from "./index.ts";

const TOPIC = "teltonika/350000000000001/data";
let tracker: AdapterUnderTest;
const say = (reported: object) => tracker.say(TOPIC, JSON.stringify({ state: { reported } }));

beforeEach(() => {
  tracker = new AdapterUnderTest(teltonika, { nativeId: "350000000000001" });
  tracker.adapter.start();
});

describe("a Teltonika tracker", () => {
  it("numbers its values, and some of the numbers are ours", () => {
    say({ ts: tracker.clock.now(), "66": 12_640, "36": 820, "32": 88, "16": 123_456_789, "40": 1234, "239": 1 });
    expect(tracker.values()).toEqual({
      "low-voltage-battery": 12.64,
      "engine-speed": 820,
      "coolant-temperature": 88,
      odometer: 123_456.789,
      "mass-air-flow": 12.34,
      "avl-239": 1,
    });
  });

  it("does not tell where the car is", () => {
    say({ latlng: "31.2,121.4", alt: 12, ang: 90, sat: 9, "66": 12_000 });
    expect(Object.keys(tracker.values())).toEqual(["low-voltage-battery"]);
  });

  it("sends kept records late, which are stale", () => {
    say({ ts: tracker.clock.now() - 3_600_000, "36": 900, "281": "P0420" });
    expect(tracker.sample("engine-speed")).toMatchObject({ stale: true });
  });

  it("tells codes now and then", async () => {
    say({ "281": "P0171,P0300", "256": "LSVAB2BR2HN000017" });
    expect(await tracker.adapter.reportedCodes?.(1000)).toEqual({
      codes: ["P0171", "P0300"],
      vin: "LSVAB2BR2HN000017",
    });
  });

  it("takes broken messages without harm", () => {
    for (const text of ["", "{", "5", '{"state":5}', '{"state":{"reported":[]}}']) tracker.say(TOPIC, text);
    expect(tracker.values()).toEqual({});
    expect(tracker.state).toBeUndefined();
  });
});
