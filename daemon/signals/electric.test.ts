import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { ElectricView } from "../../contract/diagnostics-api.ts";
import type { DongleId, JobId } from "../../contract/ids.ts";
import type { SignalSample } from "../../contract/payloads.ts";
import type { BatteryAlert } from "../../contract/records.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { type BatteryLimits, judgeBattery } from "./battery-limits.ts";
import { type BatteryNews, stepWatch, type Trends } from "./battery-watch.ts";
import { SignalBoard } from "./board.ts";
import { derivedFrom, electricOf, electricOfScan } from "./electric.ts";
import { HistoryRing } from "./history.ts";

const OBD = "obd-1" as DongleId;
const NO_HISTORY = { at: [], columns: {} };
const LIMITS: BatteryLimits = { probeSpreadC: 3, cellSpreadMv: 100, insulationOhmPerVolt: 100, lowVoltage: 11.8 };

/** A car whose values a test tells, the board that keeps them, and the watch over them. */
class Car {
  readonly clock = new ManualClock();
  readonly board = new SignalBoard(() => this.clock.monotonicMs());
  readonly news: string[] = [];
  readonly raised = new Set<BatteryAlert>();
  last: BatteryNews | undefined;
  #trends: Trends = {};

  constructor() {
    this.board.stand(OBD, "job-1" as JobId);
  }

  tells(values: Record<string, SignalSample["value"]>, certain = false): void {
    const samples = Object.entries(values).map(([name, value]) => ({ name, value, at: this.clock.now() }));
    this.board.take(OBD, samples, this.clock.stamp());
    this.board.take(OBD, derivedFrom(this.board.readings(OBD)), this.clock.stamp(), "derived");
    const judgements = judgeBattery((name) => this.board.reading(OBD, name), LIMITS);
    const step = stepWatch(this.#trends, judgements, (alert) => this.raised.has(alert), certain);
    this.#trends = step.trends;
    for (const each of step.news) {
      this.news.push(`${each.state} ${each.alert} ${each.value} ${each.unit}`);
      if (each.state === "raised") this.raised.add(each.alert);
      else this.raised.delete(each.alert);
      this.last = each;
    }
  }

  /** The same values again and again. */
  keepsTelling(values: Record<string, SignalSample["value"]>, forMs: number, everyMs = 1_000): void {
    for (let ms = 0; ms <= forMs; ms += everyMs) {
      this.tells(values);
      this.clock.advance(everyMs);
    }
  }

  view() {
    const view = electricOf(this.board.readings(OBD), NO_HISTORY);
    if (view !== null) expect(Value.Errors(ElectricView, view)).toEqual([]);
    return view;
  }
}

const cells = (...volts: number[]) => Object.fromEntries(volts.map((value, n) => [`cell-voltage.${n + 1}`, value]));
const probes = (...degrees: number[]) =>
  Object.fromEntries(degrees.map((value, n) => [`probe-temperature.${n + 1}`, value]));

describe("a traction battery", () => {
  it("is shown with its whole values in the vocabulary's order, its cells and its probes", () => {
    const car = new Car();
    car.tells({ "state-of-charge": 63.5, "pack-voltage": 381.1, ...cells(4.1, 4.105, 4.095), ...probes(22, 25) });
    const view = car.view();
    expect(view?.values.map(({ name, value }) => [name, value])).toEqual([
      ["pack-voltage", 381.1],
      ["state-of-charge", 63.5],
      ["cell-voltage-max", 4.105],
      ["cell-voltage-min", 4.095],
      ["cell-voltage-spread", 0.01],
      ["cell-voltage-max-number", 2],
      ["cell-voltage-min-number", 3],
      ["probe-temperature-max", 25],
      ["probe-temperature-min", 22],
      ["probe-temperature-spread", 3],
    ]);
    expect(view).toMatchObject({ cellVolts: [4.1, 4.105, 4.095], probeTemperaturesC: [22, 25], stale: false });
    expect(view?.values[0]).toMatchObject({ label: { "zh-CN": "总电压" }, unit: "V", digits: 1 });
  });

  it("that tells highest and lowest alone has a spread all the same, and one that tells its spread keeps its own", () => {
    const car = new Car();
    car.tells({ "cell-voltage-max": 4.2, "cell-voltage-min": 4.08 });
    expect(car.board.reading(OBD, "cell-voltage-spread")?.value).toBe(0.12);
    car.tells({ "cell-voltage-max": 4.2, "cell-voltage-min": 4.08, "cell-voltage-spread": 0.11 });
    expect(car.board.reading(OBD, "cell-voltage-spread")?.value).toBe(0.11);
  });

  it("has a hole where a cell did not come, and nothing for numbers that no pack has", () => {
    const car = new Car();
    car.tells({
      "cell-voltage.1": 4.1,
      "cell-voltage.4": 4.2,
      "cell-voltage.0": 9,
      "cell-voltage.1001": 9,
      "cell-voltage.x": 9,
    });
    expect(car.view()?.cellVolts).toEqual([4.1, null, null, 4.2]);
  });

  it("is not made up for a car that tells of a 12 V battery and an engine alone", () => {
    const car = new Car();
    car.tells({ "low-voltage-battery": 12.6, "engine-speed": 800 });
    expect(car.view()).toBeNull();
  });

  it("of a scan is as old as the scan, with what can be reckoned from it", () => {
    const at = 1_000;
    const signals = Object.entries({ "pack-voltage": 380, ...probes(20, 26) }).map(([name, value]) => ({
      name,
      value,
      at,
    }));
    const view = electricOfScan(signals);
    expect(Value.Errors(ElectricView, view)).toEqual([]);
    expect(view).toMatchObject({ source: "scan", stale: true, asOf: at, probeTemperaturesC: [20, 26] });
    expect(view?.values.find(({ name }) => name === "probe-temperature-spread")).toMatchObject({
      value: 6,
      stale: true,
    });
    expect(electricOfScan([{ name: "engine-speed", value: 1, at }])).toBeNull();
  });
});

describe("the watch over batteries", () => {
  it("raises the 3 °C rule once it has lasted, once, with the readings that show it", () => {
    const car = new Car();
    car.tells(probes(20, 24));
    expect(car.news).toEqual([]);
    car.clock.advance(1_000);
    car.keepsTelling(probes(20, 24), 60_000);
    expect(car.news).toEqual(["raised probe-spread 4 °C"]);
    expect(car.last?.readings).toMatchObject([
      { name: "probe-temperature-spread", value: 4 },
      { name: "probe-temperature-max", value: 24 },
      { name: "probe-temperature-min", value: 20 },
    ]);
  });

  it("does not raise what stays at the limit, and does not end what is barely back inside", () => {
    const car = new Car();
    car.keepsTelling(probes(20, 23), 60_000);
    expect(car.news).toEqual([]);
    car.keepsTelling(probes(20, 23.1), 60_000);
    car.keepsTelling(probes(20, 22.9), 60_000);
    expect(car.news).toEqual(["raised probe-spread 3.1 °C"]);
    car.keepsTelling(probes(20, 22.4), 60_000);
    expect(car.news.slice(1)).toEqual(["ended probe-spread 2.4 °C"]);
  });

  it("does not let one wild reading raise anything, nor a start of the engine", () => {
    const car = new Car();
    for (let minute = 0; minute < 5; minute += 1) {
      car.keepsTelling({ "low-voltage-battery": 12.6 }, 50_000);
      car.keepsTelling({ "low-voltage-battery": 9.4 }, 2_000);
    }
    expect(car.news).toEqual([]);
    car.keepsTelling({ "low-voltage-battery": 11.5 }, 10_000);
    expect(car.news).toEqual(["raised low-voltage-battery 11.5 V"]);
  });

  it("judges cells at rest alone", () => {
    const car = new Car();
    car.keepsTelling({ "pack-current": 85, ...cells(4.1, 3.9) }, 60_000);
    expect(car.news).toEqual([]);
    car.keepsTelling({ "pack-current": 0.4, ...cells(4.1, 3.95) }, 60_000);
    expect(car.news).toEqual(["raised cell-spread 150 mV"]);
    car.keepsTelling({ "pack-current": 120, ...cells(4.1, 4.1) }, 60_000);
    expect(car.raised).toContain("cell-spread");
  });

  it("judges insulation by the volts of the pack, and not while the pack is switched off", () => {
    const car = new Car();
    car.keepsTelling({ "pack-voltage": 0, "insulation-resistance": 0 }, 60_000);
    expect(car.news).toEqual([]);
    car.keepsTelling({ "pack-voltage": 400, "insulation-resistance": 36 }, 60_000);
    expect(car.news).toEqual(["raised insulation-low 90 Ω/V"]);
    car.keepsTelling({ "pack-voltage": 400, "insulation-resistance": 3_000 }, 60_000);
    expect(car.news.slice(1)).toEqual(["ended insulation-low 7500 Ω/V"]);
  });

  it("believes a scan at once, since its values are written down", () => {
    const car = new Car();
    car.tells(probes(20, 26), true);
    expect(car.news).toEqual(["raised probe-spread 6 °C"]);
  });

  it("says nothing of values that have gone stale", () => {
    const car = new Car();
    car.keepsTelling(probes(20, 24), 3_000);
    car.clock.advance(600_000);
    car.tells({ "state-of-charge": 50 });
    car.clock.advance(6_000);
    car.tells({ "state-of-charge": 50 });
    expect(car.news).toEqual([]);
  });
});

describe("the history", () => {
  it("keeps the newest rows in order, with holes where nothing fresh was there", () => {
    const ring = new HistoryRing(["a", "b", "c"], 3);
    for (let n = 1; n <= 5; n += 1)
      ring.push(n * 10, (name) => (name === "a" ? n : name === "b" && n === 4 ? 40 : undefined));
    expect(ring.view()).toEqual({ at: [30, 40, 50], columns: { a: [3, 4, 5], b: [null, 40, null] } });
    expect(new HistoryRing(["a"], 3).view()).toEqual({ at: [], columns: {} });
  });
});
