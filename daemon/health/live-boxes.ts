import type { BayView } from "../../contract/http-api.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import type { FrameResult } from "../vision/index.ts";

export type SeenBox = NonNullable<BayView["thumbnail"]>["boxes"][number];

/** A thumbnail comes some frames after the look at its frame at most. */
const LOOKS_REMEMBERED = 16;
/** A bay holds fewer; the contract's bound. */
const MOST_BOXES = 50;

/**
 * Boxes for the live picture, each for the very frame that it was seen on: boxes of another moment would lie beside what they mean. Telemetry: in memory,
 * the newest alone.
 */
export class LiveBoxes {
  readonly #looks = new Map<CameraId, readonly { readonly at: Stamp; readonly boxes: readonly SeenBox[] }[]>();

  take({ cameraId, at, detections, inferred }: FrameResult): void {
    // A still frame repeats what was seen before; only a frame that was looked at gets a thumbnail.
    if (!inferred) return;
    const boxes = detections.flatMap(({ label, box: [x1, y1, x2, y2] }): SeenBox[] =>
      label === "person" || label === "vehicle"
        ? [{ what: label, box: [inside(x1), inside(y1), inside(x2), inside(y2)] }]
        : [],
    );
    const looks = [...(this.#looks.get(cameraId) ?? []), { at, boxes: boxes.slice(0, MOST_BOXES) }];
    this.#looks.set(cameraId, looks.slice(-LOOKS_REMEMBERED));
  }

  seenOn(cameraId: CameraId, { bootId, monoMs }: Stamp): readonly SeenBox[] {
    const look = this.#looks.get(cameraId)?.find(({ at }) => at.monoMs === monoMs && at.bootId === bootId);
    return look?.boxes ?? [];
  }
}

const inside = (share: number) => Math.min(1, Math.max(0, share));
