import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";
import type { Logger } from "../../machine/log.ts";
import { makeBoxKey, readBoxKey } from "./box-key.ts";
import { nameOf, SEAL_BYTES, seal, unseal } from "./sealed-picture.ts";

export interface EvidenceOptions {
  readonly directory: string;
  /** All pictures together, as they lie on the disk. */
  readonly maxBytes: number;
  /** Writes down that a picture is given up; it is deleted after this has resolved, and stays when it rejects. */
  readonly onDrop: (picture: string, bytes: number) => Promise<void>;
  readonly log?: Logger;
  /** Replaces `writeDurably`, for tests of a failing disk. */
  readonly write?: typeof writeDurably;
}

export type StoredPicture =
  | { readonly state: "kept"; readonly picture: Buffer }
  | { readonly state: "damaged" }
  | { readonly state: "missing" };

export interface EvidenceStatus {
  readonly pictures: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Files that were asked for and did not open. */
  readonly damaged: number;
}

const NAME = /^[0-9a-f]{64}$/;
const FILE_MODE = 0o600;

/**
 * Opens the store, making it at the first start. Half-written files of a crash are removed. A key that cannot be used is no reason not to open: every
 * `put` and `read` says so until it is back.
 * @throws what the disk throws when the folder cannot be made or listed
 */
export async function openEvidence(options: EvidenceOptions): Promise<Evidence> {
  const pictures = join(options.directory, "pictures");
  await mkdir(pictures, { recursive: true, mode: 0o700 });
  const found: { name: string; bytes: number; atMs: number }[] = [];
  for (const entry of await readdir(pictures, { withFileTypes: true })) {
    const path = join(pictures, entry.name);
    if (entry.name.endsWith(".tmp")) await rm(path, { force: true });
    if (!entry.isFile() || !NAME.test(entry.name)) continue;
    const { size, mtimeMs } = await stat(path);
    found.push({ name: entry.name, bytes: size, atMs: mtimeMs });
  }
  found.sort((a, b) => a.atMs - b.atMs || (a.name < b.name ? -1 : 1));
  const evidence = new Evidence(options, new Map(found.map(({ name, bytes }) => [name, bytes])));
  await evidence.prepareKey();
  return evidence;
}

/** Encrypted pictures by the hash of what they show. */
export class Evidence {
  readonly #options: EvidenceOptions;
  readonly #keyFile: string;
  /** Bytes on disk by name, oldest first. */
  readonly #files: Map<string, number>;
  readonly #damaged = new Set<string>();
  #bytes: number;
  #key: Buffer | undefined;
  /** Writes go one after the other, so that the quota holds. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EvidenceOptions, files: Map<string, number>) {
    this.#options = options;
    this.#keyFile = join(options.directory, "box.key");
    this.#files = files;
    this.#bytes = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Makes the key of a new box; what keeps an old one from being used is told by whoever needs it. */
  async prepareKey(): Promise<void> {
    try {
      if ((await readBoxKey(this.#keyFile)) === undefined && this.#files.size === 0) await makeBoxKey(this.#keyFile);
      await this.#boxKey();
    } catch (error) {
      this.#options.log?.error({ err: error, code: "EVIDENCE_KEY_UNUSABLE" }, "stored pictures cannot be opened");
    }
  }

  /**
   * Keeps a picture; the same one again changes nothing, unless its file was damaged, which mends it. The oldest pictures make room.
   * @returns its SHA-256, and whether there was no sound file of it before
   * @throws GatewayError EVIDENCE_KEY_UNUSABLE, EVIDENCE_STORAGE_FAILED, EVIDENCE_NO_ROOM; nothing was kept then
   */
  put(picture: Uint8Array): Promise<{ readonly picture: string; readonly isNew: boolean }> {
    return this.#inTurn(async () => {
      const key = await this.#boxKey();
      const name = nameOf(picture);
      if (this.#files.has(name) && (await this.read(name)).state === "kept") return { picture: name, isNew: false };
      const bytes = SEAL_BYTES + picture.length;
      await this.#makeRoom(bytes, name);
      const write = this.#options.write ?? writeDurably;
      try {
        await write(this.#path(name), seal(picture, name, key), { mode: FILE_MODE });
      } catch (cause) {
        throw new GatewayError("EVIDENCE_STORAGE_FAILED", { cause });
      }
      this.#forgetFile(name);
      this.#files.set(name, bytes);
      this.#bytes += bytes;
      this.#damaged.delete(name);
      return { picture: name, isNew: true };
    });
  }

  /** @throws GatewayError EVIDENCE_KEY_UNUSABLE */
  async read(name: string): Promise<StoredPicture> {
    if (!NAME.test(name)) return { state: "missing" };
    const key = await this.#boxKey();
    let file: Buffer;
    try {
      file = await readFile(this.#path(name));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return this.#damage(name);
      this.#forgetFile(name);
      return { state: "missing" };
    }
    const picture = unseal(file, name, key);
    if (picture === undefined) return this.#damage(name);
    // It may have been called damaged while the disk would not give it.
    this.#damaged.delete(name);
    return { state: "kept", picture };
  }

  /** As far as is known without opening the file. */
  stateOf(name: string): StoredPicture["state"] {
    if (this.#damaged.has(name)) return "damaged";
    return this.#files.has(name) ? "kept" : "missing";
  }

  /** Takes back a picture that no record came to name. */
  forget(name: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!NAME.test(name)) return;
      await rm(this.#path(name), { force: true });
      this.#forgetFile(name);
    });
  }

  status(): EvidenceStatus {
    const { maxBytes } = this.#options;
    return { pictures: this.#files.size, bytes: this.#bytes, maxBytes, damaged: this.#damaged.size };
  }

  async #makeRoom(bytes: number, coming: string): Promise<void> {
    const { maxBytes, onDrop } = this.#options;
    if (bytes > maxBytes) throw new GatewayError("EVIDENCE_NO_ROOM");
    for (const [name, size] of this.#files) {
      if (this.#bytes + bytes <= maxBytes) return;
      if (name === coming) continue;
      await onDrop(name, size);
      await rm(this.#path(name), { force: true });
      this.#forgetFile(name);
    }
  }

  #damage(name: string): StoredPicture {
    if (!this.#damaged.has(name))
      this.#options.log?.error({ picture: name, code: "PICTURE_DAMAGED" }, "a stored picture does not open");
    this.#damaged.add(name);
    return { state: "damaged" };
  }

  #forgetFile(name: string): void {
    this.#bytes -= this.#files.get(name) ?? 0;
    this.#files.delete(name);
    this.#damaged.delete(name);
  }

  /** Looks again each time, so that a key that is put back is used without a restart. */
  async #boxKey(): Promise<Buffer> {
    this.#key ??= await readBoxKey(this.#keyFile);
    if (this.#key === undefined) throw new GatewayError("EVIDENCE_KEY_UNUSABLE");
    return this.#key;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #path(name: string): string {
    return join(this.#options.directory, "pictures", name);
  }
}
