import { randomBytes } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EvidenceOptions, openEvidence } from "./evidence.ts";
import { nameOf, SEAL_BYTES, seal, unseal } from "./sealed-picture.ts";

const PICTURE_BYTES = 1_000;
const FILE_BYTES = PICTURE_BYTES + SEAL_BYTES;
const picture = () => randomBytes(PICTURE_BYTES);

describe("stored pictures", () => {
  let directory: string;
  let dropped: string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "evidence-"));
    dropped = [];
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const open = (more: Partial<EvidenceOptions> = {}) =>
    openEvidence({
      directory,
      maxBytes: 1_000_000,
      onDrop: async (name) => {
        dropped.push(name);
      },
      ...more,
    });
  const fileOf = (name: string) => join(directory, "pictures", name);

  it("gives back what was put, after a restart as well, and keeps nothing readable on the disk", async () => {
    const shown = picture();
    const { picture: name, isNew } = await (await open()).put(shown);
    expect([isNew, name]).toEqual([true, nameOf(shown)]);
    expect(await (await open()).read(name)).toEqual({ state: "kept", picture: shown });
    const file = await readFile(fileOf(name));
    expect(file.includes(shown.subarray(0, 16))).toBe(false);
    expect((await stat(fileOf(name))).mode & 0o077).toBe(0);
    expect((await stat(join(directory, "box.key"))).mode & 0o777).toBe(0o600);
  });

  it("keeps the same picture once, whoever sends it how often at once", async () => {
    const evidence = await open();
    const shown = picture();
    const answers = await Promise.all([evidence.put(shown), evidence.put(shown), evidence.put(shown)]);
    expect(answers.map(({ isNew }) => isNew)).toEqual([true, false, false]);
    expect(evidence.status()).toMatchObject({ pictures: 1, bytes: FILE_BYTES });
  });

  it("calls a truncated file damaged at every length, and never answers with part of it", async () => {
    const evidence = await open();
    const { picture: name } = await evidence.put(picture());
    for (const length of [FILE_BYTES - 1, SEAL_BYTES, SEAL_BYTES - 1, 4, 1, 0]) {
      await truncate(fileOf(name), length);
      expect([length, await evidence.read(name)]).toEqual([length, { state: "damaged" }]);
    }
    expect(evidence.stateOf(name)).toBe("damaged");
    expect(evidence.status().damaged).toBe(1);
  });

  it("notices every flipped bit", async () => {
    const key = randomBytes(32);
    const shown = picture();
    const name = nameOf(shown);
    const sealed = seal(shown, name, key);
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(sealed);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return unseal(flipped, name, key) === undefined;
      }),
    );
    expect(unseal(sealed, name, key)).toEqual(shown);
  });

  it("does not open a file under another name or with another box's key", async () => {
    const evidence = await open();
    const { picture: name } = await evidence.put(picture());
    const other = nameOf(picture());
    await writeFile(fileOf(other), await readFile(fileOf(name)));
    expect(await evidence.read(other)).toEqual({ state: "damaged" });
    await rm(join(directory, "box.key"));
    const files = await readdir(join(directory, "pictures"));
    await Promise.all(files.map((file) => rm(fileOf(file))));
    const kept = await open();
    const sealedElsewhere = seal(picture(), name, randomBytes(32));
    await writeFile(fileOf(name), sealedElsewhere);
    expect(await kept.read(name)).toEqual({ state: "damaged" });
  });

  it("mends a damaged picture when the same one comes again", async () => {
    const evidence = await open();
    const shown = picture();
    const { picture: name } = await evidence.put(shown);
    await truncate(fileOf(name), 10);
    expect((await evidence.put(shown)).isNew).toBe(true);
    expect(await evidence.read(name)).toEqual({ state: "kept", picture: shown });
    expect(evidence.status()).toMatchObject({ pictures: 1, bytes: FILE_BYTES, damaged: 0 });
  });

  it("no longer calls a picture damaged that opens again", async () => {
    const evidence = await open();
    const shown = picture();
    const { picture: name } = await evidence.put(shown);
    await rename(fileOf(name), `${fileOf(name)}.away`);
    await mkdir(fileOf(name));
    expect(await evidence.read(name)).toEqual({ state: "damaged" });
    await rmdir(fileOf(name));
    await rename(`${fileOf(name)}.away`, fileOf(name));
    expect(await evidence.read(name)).toEqual({ state: "kept", picture: shown });
    expect([evidence.stateOf(name), evidence.status().damaged]).toEqual(["kept", 0]);
  });

  it("calls what was never there, or was taken away, missing", async () => {
    const evidence = await open();
    const { picture: name } = await evidence.put(picture());
    await rm(fileOf(name));
    expect(await evidence.read(name)).toEqual({ state: "missing" });
    expect(evidence.stateOf(name)).toBe("missing");
    for (const hostile of ["../box.key", "", "A".repeat(64), `${name}/..`])
      expect(await evidence.read(hostile)).toEqual({ state: "missing" });
  });

  it("gives up the oldest first, once that is written down, and keeps to its quota across restarts", async () => {
    const evidence = await open({ maxBytes: 3 * FILE_BYTES });
    const names: string[] = [];
    for (let second = 1; second <= 3; second += 1) {
      const { picture: name } = await evidence.put(picture());
      await utimes(fileOf(name), second, second);
      names.push(name);
    }
    const later = await open({ maxBytes: 3 * FILE_BYTES });
    await later.put(picture());
    await later.put(picture());
    expect(dropped).toEqual(names.slice(0, 2));
    expect(later.stateOf(names[0] ?? "")).toBe("missing");
    expect(later.stateOf(names[2] ?? "")).toBe("kept");
    expect(later.status().bytes).toBe(3 * FILE_BYTES);
  });

  it("keeps the old picture, and refuses the new one, while its giving up cannot be written down", async () => {
    const evidence = await open({
      maxBytes: FILE_BYTES,
      onDrop: async () => {
        throw new Error("the journal is full");
      },
    });
    const { picture: name } = await evidence.put(picture());
    await expect(evidence.put(picture())).rejects.toThrow("the journal is full");
    expect((await evidence.read(name)).state).toBe("kept");
  });

  it("refuses a picture larger than its quota and drops nothing for it", async () => {
    const evidence = await open({ maxBytes: FILE_BYTES });
    await evidence.put(picture());
    await expect(evidence.put(randomBytes(PICTURE_BYTES + 1))).rejects.toMatchObject({ code: "EVIDENCE_NO_ROOM" });
    expect([dropped, evidence.status().pictures]).toEqual([[], 1]);
  });

  it("keeps nothing of a picture that the disk did not take, and takes it the next time", async () => {
    let isFailing = true;
    const { writeDurably } = await import("../../machine/durable-file.ts");
    const evidence = await open({
      write: async (...given) => {
        if (isFailing) throw new Error("ENOSPC");
        await writeDurably(...given);
      },
    });
    const shown = picture();
    await expect(evidence.put(shown)).rejects.toMatchObject({ code: "EVIDENCE_STORAGE_FAILED" });
    expect(evidence.status()).toMatchObject({ pictures: 0, bytes: 0 });
    isFailing = false;
    expect((await evidence.put(shown)).isNew).toBe(true);
  });

  it("clears away what a crash left half-written, and leaves strangers' files alone", async () => {
    const { picture: name } = await (await open()).put(picture());
    await writeFile(fileOf(".1234.tmp"), "half");
    await writeFile(fileOf("notes.txt"), "somebody's");
    const evidence = await open();
    expect((await readdir(join(directory, "pictures"))).sort()).toEqual([name, "notes.txt"].sort());
    expect(evidence.status().pictures).toBe(1);
  });

  it("takes back a picture that no record came to name", async () => {
    const evidence = await open();
    const { picture: name } = await evidence.put(picture());
    await evidence.forget(name);
    await evidence.forget("../box.key");
    expect(await evidence.read(name)).toEqual({ state: "missing" });
    expect(evidence.status()).toMatchObject({ pictures: 0, bytes: 0 });
  });

  it("makes no new key beside old pictures, and opens them again when the key is put back", async () => {
    const shown = picture();
    const { picture: name } = await (await open()).put(shown);
    const keyFile = join(directory, "box.key");
    const key = await readFile(keyFile);
    await rm(keyFile);
    const evidence = await open();
    await expect(evidence.read(name)).rejects.toMatchObject({ code: "EVIDENCE_KEY_UNUSABLE" });
    await expect(evidence.put(picture())).rejects.toMatchObject({ code: "EVIDENCE_KEY_UNUSABLE" });
    for (const broken of ["", "{}", key.subarray(0, 40), key.toString().replace(/"key":"./, '"key":"*')]) {
      await writeFile(keyFile, broken);
      await expect((await open()).read(name)).rejects.toMatchObject({ code: "EVIDENCE_KEY_UNUSABLE" });
    }
    await writeFile(keyFile, key);
    expect(await evidence.read(name)).toEqual({ state: "kept", picture: shown });
  });
});
