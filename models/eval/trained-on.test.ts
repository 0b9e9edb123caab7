import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTrainingHashes, refuseTrainedOn } from "./trained-on.ts";

describe("the list of training pictures", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "trained-on-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("lets unseen pictures pass and refuses one that was trained on, by its content and not its name", async () => {
    const seen = join(folder, "renamed.jpg");
    const unseen = join(folder, "unseen.jpg");
    await writeFile(seen, "a picture");
    await writeFile(unseen, "another picture");
    const hash = createHash("sha256").update("a picture").digest("hex").slice(0, 16);
    await writeFile(join(folder, "training-pictures.sha256"), `${hash}\n`);
    const hashes = await readTrainingHashes(folder);
    await expect(refuseTrainedOn([unseen], hashes)).resolves.toBeUndefined();
    await expect(refuseTrainedOn([unseen, seen], hashes)).rejects.toThrow(/renamed\.jpg was trained on/);
  });

  it("may say that there are none, and must not be empty", async () => {
    await writeFile(join(folder, "training-pictures.sha256"), "none\n");
    expect(await readTrainingHashes(folder)).toEqual(new Set());
    await writeFile(join(folder, "training-pictures.sha256"), "");
    await expect(readTrainingHashes(folder)).rejects.toThrow(/no hash/);
  });

  it("is refused itself when a line is no hash, because a damaged list would let everything pass", async () => {
    await writeFile(join(folder, "training-pictures.sha256"), "0123456789abcdef\n<html>\n");
    await expect(readTrainingHashes(folder)).rejects.toThrow(/no hash/);
  });
});
