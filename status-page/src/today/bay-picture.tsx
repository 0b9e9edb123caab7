import { type ReactNode, useEffect, useRef, useState } from "react";
import type { BayView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconCameraOff, IconClock } from "../look/icons.ts";
import { pictureLook } from "./picture.ts";

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
  const shown = useLoadedPicture(look.kind === "picture" ? look.url : null);
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
          src={shown}
          alt={t("bays.picture", { bay: bay.name[language], time: format.timeWithSeconds(look.at) })}
        />
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

/**
 * The newest address that has been loaded whole. The old picture stays until the new one is there, so the tile never flickers, and only one
 * is on its way at a time.
 */
function useLoadedPicture(wanted: string | null): string | null {
  const [shown, setShown] = useState<string | null>(null);
  const newest = useRef(wanted);
  newest.current = wanted;
  const loading = useRef(false);
  useEffect(() => {
    if (wanted === null) {
      setShown(null);
      return;
    }
    if (loading.current) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const load = (url: string) => {
      loading.current = true;
      const image = new Image();
      const finish = (loaded: boolean) => {
        if (left) return;
        if (loaded && newest.current !== null) setShown(url);
        timer = setTimeout(() => {
          loading.current = false;
          if (!left && newest.current !== null && newest.current !== url) load(newest.current);
        }, LEAST_BETWEEN_MS);
      };
      image.onload = () => finish(true);
      image.onerror = () => finish(false);
      image.src = url;
    };
    load(wanted);
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
