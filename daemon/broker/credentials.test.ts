import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeviceCredentials, principalOf } from "./credentials.ts";
import { LoginPacing } from "./login-pacing.ts";

let directory: string;
let credentials: DeviceCredentials;
const CAMERA = { role: "camera", id: "north" } as const;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "credentials-"));
  credentials = new DeviceCredentials(directory, () => 1234);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("device credentials", () => {
  it("are stored hashed, for the owner alone, and the password is shown once", async () => {
    const password = await credentials.add("camera", "north");
    expect(password).toMatch(/^[a-z2-9]{20}$/);
    const path = join(directory, "device-credentials.json");
    const text = await readFile(path, "utf8");
    expect(text).not.toContain(password);
    expect(text).toContain("$argon2id$");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await credentials.list()).toEqual([{ ...CAMERA, createdAt: 1234 }]);
  });

  it("let in the right password and nothing else", async () => {
    const password = await credentials.add("camera", "north");
    expect(await credentials.verify(CAMERA, Buffer.from(password))).toBe("ok");
    expect(await credentials.verify(CAMERA, Buffer.from(`${password}x`))).toBe("wrong");
    expect(await credentials.verify(CAMERA, Buffer.alloc(0))).toBe("wrong");
    expect(await credentials.verify({ role: "reader", id: "north" }, Buffer.from(password))).toBe("unknown");
  });

  it("remember a verified password in memory, until it changes", async () => {
    const password = Buffer.from(await credentials.add("camera", "north"));
    expect(await credentials.remembers(CAMERA, password)).toBe(false);
    await credentials.verify(CAMERA, password);
    expect(await credentials.remembers(CAMERA, password)).toBe(true);
    expect(await credentials.remembers(CAMERA, Buffer.from("guess"))).toBe(false);
    await credentials.rotate("camera", "north");
    expect(await credentials.remembers(CAMERA, password)).toBe(false);
    expect(await credentials.verify(CAMERA, password)).toBe("wrong");
  });

  it("cannot be added twice, and only what exists can be rotated or removed", async () => {
    await credentials.add("camera", "north");
    await expect(credentials.add("camera", "north")).rejects.toMatchObject({ code: "CREDENTIAL_EXISTS" });
    await expect(credentials.rotate("camera", "south")).rejects.toMatchObject({ code: "CREDENTIAL_UNKNOWN" });
    await expect(credentials.remove("camera", "south")).rejects.toMatchObject({ code: "CREDENTIAL_UNKNOWN" });
    await expect(credentials.add("camera", "../x")).rejects.toMatchObject({ code: "CONFIG_VALUE_INVALID" });
    await credentials.remove("camera", "north");
    expect(await credentials.list()).toEqual([]);
  });

  it("survive many writers at once, in this process and another", async () => {
    const other = new DeviceCredentials(directory, () => 0);
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? credentials : other).add("reader", `r${index}`)),
    );
    expect(await credentials.list()).toHaveLength(12);
    expect(await other.list()).toHaveLength(12);
  });

  it("that are damaged are an error, never an empty list", async () => {
    await credentials.add("camera", "north");
    const path = join(directory, "device-credentials.json");
    for (const content of [
      "",
      "{",
      '{"version":1}',
      '{"version":1,"devices":[{"role":"gateway","id":"x","hash":"$argon2id$","createdAt":1}]}',
    ]) {
      await writeFile(path, content);
      await expect(credentials.list()).rejects.toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
      await expect(credentials.add("camera", "south")).rejects.toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
    }
  });
});

describe("a user name", () => {
  it.each([
    "",
    "camera",
    "camera/",
    "camera/A",
    "camera/a/b",
    "gateway/x",
    "toString/x",
    "camera/a ",
    "camera/+",
    `camera/${"a".repeat(41)}`,
  ])("%j names nobody", (name) => {
    expect(principalOf(name)).toBeUndefined();
  });

  it("of role and id names a device", () => {
    expect(principalOf("camera/bay1-north")).toEqual({ role: "camera", id: "bay1-north" });
  });
});

describe("login pacing", () => {
  it("refuses an address and user after five failures, for a minute, and nobody else", () => {
    let now = 0;
    const pacing = new LoginPacing(() => now);
    for (let failure = 0; failure < 5; failure++) {
      expect(pacing.refuses("10.0.0.1", "camera/a")).toBe(false);
      pacing.failed("10.0.0.1", "camera/a");
    }
    expect(pacing.refuses("10.0.0.1", "camera/a")).toBe(true);
    expect(pacing.refuses("10.0.0.2", "camera/a")).toBe(false);
    expect(pacing.refuses("10.0.0.1", "camera/b")).toBe(false);
    now = 61_000;
    expect(pacing.refuses("10.0.0.1", "camera/a")).toBe(false);
  });

  it("refuses an address that tries many names", () => {
    const pacing = new LoginPacing(() => 0);
    for (let name = 0; name < 30; name++) pacing.failed("10.0.0.1", `camera/${name}`);
    expect(pacing.refuses("10.0.0.1", "camera/new")).toBe(true);
  });

  it("forgets a user's failures once he is in", () => {
    const pacing = new LoginPacing(() => 0);
    for (let failure = 0; failure < 4; failure++) pacing.failed("10.0.0.1", "camera/a");
    pacing.succeeded("10.0.0.1", "camera/a");
    pacing.failed("10.0.0.1", "camera/a");
    expect(pacing.refuses("10.0.0.1", "camera/a")).toBe(false);
  });
});
