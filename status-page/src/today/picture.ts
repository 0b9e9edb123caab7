import type { BayView } from "../../../contract/http-api.ts";

/** A picture older than this by the watch of whoever looks at it says its age. */
const STALE_AFTER_MS = 10_000;

type LiveBoxes = NonNullable<BayView["thumbnail"]>["boxes"];

/** What a tile shows in the place of the picture. */
export type PictureLook =
  | {
      readonly kind: "picture";
      readonly url: string;
      readonly at: number;
      readonly boxes: LiveBoxes;
      readonly staleForMs: number | null;
    }
  | { readonly kind: "lost"; readonly since: number | null };

/** @param clockScale in a demo ten seconds of waiting are many of the shop's */
export function pictureLook(bay: BayView, now: number, clockScale: number): PictureLook {
  const { thumbnail, pictureLost, lastPictureAt } = bay;
  if (pictureLost || thumbnail === null) return { kind: "lost", since: lastPictureAt };
  const ageMs = Math.max(0, now - thumbnail.at);
  return {
    kind: "picture",
    url: pictureAddress(thumbnail.url, thumbnail.at),
    at: thumbnail.at,
    boxes: thumbnail.boxes,
    staleForMs: ageMs > STALE_AFTER_MS * Math.max(1, clockScale) ? ageMs : null,
  };
}

/** Each picture has its own address, so that a new one is never answered from a cache. */
export function pictureAddress(url: string, at: number): string {
  return /[?&]at=/.test(url) ? url : `${url}${url.includes("?") ? "&" : "?"}at=${Math.round(at)}`;
}
