import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeBundle, writeTinyOnnx } from "../registry/test-bundle.ts";
import { PHOTO_ROLES, type PhotoBundles, type PhotoRole } from "./photo-look.ts";

/** What the bundles are for, in the label that the gateway looks for. */
const LABELS: Readonly<Record<PhotoRole, string>> = { bay: "person", damage: "scratch", face: "face", plate: "plate" };

/** A thing that a network always finds: x1, y1, x2, y2 in its 64 × 64 pixels, and its score. */
export type Always = readonly [x1: number, y1: number, x2: number, y2: number, score: number];

const NOTHING: Always = [0, 0, 1, 1, 0];

/** Writes four bundles, each of which always finds the one thing that is said here, or nothing. The picture is stretched over their input. */
export async function writeTinyBundles(
  folder: string,
  found: Partial<Readonly<Record<PhotoRole, Always>>>,
): Promise<PhotoBundles> {
  for (const role of PHOTO_ROLES) {
    const [x1, y1, x2, y2, score] = found[role] ?? NOTHING;
    const input = { name: "images", layout: "nhwc-uint8", width: 64, height: 64 } as const;
    const onnx = writeTinyOnnx({
      input,
      outputs: [
        { name: "boxes", shape: [1, 1, 4], table: Float32Array.of(x1, y1, x2, y2) },
        { name: "scores", shape: [1, 1, 1], table: Float32Array.of(score) },
      ],
    });
    await mkdir(join(folder, role), { recursive: true });
    await writeBundle(
      join(folder, role),
      {
        role,
        family: "boxes",
        labels: [LABELS[role]],
        thresholds: { [LABELS[role]]: 0.5 },
        input: { ...input, channels: "rgb", letterbox: { anchor: "stretch", pad: 0 } },
      },
      onnx,
    );
  }
  return {
    bay: join(folder, "bay"),
    damage: join(folder, "damage"),
    face: join(folder, "face"),
    plate: join(folder, "plate"),
  };
}
