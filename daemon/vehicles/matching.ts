import { modelYearOf } from "./model-year.ts";
import { isInYears, normalName, type VehicleName } from "./vehicle-names.ts";
import { makesOfVin } from "./wmi.ts";

/** What is known of a car. */
export interface VehicleQuery {
  readonly vin?: string;
  readonly make?: string;
  readonly model?: string;
  readonly year?: number;
}

/** What was made of a query. */
export interface VehicleIdentity {
  readonly vin: string | undefined;
  /** Makes that it can be; empty if not known. */
  readonly makes: readonly string[];
  readonly model: string | undefined;
  /** Model year, if said or told by the VIN without doubt. */
  readonly year: number | undefined;
}

/**
 * How well a vehicle file fits: by what the VIN begins with, by make and model, or by make where it is for all its models.
 * `maybe`: the make fits, the model is not known or another; a person decides.
 */
export type Fit = "vin" | "model" | "make" | "maybe" | "no";

/** Makes of the VIN and its model year, unless they are said. */
export function identityOf({ vin, make, model, year }: VehicleQuery, thisYear: number): VehicleIdentity {
  const number = vin?.trim().toUpperCase();
  return {
    vin: number,
    makes: make === undefined ? (number === undefined ? [] : makesOfVin(number)) : [make],
    model,
    year: year ?? (number === undefined ? undefined : modelYearOf(number, thisYear)),
  };
}

/** How a car fits what a file says it is for. Years that are known and do not fit mean no; unknown years do no harm. */
export function fitOf(car: VehicleIdentity, file: VehicleName): Fit {
  if (car.year !== undefined && !isInYears(file.years, car.year)) return "no";
  const { vin } = car;
  if (file.wmi !== undefined && vin !== undefined)
    return file.wmi.some((start) => vin.startsWith(start)) ? "vin" : "no";
  const makes = new Set(file.makes.map(normalName));
  if (!car.makes.some((make) => makes.has(normalName(make)))) return "no";
  if (file.models.length === 0) return "make";
  return modelWords(car.model, file) > 0 ? "model" : "maybe";
}

/**
 * How many of the model's words a file's name has, if it begins with all of one of its names: `Kona Electric Premium` has
 * one word of `Kona` and two of `Kona Electric`. 0 if it fits none.
 */
export function modelWords(model: string | undefined, { models }: VehicleName): number {
  if (model === undefined) return 0;
  const words = model.split(/[\s_/-]+/).filter((word) => word !== "");
  const beginnings = words.map((_, index) => normalName(words.slice(0, index + 1).join("")));
  return Math.max(0, ...models.map((each) => beginnings.indexOf(normalName(each)) + 1));
}
