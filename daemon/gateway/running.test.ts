import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Running, readRunning } from "./running.ts";

const NOTE: Running = {
  pid: process.pid,
  version: "1.0.0",
  startedAt: 1_795_000_000_000,
  page: "https://127.0.0.1:8443",
  brokers: [{ address: "127.0.0.1", port: 1883, tls: false }],
  safeMode: false,
};

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "running-"));
  file = join(folder, "running.json");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the note of a running gateway", () => {
  it("is read while its process lives", async () => {
    await writeFile(file, JSON.stringify(NOTE));
    expect(await readRunning(file)).toEqual(NOTE);
  });

  it("says that nothing runs where there is none, or where its process is gone", async () => {
    expect(await readRunning(file)).toBeUndefined();
    await writeFile(file, JSON.stringify({ ...NOTE, pid: 2 ** 30 }));
    expect(await readRunning(file)).toBeUndefined();
  });

  it.each(["", "{", "null", JSON.stringify({ ...NOTE, pid: "1" })])("is none of ours: %j", async (text) => {
    await writeFile(file, text);
    expect(await readRunning(file)).toBeUndefined();
  });

  it("that cannot be read is an error, never a gateway that does not run", async () => {
    await mkdir(file);
    await expect(readRunning(file)).rejects.toMatchObject({ code: "EISDIR" });
  });
});
