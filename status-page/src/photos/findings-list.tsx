import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Verdict } from "../../../contract/photos.ts";
import type { FindingView, PhotoView } from "../../../contract/photos-api.ts";
import { judgeFinding } from "../api/calls.ts";
import { useMay } from "../api/session.tsx";
import { useSayFailure } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconCircleCheck, IconQuestionMark, IconX } from "../look/icons.ts";
import { toneClass } from "../look/states.tsx";
import { damageWord, STANDING_TONE, type Standing, standingOf } from "./finding-look.ts";

const STANDING_ICON: Readonly<Record<Standing, typeof IconX>> = {
  found: IconAlertTriangle,
  confirmed: IconCircleCheck,
  "person-decides": IconQuestionMark,
  dismissed: IconX,
};

interface FindingsListProps {
  readonly photo: PhotoView;
  readonly jobId: string;
  readonly canJudge: boolean;
  readonly onJudged: () => void;
}

/** What was found, how sure the model is, and what a person says of it. */
export function FindingsList({ photo, jobId, canJudge, onJudged }: FindingsListProps) {
  const { t } = useWords();
  if (photo.findings.length === 0)
    return (
      <p className="small with-icon good">
        <IconCircleCheck size={18} aria-hidden />
        {t("photos.nothing")}
      </p>
    );
  return (
    <ol className="finding-list">
      {photo.findings.map((finding, number) => (
        <Finding
          // biome-ignore lint/suspicious/noArrayIndexKey: a finding's place is its number
          key={number}
          finding={finding}
          number={number}
          photo={photo}
          jobId={jobId}
          canJudge={canJudge}
          onJudged={onJudged}
        />
      ))}
    </ol>
  );
}

interface FindingProps extends FindingsListProps {
  readonly finding: FindingView;
  readonly number: number;
}

function Finding({ finding, number, photo, jobId, canJudge, onJudged }: FindingProps) {
  const { t, format } = useWords();
  const may = useMay();
  const standing = standingOf(finding);
  const Icon = STANDING_ICON[standing];
  const name = damageWord(finding.label, t);
  const judge = useMutation({
    mutationFn: (verdict: Verdict) => judgeFinding(jobId, { photoId: photo.photoId, finding: number, verdict }),
    onSuccess: onJudged,
    onError: useSayFailure(),
  });
  const offers = canJudge && may("POST /api/jobs/:id/judge-finding");
  const button = (verdict: Verdict) => (
    <Button
      variant="default"
      loading={judge.isPending && judge.variables === verdict}
      disabled={judge.isPending}
      aria-label={t(`photos.${verdict}Which`, { number: number + 1, name })}
      onClick={() => judge.mutate(verdict)}
    >
      {t(`photos.${verdict}`)}
    </Button>
  );
  return (
    <li className="finding" data-standing={standing}>
      <span className="photo-number" data-standing={standing} aria-hidden="true">
        {number + 1}
      </span>
      <div className="finding-words">
        <p className={standing === "dismissed" ? "finding-dismissed" : "strong"}>{name}</p>
        <p className="small">
          <span className={`with-icon ${toneClass(STANDING_TONE[standing])}`}>
            <Icon size={16} aria-hidden />
            {t(`photos.standing.${standing}`)}
          </span>
          {" · "}
          <span className="soft">
            {finding.probability === null
              ? t("photos.uncalibrated")
              : t("photos.confidence", { share: format.percent(finding.probability) })}
            {finding.judged !== null && ` · ${finding.judged.by}`}
          </span>
        </p>
      </div>
      {offers && (
        <div className="finding-buttons no-print">
          {standing !== "found" && standing !== "confirmed" && button("confirmed")}
          {standing !== "dismissed" && button("dismissed")}
        </div>
      )}
    </li>
  );
}
