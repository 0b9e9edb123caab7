import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Type, { type Static } from "typebox";
import Value from "typebox/value";

const SCRIPT = fileURLToPath(new URL("./vision.py", import.meta.url));
/** Another Python than `python3`, one that has OpenCV and ONNX Runtime. */
const PYTHON = process.env.BAYGATE_PEER_PYTHON ?? "python3";

const Hello = Type.Object({ opencv: Type.String(), onnxruntime: Type.String(), pictures: Type.Integer() });
const PeerRun = Type.Object({ wallMs: Type.Number(), cpuMs: Type.Number(), rssBytes: Type.Number() });
export type PeerRun = Static<typeof PeerRun>;
/** Per picture: class index, score, corners in network pixels. */
const PeerDetections = Type.Array(
  Type.Array(Type.Tuple([Type.Integer(), Type.Number(), Type.Number(), Type.Number(), Type.Number(), Type.Number()])),
);
export type PeerDetections = Static<typeof PeerDetections>;
const Detected = Type.Object({ detections: PeerDetections });

export interface Peer {
  readonly kind: "here";
  readonly pid: number;
  readonly versions: string;
  run(frames: number): Promise<PeerRun>;
  /** Decoded and shrunk by OpenCV. */
  fromItsOwnPixels(): Promise<PeerDetections>;
  /** From the tensors that our runtime's decoder made. */
  fromOurTensors(): Promise<PeerDetections>;
  stop(): void;
}

export interface PeerOptions {
  readonly model: string;
  readonly size: number;
  readonly threshold: number;
  readonly jpegs: readonly Buffer[];
  readonly tensors: readonly Buffer[];
  readonly folder: string;
}

/** Starts the Python program, or says why it cannot be: its packages are no part of this project. */
export async function startPeer(
  options: PeerOptions,
): Promise<Peer | { readonly kind: "missing"; readonly why: string }> {
  const { model, size, threshold, folder } = options;
  const pictures = join(folder, "peer");
  await mkdir(pictures, { recursive: true });
  const write = (suffix: string) => (bytes: Buffer, at: number) =>
    writeFile(join(pictures, `${String(at).padStart(3, "0")}.${suffix}`), bytes);
  await Promise.all([...options.jpegs.map(write("jpg")), ...options.tensors.map(write("raw"))]);
  const words = ["--model", model, "--size", `${size}`, "--threshold", `${threshold}`, "--pictures", pictures];
  const child = spawn(PYTHON, [SCRIPT, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk.toString()));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await answers.next();
    if (done === true) throw new Error(complaints.join("").trim().split("\n").at(-1) ?? "the peer ended");
    return JSON.parse(value);
  };
  const ask = async (words: string): Promise<unknown> => {
    child.stdin.write(`${words}\n`);
    return await next();
  };
  try {
    await started(child);
    const { opencv, onnxruntime } = Value.Parse(Hello, await next());
    return {
      kind: "here",
      pid: child.pid ?? 0,
      versions: `OpenCV ${opencv}, ONNX Runtime ${onnxruntime}`,
      run: async (frames) => Value.Parse(PeerRun, await ask(`run ${frames}`)),
      fromItsOwnPixels: async () => Value.Parse(Detected, await ask("detect")).detections,
      fromOurTensors: async () => Value.Parse(Detected, await ask(`tensors ${pictures}`)).detections,
      stop: () => child.stdin.end(),
    };
  } catch (error) {
    child.kill();
    return { kind: "missing", why: error instanceof Error ? error.message : String(error) };
  }
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

/** A detection in network pixels. */
export interface Placed {
  readonly label: string;
  readonly score: number;
  readonly corners: readonly [x1: number, y1: number, x2: number, y2: number];
}

/**
 * How far two lists of detections are apart, each of ours from `fromScore` on paired with the nearest of the same label.
 * A partner lies within half of the box's size; `unmatched` counts what has none, on either side.
 */
export function difference(
  ours: readonly (readonly Placed[])[],
  theirs: readonly (readonly Placed[])[],
  fromScore: number,
) {
  const counting = (found: readonly Placed[]) => found.filter(({ score }) => score >= fromScore);
  const pairs = ours.flatMap((found, at) => counting(found).map((one) => partnerOf(one, theirs[at] ?? [])));
  const matched = pairs.filter((pair) => pair !== undefined);
  const onlyTheirs = theirs.flatMap((found, at) =>
    counting(found).filter((one) => partnerOf(one, ours[at] ?? []) === undefined),
  );
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return {
    count: pairs.length + onlyTheirs.length,
    unmatched: pairs.length - matched.length + onlyTheirs.length,
    px: Math.max(0, ...matched.map(({ px }) => px)),
    score: Math.max(0, ...matched.map(({ score }) => score)),
    medianPx: middle(matched.map(({ px }) => px)),
    medianScore: middle(matched.map(({ score }) => score)),
  };
}

/** How far the nearest of the same label is away, in pixels of an edge and in score; undefined where none is near. */
function partnerOf(
  one: Placed,
  others: readonly Placed[],
): { readonly px: number; readonly score: number } | undefined {
  const reach = Math.max(one.corners[2] - one.corners[0], one.corners[3] - one.corners[1]) / 2;
  const nearest = others
    .filter(({ label }) => label === one.label)
    .map((other) => ({
      px: Math.max(...one.corners.map((edge, side) => Math.abs(edge - (other.corners[side] ?? Number.NaN)))),
      score: Math.abs(one.score - other.score),
    }))
    .sort((a, b) => a.px - b.px)[0];
  return nearest === undefined || nearest.px > reach ? undefined : nearest;
}
