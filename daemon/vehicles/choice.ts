import type { DbcFile } from "../../vehicle-protocols/dbc/index.ts";
import type { StoredFile } from "./catalogue.ts";
import { commandsOfProfile, commandsOfSets, type VehicleCommand } from "./commands.ts";
import type { VehicleEntry } from "./entry.ts";
import { type Fit, fitOf, identityOf, modelWords, type VehicleIdentity, type VehicleQuery } from "./matching.ts";
import type { VehicleName } from "./vehicle-names.ts";

/** A file that fits, and which of its vehicles. */
export interface VehicleMatch {
  readonly entry: VehicleEntry;
  /** Undefined: the standard, for any car. */
  readonly vehicle: VehicleName | undefined;
  readonly fit: Exclude<Fit, "no"> | "standard";
}

export interface VehicleChoice {
  readonly identity: VehicleIdentity;
  /** Files that fit without doubt; what they say is in `commands` and `dbc`. */
  readonly chosen: readonly VehicleMatch[];
  /** Files whose make fits; a person who knows the model chooses by asking again with it. */
  readonly candidates: readonly VehicleMatch[];
  /** Entries whose content is not what was imported (`VEHICLE_CATALOGUE_DAMAGED`). */
  readonly damaged: readonly VehicleEntry[];
  /** Questions, ready for a dongle; the standard's come last. */
  readonly commands: readonly VehicleCommand[];
  /** Descriptions of frames that cars send by themselves. */
  readonly dbc: readonly DbcFile[];
}

type Part = VehicleMatch & { readonly stored: StoredFile; readonly index: number };

/** Finds what fits a car among the stored files. */
export function choose(stored: readonly StoredFile[], query: VehicleQuery, thisYear: number): VehicleChoice {
  const identity = identityOf(query, thisYear);
  const parts = stored.filter(({ file }) => file !== undefined).flatMap((each) => partsOf(each, identity));
  const chosen = withoutLesser(
    parts.filter(({ fit }) => fit !== "maybe"),
    identity,
  );
  return {
    identity,
    chosen: chosen.map(matchOf),
    candidates: parts.filter((part) => part.fit !== "standard" && !chosen.includes(part)).map(matchOf),
    damaged: stored.filter(({ file }) => file === undefined).map(({ entry }) => entry),
    commands: commandsOf(chosen, identity.year),
    dbc: chosen.flatMap(({ stored: { file } }) => (file?.kind === "dbc" ? [file.file] : [])),
  };
}

function partsOf(stored: StoredFile, identity: VehicleIdentity): Part[] {
  const { entry } = stored;
  if (entry.standard) return [{ entry, vehicle: undefined, fit: "standard", stored, index: 0 }];
  return entry.vehicles.flatMap((vehicle, index) => {
    const fit = fitOf(identity, vehicle);
    return fit === "no" ? [] : [{ entry, vehicle, fit, stored, index }];
  });
}

/**
 * Of several files of one kind that fit, the most exact stay: one that names the VIN before one that names the model, a
 * longer model name before a shorter one, and with the car's year known, fewer years before more. Without it a file for all
 * years is right; of several for some years nobody can tell, and a person has to. Different kinds stand beside each other.
 */
function withoutLesser(parts: readonly Part[], identity: VehicleIdentity): readonly Part[] {
  const exactness = ({ vehicle, fit }: Part): number => {
    const words = vehicle === undefined ? 0 : modelWords(identity.model, vehicle);
    const years = identity.year === undefined ? (vehicle?.years === undefined ? 1 : 0) : -spanOf(vehicle);
    return (fit === "vin" ? 10_000_000 : 0) + words * 100_000 + years;
  };
  const rivals = (part: Part) =>
    parts.filter((other) => other !== part && other.fit !== "standard" && other.entry.kind === part.entry.kind);
  return parts.filter((part) => {
    if (part.fit === "standard") return true;
    const equals = rivals(part).filter((other) => exactness(other) === exactness(part));
    if (rivals(part).some((other) => exactness(other) > exactness(part))) return false;
    return identity.year !== undefined || part.vehicle?.years === undefined || equals.length === 0;
  });
}

function spanOf(vehicle: VehicleName | undefined): number {
  return (vehicle?.years?.to ?? 9_999) - (vehicle?.years?.from ?? 0);
}

function matchOf({ entry, vehicle, fit }: Part): VehicleMatch {
  return { entry, vehicle, fit };
}

function commandsOf(parts: readonly Part[], year: number | undefined): readonly VehicleCommand[] {
  const sets = parts.flatMap(({ entry, stored: { file } }) =>
    file?.kind === "obdb-signal-set" ? [{ id: entry.id, standard: entry.standard, set: file.set }] : [],
  );
  const profiles = parts.flatMap(({ entry, index, stored: { file } }) => {
    const car = file?.kind === "wican-profile" ? file.cars[index] : undefined;
    return car === undefined ? [] : commandsOfProfile(`${entry.id}.${index}`, car);
  });
  const ofSets = commandsOfSets(sets, year);
  return [...ofSets.filter(({ standard }) => !standard), ...profiles, ...ofSets.filter(({ standard }) => standard)];
}
