import { beforeEach, describe, expect, it, vi } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { autopi } from "./index.ts";

let dongle: AdapterUnderTest;
const stamp = (ageMs = 0) => new Date(dongle.clock.now() - ageMs).toISOString().replace("Z", "000");
const say = (result: object, retained = false) => dongle.say("autopi/van/x", JSON.stringify(result), retained);

beforeEach(() => {
  dongle = new AdapterUnderTest(autopi, { nativeId: "van" });
  dongle.adapter.start();
});

describe("an AutoPi dongle", () => {
  it("sends values with the units of its library, which become ours", () => {
    say({ _type: "rpm", _stamp: stamp(), value: 1165, unit: "revolutions_per_minute" });
    say({ _type: "speed", _stamp: stamp(), value: 50, unit: "mph" });
    say({ _type: "coolant_temp", _stamp: stamp(), value: 194, unit: "degF" });
    say({ _type: "bat", _stamp: stamp(), level: 87, state: "charging", voltage: 12.6 });
    const values = dongle.values();
    expect(values["engine-speed"]).toBe(1165);
    expect(values["vehicle-speed"]).toBeCloseTo(80.467, 3);
    expect(values["coolant-temperature"]).toBeCloseTo(90, 6);
    expect(values).toMatchObject({ "low-voltage-battery": 12.6, "bat.level": 87, "bat.state": "charging" });
  });

  it("keeps its own word for a value in a unit that nobody can convert", () => {
    say({ _type: "rpm", value: 7, unit: "furlongs" });
    expect(dongle.sample("rpm")).toMatchObject({ value: 7, unit: "furlongs" });
  });

  it("does not drive at 255 km/h", () => {
    say({ _type: "speed", value: 255, unit: "kph" });
    expect(dongle.values()).toEqual({});
  });

  it("sends late what it kept while it had no network: such values are stale", () => {
    say({ _type: "rpm", _stamp: stamp(600_000), value: 900, unit: "rpm" });
    expect(dongle.sample("engine-speed")).toMatchObject({ stale: true });
  });

  it("is silent after a while without a word", () => {
    say({ _type: "rpm", value: 900 });
    expect(dongle.state).toBe("online");
    dongle.clock.advance(121_000);
    expect(dongle.state).toBe("fault silent");
  });

  it("takes broken messages without harm", () => {
    for (const text of ["", "null", "[]", '{"_type":5}', '{"_type":"dtc","values":"x"}', "{"])
      dongle.say("autopi/van/x", text);
    expect(dongle.values()).toEqual({});
  });
});

describe("its list of codes", () => {
  it("is the answer to a scan when it is fresh, without what is no code and without repetitions", async () => {
    say({
      _type: "dtc",
      _stamp: stamp(),
      values: [{ code: "P0420", text: "…" }, { code: "P0420" }, { code: "nonsense" }, "U0100"],
    });
    expect(await dongle.adapter.reportedCodes?.(1000)).toEqual({ codes: ["P0420", "U0100"] });
  });

  it("is waited for when the last one is old, since another car may stand there", async () => {
    say({ _type: "dtc", _stamp: stamp(), values: [{ code: "P0420" }] });
    dongle.clock.advance(61_000);
    const asked = dongle.adapter.reportedCodes?.(1000);
    say({ _type: "dtc", _stamp: stamp(), values: [] });
    expect(await asked).toEqual({ codes: [] });
  });

  it("never is one that the broker or the dongle kept", async () => {
    vi.useFakeTimers();
    say({ _type: "dtc", _stamp: stamp(), values: [{ code: "P0420" }] }, true);
    say({ _type: "dtc", _stamp: stamp(600_000), values: [{ code: "P0420" }] });
    const asked = dongle.adapter.reportedCodes?.(1000);
    const refused = expect(asked).rejects.toMatchObject({ code: "car-silent" });
    await vi.advanceTimersByTimeAsync(1000);
    await refused;
    vi.useRealTimers();
  });
});
