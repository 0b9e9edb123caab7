import { Obd2MqttOptions } from "../../contract/dialects/obd2-mqtt.ts";
import type { AdapterSurroundings, Dialect, NativeMessage, ReportedCodes } from "../dialect.ts";
import { isRecord, parseJson } from "../json.ts";
import { optionsOf } from "../options.ts";
import type { Meaning } from "../signals.ts";
import { ToldAdapter, valueOfText } from "../told-adapter.ts";

/** States of the firmware's own list, in metric units. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  rpm: { name: "engine-speed" },
  speed: { name: "vehicle-speed" },
  engineLoad: { name: "engine-load" },
  throttle: { name: "throttle-position" },
  engineCoolantTemp: { name: "coolant-temperature" },
  oilTemp: { name: "oil-temperature" },
  ambientAirTemp: { name: "ambient-temperature" },
  intakeAirTemp: { name: "intake-air-temperature" },
  mafRate: { name: "mass-air-flow" },
  fuelLevel: { name: "fuel-level" },
  odometer: { name: "odometer" },
  batteryVoltage: { name: "low-voltage-battery" },
};

/** `numDTCs` is computed as if the lamp were always on, and goes wrong when it is off; places are nobody's business here. */
const LEFT_OUT: ReadonlySet<string> = new Set(["numDTCs", "gsmLocation", "gpsLocation", "ipAddress"]);
const VIN = /^[A-HJ-NPR-Z0-9]{17}$/;

/** obd2-mqtt by adlerre. */
export const obd2Mqtt: Dialect = { name: "obd2-mqtt", create: (surroundings) => new Obd2MqttAdapter(surroundings) };

class Obd2MqttAdapter extends ToldAdapter {
  readonly topics: readonly string[];
  readonly #main: string;
  readonly #maxReportAgeMs: number;
  /** The car's number where the firmware told it, and behind which identifier: behind another one stands another car, or one whose number it cannot read. */
  #told: { readonly identifier: string; readonly vin: string } | undefined;

  constructor(surroundings: AdapterSurroundings) {
    super(surroundings);
    const { nativeId, options } = surroundings.settings;
    this.#main = nativeId;
    this.#maxReportAgeMs = (optionsOf(Obd2MqttOptions, options).scanFromReportsOfSeconds ?? 60) * 1000;
    this.topics = [`${nativeId}/+`, `${nativeId}/+/attributes`];
  }

  receive({ topic, payload, retained }: NativeMessage): void {
    const [, level = ""] = topic.split("/");
    const { identifier, field } = this.#split(level);
    const text = Buffer.from(payload).toString("utf8");
    if (field === "connection") {
      if (text === "connected") {
        if (!retained) this.presence.heard();
      } else if (retained) this.presence.wasGone();
      else this.presence.gone();
      return;
    }
    if (!retained) this.presence.heard();
    const document = parseJson(text);
    if (isRecord(document)) {
      if (Array.isArray(document.dtc) && !retained) this.tellCodes(document.dtc, this.#vinBehind(identifier));
    } else if (field !== "" && !LEFT_OUT.has(field)) {
      if (field === "VIN" && VIN.test(text) && !retained) this.#told = { identifier, vin: text };
      const meaning = Object.hasOwn(MEANINGS, field) ? MEANINGS[field] : undefined;
      this.tell(field, valueOfText(text), meaning, { stale: retained });
    }
  }

  reportedCodes(forMs: number): Promise<ReportedCodes> {
    return this.codesOf(this.#maxReportAgeMs, forMs);
  }

  #vinBehind(identifier: string): string | undefined {
    if (VIN.test(identifier)) return identifier;
    return this.#told?.identifier === identifier ? this.#told.vin : undefined;
  }

  /** `<identifier>_<field>`: the identifier is the car's VIN, else the ELM327's Bluetooth address, else the main topic; fields may hold `_` themselves. */
  #split(level: string): { readonly identifier: string; readonly field: string } {
    const cut = level.startsWith(`${this.#main}_`) ? this.#main.length : level.indexOf("_");
    return cut < 0
      ? { identifier: "", field: level }
      : { identifier: level.slice(0, cut), field: level.slice(cut + 1) };
  }
}
