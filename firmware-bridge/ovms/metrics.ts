import type { Meaning, SignalValue } from "../signals.ts";
import { valueOfText } from "../told-adapter.ts";

/** Metrics (OVMS v3 standard metrics, in their native units) that have a word here. A current out of the battery is positive there too. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "v.p.speed": { name: "vehicle-speed" },
  "v.p.odometer": { name: "odometer" },
  "v.e.temp": { name: "ambient-temperature" },
  "v.e.gear": { name: "gear" },
  "v.b.range.est": { name: "range-left" },
  "v.c.charging": { name: "charging" },
  "v.b.soc": { name: "state-of-charge" },
  "v.b.soh": { name: "state-of-health" },
  "v.b.cac": { name: "pack-capacity" },
  "v.b.voltage": { name: "pack-voltage" },
  "v.b.current": { name: "pack-current" },
  "v.b.power": { name: "pack-power" },
  "v.b.energy.recd.total": { name: "charged-energy" },
  "v.b.energy.used.total": { name: "discharged-energy" },
  "v.b.p.voltage.max": { name: "cell-voltage-max" },
  "v.b.p.voltage.min": { name: "cell-voltage-min" },
  "v.b.p.temp.max": { name: "probe-temperature-max" },
  "v.b.p.temp.min": { name: "probe-temperature-min" },
  "v.b.12v.voltage": { name: "low-voltage-battery" },
  "v.b.12v.current": { name: "low-voltage-current" },
  "v.m.rpm": { name: "motor-speed.1" },
  "v.m.temp": { name: "motor-temperature.1" },
  "v.i.temp": { name: "inverter-temperature.1" },
};

/** Arrays with one value for each cell, probe or wheel; wheels in the module's order. */
const WHEELS = ["front-left", "front-right", "rear-left", "rear-right"] as const;
const ARRAYS: Readonly<Record<string, (index: number) => Meaning | undefined>> = {
  "v.b.c.voltage": (index) => ({ name: `cell-voltage.${index + 1}` }),
  "v.b.c.temp": (index) => ({ name: `probe-temperature.${index + 1}` }),
  "v.tp.pressure": (index) => wheel("tyre-pressure", index),
  "v.tp.temp": (index) => wheel("tyre-temperature", index),
};
const MOST_ELEMENTS = 400;

export interface MetricValue {
  readonly word: string;
  readonly value: SignalValue;
  readonly meaning: Meaning | undefined;
}

/** One metric's text as values. An empty text is "undefined" in the firmware and gives none; so do the empty places of an array. */
export function readMetric(metric: string, text: string): MetricValue[] {
  if (text.trim() === "") return [];
  const meaningAt = Object.hasOwn(ARRAYS, metric) ? ARRAYS[metric] : undefined;
  if (meaningAt === undefined && !isNumberList(text))
    return [
      {
        word: metric,
        value: valueOfText(text),
        meaning: Object.hasOwn(MEANINGS, metric) ? MEANINGS[metric] : undefined,
      },
    ];
  return text
    .split(",", MOST_ELEMENTS)
    .map((part, index) => ({
      word: `${metric}.${index + 1}`,
      value: valueOfText(part),
      meaning: meaningAt?.(index),
    }))
    .filter(({ value }) => value !== "");
}

function isNumberList(text: string): boolean {
  return text.includes(",") && text.split(",").every((part) => typeof valueOfText(part) === "number");
}

function wheel(word: "tyre-pressure" | "tyre-temperature", index: number): Meaning | undefined {
  const which = WHEELS[index];
  return which === undefined ? undefined : { name: `${word}.${which}` };
}
