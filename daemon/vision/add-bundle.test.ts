import { spawnSync } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { type AddOptions, addBundle } from "./add-bundle.ts";
import { readTrustedKeys } from "./registry/signature.ts";
import { ModelStore } from "./registry/store.ts";
import { TINY_CELLS, tinyYolov8, writeBundle } from "./registry/test-bundle.ts";

let root: string;
let bundle: string;
let store: ModelStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "baygate-add-"));
  bundle = join(root, "bundle");
  await mkdir(join(root, "shipped", "bay"), { recursive: true });
  await mkdir(join(root, "data"));
  await mkdir(bundle);
  await writeBundle(join(root, "shipped", "bay"), { version: "0.9.0" }, tinyYolov8());
  await writeBundle(bundle, {}, tinyYolov8());
  store = new ModelStore({ directory: join(root, "data", "models"), shipped: join(root, "shipped") });
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const add = (options: Partial<AddOptions> = {}) =>
  addBundle(bundle, { store, providers: ["cpu"], trust: { keys: [], required: false }, ...options });

async function refusal(options: Partial<AddOptions> = {}): Promise<{ code: string; message: string }> {
  try {
    await add(options);
    return { code: "accepted", message: "" };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect((await store.active("bay")).id).toBeNull();
    return { code: error.code, message: error.message };
  }
}
const codeOf = async (options: Partial<AddOptions> = {}) => (await refusal(options)).code;

/** Grey pictures of 320 × 160 with a vehicle where the tiny network sees one, or elsewhere. */
async function goldenSet(folder: string, bbox: readonly number[] = [120, 60, 80, 40], pictures = 3): Promise<string> {
  await mkdir(folder, { recursive: true });
  const images = Array.from({ length: pictures }, (_, id) => ({ id, file_name: `${id}.jpg`, width: 320, height: 160 }));
  for (const { id, file_name } of images)
    await sharp({ create: { width: 320, height: 160, channels: 3, background: { r: id, g: id, b: id } } })
      .jpeg()
      .toFile(join(folder, file_name));
  const annotations = images.map(({ id }) => ({ image_id: id, category_id: 1, bbox }));
  const document = { categories: [{ id: 1, name: "Vehicle" }], images, annotations };
  await writeFile(join(folder, "_annotations.coco.json"), JSON.stringify(document));
  return folder;
}

/** The tiny network's numbers as one scale of int8 for all of them would leave them: box sides survive, scores do not. */
function crushed(): Buffer {
  const table = new Float32Array(6 * TINY_CELLS);
  for (const [row, value] of [32, 32, 16, 8, 0, 0.9].entries()) table[row * TINY_CELLS + 3] = value;
  // One far coordinate stretches the scale.
  table[0] = 1000;
  const scale = 1000 / 127;
  return tinyYolov8({ table: table.map((value) => Math.round(value / scale) * scale) });
}

describe("a bundle that is added", () => {
  test("is examined, kept and active, with what was found", async () => {
    const stages: string[] = [];
    const added = await add({ onStage: (stage) => stages.push(stage) });
    expect(added).toMatchObject({
      role: "bay",
      name: "tiny",
      version: "1.0.0",
      isNew: true,
      acceptance: { signature: { state: "unsigned" }, provider: "cpu", golden: null },
    });
    expect(stages).toEqual(["reading", "warming-up"]);
    expect(await store.active("bay")).toMatchObject({ id: added.id, name: "tiny 1.0.0" });
    expect(await add()).toEqual({ ...added, isNew: false });
  });

  test("brings only the files that its card names into the store", async () => {
    await goldenSet(join(bundle, "golden"));
    await writeFile(join(bundle, "customers.csv"), "private");
    const { folder } = await add();
    expect((await readdir(folder)).sort()).toEqual(["accepted.json", "model.onnx", "model.yaml"]);
  });
});

describe("a hostile bundle", () => {
  test("is refused when its network is cut off, even with the hash of what is left", async () => {
    const whole = tinyYolov8();
    await writeBundle(bundle, {}, whole.subarray(0, whole.length - 40));
    expect(await codeOf()).toBe("MODEL_NOT_ONNX");
  });

  test("is refused when it keeps data in other files", async () => {
    await writeBundle(bundle, {}, tinyYolov8({ external: true }));
    expect(await codeOf()).toBe("MODEL_EXTERNAL_DATA");
  });

  test("is refused when its file says that it is a gigabyte long, without reading it", async () => {
    await truncate(join(bundle, "model.onnx"), 2 ** 30);
    expect(await codeOf()).toBe("MODEL_TOO_LARGE");
  });

  test("is refused when a part within its file says that it is a gigabyte long", async () => {
    // Field 7 (the graph), 2^30 bytes, of which two are there.
    await writeBundle(bundle, {}, Buffer.from([0x3a, 0x80, 0x80, 0x80, 0x80, 0x04, 1, 2]));
    expect(await codeOf()).toBe("MODEL_NOT_ONNX");
  });

  test("is refused when its hash is another's", async () => {
    await writeBundle(bundle, { sha256: "0".repeat(64) }, tinyYolov8());
    expect(await codeOf()).toBe("MODEL_HASH_MISMATCH");
  });

  test("is refused when its card names a file elsewhere", async () => {
    await writeBundle(bundle, { file: "../../../etc/passwd.onnx" }, tinyYolov8());
    expect(await codeOf()).toBe("MODEL_MANIFEST_INVALID");
  });

  test.each(["model.onnx", "model.yaml"])("is refused when its %s is a link", async (file) => {
    const elsewhere = join(root, "elsewhere");
    await writeFile(elsewhere, await readFile(join(bundle, file)));
    await rm(join(bundle, file));
    await symlink(elsewhere, join(bundle, file));
    expect(await codeOf()).toBe("MODEL_BUNDLE_UNSAFE");
  });

  test("is refused when its network is a pipe that nobody writes to", async () => {
    await rm(join(bundle, "model.onnx"));
    spawnSync("mkfifo", [join(bundle, "model.onnx")]);
    expect(await codeOf()).toBe("MODEL_BUNDLE_UNSAFE");
  });

  test("is refused when its classes are not those of the file, or not those of its role", async () => {
    await writeBundle(bundle, { labels: ["vehicle", "person"] }, tinyYolov8({ names: "{0: 'person', 1: 'vehicle'}" }));
    expect(await codeOf()).toBe("MODEL_LABELS_MISMATCH");
    await writeBundle(bundle, { labels: ["person", "person"] }, tinyYolov8());
    expect(await codeOf()).toBe("MODEL_MANIFEST_INVALID");
    await writeBundle(bundle, { labels: ["person", "car"], thresholds: { person: 0.5, car: 0.5 } }, tinyYolov8());
    expect(await refusal()).toMatchObject({
      code: "MODEL_ROLE_LABELS_MISSING",
      message: expect.stringContaining("vehicle"),
    });
  });

  test("is refused when no provider would run it, with each one's reason", async () => {
    // A network that the reader takes and the runtime does not: its operator is unknown.
    const onnx = tinyYolov8();
    const at = onnx.indexOf("ReduceMean");
    onnx.write("ReduceMeow", at);
    await writeBundle(bundle, {}, onnx);
    expect(await refusal()).toMatchObject({ code: "MODEL_NO_PROVIDER", message: expect.stringContaining("cpu: ") });
  });
});

describe("a signature", () => {
  const publisher = generateKeyPairSync("ed25519");
  const stranger = generateKeyPairSync("ed25519");
  const trust = { keys: [publisher.publicKey], required: false };

  async function signed(by = publisher): Promise<void> {
    await writeBundle(bundle, { signature: "model.sig" }, tinyYolov8());
    const signature = sign(null, await readFile(join(bundle, "model.yaml")), by.privateKey);
    await writeFile(join(bundle, "model.sig"), `${signature.toString("base64")}\n`);
  }

  test("by a trusted key is accepted and kept with the version", async () => {
    await signed();
    const { acceptance, folder } = await add({ trust: { ...trust, required: true } });
    expect(acceptance.signature).toEqual({ state: "signed", by: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(await readdir(folder)).toContain("model.sig");
  });

  test("by a stranger, of another card, or that is none, is refused", async () => {
    await signed(stranger);
    expect(await codeOf({ trust })).toBe("MODEL_SIGNATURE_INVALID");
    await signed();
    await writeFile(join(bundle, "model.yaml"), `${await readFile(join(bundle, "model.yaml"), "utf8")}# a word more\n`);
    expect(await codeOf({ trust })).toBe("MODEL_SIGNATURE_INVALID");
    await signed();
    for (const text of ["", "not base64 of a signature", "A".repeat(5000)]) {
      await writeFile(join(bundle, "model.sig"), text);
      expect(await codeOf({ trust })).toBe("MODEL_SIGNATURE_INVALID");
    }
    await rm(join(bundle, "model.sig"));
    expect(await codeOf({ trust })).toBe("MODEL_FILE_MISSING");
  });

  test("that is missing, or that nobody here could check, is refused where one is required", async () => {
    expect(await codeOf({ trust: { ...trust, required: true } })).toBe("MODEL_SIGNATURE_REQUIRED");
    await signed();
    expect(await codeOf({ trust: { keys: [], required: true } })).toBe("MODEL_SIGNATURE_REQUIRED");
    expect((await add()).acceptance.signature).toEqual({ state: "unchecked" });
  });

  test("is looked at before anything of the network is parsed", async () => {
    const onnx = Buffer.from("no network at all");
    await writeBundle(bundle, {}, onnx);
    expect(await codeOf({ trust: { keys: [], required: true } })).toBe("MODEL_SIGNATURE_REQUIRED");
    expect(await codeOf()).toBe("MODEL_NOT_ONNX");
  });

  test("is checked by Ed25519 keys alone", async () => {
    const file = join(root, "key.pem");
    await writeFile(file, publisher.publicKey.export({ type: "spki", format: "pem" }));
    expect(await readTrustedKeys([file])).toHaveLength(1);
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
    await writeFile(file, rsa.publicKey.export({ type: "spki", format: "pem" }));
    for (const files of [[file], [join(root, "absent.pem")]])
      await expect(readTrustedKeys(files)).rejects.toMatchObject({ code: "MODEL_KEY_UNREADABLE" });
  });
});

describe("a golden set", () => {
  test("is measured through the gateway's own eyes, and the figures are kept", async () => {
    await writeBundle(bundle, { metrics: { golden: { ap50: 99.5 } } }, tinyYolov8());
    const golden = await goldenSet(join(root, "golden"));
    expect((await add({ golden })).acceptance.golden).toMatchObject({
      pictures: 3,
      ap50: 100,
      labels: { vehicle: 100 },
      expected: { ap50: 99.5, of: "card" },
    });
  });

  test("in the bundle's own folder is used where no other is given", async () => {
    await goldenSet(join(bundle, "golden"));
    expect((await add()).acceptance.golden).toMatchObject({ pictures: 3, ap50: 100 });
  });

  test("refuses a bundle that says more of itself than it can, with both figures", async () => {
    await writeBundle(bundle, { metrics: { golden: { boxAp50: 46.2 } } }, tinyYolov8());
    const golden = await goldenSet(join(root, "golden"), [0, 0, 20, 20]);
    expect(await refusal({ golden })).toEqual({
      code: "MODEL_GOLDEN_WORSE",
      message: expect.stringContaining("AP50 0.0 on 3 pictures, card: 46.2"),
    });
  });

  test("refuses a network that int8 has crushed, by its card", async () => {
    await writeBundle(bundle, { metrics: { golden: { ap50: 100 } } }, crushed());
    expect(await codeOf({ golden: await goldenSet(join(root, "golden")) })).toBe("MODEL_GOLDEN_WORSE");
  });

  test("refuses it by the model at work where the card says nothing of this set", async () => {
    const other = { sha256: "a".repeat(64), ap50: 0.5 + 1 };
    await writeBundle(bundle, { metrics: { golden: [other] } }, crushed());
    expect(await refusal({ golden: await goldenSet(join(root, "golden")) })).toEqual({
      code: "MODEL_GOLDEN_WORSE",
      message: expect.stringContaining("tiny 0.9.0: 100.0"),
    });
  });

  test("lets a point of AP50 go", async () => {
    await writeBundle(bundle, { metrics: { golden: { ap50: 1 } } }, tinyYolov8());
    const golden = await goldenSet(join(root, "golden"), [0, 0, 20, 20]);
    expect((await add({ golden })).acceptance.golden).toMatchObject({ ap50: 0, expected: { ap50: 1 } });
  });

  test("compares nothing where there is nothing to compare with, and says so", async () => {
    await rm(join(root, "shipped"), { recursive: true });
    const golden = await goldenSet(join(root, "golden"));
    expect((await add({ golden })).acceptance.golden).toMatchObject({ ap50: 100, expected: undefined });
  });

  test("takes no figure that is written as a fraction, with which everything would pass", async () => {
    await writeBundle(bundle, { metrics: { golden: { ap50: 0.46 } } }, tinyYolov8());
    expect(await codeOf({ golden: await goldenSet(join(root, "golden")) })).toBe("MODEL_MANIFEST_INVALID");
  });

  test("is used for a bundle that is there already, too", async () => {
    await add();
    await store.rollBack("bay");
    expect(await codeOf({ golden: join(root, "absent") })).toBe("MODEL_GOLDEN_INVALID");
    expect((await add({ golden: await goldenSet(join(root, "golden")) })).acceptance.golden?.ap50).toBe(100);
  });

  test("may have run lengths for outlines, and does not ask for a crowd", async () => {
    const golden = await goldenSet(join(root, "golden"));
    const file = join(golden, "_annotations.coco.json");
    const document = JSON.parse(await readFile(file, "utf8"));
    const [first] = document.annotations;
    first.segmentation = { size: [160, 320], counts: [0, 51_200] };
    document.annotations.push({ ...first, bbox: [0, 0, 20, 20], iscrowd: 1 });
    await writeFile(file, JSON.stringify(document));
    expect((await add({ golden })).acceptance.golden).toMatchObject({ pictures: 3, ap50: 100 });
    await store.rollBack("bay");
    first.bbox = [1, 2];
    await writeFile(file, JSON.stringify(document));
    expect((await refusal({ golden })).message).toContain("/annotations/0/bbox");
  });

  test("that cannot be used refuses instead of being passed over", async () => {
    const golden = join(root, "golden");
    expect(await codeOf({ golden })).toBe("MODEL_GOLDEN_INVALID");
    await goldenSet(golden);
    const annotations = join(golden, "_annotations.coco.json");
    const text = await readFile(annotations, "utf8");
    for (const broken of [
      "{",
      "[]",
      text.replaceAll("Vehicle", "cat"),
      text.replace('"0.jpg"', '"../0.jpg"'),
      text.replace('"0.jpg"', '"absent.jpg"'),
    ]) {
      await writeFile(annotations, broken);
      expect(await codeOf({ golden })).toBe("MODEL_GOLDEN_INVALID");
    }
    await writeFile(annotations, text);
    await writeFile(join(golden, "1.jpg"), "no picture");
    expect(await codeOf({ golden })).toBe("MODEL_GOLDEN_INVALID");
    await rm(join(golden, "1.jpg"));
    await symlink("/etc/hostname", join(golden, "1.jpg"));
    expect(await codeOf({ golden })).toBe("MODEL_GOLDEN_INVALID");
  });
});
