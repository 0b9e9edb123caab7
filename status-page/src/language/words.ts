import type { en } from "./en.ts";

/** Singular forms exist only in languages that have one. */
type WithoutSingular<Key extends string> = Key extends `${string}_one` ? never : Key;

type Shape<Table> = Table extends string
  ? string
  : { readonly [Key in WithoutSingular<keyof Table & string>]: Shape<Table[Key & keyof Table]> };

/** The shape that every language's table must have. */
export type Words = Shape<typeof en>;
