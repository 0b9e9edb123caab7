import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/**
 * A GPU engine is good only for the device, the libraries and the model that it was built for; another one crashes or, worse, answers wrongly. So each
 * combination has a folder of its own: `<root>/<device and libraries>/<model>`.
 */
export interface EngineKey {
  /** Board, GPU and driver. */
  readonly device: string;
  /** Versions of ONNX Runtime and of the provider's own libraries. */
  readonly libraries: string;
  readonly modelSha256: string;
}

/** Four roles in three versions: what a shop may go back to without building anew. */
const MODELS_KEPT = 12;
/** Folders removed at one start: tidying never holds a start up for long, the rest goes at the next one. */
const MAX_REMOVED = 32;

/** Where the engines of one key lie; nothing is made. */
export function engineFolder(root: string, { device, libraries, modelSha256 }: EngineKey): string {
  return join(root, digest(`${device}\n${libraries}`), modelSha256.slice(0, 16));
}

/**
 * Makes the folder for a key, and removes stale ones: those of other devices and libraries, and the longest unused of other models.
 * @returns the folder
 */
export async function readyEngineFolder(root: string, key: EngineKey): Promise<string> {
  const folder = engineFolder(root, key);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const now = new Date();
  await utimes(folder, now, now);
  const here = join(folder, "..");
  const foreign = (await foldersIn(root)).filter((other) => other !== here);
  const models = await Promise.all(
    (await foldersIn(here)).map(async (path) => ({ path, usedMs: path === folder ? Infinity : await usedMs(path) })),
  );
  const longUnused = models.toSorted((a, b) => b.usedMs - a.usedMs).slice(MODELS_KEPT);
  for (const path of [...foreign, ...longUnused.map((model) => model.path)].slice(0, MAX_REMOVED))
    await rm(path, { recursive: true, force: true });
  return folder;
}

/** Another worker may tidy at the same time. */
async function usedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}

/**
 * What the engines of this machine depend on, as far as its files tell.
 * @param versions of ONNX Runtime and its parts
 * @param machine the root of the file system
 */
export async function engineKey(
  modelSha256: string,
  versions: Readonly<Record<string, string | undefined>>,
  machine = "/",
): Promise<EngineKey> {
  const gpus = join(machine, "proc/driver/nvidia/gpus");
  const device = [
    // A Jetson names its board and its release; a card in a PC its model.
    await textOf(join(machine, "proc/device-tree/model")),
    await textOf(join(machine, "etc/nv_tegra_release")),
    await textOf(join(machine, "sys/module/nvidia/version")),
    ...(await Promise.all((await namesIn(gpus)).map((name) => textOf(join(gpus, name, "information"))))),
  ];
  const libraries = [
    ...Object.entries(versions).map(([name, version]) => `${name} ${version ?? ""}`),
    ...(await Promise.all(LIBRARY_FOLDERS.map((folder) => librariesIn(join(machine, folder))))).flat(),
  ];
  return { device: device.join("\n"), libraries: libraries.join("\n"), modelSha256 };
}

const LIBRARY_FOLDERS = ["usr/lib/aarch64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/local/cuda/lib64"];
/** TensorRT, CUDA's runtime and cuDNN carry their versions in their files' names. */
const VERSIONED_LIBRARY = /^lib(nvinfer|cudart|cudnn)\.so\.[0-9.]+$/;

async function librariesIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => VERSIONED_LIBRARY.test(name)).sort();
}

/** Names in a folder; none where it is not there. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).then(
    (names) => names.sort(),
    () => [],
  );
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
