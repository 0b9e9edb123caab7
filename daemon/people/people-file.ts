import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import type { ErrorCode } from "../../contract/errors.ts";
import { PersonRole } from "../../contract/http-api.ts";
import { Nullable, PersonId, Sha256 } from "../../contract/ids.ts";
import { writeDurably } from "../../machine/durable-file.ts";

const closed = { additionalProperties: false } as const;

const LOGIN_PATTERN = "^[a-z0-9._-]{1,60}$";

export const StoredPerson = Type.Object(
  {
    id: PersonId,
    login: Type.String({ pattern: LOGIN_PATTERN }),
    name: Type.String({ minLength: 1, maxLength: 60 }),
    role: PersonRole,
    /** PHC string; null for someone who only taps his badge. */
    passwordHash: Nullable(Type.String({ pattern: "^\\$argon2id\\$", maxLength: 300 })),
    badgeHash: Nullable(Sha256),
    disabled: Type.Boolean(),
    /** Rises when password or role change and on disabling; sessions made before end. */
    credentialVersion: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type StoredPerson = Static<typeof StoredPerson>;

const PeopleDocument = Type.Object(
  { version: Type.Literal(1), people: Type.Array(StoredPerson, { maxItems: 2000 }) },
  closed,
);
const document = Compile(PeopleDocument);

export interface LoadedPeople {
  readonly people: readonly StoredPerson[];
  /** What went wrong, where something did. */
  readonly problem: Extract<ErrorCode, "PEOPLE_FILE_DAMAGED" | "PEOPLE_FILE_LOST"> | undefined;
}

/** `people.json` of a data folder: one durable file, read again when someone else has written it. */
export class PeopleFile {
  readonly #path: string;
  #signature: string;

  constructor(directory: string) {
    this.#path = join(directory, "people.json");
    this.#signature = "";
  }

  /**
   * Reads the file, or its last good copy. A damaged file is moved aside, so that it never becomes the last good copy
   * of the next write.
   * @param asideSuffix makes the name of a file that is moved aside
   */
  async load(asideSuffix: string): Promise<LoadedPeople> {
    const current = read(this.#path);
    this.#signature = this.#currentSignature();
    if (current.kind === "good") return { people: current.people, problem: undefined };
    const lastGood = read(this.#lastGood);
    if (current.kind === "absent" && lastGood.kind === "absent") return { people: [], problem: undefined };
    if (current.kind === "bad") await rename(this.#path, `${this.#path}.damaged-${asideSuffix}`);
    if (lastGood.kind === "good") return { people: lastGood.people, problem: "PEOPLE_FILE_DAMAGED" };
    if (lastGood.kind === "bad") await rename(this.#lastGood, `${this.#lastGood}.damaged-${asideSuffix}`);
    return { people: [], problem: "PEOPLE_FILE_LOST" };
  }

  /** The file's content when another process has replaced it since we last looked; undefined when it is ours, absent or unreadable. */
  replaced(): readonly StoredPerson[] | undefined {
    const signature = this.#currentSignature();
    if (signature === this.#signature) return undefined;
    this.#signature = signature;
    const current = read(this.#path);
    return current.kind === "good" ? current.people : undefined;
  }

  async save(people: readonly StoredPerson[]): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify({ version: 1, people }, undefined, 1)}\n`, {
      mode: 0o600,
      keepLastGood: true,
    });
    this.#signature = this.#currentSignature();
  }

  get #lastGood(): string {
    return `${this.#path}.last-good`;
  }

  #currentSignature(): string {
    const stats: BigIntStats | undefined = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? "absent" : `${stats.ino}/${stats.mtimeNs}/${stats.size}`;
  }
}

type ReadResult =
  | { readonly kind: "good"; readonly people: readonly StoredPerson[] }
  | { readonly kind: "absent" | "bad" };

// Synchronous, so that a look-up sees what the command line has just written; the file is small and seldom changes.
function read(path: string): ReadResult {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { kind: error instanceof Error && "code" in error && error.code === "ENOENT" ? "absent" : "bad" };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return document.Check(parsed) ? { kind: "good", people: parsed.people } : { kind: "bad" };
  } catch {
    // JSON.parse says only that it is not JSON; the caller names the problem.
    return { kind: "bad" };
  }
}
