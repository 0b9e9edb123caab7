import Type, { type Static } from "typebox";

/** The shop's own words and known fixes for trouble codes; `diagnostics.faultCodeTexts` of shop.yaml names the file. */
const closed = { additionalProperties: false } as const;

const Sentence = Type.String({ minLength: 1, maxLength: 500 });
/** One text for everybody, or one for each language; a missing language reads the other. */
const Words = Type.Union([
  Sentence,
  Type.Object({ en: Type.Optional(Sentence), "zh-CN": Type.Optional(Sentence) }, closed),
]);
export type FaultCodeWords = Static<typeof Words>;

export const FaultCodeNote = Type.Object(
  {
    code: Type.String({ minLength: 1, maxLength: 40, description: "a trouble code, e.g. P0420" }),
    /** Only for cars of this make, and of this model of it; for every car where absent. */
    make: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    model: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    text: Type.Optional(Words),
    cause: Type.Optional(Words),
    fix: Type.Optional(Words),
    note: Type.Optional(Words),
  },
  closed,
);
export type FaultCodeNote = Static<typeof FaultCodeNote>;

export const FaultCodeTexts = Type.Object(
  { notes: Type.Optional(Type.Array(FaultCodeNote, { maxItems: 5000, default: [] })) },
  closed,
);
