import { AutopiOptions } from "../../contract/dialects/autopi.ts";
import type { AdapterSurroundings, Dialect, NativeMessage, ReportedCodes } from "../dialect.ts";
import { isRecord, parseJson } from "../json.ts";
import { optionsOf } from "../options.ts";
import type { Meaning } from "../signals.ts";
import { ToldAdapter } from "../told-adapter.ts";

/** Names under which the firmware's OBD library reports (python-OBD's), where they mean one of ours. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  rpm: { name: "engine-speed" },
  speed: { name: "vehicle-speed" },
  engine_load: { name: "engine-load" },
  coolant_temp: { name: "coolant-temperature" },
  intake_temp: { name: "intake-air-temperature" },
  oil_temp: { name: "oil-temperature" },
  ambiant_air_temp: { name: "ambient-temperature" },
  throttle_pos: { name: "throttle-position" },
  maf: { name: "mass-air-flow" },
  fuel_level: { name: "fuel-level" },
  short_fuel_trim_1: { name: "short-term-fuel-trim" },
  long_fuel_trim_1: { name: "long-term-fuel-trim" },
  odometer: { name: "odometer" },
};

/** Units as that library spells them. */
const UNITS: Readonly<Record<string, string>> = {
  revolutions_per_minute: "rpm",
  kph: "km/h",
  kilometer_per_hour: "km/h",
  degC: "°C",
  degF: "°F",
  celsius: "°C",
  fahrenheit: "°F",
  percent: "%",
  gps: "g/s",
  gram_per_second: "g/s",
  volt: "V",
  ampere: "A",
  kilometer: "km",
  mile: "mi",
  kilopascal: "kPa",
};

/** The firmware keeps what it could not send and sends it later: such a value is not of now. */
const LATE_MS = 60_000;
const MOST_RESULTS = 200;

/** AutoPi dongles with the MQTT returner. */
export const autopi: Dialect = { name: "autopi", create: (surroundings) => new AutopiAdapter(surroundings) };

class AutopiAdapter extends ToldAdapter {
  readonly topics: readonly string[];
  readonly #maxReportAgeMs: number;

  constructor(surroundings: AdapterSurroundings) {
    super(surroundings);
    const { nativeId, options } = surroundings.settings;
    this.#maxReportAgeMs = (optionsOf(AutopiOptions, options).scanFromReportsOfSeconds ?? 60) * 1000;
    this.topics = [`autopi/${nativeId}`, `autopi/${nativeId}/#`];
  }

  receive({ payload, retained }: NativeMessage): void {
    const parsed = parseJson(payload);
    const results = (Array.isArray(parsed) ? parsed.slice(0, MOST_RESULTS) : [parsed]).filter(isRecord);
    if (results.length === 0) return;
    if (!retained) this.presence.heard();
    for (const result of results) this.#receiveResult(result, retained || this.#isLate(result._stamp));
  }

  reportedCodes(forMs: number): Promise<ReportedCodes> {
    return this.codesOf(this.#maxReportAgeMs, forMs);
  }

  #receiveResult(
    { _type: type, _stamp, value, values, unit, ...members }: Record<string, unknown>,
    stale: boolean,
  ): void {
    if (typeof type !== "string") return;
    if (type === "dtc" && Array.isArray(values)) {
      if (!stale) this.tellCodes(values.map((entry) => (isRecord(entry) ? entry.code : entry)));
      return;
    }
    if (isValue(value)) {
      // 0xFF is how an engine says that it does not know its speed; the firmware has a converter against it, not always in use.
      if (type === "speed" && value === 255) return;
      const known = typeof unit === "string" ? (UNITS[unit] ?? unit) : undefined;
      const meaning = Object.hasOwn(MEANINGS, type) ? MEANINGS[type] : undefined;
      this.tell(type, value, meaning, { stale, ...(known === undefined ? {} : { unit: known }) });
    }
    for (const [name, member] of Object.entries(members)) {
      if (name.startsWith("_") || !isValue(member)) continue;
      const meaning: Meaning | undefined =
        type === "bat" && name === "voltage" ? { name: "low-voltage-battery" } : undefined;
      this.tell(`${type}.${name}`, member, meaning, { stale });
    }
  }

  /** `_stamp` is UTC without saying so. A clock that runs ahead, or stands in another year, is no reason to doubt the value. */
  #isLate(stamp: unknown): boolean {
    if (typeof stamp !== "string") return false;
    const at = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(stamp) ? stamp : `${stamp}Z`);
    const ageMs = this.at.clock.now() - at;
    return Number.isFinite(ageMs) && ageMs > LATE_MS && ageMs < 366 * 86_400_000;
  }
}

function isValue(value: unknown): value is number | string | boolean {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean";
}
