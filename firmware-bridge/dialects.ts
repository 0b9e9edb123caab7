import type { Dialect } from "./dialect.ts";
import { wican } from "./wican/index.ts";

/** Every firmware dialect that this bridge speaks, by the name that `shop.yaml` uses. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map([wican].map((dialect) => [dialect.name, dialect]));
