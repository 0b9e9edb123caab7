import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ActiveModelFollower } from "./active-model.ts";
import { loadBundle } from "./registry/bundle.ts";
import { ModelStore } from "./registry/store.ts";
import { tinyYolov8, writeBundle } from "./registry/test-bundle.ts";

let root: string;
let store: ModelStore;
let taken: string[];
let follower: ActiveModelFollower;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "baygate-active-"));
  await mkdir(join(root, "shipped", "bay"), { recursive: true });
  await writeBundle(join(root, "shipped", "bay"), { version: "1.0.0" }, tinyYolov8());
  store = new ModelStore({ directory: join(root, "models"), shipped: join(root, "shipped") });
  taken = [];
  const takeOver = (_folder: string, name: string) => void taken.push(name);
  const log = pino({ level: "silent" });
  follower = new ActiveModelFollower(await store.active("bay"), { store, role: "bay", takeOver, log });
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function add(version: string): Promise<string> {
  const folder = join(root, version);
  await mkdir(folder, { recursive: true });
  await writeBundle(folder, { version }, tinyYolov8());
  return (await store.add(await loadBundle(folder), undefined, async () => ({}))).folder;
}

describe("the running gateway", () => {
  test("takes over what is added and what is rolled back to, each once", async () => {
    await follower.look();
    await add("1.1.0");
    await follower.look();
    await follower.look();
    await store.rollBack("bay");
    await follower.look();
    expect(taken).toEqual(["tiny 1.1.0", "tiny 1.0.0"]);
  });

  test("returns to the version before when it cannot open one, also for its next start", async () => {
    await add("1.1.0");
    await follower.look();
    const folder = await add("1.2.0");
    await follower.look();
    await follower.refuse(folder, { code: "MODEL_NO_PROVIDER", message: "cpu: no", refused: [] });
    expect(taken).toEqual(["tiny 1.1.0", "tiny 1.2.0", "tiny 1.1.0"]);
    expect((await store.active("bay")).name).toBe("tiny 1.1.0");
  });

  test("stays with the shipped model, whatever is wrong with it", async () => {
    await follower.refuse(join(root, "shipped", "bay"), { code: "MODEL_HASH_MISMATCH", message: "", refused: [] });
    expect(taken).toEqual([]);
  });

  test("goes on with what it has when the store cannot be written", async () => {
    const folder = await add("1.1.0");
    await follower.look();
    const failing = new ModelStore({
      directory: join(root, "models"),
      shipped: join(root, "shipped"),
      onStep: () => {
        throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      },
    });
    const other = new ActiveModelFollower(await store.active("bay"), {
      store: failing,
      role: "bay",
      takeOver: (_folder, name) => void taken.push(name),
      log: pino({ level: "silent" }),
    });
    await other.refuse(folder, { code: "MODEL_NO_PROVIDER", message: "", refused: [] });
    expect((await store.active("bay")).name).toBe("tiny 1.1.0");
  });
});
