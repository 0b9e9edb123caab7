import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../../contract/errors.ts";
import { loadBundle } from "./bundle.ts";
import { ModelStore, type StoreStep } from "./store.ts";
import { tinyYolov8, writeBundle } from "./test-bundle.ts";

const KILLED = fileURLToPath(new URL("./store-killed.fixture.ts", import.meta.url));
let root: string;
let store: ModelStore;

const placesIn = (folder: string) => ({ directory: join(folder, "data", "models"), shipped: join(folder, "shipped") });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "baygate-store-"));
  await mkdir(join(root, "shipped", "bay"), { recursive: true });
  await mkdir(join(root, "data"));
  await writeBundle(join(root, "shipped", "bay"), { version: "1.0.0" }, tinyYolov8());
  store = new ModelStore(placesIn(root));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function bundleFolder(version: string, card: object = {}): Promise<string> {
  const folder = join(root, `bundle-${version}-${Object.keys(card).length}`);
  await mkdir(folder, { recursive: true });
  await writeBundle(folder, { version, ...card }, tinyYolov8());
  return folder;
}

const add = async (version: string, to = store, card: object = {}) =>
  to.add(await loadBundle(await bundleFolder(version, card)), undefined, async () => ({ note: version }));

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "accepted",
    (error: unknown) => {
      if (error instanceof GatewayError) return error.code;
      throw error;
    },
  );
}

const activeName = async (of = store) => (await of.active("bay")).name;
const versions = async () =>
  (await store.list("bay")).map(({ version, active }) => `${version}${active ? " active" : ""}`);

describe("the store of models", () => {
  test("has the shipped model at work where nothing was added", async () => {
    expect(await store.active("bay")).toEqual({
      id: null,
      folder: join(root, "shipped", "bay"),
      name: "tiny 1.0.0",
      damaged: false,
    });
    expect(await versions()).toEqual(["1.0.0 active"]);
    expect(await codeOf(store.rollBack("bay"))).toBe("MODEL_NOTHING_OLDER");
  });

  test("keeps versions side by side, and rolls back one by one, in the end to the shipped one", async () => {
    await add("1.1.0");
    const { id, folder } = await add("1.2.0");
    expect(id).toMatch(/^tiny-1\.2\.0-[0-9a-f]{12}$/);
    expect((await loadBundle(folder)).manifest.version).toBe("1.2.0");
    expect(await versions()).toEqual(["1.0.0", "1.1.0", "1.2.0 active"]);
    expect((await store.list("bay")).at(-1)?.accepted).toEqual({ note: "1.2.0" });
    expect((await store.rollBack("bay")).name).toBe("tiny 1.1.0");
    expect((await store.rollBack("bay")).id).toBeNull();
    expect(await codeOf(store.rollBack("bay"))).toBe("MODEL_NOTHING_OLDER");
    expect(await versions()).toEqual(["1.0.0 active", "1.1.0", "1.2.0"]);
  });

  test("takes the same bundle twice, and lets it work again after a roll-back", async () => {
    const first = await add("1.1.0");
    expect(await add("1.1.0")).toEqual({ ...first, isNew: false });
    await store.rollBack("bay");
    expect(await add("1.1.0")).toEqual({ ...first, isNew: false });
    expect(await activeName()).toBe("tiny 1.1.0");
    expect((await store.rollBack("bay")).id).toBeNull();
  });

  test.each(["model.onnx", "model.yaml"])(
    "replaces a copy whose %s has been damaged when its bundle is added again",
    async (name) => {
      const { id, folder } = await add("1.1.0");
      await writeFile(join(folder, name), "damaged");
      expect(await add("1.1.0")).toMatchObject({ id, folder, isNew: true });
      expect((await loadBundle(folder)).manifest.version).toBe("1.1.0");
      expect(await versions()).toEqual(["1.0.0", "1.1.0 active"]);
      expect(await readdir(join(folder, ".."))).toEqual([id]);
      expect((await store.rollBack("bay")).id).toBeNull();
    },
  );

  test("refuses other content under a name and version that is taken", async () => {
    await add("1.1.0");
    expect(await codeOf(add("1.1.0", store, { licence: "MIT" }))).toBe("MODEL_VERSION_TAKEN");
    expect(await versions()).toEqual(["1.0.0", "1.1.0 active"]);
  });

  test("removes what is not at work, and nothing else", async () => {
    const { id } = await add("1.1.0");
    await add("1.2.0");
    expect(await codeOf(store.remove("bay", "../../shipped"))).toBe("MODEL_VERSION_UNKNOWN");
    expect(await codeOf(store.remove("damage", id))).toBe("MODEL_VERSION_UNKNOWN");
    await store.remove("bay", id);
    expect(await versions()).toEqual(["1.0.0", "1.2.0 active"]);
    expect((await store.rollBack("bay")).id).toBeNull();
    const { id: active } = await add("1.2.0");
    expect(await codeOf(store.remove("bay", active))).toBe("MODEL_IN_USE");
  });

  test("keeps nothing of a bundle that its last examination refuses", async () => {
    const bundle = await loadBundle(await bundleFolder("1.1.0"));
    const refuse = async (copy: string) => {
      expect((await loadBundle(copy)).manifest.version).toBe("1.1.0");
      throw new GatewayError("MODEL_GOLDEN_WORSE");
    };
    expect(await codeOf(store.add(bundle, undefined, refuse))).toBe("MODEL_GOLDEN_WORSE");
    expect(await readdir(join(placesIn(root).directory, "bay", "versions"))).toEqual([]);
    expect(await activeName()).toBe("tiny 1.0.0");
  });

  test("goes back by itself from a version that the gateway cannot open, and says which and why", async () => {
    await add("1.1.0");
    const { folder, id } = await add("1.2.0");
    const problem = { code: "MODEL_NO_PROVIDER", message: "cuda: out of memory" };
    expect((await store.refuse("bay", folder, problem)).name).toBe("tiny 1.1.0");
    // Told twice, or too late, it changes nothing.
    expect((await store.refuse("bay", folder, problem)).name).toBe("tiny 1.1.0");
    const [shipped, older, refused] = await store.list("bay");
    expect([shipped?.refused, older?.refused]).toEqual([undefined, undefined]);
    expect(refused).toMatchObject({ id, active: false, refused: problem });
    await add("1.2.0");
    expect((await store.list("bay")).at(-1)).toMatchObject({ active: true, refused: undefined });
  });

  test("never gives up the shipped model", async () => {
    const { folder } = await store.active("bay");
    expect((await store.refuse("bay", folder, { code: "MODEL_HASH_MISMATCH", message: "" })).folder).toBe(folder);
  });
});

describe("a store that something happened to", () => {
  test("falls back to the newest whole version when the active one is gone", async () => {
    await add("1.1.0");
    const { folder } = await add("1.2.0");
    await rm(folder, { recursive: true });
    expect(await store.active("bay")).toMatchObject({ name: "tiny 1.1.0", damaged: true });
    expect((await store.rollBack("bay")).name).toBe("tiny 1.1.0");
  });

  test.each([
    ["empty", ""],
    ["cut off", '{"active":"tiny-1.1.0-'],
    ["of another form", '{"active":5}'],
    ["leading out of the store", '{"active":"../../../etc","history":[]}'],
  ])("works with the shipped model when its note is %s, and takes the next bundle", async (_, text) => {
    const { directory } = placesIn(root);
    await add("1.1.0");
    await writeFile(join(directory, "bay", "active.json"), text);
    expect(await store.active("bay")).toMatchObject({ id: null, damaged: true });
    await add("1.1.0");
    expect(await store.active("bay")).toMatchObject({ name: "tiny 1.1.0", damaged: false });
  });

  test("is never anything but what it was or what it should be, wherever a power cut falls", {
    timeout: 120_000,
  }, async () => {
    const folder = await bundleFolder("1.1.0");
    for (let cut = 1; ; cut++) {
      const place = join(root, `cut-${cut}`);
      await mkdir(place);
      const places = { directory: join(place, "models"), shipped: join(root, "shipped") };
      const child = spawn(process.execPath, [KILLED, places.directory, places.shipped, folder, String(cut)], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      const [code, signal]: unknown[] = await once(child, "exit");
      const after = new ModelStore(places);
      const whole = await after.active("bay");
      expect(whole.damaged).toBe(false);
      expect((await loadBundle(whole.folder)).manifest.version).toBe(code === 0 ? "1.1.0" : "1.0.0");
      if (code === 0) {
        // Two files, what was found, the renaming and the pointer.
        expect(cut).toBe(6);
        return;
      }
      expect(signal).toBe("SIGKILL");
      await after.add(await loadBundle(folder), undefined, async () => ({}));
      expect(await activeName(after)).toBe("tiny 1.1.0");
      expect(await readdir(join(places.directory, "bay", "versions"))).toHaveLength(1);
    }
  });

  test("says so when the disk is full, at whichever step, and is as it was", async () => {
    await add("1.1.0");
    const before = await readFile(join(placesIn(root).directory, "bay", "active.json"), "utf8");
    for (const full of ["file", "accepted", "renamed", "pointer"] satisfies StoreStep[]) {
      const failing = new ModelStore({
        ...placesIn(root),
        onStep: (step) => {
          if (step === full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        },
      });
      expect(await codeOf(add("1.2.0", failing))).toBe("MODEL_STORE_FAILED");
      expect(await activeName()).toBe("tiny 1.1.0");
      expect(await readFile(join(placesIn(root).directory, "bay", "active.json"), "utf8")).toBe(before);
    }
    await add("1.2.0");
    expect(await activeName()).toBe("tiny 1.2.0");
  });

  test("always has a whole model at work, whatever is done to it in whichever order", async () => {
    const deed = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), version: fc.constantFrom("1.1.0", "1.2.0", "1.3.0") }),
      fc.record({ kind: fc.constantFrom("roll-back", "remove", "refuse", "lose") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
        const place = await mkdtemp(join(root, "run-"));
        const own = new ModelStore({ directory: join(place, "models"), shipped: join(root, "shipped") });
        for (const each of deeds) {
          const active = await own.active("bay");
          if ("version" in each) await add(each.version, own);
          else if (each.kind === "roll-back") await codeOf(own.rollBack("bay"));
          else if (each.kind === "refuse") await own.refuse("bay", active.folder, { code: "X", message: "y" });
          else if (each.kind === "lose" && active.id !== null) await rm(active.folder, { recursive: true });
          else for (const { id } of await own.list("bay")) if (id !== null) await codeOf(own.remove("bay", id));
          const present = await own.active("bay");
          await loadBundle(present.folder);
          expect((await own.list("bay")).filter((version) => version.active).map(({ id }) => id)).toEqual([present.id]);
        }
      }),
      { numRuns: 15 },
    );
  });
});
