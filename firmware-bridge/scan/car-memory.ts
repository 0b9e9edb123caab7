import type { UnitNotes } from "./unit-notes.ts";

/** Cars remembered; a workshop has fewer in a week. */
const MOST_CARS = 300;

interface RememberedUnit {
  readonly spokeUds: boolean;
}

/**
 * Which units have answered in a car before, by its VIN: a unit that answers no more, or only half of what it did, is noted instead of missed. It lives
 * as long as the bridge does.
 */
export class CarMemory {
  readonly #cars = new Map<string, ReadonlyMap<string, RememberedUnit>>();

  /** Notes what the units of this scan leave out, adds those that are missing, and remembers the rest for the next scan. */
  complete(vin: string | null, units: readonly UnitNotes[]): readonly string[] {
    if (vin === null) return [];
    const before = this.#cars.get(vin) ?? new Map<string, RememberedUnit>();
    const now = new Map(before);
    for (const unit of units) {
      const known = before.get(unit.addressText);
      if (known?.spokeUds === true && !unit.spokeUds) unit.noteUnanswered("19", { reason: "no-answer", denied: false });
      now.set(unit.addressText, { spokeUds: unit.spokeUds || known?.spokeUds === true });
    }
    this.#cars.delete(vin);
    this.#cars.set(vin, now);
    const [oldest] = this.#cars.keys();
    if (this.#cars.size > MOST_CARS && oldest !== undefined) this.#cars.delete(oldest);
    const present = new Set(units.map((unit) => unit.addressText));
    return [...before.keys()].filter((address) => !present.has(address));
  }
}
