import { createHmac, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hash, verify } from "@node-rs/argon2";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { ID_PATTERN, OneOf } from "../../contract/ids.ts";
import { ROLES } from "../../contract/topics.ts";
import { writeDurably } from "../../machine/durable-file.ts";
import type { DeviceRole, Principal } from "./rights.ts";

export const DEVICE_ROLES: readonly DeviceRole[] = ROLES.filter((role) => role !== "gateway");

const Entry = Type.Object(
  {
    role: OneOf(DEVICE_ROLES),
    id: Type.String({ pattern: ID_PATTERN }),
    hash: Type.String({ pattern: "^\\$argon2id\\$" }),
    createdAt: Type.Number(),
  },
  { additionalProperties: false },
);
const CredentialsFile = Type.Object(
  { version: Type.Literal(1), devices: Type.Array(Entry) },
  { additionalProperties: false },
);
type Entry = Static<typeof Entry>;
const fileSchema = Compile(CredentialsFile);

/** Passwords are drawn by us with 99 bits, so the hash need not make guessing slow; it must be cheap enough for 200 devices that reconnect at once. */
const HASH = { memoryCost: 4096, timeCost: 1, parallelism: 1 } as const;
/** No character that is read as another (0 O, 1 l i): somebody types this into a camera. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const PASSWORD_LENGTH = 20;
/** More at once would take the thread pool from the disk. */
const MAX_HASHING = 2;
const MAX_WAITING = 1000;

export interface DeviceCredential extends Principal {
  readonly createdAt: number;
}

export type Verdict = "ok" | "wrong" | "unknown" | "busy";

/** `camera/bay1-north` as a principal, or undefined where it is not of that form. */
export function principalOf(userName: string): Principal | undefined {
  const [role, id, ...more] = userName.split("/");
  const known = DEVICE_ROLES.find((candidate) => candidate === role);
  if (known === undefined || id === undefined || more.length > 0 || !new RegExp(ID_PATTERN).test(id)) return undefined;
  return { role: known, id };
}

/** The user name of a principal, and the name under which its credential is kept. */
export function userNameOf({ role, id }: Principal): string {
  return `${role}/${id}`;
}

/**
 * The devices' passwords: `device-credentials.json` in the data directory, 0600, argon2id, written durably. The command line and a running
 * daemon may use it at the same time: changes go through a lock file, and what another process wrote is seen at the next look.
 */
export class DeviceCredentials {
  readonly #path: string;
  readonly #nowMs: () => number;
  readonly #cacheKey = randomBytes(32);
  /** Password digests that have passed argon2 for the hash beside them; in memory only. */
  readonly #verified = new Map<string, { readonly hash: string; readonly digest: Buffer }>();
  readonly #waiting: (() => void)[] = [];
  #hashing = 0;
  #entries = new Map<string, Entry>();
  #version = "";

  /** @param nowMs wall clock, for the date in the list */
  constructor(dataDirectory: string, nowMs: () => number) {
    this.#path = join(dataDirectory, "device-credentials.json");
    this.#nowMs = nowMs;
  }

  async list(): Promise<readonly DeviceCredential[]> {
    await this.refresh();
    return [...this.#entries.values()].map(({ role, id, createdAt }) => ({ role, id, createdAt }));
  }

  /**
   * Gives a device a password; it is returned this once and kept nowhere.
   * @throws GatewayError CREDENTIAL_EXISTS
   */
  async add(role: DeviceRole, id: string): Promise<string> {
    return this.#issue(role, id, false);
  }

  /**
   * Replaces a device's password. Its present connection is closed by the broker within seconds.
   * @throws GatewayError CREDENTIAL_UNKNOWN
   */
  async rotate(role: DeviceRole, id: string): Promise<string> {
    return this.#issue(role, id, true);
  }

  /** @throws GatewayError CREDENTIAL_UNKNOWN */
  async remove(role: DeviceRole, id: string): Promise<void> {
    const name = userNameOf({ role, id });
    await this.#change((entries) => {
      if (!entries.delete(name)) throw new GatewayError("CREDENTIAL_UNKNOWN", { detail: name });
    });
  }

  /** Which secret a device has at present, for noticing that it has changed; undefined when it has none. */
  fingerprint(principal: Principal): string | undefined {
    return this.#entries.get(userNameOf(principal))?.hash;
  }

  /** Whether this exact password has been verified before: then no hashing is needed and no pacing applies. */
  async remembers(principal: Principal, password: Uint8Array): Promise<boolean> {
    await this.refresh();
    const name = userNameOf(principal);
    const entry = this.#entries.get(name);
    const known = this.#verified.get(name);
    return (
      entry !== undefined &&
      known !== undefined &&
      known.hash === entry.hash &&
      timingSafeEqual(known.digest, this.#digest(password))
    );
  }

  async verify(principal: Principal, password: Uint8Array): Promise<Verdict> {
    await this.refresh();
    const name = userNameOf(principal);
    const entry = this.#entries.get(name);
    if (entry === undefined) return "unknown";
    if (this.#waiting.length >= MAX_WAITING) return "busy";
    const matches = await this.#inTurn(() => verify(entry.hash, password));
    if (!matches) return "wrong";
    this.#verified.set(name, { hash: entry.hash, digest: this.#digest(password) });
    return "ok";
  }

  /**
   * Looks whether another process has changed the file.
   * @throws GatewayError CREDENTIALS_UNREADABLE
   */
  async refresh(): Promise<void> {
    const version = await this.#fileVersion();
    if (version === this.#version) return;
    this.#entries = version === "absent" ? new Map() : await this.#read();
    this.#version = version;
  }

  async #issue(role: DeviceRole, id: string, replaces: boolean): Promise<string> {
    const name = userNameOf({ role, id });
    if (principalOf(name) === undefined)
      throw new GatewayError("CONFIG_VALUE_INVALID", { detail: `"${id}" is not an id: 1 to 40 of a-z, 0-9 and "-"` });
    const password = Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
    const hashed = await hash(password, HASH);
    await this.#change((entries) => {
      if (entries.has(name) !== replaces)
        throw new GatewayError(replaces ? "CREDENTIAL_UNKNOWN" : "CREDENTIAL_EXISTS", { detail: name });
      entries.set(name, { role, id, hash: hashed, createdAt: this.#nowMs() });
    });
    return password;
  }

  async #change(edit: (entries: Map<string, Entry>) => void): Promise<void> {
    await withLock(`${this.#path}.lock`, async () => {
      await this.refresh();
      const entries = new Map(this.#entries);
      edit(entries);
      await writeDurably(this.#path, `${JSON.stringify({ version: 1, devices: [...entries.values()] }, null, 2)}\n`, {
        mode: 0o600,
        keepLastGood: true,
      });
      this.#entries = entries;
      this.#version = await this.#fileVersion();
    });
  }

  async #fileVersion(): Promise<string> {
    try {
      const { mtimeNs, size, ino } = await stat(this.#path, { bigint: true });
      return `${ino} ${mtimeNs} ${size}`;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "absent";
      throw new GatewayError("CREDENTIALS_UNREADABLE", { details: { path: this.#path }, cause: error });
    }
  }

  async #read(): Promise<Map<string, Entry>> {
    try {
      const content: unknown = JSON.parse(await readFile(this.#path, "utf8"));
      return new Map(fileSchema.Parse(content).devices.map((entry) => [userNameOf(entry), entry]));
    } catch (cause) {
      throw new GatewayError("CREDENTIALS_UNREADABLE", { details: { path: this.#path }, cause });
    }
  }

  #digest(password: Uint8Array): Buffer {
    return createHmac("sha256", this.#cacheKey).update(password).digest();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hashing >= MAX_HASHING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#hashing++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing--;
      else next();
    }
  }
}

const LOCK_TRIES = 200;
const LOCK_PAUSE_MS = 25;
const LOCK_STALE_MS = 30_000;

/** One writer at a time over all processes; a lock that a killed process left behind gives way after half a minute. */
async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const handle = await open(path, "wx", 0o600);
      await handle.close();
      break;
    } catch (error) {
      const taken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!taken || attempt === LOCK_TRIES) throw error;
      await removeStale(path);
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function removeStale(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LOCK_STALE_MS) await rm(path, { force: true });
  } catch (error) {
    // Its owner was quicker.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
