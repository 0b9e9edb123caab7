import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { ID_PATTERN, OneOf, Sha256 } from "../../contract/ids.ts";
import { VEHICLE_FILE_KINDS } from "./vehicle-file.ts";

const closed = { additionalProperties: false } as const;
const Year = Type.Integer({ minimum: 1900, maximum: 2200 });
const Name = Type.String({ minLength: 1, maxLength: 80 });

const VehicleNameSchema = Type.Object(
  {
    makes: Type.Array(Name, { maxItems: 20 }),
    models: Type.Array(Name, { maxItems: 50 }),
    years: Type.Optional(Type.Object({ from: Type.Optional(Year), to: Type.Optional(Year) }, closed)),
    wmi: Type.Optional(Type.Array(Type.String({ pattern: "^[A-HJ-NPR-Z0-9]{3,11}$" }), { minItems: 1, maxItems: 50 })),
  },
  closed,
);

/** What the catalogue knows of one imported file; it lies beside the file's content. */
export const VehicleEntry = Type.Object(
  {
    id: Type.String({ pattern: ID_PATTERN }),
    kind: OneOf(VEHICLE_FILE_KINDS),
    /** The standard itself (SAE J1979): for any car. */
    standard: Type.Boolean(),
    /** Which vehicles it is for. In a file of many cars, one element for each car, in the file's order. */
    vehicles: Type.Array(VehicleNameSchema, { maxItems: 2_000 }),
    licence: Type.Object({ name: Name, from: OneOf(["given", "file", "neighbour"]) }, closed),
    origin: Type.Object(
      {
        /** Base name of the file that was imported. */
        file: Type.String({ minLength: 1, maxLength: 255 }),
        sha256: Sha256,
        bytes: Type.Integer({ minimum: 1 }),
        importedAt: Type.Integer({ minimum: 0 }),
        importedBy: Name,
      },
      closed,
    ),
    contents: Type.Object({ commands: Type.Integer({ minimum: 0 }), signals: Type.Integer({ minimum: 0 }) }, closed),
    /** How many things of the file were left out or are doubtful. */
    problems: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type VehicleEntry = Static<typeof VehicleEntry>;

const checker = Compile(VehicleEntry);

/** The entry in a text of its own, or undefined if it is none. */
export function readEntry(text: string): VehicleEntry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return checker.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
