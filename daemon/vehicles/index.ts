/** The face of this folder: what neighbours may use. */
export {
  type Imported,
  type ImportOptions,
  openVehicleCatalogue,
  type VehicleCatalogue,
} from "./catalogue.ts";
export type { VehicleChoice, VehicleMatch } from "./choice.ts";
export type { VehicleCommand, VehicleSignal, VehicleValue } from "./commands.ts";
export type { VehicleEntry } from "./entry.ts";
export type { VehicleIdentity, VehicleQuery } from "./matching.ts";
export { readJsonFile } from "./vehicle-file.ts";
export { editionOfPath, isInYears, parseYears, vehicleText, type YearRange } from "./vehicle-names.ts";
