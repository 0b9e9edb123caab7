import { expect, test } from "vitest";
import { convertUnit, unitSymbol } from "./units.ts";

test.each([
  [100, "miles", "km", 160.9344],
  [32, "psi", "kPa", 220.6322],
  [2.5, "bars", "kPa", 250],
  [212, "fahrenheit", "°C", 100],
  [300, "kelvin", "°C", 26.85],
  [-40, "celsius", "fahrenheit", -40],
  [3700, "mV", "V", 3.7],
  [52000, "W", "kW", 52],
  [0.5, "normal", "%", 50],
  [250_000, "ohms", "kΩ", 250],
  [10, "m/s", "km/h", 36],
  [7, "", "scalar", 7],
])("%d %s are in %s %d", (value, from, to, expected) => {
  expect(convertUnit(value, from, to)).toBeCloseTo(expected, 4);
});

test("what does not measure the same, or is not known, is not converted", () => {
  expect(convertUnit(1, "V", "A")).toBeUndefined();
  expect(convertUnit(1, "parsecs", "km")).toBeUndefined();
  expect(convertUnit(1, "km", "__proto__")).toBeUndefined();
  expect(convertUnit(1, "parsecs", "parsecs")).toBe(1);
});

test("a unit is shown by its symbol", () => {
  const symbols = [
    "kilometers",
    "celsius",
    "percent",
    "scalar",
    "offon",
    "degrees",
    "kwh",
    "RPM",
    "volts",
    "Nm",
    "furlong",
  ];
  expect(symbols.map(unitSymbol)).toEqual(["km", "°C", "%", "", "", "°", "kWh", "rpm", "V", "Nm", "furlong"]);
});
