import { useState } from "react";
import type { FindingView, PhotoView } from "../../../contract/photos-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconCameraOff } from "../look/icons.ts";
import { damageWord, standingOf } from "./finding-look.ts";

interface PhotoPictureProps {
  readonly photo: PhotoView;
  /** Called when the browser could not show it: what became of it is asked anew. */
  readonly onBroken: () => void;
}

/** The covered picture with what was found drawn on it, numbered as in the list below; or why there is none. */
export function PhotoPicture({ photo, onBroken }: PhotoPictureProps) {
  const { t } = useWords();
  const [isBroken, setBroken] = useState(false);
  const { state, url, widthPx, heightPx } = photo.picture;
  const alt = [
    t(`photos.checkpoint.${photo.checkpoint}`),
    ...photo.findings.map(({ label }, index) => `${index + 1} ${damageWord(label, t)}`),
  ].join(", ");
  if (state !== "kept" || isBroken)
    return (
      <p className="photo-picture photo-gone hatched" style={{ aspectRatio: `${widthPx} / ${heightPx}` }}>
        <IconCameraOff size={24} aria-hidden />
        <span>{t(`photos.gone.${state === "kept" ? "unshown" : state}`)}</span>
      </p>
    );
  return (
    <div className="photo-picture" style={{ aspectRatio: `${widthPx} / ${heightPx}` }}>
      <img
        src={url}
        alt={alt}
        width={widthPx}
        height={heightPx}
        loading="lazy"
        onError={() => {
          setBroken(true);
          onBroken();
        }}
      />
      <svg className="photo-shapes" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {photo.findings.map((finding, index) => (
          // The order of the record never changes.
          // biome-ignore lint/suspicious/noArrayIndexKey: a finding's place is its number
          <FindingShape key={index} finding={finding} />
        ))}
      </svg>
      {photo.findings.map((finding, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a finding's place is its number
          key={index}
          aria-hidden="true"
          className="photo-number"
          data-standing={standingOf(finding)}
          style={{ left: `${finding.box[0] * 100}%`, top: `${finding.box[1] * 100}%` }}
        >
          {index + 1}
        </span>
      ))}
    </div>
  );
}

/** The outline, or the box where the model draws none; light beneath dark, to be seen on any paint. */
function FindingShape({ finding }: { readonly finding: FindingView }) {
  const { box, outline } = finding;
  const [x1, y1, x2, y2] = box;
  const shapes = outline.length > 0 ? outline : [[x1, y1, x2, y1, x2, y2, x1, y2]];
  return (
    <g data-standing={standingOf(finding)}>
      {shapes.map((points) => (
        <g key={points.slice(0, 6).join(" ")}>
          <polygon className="photo-casing" points={points.join(" ")} />
          <polygon className="photo-line" points={points.join(" ")} />
        </g>
      ))}
    </g>
  );
}
