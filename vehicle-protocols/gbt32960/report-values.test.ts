import { describe, expect, it } from "vitest";
import { REPORT_2016, REPORT_2025 } from "./own-packets.fixture.ts";
import { reportValues } from "./report-values.ts";

describe("a report in the words of the vocabulary", () => {
  it("names the vehicle, its motors and its cells through all battery systems", () => {
    expect(Object.fromEntries(reportValues(REPORT_2016))).toEqual({
      "vehicle-speed": 42.5,
      odometer: 12_345.6,
      "pack-voltage": 381.1,
      "pack-current": 2.2,
      "state-of-charge": 94,
      "insulation-resistance": 3000,
      gear: "D",
      charging: 0,
      "motor-speed.1": -1200,
      "motor-torque.1": -35.5,
      "inverter-temperature.1": 41,
      "engine-speed": 0,
      "cell-voltage-max": 4.159,
      "cell-voltage-max-number": 80,
      "cell-voltage-min": 4.074,
      "cell-voltage-min-number": 64,
      "cell-voltage-spread": 0.085,
      "probe-temperature-max": 31,
      "probe-temperature-min": 27,
      "probe-temperature-spread": 4,
      "cell-voltage.1": 4.139,
      "cell-voltage.2": 4.14,
      "cell-voltage.4": 4.1,
      "probe-temperature.1": 31,
      "probe-temperature.2": 27,
      "probe-temperature.3": 28,
    });
  });

  it("takes the extremes from the cells where the edition reports none", () => {
    const values = reportValues(REPORT_2025);
    expect(Object.fromEntries(values)).toMatchObject({
      "pack-current": -2500.5,
      "motor-speed.1": 20_500,
      "cell-voltage.3": 4.151,
      "cell-voltage.4": 4.102,
      "cell-voltage-max": 4.151,
      "cell-voltage-max-number": 3,
      "cell-voltage-min": 4.102,
      "cell-voltage-min-number": 4,
      "cell-voltage-spread": 0.049,
      "probe-temperature-spread": 4,
    });
    expect(values.has("cell-voltage.2")).toBe(false);
  });

  it("counts cells and probes on through blocks that come more than once", () => {
    const part = (system: number, cellsV: readonly number[]) => ({
      system,
      voltageV: 300,
      currentA: 1,
      cells: cellsV.length,
      firstCell: 1,
      cellsV,
    });
    const values = reportValues({
      ...REPORT_2016,
      blocks: [
        { kind: "cells", value: [part(1, [3.1, 3.2])] },
        { kind: "probes", value: [{ system: 1, probesC: [20] }] },
        { kind: "cells", value: [part(2, [3.3])] },
        { kind: "probes", value: [{ system: 2, probesC: [25] }] },
      ],
    });
    expect(Object.fromEntries(values)).toEqual({
      "cell-voltage.1": 3.1,
      "cell-voltage.2": 3.2,
      "cell-voltage.3": 3.3,
      "probe-temperature.1": 20,
      "probe-temperature.2": 25,
    });
  });

  it("leaves out a gear that the vehicle says is not valid", () => {
    const blocks = REPORT_2025.blocks.map((block) =>
      block.kind === "vehicle"
        ? { ...block, value: { ...block.value, gear: { ...block.value.gear, upperBits: 2 } } }
        : block,
    );
    expect(reportValues({ ...REPORT_2025, blocks }).has("gear")).toBe(false);
    expect(reportValues(REPORT_2025).get("gear")).toBe("D");
  });
});
