import { createHash } from "node:crypto";
import { mkdtemp, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { stringify } from "yaml";
import { GatewayError, type Language } from "../../contract/errors.ts";
import { placesIn } from "../gateway/places.ts";
import { readRunning } from "../gateway/running.ts";
import type { AddedBundle, CheckedBundle } from "../vision/detect-images.ts";
import {
  type Answers,
  loadCard,
  MAX_MODEL_BYTES,
  type Missing,
  MODEL_ROLES,
  type ModelRole,
  readBounded,
  readOnnxFile,
  readTrustedKeys,
} from "../vision/models.ts";
import { type Ask, hintOf, interview, parseLabels, parseSize } from "./model-interview.ts";
import { modelPlacesOf } from "./model-store.ts";
import { questionWords, stageWords, wordsOfAdded, wordsOfVersion } from "./model-words.ts";
import type { Add, Places } from "./program.ts";
import { explain, type Terminal } from "./terminal.ts";

interface AddFlags {
  readonly role?: ModelRole;
  readonly family?: string;
  readonly labels?: string[];
  readonly licence?: string;
  readonly size?: NonNullable<Answers["size"]>;
  readonly channels?: string;
  readonly range?: string;
  readonly anchor?: string;
  readonly pad?: number;
  readonly threshold?: number;
  readonly name?: string;
  readonly modelVersion?: string;
  readonly golden?: string;
  readonly requireSignature?: boolean;
}

/** `baygate models check|add|list|rollback|remove`: model bundles, and which of them the gateway works with. */
export function modelCommands(program: Command, add: Add): void {
  const models = program.command("models").description("model bundles");
  checkCommand(models, add);
  addCommand(models, add);

  add(models, "list", "list the versions of every role, the one at work marked", async (terminal, options) => {
    const { store } = await modelPlacesOf(options);
    const roles = await Promise.all(
      MODEL_ROLES.map(async (role) => {
        const [{ damaged }, versions] = await Promise.all([store.active(role), store.list(role)]);
        return { role, damaged, versions };
      }),
    );
    const there = roles.filter(({ versions }) => versions.length > 0);
    terminal.result({ roles: there }, (language) =>
      there.flatMap(({ role, damaged, versions }) => [
        damaged
          ? `${role}  ⚠ ${language === "en" ? "the active version is gone" : "当前版本已丢失"} [MODEL_STORE_DAMAGED]`
          : role,
        ...versions.map((version) => `  ${wordsOfVersion(version, language)}`),
      ]),
    );
    return 0;
  });

  add(
    models,
    "rollback <role>",
    "return to the version before, in the end to the one that ships; the running gateway follows",
    async (terminal, options, word) => {
      const { store } = await modelPlacesOf(options);
      const active = await store.rollBack(roleOf(word));
      terminal.result({ ok: true, role: word, active: { id: active.id, name: active.name } }, (language) => [
        language === "en"
          ? `✓ ${word}: back to ${active.name}${active.id === null ? " (shipped)" : ""}`
          : `✓ ${word}:已回退到 ${active.name}${active.id === null ? "(自带)" : ""}`,
      ]);
      return 0;
    },
  );

  add(
    models,
    "remove <role> <version>",
    "delete a version that is not at work; its name as `models list` shows it",
    async (terminal, options, word, id = "") => {
      const { store } = await modelPlacesOf(options);
      await store.remove(roleOf(word), id);
      terminal.result({ ok: true, role: word, removed: id }, (language) => [
        language === "en" ? `✓ ${id} is removed` : `✓ 已删除 ${id}`,
      ]);
      return 0;
    },
  );
}

function checkCommand(models: Command, add: Add): void {
  add(
    models,
    "check <folders...>",
    "load and try model bundles as the gateway does, and say why one is refused",
    async (terminal, _options, ...folders) => {
      // ONNX Runtime is loaded where it is used.
      const { checkBundle } = await import("../vision/detect-images.ts");
      const checked: CheckedBundle[] = [];
      for (const folder of folders) checked.push(await checkBundle(folder, ["tensorrt", "cuda", "cpu"]));
      const bundles = checked.map((one) =>
        one.ok ? one : { folder: one.folder, ...explain(one.error, terminal.language).document },
      );
      terminal.result({ bundles }, (language) => checked.flatMap((one) => linesOf(one, language)));
      return checked.every(({ ok }) => ok) ? 0 : 1;
    },
  );
}

function addCommand(models: Command, add: Add): void {
  add<AddFlags>(
    models,
    "add <path>",
    "examine a bundle folder, or a bare .onnx file for which a card is made, and let the gateway work with it; the version before is kept",
    async (terminal, options, path = "") => {
      const isFile = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      );
      const made = isFile ? await cardFor(path, options, terminal) : undefined;
      try {
        const added = await examine(made ?? path, options, terminal);
        const follows = added.role === "bay" && (await readRunning(placesIn(options.data).running)) !== undefined;
        terminal.result({ ok: true, ...added }, (language) => wordsOfAdded(added, follows, language));
        return 0;
      } finally {
        if (made !== undefined) await rm(made, { recursive: true, force: true });
      }
    },
  )
    .option("--golden <folder>", "annotated pictures (COCO) on which it must be as good as its card says")
    .option("--require-signature", "refuse what is not signed by a key under vision.trustedModelKeys")
    .addOption(new Option("--role <role>", "bare file: what it is for").choices(MODEL_ROLES))
    .option("--family <family>", "bare file: how its output is read; found by its outputs where only one fits")
    .option("--labels <labels>", "bare file: its classes in their order, with commas; found in `names`", parseLabels)
    .option("--licence <licence>", "bare file: under which licence it may be used; found in `license`")
    .option("--size <WxH>", "bare file: input in pixels; found in its tensors or in `imgsz`", asSize)
    .option("--channels <order>", "bare file: rgb or bgr; the family's usual one")
    .option("--range <range>", "bare file: 0-255, 0-1, -1-1 or imagenet; the family's usual one")
    .option("--anchor <anchor>", "bare file: top-left, centre or stretch; the family's usual one")
    .option("--pad <grey>", "bare file: grey value around the picture, 0 to 255", asNumber)
    .option("--threshold <score>", "bare file: score from which a detection counts", asNumber, 0.3)
    .option("--name <name>", "bare file: what the model is called; the file's name")
    .option("--model-version <version>", "bare file: its version", "1.0.0");
}

async function examine(folder: string, options: Places & AddFlags, terminal: Terminal): Promise<AddedBundle> {
  const { store, rules } = await modelPlacesOf(options);
  // ONNX Runtime is loaded where it is used.
  const { addBundle } = await import("../vision/detect-images.ts");
  const golden = options.golden ?? rules.goldenSets[(await loadCard(folder)).manifest.role];
  return addBundle(folder, {
    store,
    providers: rules.providers,
    trust: {
      keys: await readTrustedKeys(rules.trustedModelKeys),
      required: options.requireSignature === true || rules.requireModelSignature,
    },
    golden,
    onStage: (stage) => terminal.say(stageWords(stage, terminal.language)),
  });
}

/**
 * Makes a bundle of a bare ONNX file, in a temporary folder.
 * @returns the folder, which is the caller's to remove
 */
async function cardFor(path: string, options: AddFlags, terminal: Terminal): Promise<string> {
  const onnx = await readBounded(await realpath(path), MAX_MODEL_BYTES, "MODEL_TOO_LARGE");
  const file = readOnnxFile(onnx);
  const sha256 = createHash("sha256").update(onnx).digest("hex");
  const answers: Answers = { ...options, version: options.modelVersion };
  const name = path.split("/").at(-1) ?? path;
  const { card } = await interview(name, sha256, file, answers, asker(terminal));
  const folder = await mkdtemp(join(tmpdir(), "baygate-model-"));
  const text = stringify({ ...card, file: "model.onnx" });
  terminal.say(text);
  await writeFile(join(folder, "model.onnx"), onnx);
  await writeFile(join(folder, "model.yaml"), text);
  return folder;
}

/** Somebody to ask: only on a terminal, and never where a script waits for JSON. */
function asker({ json, language }: Terminal): Ask | undefined {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (missing: Missing) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    try {
      return await Promise.race([
        lines.question(`${questionWords(missing.question, language)}${hintOf(missing)}: `),
        closed,
      ]);
    } finally {
      lines.close();
    }
  };
}

function roleOf(word: string | undefined): ModelRole {
  const role = MODEL_ROLES.find((known) => known === word);
  if (role === undefined)
    throw new GatewayError("MODEL_VERSION_UNKNOWN", {
      detail: `"${word ?? ""}"; a role is one of ${MODEL_ROLES.join(", ")}`,
    });
  return role;
}

function asSize(text: string): NonNullable<Answers["size"]> {
  const size = parseSize(text);
  if (size === undefined) throw new InvalidArgumentError("a size is 640 or 640x480");
  return size;
}

function asNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("not a number");
  return value;
}

function linesOf(checked: CheckedBundle, language: Language): string[] {
  if (!checked.ok) return [`${checked.folder}:`, ...explain(checked.error, language).lines];
  const { folder, name, version, role, family, labels, provider } = checked;
  const what = `${name} ${version}, ${role}, ${family}, ${provider}`;
  return [
    language === "en"
      ? `✓ ${folder}: ${what}; finds ${labels.join(", ")}`
      : `✓ ${folder}:${what};可识别 ${labels.join("、")}`,
  ];
}
