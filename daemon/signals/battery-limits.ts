import type { SignalSample } from "../../contract/payloads.ts";
import { BATTERY_ALERTS, type BatteryAlert } from "../../contract/records.ts";
import type { Reading } from "./board.ts";

/** Limits of the configuration and of the dongle. */
export interface BatteryLimits {
  readonly probeSpreadC: number;
  readonly cellSpreadMv: number;
  readonly insulationOhmPerVolt: number;
  readonly lowVoltage: number;
}

/** What a battery's values say of one limit. */
export interface Judgement {
  readonly alert: BatteryAlert;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  /** `between`: not bad enough to raise an alert, not good enough to end one. */
  readonly state: "beyond" | "between" | "within";
  /** The readings that it rests on. */
  readonly readings: SignalSample[];
  /** When the value that is judged arrived: monotonic milliseconds of the shop. */
  readonly receivedMs: number;
}

/** The latest value of a name. */
export type ReadingOf = (name: string) => Reading | undefined;
type NumberOf = (name: string) => number | undefined;
type Verdict = Pick<Judgement, "value" | "limit" | "unit" | "state">;

interface Rule {
  /** The value that is judged, then those that explain it. */
  readonly names: readonly [string, ...string[]];
  /** Undefined where nothing can be said now. */
  judge(number: NumberOf, limits: BatteryLimits): Verdict | undefined;
}

/** An alert ends when its value is better than the limit by this part of it; without that it would flutter. */
const HYSTERESIS = 0.15;
const LOW_VOLTAGE_RECOVERY = 0.3;
/** With more current than this a pack does not rest, and its cells differ by their resistance. */
const REST_AMPERES = 10;
/** UN R100: below this it is no high voltage; a pack that is switched off shows nothing of its insulation. */
const HIGH_VOLTAGE = 60;

const RULES: Readonly<Record<BatteryAlert, Rule>> = {
  "probe-spread": {
    names: ["probe-temperature-spread", "probe-temperature-max", "probe-temperature-min", "pack-current"],
    judge: (number, { probeSpreadC: limit }) => atMost(number("probe-temperature-spread"), limit, "°C"),
  },
  "cell-spread": {
    names: [
      "cell-voltage-spread",
      "cell-voltage-max",
      "cell-voltage-min",
      "cell-voltage-max-number",
      "cell-voltage-min-number",
      "pack-current",
      "state-of-charge",
    ],
    judge: (number, { cellSpreadMv: limit }) => {
      if (Math.abs(number("pack-current") ?? 0) > REST_AMPERES) return undefined;
      const volts = number("cell-voltage-spread");
      return atMost(volts === undefined ? undefined : Math.round(volts * 1000), limit, "mV");
    },
  },
  "insulation-low": {
    names: ["insulation-resistance", "pack-voltage"],
    judge: (number, { insulationOhmPerVolt: limit }) => {
      const [kiloOhm, volts] = [number("insulation-resistance"), number("pack-voltage")];
      if (kiloOhm === undefined || volts === undefined || volts < HIGH_VOLTAGE) return undefined;
      const value = Math.round((kiloOhm * 1000) / volts);
      return { value, limit, unit: "Ω/V", state: stateOf(limit - value, limit * HYSTERESIS) };
    },
  },
  "low-voltage-battery": {
    names: ["low-voltage-battery", "low-voltage-current"],
    judge: (number, { lowVoltage: limit }) => {
      const value = number("low-voltage-battery");
      if (value === undefined) return undefined;
      return { value, limit, unit: "V", state: stateOf(limit - value, LOW_VOLTAGE_RECOVERY) };
    },
  },
};

/** Every limit of which something can be said now. Stale values say nothing. */
export function judgeBattery(readingOf: ReadingOf, limits: BatteryLimits): readonly Judgement[] {
  const freshOf = (name: string) => {
    const reading = readingOf(name);
    return reading?.stale === false ? reading : undefined;
  };
  const numberOf = (name: string) => {
    const value = freshOf(name)?.value;
    return typeof value === "number" ? value : undefined;
  };
  return BATTERY_ALERTS.flatMap((alert) => {
    const { names, judge } = RULES[alert];
    const verdict = judge(numberOf, limits);
    const judged = freshOf(names[0]);
    if (verdict === undefined || judged === undefined) return [];
    const readings = names.flatMap((name): SignalSample[] => {
      const reading = freshOf(name);
      if (reading === undefined) return [];
      const { value, unit, at } = reading;
      return [{ name, value, at, ...(unit === "" ? {} : { unit }) }];
    });
    return [{ alert, ...verdict, readings, receivedMs: judged.receivedMs }];
  });
}

function atMost(value: number | undefined, limit: number, unit: string): Verdict | undefined {
  if (value === undefined) return undefined;
  return { value, limit, unit, state: stateOf(value - limit, limit * HYSTERESIS) };
}

/** @param excess how far the value is beyond its limit; negative inside */
function stateOf(excess: number, recovery: number): Judgement["state"] {
  if (excess > 0) return "beyond";
  return excess <= -recovery ? "within" : "between";
}
