import { type ReactNode, useEffect, useRef, useState } from "react";
import type { BayView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconCameraOff, IconClock } from "../look/icons.ts";
import { type PictureLook, pictureLook } from "./picture.ts";

interface BayPictureProps {
  readonly bay: BayView;
  readonly now: number;
  readonly clockScale: number;
  /** Signs that lie on the picture. */
  readonly children?: ReactNode;
}

/** The bay as its camera saw it last, with its age when that is not just now; hatched when there is nothing to see. */
export function BayPicture({ bay, now, clockScale, children }: BayPictureProps) {
  const { t, format, language } = useWords();
  const look = pictureLook(bay, now, clockScale);
  const shown = useLoadedPicture(look.kind === "picture" ? look : null);
  if (look.kind === "lost") {
    return (
      <div className="picture hatched">
        <p className="picture-lost">
          <IconCameraOff size={24} aria-hidden />
          <span>
            {look.since === null
              ? t("bays.neverPicture")
              : t("bays.noPictureSince", { time: format.moment(look.since, now) })}
          </span>
        </p>
      </div>
    );
  }
  const stale = look.staleForMs !== null;
  return (
    <div className="picture hatched">
      {shown !== null && (
        <img
          className={stale ? "stale" : undefined}
          src={shown.url}
          alt={t("bays.picture", { bay: bay.name[language], time: format.timeWithSeconds(look.at) })}
        />
      )}
      {shown !== null && (
        // Cut to the tile as the picture is: `slice` is to a drawing what `cover` is to an image.
        <svg
          className="picture-boxes"
          viewBox={`0 0 ${shown.width} ${shown.height}`}
          preserveAspectRatio="xMidYMid slice"
          aria-hidden="true"
          data-stale={stale}
        >
          {shown.boxes.map(({ what, box: [x1, y1, x2, y2] }) => (
            <rect
              key={`${what} ${x1} ${y1}`}
              data-what={what}
              x={x1 * shown.width}
              y={y1 * shown.height}
              width={(x2 - x1) * shown.width}
              height={(y2 - y1) * shown.height}
            />
          ))}
        </svg>
      )}
      {look.staleForMs !== null && (
        <p className="picture-sign picture-age with-icon">
          <IconClock size={16} aria-hidden />
          {t("bays.pictureAge", { age: format.span(look.staleForMs) })}
        </p>
      )}
      {children}
    </div>
  );
}

/** Between two pictures of one tile; a demo makes many more than anybody can look at. */
const LEAST_BETWEEN_MS = 1_000;

type Wanted = Pick<Extract<PictureLook, { kind: "picture" }>, "url" | "boxes">;
interface Shown extends Wanted {
  /** Of the picture itself, in pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * The newest picture that has been loaded whole, with the boxes that belong to it and no other. The old picture stays until the new one is there, so the tile never flickers, and only one
 * is on its way at a time.
 */
function useLoadedPicture(look: Wanted | null): Shown | null {
  const [shown, setShown] = useState<Shown | null>(null);
  const wanted = look?.url ?? null;
  const newest = useRef(look);
  newest.current = look;
  const loading = useRef(false);
  useEffect(() => {
    if (wanted === null) {
      setShown(null);
      return;
    }
    if (loading.current) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const load = (picture: Wanted) => {
      loading.current = true;
      const image = new Image();
      const finish = (loaded: boolean) => {
        if (left) return;
        if (loaded && newest.current !== null)
          setShown({ ...picture, width: image.naturalWidth, height: image.naturalHeight });
        timer = setTimeout(() => {
          loading.current = false;
          if (!left && newest.current !== null && newest.current.url !== picture.url) load(newest.current);
        }, LEAST_BETWEEN_MS);
      };
      image.onload = () => finish(true);
      image.onerror = () => finish(false);
      image.src = picture.url;
    };
    if (newest.current !== null) load(newest.current);
    stopLoading.current = () => {
      left = true;
      loading.current = false;
      clearTimeout(timer);
    };
  }, [wanted]);
  const stopLoading = useRef<() => void>(() => {});
  useEffect(() => () => stopLoading.current(), []);
  return shown;
}
