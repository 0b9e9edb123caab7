import type { AdapterSurroundings, Dialect, NativeMessage, ReportedCodes } from "../dialect.ts";
import { isRecord, parseJson } from "../json.ts";
import type { Meaning } from "../signals.ts";
import { ToldAdapter } from "../told-adapter.ts";

/** AVL ids of the FMB family (Teltonika's parameter lists) that have a word here, with the unit of the raw number. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  "16": { name: "odometer", unit: "m" },
  "31": { name: "engine-load" },
  "32": { name: "coolant-temperature" },
  "33": { name: "short-term-fuel-trim" },
  "36": { name: "engine-speed" },
  "37": { name: "vehicle-speed" },
  "39": { name: "intake-air-temperature" },
  "40": { name: "mass-air-flow", scale: 0.01 },
  "41": { name: "throttle-position" },
  "48": { name: "fuel-level" },
  "53": { name: "ambient-temperature" },
  "58": { name: "oil-temperature" },
  "66": { name: "low-voltage-battery", unit: "V", scale: 0.001 },
};

/** What the tracker calls by a word; where the car stands is nobody's business here. */
const PLACE: ReadonlySet<string> = new Set(["latlng", "alt", "ang", "sat", "lat", "lng", "lon"]);
const FAULT_CODES = "281";
/** Records that were kept while there was no network come later, one after the other. */
const LATE_MS = 60_000;
const MOST_VALUES = 300;
/** Asked for a scan, what the tracker read within the last minutes counts: it reads codes now and then only. */
const CODES_FRESH_MS = 120_000;

/** Teltonika trackers, JSON codec over MQTT. */
export const teltonika: Dialect = { name: "teltonika", create: (surroundings) => new TeltonikaAdapter(surroundings) };

class TeltonikaAdapter extends ToldAdapter {
  readonly topics: readonly string[];

  constructor(surroundings: AdapterSurroundings) {
    super(surroundings);
    this.topics = [`teltonika/${surroundings.settings.nativeId}/data`];
  }

  receive({ payload, retained }: NativeMessage): void {
    const document = parseJson(payload);
    const state = isRecord(document) ? document.state : undefined;
    const reported = isRecord(state) ? state.reported : undefined;
    if (!isRecord(reported)) return;
    if (!retained) this.presence.heard();
    const { ts, ...values } = reported;
    const stale = retained || (typeof ts === "number" && this.at.clock.now() - ts > LATE_MS);
    for (const [id, value] of Object.entries(values).slice(0, MOST_VALUES)) {
      if (PLACE.has(id) || (typeof value !== "number" && typeof value !== "string")) continue;
      if (id === FAULT_CODES && typeof value === "string") {
        if (!stale) this.tellCodes(value.split(/[,;\s]+/), vinOf(values));
      } else this.tell(`avl-${id}`, value, Object.hasOwn(MEANINGS, id) ? MEANINGS[id] : undefined, { stale });
    }
  }

  reportedCodes(forMs: number): Promise<ReportedCodes> {
    return this.codesOf(CODES_FRESH_MS, forMs);
  }
}

function vinOf(values: Readonly<Record<string, unknown>>): string | undefined {
  const vin = values["256"];
  return typeof vin === "string" && /^[A-HJ-NPR-Z0-9]{17}$/.test(vin) ? vin : undefined;
}
