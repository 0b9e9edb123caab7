import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { COVERED_KINDS } from "../../../contract/photos.ts";
import type { JobPhotosView, PhotoView } from "../../../contract/photos-api.ts";
import { fetchPhotos } from "../api/calls.ts";
import { useMay } from "../api/session.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { registryRow } from "../language/failure-words.ts";
import { useWords } from "../language/use-words.tsx";
import { FindingsList } from "./findings-list.tsx";
import { PhotoPicture } from "./photo-picture.tsx";
import "./photos.css";
import { TakePhoto } from "./take-photo.tsx";

interface PhotosPanelProps {
  readonly jobId: string;
  /** The job's word for its photos; another one when there is more to fetch. */
  readonly version: string;
  readonly now: number;
}

/** A job's photos, before and after side by side, with what was found and covered on them. */
export function PhotosPanel({ jobId, version, now }: PhotosPanelProps) {
  const { t } = useWords();
  const may = useMay();
  const client = useQueryClient();
  const photos = useQuery({
    queryKey: ["photos", jobId, version],
    queryFn: () => fetchPhotos(jobId),
    placeholderData: keepPreviousData,
  });
  const again = () => void client.invalidateQueries({ queryKey: ["photos", jobId] });
  return (
    <section className="panel stack photos" aria-labelledby="photos-title">
      <h2 id="photos-title" className="panel-title">
        {t("photos.title")}
      </h2>
      {photos.isError && <FailureNote failure={photos.error} />}
      {photos.data !== undefined && (
        <>
          {may("POST /api/jobs/:id/photos") && <TakePhoto view={photos.data} onTaken={again} />}
          <Places view={photos.data} now={now} onChange={again} />
          <Refused view={photos.data} now={now} />
        </>
      )}
    </section>
  );
}

const SIDES = ["front", "left", "right", "rear"] as const;

interface PlacesProps {
  readonly view: JobPhotosView;
  readonly now: number;
  readonly onChange: () => void;
}

/** Each side of the car with its photos from before on the left and from after on the right; then what belongs to no checkpoint. */
function Places({ view, now, onChange }: PlacesProps) {
  const { t } = useWords();
  const at = (checkpoint: PhotoView["checkpoint"]) =>
    view.photos.filter((photo) => photo.checkpoint === checkpoint).reverse();
  const card = (photo: PhotoView) => (
    <PhotoCard key={photo.photoId} photo={photo} view={view} now={now} onChange={onChange} />
  );
  const free = at("free");
  if (view.photos.length === 0) return <p className="soft">{t("photos.none")}</p>;
  return (
    <>
      {SIDES.map((side) => {
        const [before, after] = [at(`arrival-${side}`), at(`departure-${side}`)];
        if (before.length + after.length === 0) return null;
        return (
          <section key={side} aria-label={t(`photos.side.${side}`)} className="photo-side">
            <h3 className="strong">{t(`photos.side.${side}`)}</h3>
            <div className="photo-pair">
              {[before, after].map((photos, index) => {
                const when = index === 0 ? "before" : "after";
                return (
                  <div key={when} className="stack tight">
                    <h4 className="photo-when small soft">{t(`photos.${when}`)}</h4>
                    {photos.length === 0 ? (
                      <p className="photo-absent soft small">{t("photos.absent")}</p>
                    ) : (
                      photos.map(card)
                    )}
                  </div>
                );
              })}
            </div>
          </section>
        );
      })}
      {free.length > 0 && (
        <section aria-label={t("photos.side.free")} className="photo-side">
          <h3 className="strong">{t("photos.side.free")}</h3>
          <div className="photo-pair">{free.map(card)}</div>
        </section>
      )}
    </>
  );
}

interface PhotoCardProps extends PlacesProps {
  readonly photo: PhotoView;
}

function PhotoCard({ photo, view, now, onChange }: PhotoCardProps) {
  const { t, format } = useWords();
  const covered = COVERED_KINDS.flatMap((what) => {
    const count = photo.covered.filter((place) => place.what === what).length;
    return count === 0 ? [] : [t(`photos.covered.${what}`, { count })];
  });
  return (
    <article className="photo" aria-label={t(`photos.checkpoint.${photo.checkpoint}`)}>
      <PhotoPicture key={photo.picture.state} photo={photo} onBroken={onChange} />
      <p className="small soft">
        {format.moment(photo.takenAt, now)} · {photo.by}
        {" · "}
        {covered.length === 0
          ? t("photos.covered.none")
          : t("photos.covered.list", { list: covered.join(t("photos.comma")) })}
      </p>
      <FindingsList
        photo={photo}
        jobId={view.jobId}
        canJudge={view.takeNow.code !== "JOB_CLOSED"}
        onJudged={onChange}
      />
      {photo.findingsLeftOut > 0 && (
        <p className="small soft">{t("photos.leftOut", { number: String(photo.findingsLeftOut) })}</p>
      )}
    </article>
  );
}

/** What was sent and not taken, so that nobody believes that it is there. */
function Refused({ view, now }: Omit<PlacesProps, "onChange">) {
  const { t, format, language } = useWords();
  if (view.refused.length === 0) return null;
  return (
    <details className="no-print">
      <summary>{t("photos.refused")}</summary>
      <ul className="small">
        {view.refused.map(({ at, by, code, checkpoint }) => (
          <li key={`${at} ${code}`}>
            {format.moment(at, now)} · {by} · {t(`photos.checkpoint.${checkpoint}`)}:{" "}
            {registryRow(code)?.title[language] ?? code}
          </li>
        ))}
      </ul>
    </details>
  );
}
