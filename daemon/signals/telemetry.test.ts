import { describe, expect, it } from "vitest";
import type { DongleId, JobId } from "../../contract/ids.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { scanOf } from "../shop/workshop.fixture.ts";
import { Telemetry } from "./telemetry.ts";

const OBD = "obd-1" as DongleId;
const LIMITS = { probeSpreadC: 3, cellSpreadMv: 100, insulationOhmPerVolt: 100, lowVoltage: 11.8 };

function bay() {
  const clock = new ManualClock();
  const alerts: string[] = [];
  const telemetry = new Telemetry({
    clock,
    limitsOf: () => LIMITS,
    isRaised: (_dongle, alert) => alerts.filter((each) => each.endsWith(alert)).length % 2 === 1,
    alert: (dongleId, { state, alert }) => void alerts.push(`${dongleId} ${state} ${alert}`),
  });
  telemetry.stand(OBD, "job-1" as JobId);
  telemetry.start();
  const tell = (values: Record<string, number>) =>
    telemetry.take(
      OBD,
      Object.entries(values).map(([name, value]) => ({ name, value, at: clock.now() })),
      clock.stamp(),
    );
  return { clock, alerts, telemetry, tell };
}

describe("live values of a car", () => {
  it("make a chart of its battery as long as the job stands there, with holes where it said nothing", () => {
    const { clock, telemetry, tell } = bay();
    for (let second = 0; second < 60; second += 1) {
      if (second < 30) tell({ "pack-voltage": 380 + second, "engine-speed": 1 });
      clock.advance(1_000);
    }
    const history = telemetry.electric(OBD)?.history;
    expect(history?.at).toHaveLength(6);
    expect(history?.columns).toEqual({ "pack-voltage": [389, 399, 409, null, null, null] });
    telemetry.stand(OBD, "job-2" as JobId);
    expect(telemetry.electric(OBD)).toBeNull();
    telemetry.stop();
  });

  it("of four hours are all that is kept", () => {
    const { clock, telemetry, tell } = bay();
    for (let minute = 0; minute < 300; minute += 1) {
      tell({ "pack-voltage": minute });
      clock.advance(60_000);
    }
    const { at, columns } = telemetry.electric(OBD)?.history ?? { at: [], columns: {} };
    expect(at).toHaveLength(1_440);
    expect(at.at(-1)! - at[0]!).toBe(1_439 * 10_000);
    expect(columns["pack-voltage"]?.at(-1)).toBe(299);
  });

  it("raise an alert of the battery, once, and nothing where no job stands", () => {
    const { clock, alerts, telemetry, tell } = bay();
    const hot = () => {
      for (let second = 0; second < 20; second += 1) {
        tell({ "probe-temperature.1": 20, "probe-temperature.2": 25 });
        clock.advance(1_000);
      }
    };
    hot();
    expect(alerts).toEqual(["obd-1 raised probe-spread"]);
    telemetry.stand(OBD, null);
    alerts.length = 0;
    hot();
    expect(alerts).toEqual([]);
  });

  it("of a scan count at once, its 12 V battery too", () => {
    const { clock, alerts, telemetry } = bay();
    const signals = [
      { name: "probe-temperature.1", value: 20, at: 1 },
      { name: "probe-temperature.2", value: 25, at: 1 },
    ];
    telemetry.scanned(OBD, scanOf({ signals, batteryVolts: 11.2 }), clock.stamp());
    expect(alerts.toSorted()).toEqual(["obd-1 raised low-voltage-battery", "obd-1 raised probe-spread"]);
    expect(telemetry.board.reading(OBD, "low-voltage-battery")).toMatchObject({ value: 11.2, unit: "V" });
    telemetry.scanned(OBD, scanOf(), clock.stamp());
    expect(alerts).toHaveLength(2);
  });
});
