/** What a unit measures, and how its numbers become those of the first unit of the kind: value × factor + offset. */
type Unit = { readonly kind: string; readonly factor: number; readonly offset: number };

/**
 * Units under all the names that the files and firmwares we read give them. A kind's base is the unit with factor 1; units of
 * time, angle and the like stand here for their symbols only.
 */
const UNITS: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...kind(
    "length",
    [1, "km", "kilometers"],
    [1.609344, "mi", "miles"],
    [0.001, "m", "meters"],
    [1e-5, "cm", "centimeters"],
  ),
  ...kind(
    "length",
    [1e-6, "mm", "millimeters"],
    [2.54e-5, "in", "inches"],
    [0.0003048, "ft", "feet"],
    [0.0009144, "yd", "yards"],
  ),
  ...kind(
    "speed",
    [1, "km/h", "kilometersPerHour"],
    [1.609344, "mph", "milesPerHour"],
    [3.6, "m/s", "metersPerSecond"],
  ),
  ...kind("voltage", [1, "V", "volts"], [0.001, "mV", "millivolts"], [1000, "kV", "kilovolts"]),
  ...kind("current", [1, "A", "amps"], [0.001, "mA", "milliamps"], [1000, "kA", "kiloamps"]),
  ...kind("power", [1, "kW", "kilowatts"], [0.001, "W", "watts"], [1e-6, "mW", "milliwatts"]),
  ...kind("charge", [1, "Ah", "ampereHours"], [0.001, "mAh", "milliampereHours"], [1000, "kAh", "kiloampereHours"]),
  ...kind("charge", [1 / 3600, "C", "coulombs"]),
  ...kind("energy", [1, "kWh", "kwh", "kilowattHours"], [1 / 3.6e6, "J", "joules"], [1 / 3600, "kJ", "kilojoules"]),
  ...kind(
    "resistance",
    [1, "kΩ", "kiloohms"],
    [0.001, "Ω", "ohms"],
    [1000, "MΩ", "megaohms"],
    [1e-6, "mΩ", "milliohms"],
  ),
  ...kind(
    "pressure",
    [1, "kPa", "KPa", "kilopascal"],
    [100, "bar", "bars"],
    [6.894757293, "psi"],
    [0.1, "mbar", "hPa"],
  ),
  ...kind("share", [1, "%", "percent"], [100, "normal"]),
  ...kind("rotation", [1, "rpm", "RPM", "r/min"]),
  ...kind(
    "torque",
    [1, "Nm", "N·m", "newtonMeters"],
    [1.355817948, "lbf·ft", "poundFoot"],
    [0.112984829, "lbf·in", "inchPound"],
  ),
  ...kind("mass-flow", [1, "g/s", "gramsPerSecond"], [1 / 3.6, "kg/h", "kilogramsPerHour"]),
  ...kind("time", [1, "s", "seconds"], [60, "min", "minutes"], [3600, "h", "hours"], [0.001, "ms", "milliseconds"]),
  ...kind("number", [1, "", "none", "scalar", "unknown", "hex", "ascii"]),
  ...kind("state", [1, "offon", "noyes", "yesno"]),
  ...temperature(1, 0, "°C", "celsius"),
  ...temperature(1 / 1.8, -32 / 1.8, "°F", "fahrenheit"),
  ...temperature(1, -273.15, "K", "kelvin"),
]);

/** Symbols of units that have a long name elsewhere and are not converted. */
const SYMBOLS: Readonly<Record<string, string>> = {
  degrees: "°",
  radians: "rad",
  liters: "L",
  litersPerHour: "L/h",
  gallons: "gal",
  gallonsPerHour: "gal/h",
  hertz: "Hz",
  kilohertz: "kHz",
  megahertz: "MHz",
  gigahertz: "GHz",
  gravity: "g",
  metersPerSecondSquared: "m/s²",
  gramsPerLiter: "g/L",
  milligramsPerStroke: "mg/stroke",
  milligramsPerDeciliter: "mg/dL",
  kilowattHoursPer100Kilometers: "kWh/100 km",
  kilowattHoursPer100Miles: "kWh/100 mi",
  milesPerKilowattHour: "mi/kWh",
  framesPerSecond: "fps",
};

function kind(name: string, ...units: readonly (readonly [factor: number, ...names: string[]])[]): [string, Unit][] {
  return units.flatMap(([factor, ...names]) =>
    names.map((unit): [string, Unit] => [unit, { kind: name, factor, offset: 0 }]),
  );
}

function temperature(factor: number, offset: number, ...names: readonly string[]): [string, Unit][] {
  return names.map((unit) => [unit, { kind: "temperature", factor, offset }]);
}

/**
 * A value in another unit.
 * @returns undefined if the units do not measure the same thing, or one of them is not known
 */
export function convertUnit(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const source = UNITS.get(from);
  const target = UNITS.get(to);
  if (source === undefined || target === undefined || source.kind !== target.kind) return undefined;
  return (value * source.factor + source.offset - target.offset) / target.factor;
}

/** How a unit is written beside a number: `km` for `kilometers`, nothing for a bare number. An unknown one stays as it is. */
export function unitSymbol(unit: string): string {
  const known = UNITS.get(unit);
  if (known === undefined) return SYMBOLS[unit] ?? unit;
  if (known.kind === "state" || known.kind === "number") return "";
  // The first name of an equal unit is its symbol.
  for (const [name, { kind: other, factor, offset }] of UNITS)
    if (other === known.kind && factor === known.factor && offset === known.offset) return name;
  return unit;
}
