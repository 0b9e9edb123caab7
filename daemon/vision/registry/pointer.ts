import { join } from "node:path";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { GatewayError } from "../../../contract/errors.ts";
import { readBounded } from "./bundle-file.ts";

/** A version's folder name: name, version and the first digits of its content's hash. */
const VersionId = Type.String({ pattern: "^[a-z0-9-]{1,40}-[0-9]+\\.[0-9]+\\.[0-9]+[a-z0-9.-]*-[0-9a-f]{12}$" });
/** Null is the model that ships. */
const VersionOrShipped = Type.Union([VersionId, Type.Null()]);

/** Which version of a role is at work, and what was before it: `active.json`. */
const Pointer = Type.Object(
  {
    active: VersionOrShipped,
    /** The newest last. */
    history: Type.Array(VersionOrShipped, { maxItems: 20 }),
    /** The last version that the running gateway could not open. */
    refused: Type.Optional(
      Type.Object(
        { id: VersionId, code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Pointer = Static<typeof Pointer>;

const HISTORY_KEPT = 20;
const MAX_BYTES = 64 * 1024;
const SHIPPED: Pointer = { active: null, history: [] };

/** `active.json` of a role. */
export const pointerFile = (roleFolder: string): string => join(roleFolder, "active.json");

/** @returns undefined where the file is there and is no pointer */
export async function readPointer(roleFolder: string): Promise<Pointer | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readBounded(pointerFile(roleFolder), MAX_BYTES, "MODEL_MANIFEST_INVALID");
  } catch (error) {
    if (error instanceof GatewayError && error.code === "MODEL_FILE_MISSING") return SHIPPED;
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return Value.Check(Pointer, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A new version comes to work; the one before it is remembered. */
export function pointAt(pointer: Pointer, id: string | null): Pointer {
  if (pointer.active === id) return pointer;
  const history = [...pointer.history.filter((earlier) => earlier !== id), pointer.active].slice(-HISTORY_KEPT);
  return { active: id, history };
}

/** Back to the version before, or to the shipped one. */
export function pointBack(pointer: Pointer, refused?: Pointer["refused"]): Pointer {
  return {
    active: pointer.history.at(-1) ?? null,
    history: pointer.history.slice(0, -1),
    ...(refused === undefined ? {} : { refused }),
  };
}

/** As if a version had never been. */
export function forget({ active, history, refused }: Pointer, id: string): Pointer {
  return {
    active,
    history: history.filter((earlier) => earlier !== id),
    ...(refused === undefined || refused.id === id ? {} : { refused }),
  };
}
