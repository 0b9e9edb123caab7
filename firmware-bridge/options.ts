import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";

/** Whether options fit a dialect's schema, defaults being filled in. */
export function fitsOptions(schema: TSchema, options: unknown): boolean {
  return Value.Check(schema, Value.Default(schema, Value.Clone(options ?? {})));
}

/**
 * A dongle's options as its dialect's schema has them, defaults filled in.
 * @throws Error when they do not fit; the bridge has looked before it made the adapter
 */
export function optionsOf<Schema extends TSchema>(schema: Schema, options: unknown): Static<Schema> {
  const filled: unknown = Value.Default(schema, Value.Clone(options ?? {}));
  if (!Value.Check(schema, filled)) throw new Error("the options do not fit the dialect");
  return filled;
}
