import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EngineKey, engineFolder, engineKey, readyEngineFolder } from "./engines.ts";
import { providerConfig } from "./providers.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "baygate-engines-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const key: EngineKey = { device: "Orin", libraries: "ORT 1.30, TensorRT 10.3", modelSha256: "a".repeat(64) };

describe("the folder of built engines", () => {
  test("is another one for another device, library or model", () => {
    const folders = [
      key,
      { ...key, device: "Xavier" },
      { ...key, libraries: "ORT 1.31, TensorRT 10.3" },
      { ...key, modelSha256: "b".repeat(64) },
    ].map((each) => engineFolder(root, each));
    expect(new Set(folders).size).toBe(4);
    expect(engineFolder(root, { ...key })).toBe(folders[0]);
  });

  test("keeps its engines from one start to the next", async () => {
    const folder = await readyEngineFolder(root, key);
    await writeFile(join(folder, "built.engine"), "x");
    expect(await readyEngineFolder(root, key)).toBe(folder);
    expect(await readdir(folder)).toEqual(["built.engine"]);
  });

  test("takes the place of those of another device or library", async () => {
    const former = await readyEngineFolder(root, { ...key, libraries: "ORT 1.29" });
    await writeFile(join(former, "built.engine"), "x");
    const folder = await readyEngineFolder(root, key);
    expect(await readdir(root)).toEqual([dirname(folder).split("/").at(-1)]);
  });

  test("leaves the latest used models of the same device, and itself", async () => {
    for (let model = 0; model < 15; model++) {
      const folder = await readyEngineFolder(root, { ...key, modelSha256: model.toString(16).repeat(64) });
      await utimes(folder, 1000 + model, 1000 + model);
    }
    await readyEngineFolder(root, key);
    const kept = await readdir(dirname(engineFolder(root, key)));
    expect(kept.sort()).toEqual(
      ["3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e"].map((digit) => digit.repeat(16)),
    );
  });

  test("is tidied a few dozen folders at a time", async () => {
    for (let other = 0; other < 40; other++) await mkdir(join(root, `foreign-${other}`));
    await readyEngineFolder(root, key);
    expect((await readdir(root)).length).toBe(1 + 40 - 32);
    await readyEngineFolder(root, key);
    expect((await readdir(root)).length).toBe(1);
  });
});

describe("what engines depend on", () => {
  test("is read from the machine's own files", async () => {
    const machine = join(root, "machine");
    const put = async (path: string, text: string) => {
      await mkdir(dirname(join(machine, path)), { recursive: true });
      await writeFile(join(machine, path), text);
    };
    const bare = await engineKey("a", { node: "1.30.0" }, machine);
    await put("proc/device-tree/model", "NVIDIA Jetson Orin Nano");
    const onBoard = await engineKey("a", { node: "1.30.0" }, machine);
    await put("usr/lib/aarch64-linux-gnu/libnvinfer.so.10.3.0", "");
    await put("usr/lib/aarch64-linux-gnu/libc.so.6", "");
    const withTensorRt = await engineKey("a", { node: "1.30.0" }, machine);
    expect(onBoard.device).not.toBe(bare.device);
    expect(onBoard.device).toContain("Orin Nano");
    expect(withTensorRt).toEqual({ ...onBoard, libraries: "node 1.30.0\nlibnvinfer.so.10.3.0" });
  });
});

describe("a provider", () => {
  test("is told where to keep engines if it builds any", () => {
    const environment: Record<string, string | undefined> = {};
    expect(providerConfig("cpu", "/engines", environment)).toBe("cpu");
    expect(providerConfig("cuda", "/engines", environment)).toBe("cuda");
    expect(providerConfig("tensorrt", undefined, environment)).toBe("tensorrt");
    expect(environment).toEqual({});
    expect(providerConfig("tensorrt", "/engines", environment)).toMatchObject({
      name: "tensorrt",
      trt_engine_cache_enable: "1",
      trt_engine_cache_path: "/engines",
    });
    expect(environment).toEqual({
      ORT_TENSORRT_ENGINE_CACHE_ENABLE: "1",
      ORT_TENSORRT_CACHE_PATH: "/engines",
    });
  });
});
