import Type, { type Static, type TSchema } from "typebox";

/** A value that has passed a check and carries its name as a type. The brand exists only for the compiler. */
export type Branded<T, Name extends string> = T & { readonly __brand: Name };

/** Ids chosen by an installer: bays, cameras, dongles, readers, equipment. They become topic levels and file names. */
export const ID_PATTERN = "^[a-z0-9-]{1,40}$";

function id<Name extends string>(name: Name) {
  return Type.Unsafe<Branded<string, Name>>(Type.String({ pattern: ID_PATTERN, title: name }));
}

/** Ids made by the gateway (UUIDv7): jobs, labour intervals, people, photos. */
function generatedId<Name extends string>(name: Name) {
  return Type.Unsafe<Branded<string, Name>>(
    Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9-]+$", title: name }),
  );
}

export const BayId = id("BayId");
export type BayId = Static<typeof BayId>;
export const CameraId = id("CameraId");
export type CameraId = Static<typeof CameraId>;
export const DongleId = id("DongleId");
export type DongleId = Static<typeof DongleId>;
export const ReaderId = id("ReaderId");
export type ReaderId = Static<typeof ReaderId>;
export const EquipmentId = id("EquipmentId");
export type EquipmentId = Static<typeof EquipmentId>;
export const GatewayId = id("GatewayId");
export type GatewayId = Static<typeof GatewayId>;

export const JobId = generatedId("JobId");
export type JobId = Static<typeof JobId>;
export const IntervalId = generatedId("IntervalId");
export type IntervalId = Static<typeof IntervalId>;
export const PersonId = generatedId("PersonId");
export type PersonId = Static<typeof PersonId>;
export const PhotoId = generatedId("PhotoId");
export type PhotoId = Static<typeof PhotoId>;

/** Vehicle identification number, ISO 3779: 17 characters without I, O and Q. The check digit is judged elsewhere. */
export const Vin = Type.Unsafe<Branded<string, "Vin">>(Type.String({ pattern: "^[A-HJ-NPR-Z0-9]{17}$", title: "Vin" }));
export type Vin = Static<typeof Vin>;

/** The source's own name for one message; the same name twice is the same message. */
export const MessageId = Type.String({ minLength: 1, maxLength: 64, pattern: "^[\\x21-\\x7e]+$", title: "MessageId" });

/** SHA-256 in lower-case hex. */
export const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$", title: "Sha256" });

/** A schema that also accepts null, for values that may be unknown in an answer. */
export function Nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

/** One of a list of words. */
export function OneOf<const Words extends readonly string[]>(words: Words) {
  return Type.Unsafe<Words[number]>(Type.Union(words.map((word) => Type.Literal(word))));
}
