import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../../contract/errors.ts";
import { writeDurably } from "../../../machine/durable-file.ts";
import { isAlive } from "../../../machine/living-process.ts";
import type { ModelBundle } from "./bundle.ts";
import { type ModelManifest, type ModelRole, parseManifest } from "./manifest.ts";
import { forget, type Pointer, pointAt, pointBack, pointerFile, readPointer } from "./pointer.ts";

/** The model of a role that the gateway works with. */
export interface ActiveModel {
  /** Null: the one that ships. */
  readonly id: string | null;
  readonly folder: string;
  /** What people call it, such as `bay 1.1.0`. */
  readonly name: string;
  /** The note of which version is active is damaged or names one that is gone; this is the newest whole one before it. */
  readonly damaged: boolean;
}

/** A version of a role, as it is listed. */
export interface StoredVersion {
  /** Null: the one that ships. */
  readonly id: string | null;
  readonly name: string;
  readonly version: string;
  readonly family: string;
  readonly folder: string;
  readonly active: boolean;
  /** What was found when it was added; undefined for the shipped one. */
  readonly accepted: unknown;
  /** Why the running gateway would not have it. */
  readonly refused: { readonly code: string; readonly message: string } | undefined;
}

/** Where an addition stands; a power cut between any two leaves the store as it was or as it shall be. */
export type StoreStep = "file" | "accepted" | "renamed" | "pointer";

export interface StoreOptions {
  /** In the gateway's data directory. */
  readonly directory: string;
  /** The models that ship: a folder for each role. */
  readonly shipped: string;
  /** For tests: called before each step, and may throw as a disk would. */
  readonly onStep?: (step: StoreStep) => void;
}

const ACCEPTED = "accepted.json";
const INCOMING = /^\.(incoming|removed)-(\d+)-/;

/**
 * Versions of model bundles, side by side for each role, and a pointer to the one at work:
 *
 *     <directory>/<role>/versions/<name>-<version>-<hash>/   model.yaml, its ONNX file, accepted.json
 *     <directory>/<role>/active.json                         which one, and what was before it
 *
 * A version is written whole beside the others under a name that nobody reads, renamed, and only then pointed at; each step reaches the disk before the
 * next begins. The shipped model needs no copy: it is what a role without a pointer has, and what rolling back ends at.
 */
export class ModelStore {
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Never throws for what is wrong in the store: a damaged note is passed over for the newest whole version before it. */
  async active(role: ModelRole): Promise<ActiveModel> {
    const pointer = await readPointer(this.#roleFolder(role));
    const wanted = pointer === undefined ? [] : [pointer.active, ...pointer.history.toReversed()];
    for (const [at, id] of wanted.entries()) {
      if (id === null) return this.#shipped(role, at > 0);
      const folder = this.#versionFolder(role, id);
      const manifest = await manifestIn(folder);
      if (manifest !== undefined) return { id, folder, name: nameOf(manifest), damaged: at > 0 };
    }
    return this.#shipped(role, pointer === undefined || pointer.active !== null);
  }

  /**
   * Stores a bundle beside the others and makes it the active one. A bundle that is there already is examined and pointed at again; a copy of it that
   * has been damaged since is replaced.
   * @param bundle checked (`loadBundle`)
   * @param signature the file that the card names as its signature
   * @param prove a last examination of the copy that would be at work; what it returns is kept with the version, what it throws refuses it
   * @throws GatewayError MODEL_VERSION_TAKEN, MODEL_STORE_FAILED, and what `prove` throws
   */
  async add<Acceptance extends object>(
    bundle: ModelBundle,
    signature: Buffer | undefined,
    prove: (folder: string) => Promise<Acceptance>,
  ): Promise<{
    readonly id: string;
    readonly folder: string;
    readonly isNew: boolean;
    readonly acceptance: Acceptance;
  }> {
    const { manifest } = bundle;
    const id = versionId(bundle);
    const folder = this.#versionFolder(manifest.role, id);
    await this.#storing(async () => {
      await mkdir(this.#versionsFolder(manifest.role), { recursive: true, mode: 0o700 });
      await syncFolder(this.#options.directory);
    });
    await this.#sweep(manifest.role);
    const files = filesOf(bundle, signature);
    const isNew = !(await holds(folder, files));
    if (isNew) await this.#refuseNameTaken(manifest, id);
    const acceptance = isNew
      ? await this.#bringIn(files, manifest.role, folder, prove)
      : await this.#note(folder, await prove(folder));
    await this.#point(manifest.role, (pointer) => pointAt(pointer, id));
    return { id, folder, isNew, acceptance };
  }

  /**
   * Back to the version before, in the end to the shipped one. Versions that are gone are passed over.
   * @throws GatewayError MODEL_NOTHING_OLDER, MODEL_STORE_FAILED
   */
  async rollBack(role: ModelRole): Promise<ActiveModel> {
    const pointer = await this.#pointer(role);
    if (pointer.active === null && pointer.history.length === 0) throw new GatewayError("MODEL_NOTHING_OLDER");
    await this.#point(role, (at) => pointBack(at));
    return this.active(role);
  }

  /**
   * The running gateway could not open a version: the one before takes its place, so that the next start has a model too.
   * @returns the model that is active now; the present one where it is another than `folder`'s
   */
  async refuse(
    role: ModelRole,
    folder: string,
    problem: { readonly code: string; readonly message: string },
  ): Promise<ActiveModel> {
    const present = await this.active(role);
    const { id } = present;
    if (id === null || present.folder !== folder) return present;
    const refused = { id, code: problem.code.slice(0, 60), message: problem.message.slice(0, 500) };
    await this.#point(role, (pointer) => pointBack(pointer.active === id ? pointer : pointAt(pointer, id), refused));
    return this.active(role);
  }

  /** @throws GatewayError MODEL_VERSION_UNKNOWN, MODEL_IN_USE, MODEL_STORE_FAILED */
  async remove(role: ModelRole, id: string): Promise<void> {
    const known = await this.#versionIds(role);
    if (!known.includes(id)) throw new GatewayError("MODEL_VERSION_UNKNOWN", { detail: `${role} ${id}` });
    const active = await this.active(role);
    if (active.id === id) throw new GatewayError("MODEL_IN_USE", { detail: id });
    await this.#point(role, (pointer) => forget(pointer, id));
    const leaving = this.#leaving(role);
    await this.#storing(async () => {
      await rename(this.#versionFolder(role, id), leaving);
      await rm(leaving, { recursive: true, force: true });
    });
  }

  /** The shipped version first, then the others by name. */
  async list(role: ModelRole): Promise<StoredVersion[]> {
    const active = await this.active(role);
    const pointer = await readPointer(this.#roleFolder(role));
    const ids: (string | null)[] = [null, ...(await this.#versionIds(role))];
    const versions = await Promise.all(
      ids.map(async (id): Promise<StoredVersion[]> => {
        const folder = id === null ? join(this.#options.shipped, role) : this.#versionFolder(role, id);
        const manifest = await manifestIn(folder);
        if (manifest === undefined) return [];
        const { name, version, family } = manifest;
        const refused = id !== null && pointer?.refused?.id === id ? pointer.refused : undefined;
        const accepted = id === null ? undefined : await acceptedIn(folder);
        return [{ id, name, version, family, folder, active: active.id === id, accepted, refused }];
      }),
    );
    return versions.flat();
  }

  async #bringIn<Acceptance extends object>(
    files: readonly (readonly [name: string, bytes: Buffer])[],
    role: ModelRole,
    folder: string,
    prove: (folder: string) => Promise<Acceptance>,
  ): Promise<Acceptance> {
    const incoming = join(this.#versionsFolder(role), `.incoming-${process.pid}-${randomUUID()}`);
    try {
      for (const [name, bytes] of files) await this.#write("file", join(incoming, name), bytes);
      const acceptance = await this.#note(incoming, await prove(incoming));
      await this.#storing(async () => {
        this.#options.onStep?.("renamed");
        const leaving = this.#leaving(role);
        const wasThere = await renamed(folder, leaving);
        await rename(incoming, folder);
        await syncFolder(this.#versionsFolder(role));
        if (wasThere) await rm(leaving, { recursive: true, force: true });
      });
      return acceptance;
    } catch (error) {
      await rm(incoming, { recursive: true, force: true });
      throw error;
    }
  }

  async #note<Acceptance extends object>(folder: string, acceptance: Acceptance): Promise<Acceptance> {
    await this.#write("accepted", join(folder, ACCEPTED), `${JSON.stringify(acceptance)}\n`);
    return acceptance;
  }

  /** Where a version goes that leaves. */
  #leaving(role: ModelRole): string {
    return join(this.#versionsFolder(role), `.removed-${process.pid}-${randomUUID()}`);
  }

  async #refuseNameTaken({ role, name, version }: ModelManifest, own: string): Promise<void> {
    const stored = (await this.list(role)).filter(({ id }) => id !== null && id !== own);
    if (stored.some((other) => other.name === name && other.version === version))
      throw new GatewayError("MODEL_VERSION_TAKEN", { detail: `${name} ${version}` });
  }

  /** A pointer that is damaged counts as none: the versions are still there to be added again. */
  async #pointer(role: ModelRole): Promise<Pointer> {
    return (await readPointer(this.#roleFolder(role))) ?? { active: null, history: [] };
  }

  async #point(role: ModelRole, change: (pointer: Pointer) => Pointer): Promise<void> {
    const pointer = await this.#pointer(role);
    const changed = change(pointer);
    const isWhole = (await readPointer(this.#roleFolder(role))) !== undefined;
    if (isWhole && JSON.stringify(changed) === JSON.stringify(pointer)) return;
    await this.#write("pointer", pointerFile(this.#roleFolder(role)), `${JSON.stringify(changed)}\n`);
  }

  #write(step: StoreStep, path: string, content: string | Buffer): Promise<void> {
    return this.#storing(async () => {
      this.#options.onStep?.(step);
      await writeDurably(path, content, { mode: 0o600 });
    });
  }

  async #storing<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error && "code" in error) || error instanceof GatewayError) throw error;
      throw new GatewayError("MODEL_STORE_FAILED", { detail: error.message, cause: error });
    }
  }

  /** Removes what an addition or a removal left behind that did not come to its end. */
  async #sweep(role: ModelRole): Promise<void> {
    for (const name of await readdir(this.#versionsFolder(role))) {
      const pid = Number(INCOMING.exec(name)?.[2]);
      if (pid > 0 && pid !== process.pid && !isAlive(pid))
        await rm(join(this.#versionsFolder(role), name), { recursive: true, force: true });
    }
  }

  async #versionIds(role: ModelRole): Promise<string[]> {
    const names = await readdir(this.#versionsFolder(role)).catch(() => []);
    return names.filter((name) => !name.startsWith(".")).sort();
  }

  async #shipped(role: ModelRole, damaged: boolean): Promise<ActiveModel> {
    const folder = join(this.#options.shipped, role);
    const manifest = await manifestIn(folder);
    return { id: null, folder, name: manifest === undefined ? role : nameOf(manifest), damaged };
  }

  #roleFolder(role: ModelRole): string {
    return join(this.#options.directory, role);
  }

  #versionsFolder(role: ModelRole): string {
    return join(this.#roleFolder(role), "versions");
  }

  #versionFolder(role: ModelRole, id: string): string {
    return join(this.#versionsFolder(role), id);
  }
}

function filesOf({ manifest, card, onnx, decoder }: ModelBundle, signature: Buffer | undefined): [string, Buffer][] {
  return [
    [manifest.file, onnx],
    ...(manifest.decoder === undefined || decoder === undefined
      ? []
      : [[manifest.decoder.file, decoder.onnx] satisfies [string, Buffer]]),
    ...(manifest.signature === undefined || signature === undefined
      ? []
      : [[manifest.signature, signature] satisfies [string, Buffer]]),
    ["model.yaml", card],
  ];
}

/** Whether a version's folder has these very files. */
async function holds(folder: string, files: readonly (readonly [name: string, bytes: Buffer])[]): Promise<boolean> {
  try {
    for (const [name, bytes] of files) if (!(await readFile(join(folder, name))).equals(bytes)) return false;
    return true;
  } catch {
    return false;
  }
}

/** @returns false where there is nothing that could be renamed */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** The card names the networks' hashes, so its own hash names the whole content. */
function versionId({ manifest, card }: ModelBundle): string {
  return `${manifest.name}-${manifest.version}-${createHash("sha256").update(card).digest("hex").slice(0, 12)}`;
}

const nameOf = ({ name, version }: ModelManifest) => `${name} ${version}`;

/** The card of a version; undefined where there is none that can be read. */
async function manifestIn(folder: string): Promise<ModelManifest | undefined> {
  try {
    const manifest = parseManifest(await readFile(join(folder, "model.yaml"), "utf8"));
    await stat(join(folder, manifest.file));
    return manifest;
  } catch {
    return undefined;
  }
}

async function acceptedIn(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, ACCEPTED), "utf8"));
  } catch {
    return undefined;
  }
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY);
  await handle.sync();
}
