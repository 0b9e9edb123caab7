import Type, { type Static } from "typebox";
import { Nullable, OneOf } from "./ids.ts";
import { DTC_CODE_PATTERN } from "./payloads.ts";

/** What BayGate and the shop know of one trouble code, as the page and reports show it. */
const closed = { additionalProperties: false } as const;

/** One sentence in both languages. */
const Phrase = Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed);

export const DTC_SYSTEM_NAMES = [
  "engine",
  "fuel-air",
  "ignition",
  "emissions",
  "cooling",
  "electrical",
  "control-unit",
  "transmission",
  "high-voltage",
  "brakes",
  "steering",
  "chassis",
  "body",
  "restraint",
  "network",
] as const;
/** From harmless to forbidden. `not-known` never means "drive". */
export const DRIVE_ADVICE = ["drive", "not-known", "drive-with-care", "do-not-drive"] as const;

/** What the shop itself has written down about a code; stands beside the standard text, never in its place. */
export const ShopNoteView = Type.Object(
  {
    /** Null: for every make; for every model of the make. */
    make: Nullable(Type.String()),
    model: Nullable(Type.String()),
    text: Nullable(Phrase),
    cause: Nullable(Phrase),
    fix: Nullable(Phrase),
    note: Nullable(Phrase),
  },
  closed,
);
export type ShopNoteView = Static<typeof ShopNoteView>;

/** What BayGate knows of one trouble code. */
export const DtcExplanation = Type.Object(
  {
    code: Type.String({ pattern: DTC_CODE_PATTERN }),
    /** Null: the code is not known; its structure still says whose it is. */
    text: Nullable(Phrase),
    /** The second meaning of a number that two lists in use read differently. */
    otherReading: Nullable(Phrase),
    structure: Type.Union([
      Type.Object(
        {
          kind: Type.Literal("j2012"),
          letter: OneOf(["P", "C", "B", "U"]),
          group: Phrase,
          origin: OneOf(["generic", "maker", "reserved"]),
          originText: Phrase,
          /** Subsystem, where the standard orders them. */
          area: Nullable(Phrase),
          /** Third byte, two hex digits. */
          failureType: Nullable(Type.Object({ byte: Type.String(), text: Nullable(Phrase) }, closed)),
        },
        closed,
      ),
      Type.Object(
        {
          kind: Type.Literal("j1939"),
          spn: Type.Integer({ minimum: 0, maximum: 0x7ffff }),
          fmi: Type.Integer({ minimum: 0, maximum: 31 }),
        },
        closed,
      ),
    ]),
    system: Nullable(Type.Object({ id: OneOf(DTC_SYSTEM_NAMES), name: Phrase }, closed)),
    severity: Nullable(OneOf(["low", "medium", "high", "critical"])),
    /** About the code alone; a flashing engine lamp or a red lamp can raise it. */
    advice: OneOf(DRIVE_ADVICE),
    /** What to look at first. */
    hint: Nullable(Phrase),
    shopNotes: Type.Array(ShopNoteView),
  },
  closed,
);
export type DtcExplanation = Static<typeof DtcExplanation>;
