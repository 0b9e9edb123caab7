import type { Detection, RelativeBox } from "../detections.ts";
import type { CoveredKind } from "../redaction/covers.ts";

/** What is kept of a photo, and what was found on it. */
export interface PhotoLook {
  /** JPEG, upright, faces and plates covered solid, no metadata, longest side at most MAX_PHOTO_SIDE. */
  readonly picture: Buffer;
  /** Of `picture`, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly covered: readonly { readonly what: CoveredKind; readonly box: RelativeBox }[];
  /** Damage that reaches its threshold, with outlines; found on the whole uncovered photo, in tiles where the card says so. */
  readonly findings: readonly Detection[];
  readonly models: readonly PhotoModel[];
}

/** Whom a photo needs: who stands there, what is broken, what is to be covered. */
export const PHOTO_ROLES = ["bay", "damage", "face", "plate"] as const;
export type PhotoRole = (typeof PHOTO_ROLES)[number];

export interface PhotoModel {
  readonly role: PhotoRole;
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** Folders of the bundles that a photo needs, all four. */
export type PhotoBundles = Readonly<Record<PhotoRole, string>>;

/** Longest side of a kept photo, in pixels: a scratch of a millimetre is still seen on a door that fills it. */
export const MAX_PHOTO_SIDE = 2560;
/** Photos of 25 megapixels at a camera's best quality are smaller. */
export const MAX_PHOTO_BYTES = 32 * 1024 * 1024;
