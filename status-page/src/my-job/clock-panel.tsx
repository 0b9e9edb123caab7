import { Button } from "@mantine/core";
import type { JobView } from "../../../contract/http-api.ts";
import { WAIT_REASONS } from "../../../contract/payloads.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { useJobDeed } from "../jobs/job-deeds.ts";
import { StepLine } from "../jobs/step-line.tsx";
import { useWords } from "../language/use-words.tsx";
import { IconCircleCheck, IconClock, IconHourglass, IconPlayerPlay, IconPlayerStop } from "../look/icons.ts";
import { RISK_LOOK, toneClass, WAIT_ICON } from "../look/states.tsx";
import type { ClockFace } from "./clock-face.ts";
import type { Clock } from "./use-clock.tsx";

interface ClockPanelProps {
  readonly job: JobView | null;
  readonly face: ClockFace;
  readonly clock: Clock;
  readonly now: number;
}

/** The job, the time on it, and the buttons a glove can hit. */
export function ClockPanel({ job, face, clock, now }: ClockPanelProps) {
  const { t, format } = useWords();
  const isOn = face.jobId !== null;
  if (job === null) {
    return (
      <section className="panel stack clock-panel">
        <p className="my-plate">{t("myJob.none")}</p>
        <p className="soft">{t("myJob.noneHint")}</p>
      </section>
    );
  }
  return (
    <section className="panel clock-panel" data-on={isOn} aria-labelledby="my-plate">
      <JobHead job={job} now={now} />
      <div className="clock" role="timer" aria-live="off">
        <span className="clock-time">{format.stopwatch(face.elapsedMs)}</span>
        <span className={`with-icon strong ${isOn ? "good" : "soft"}`}>
          {face.certain ? (
            isOn ? (
              <IconCircleCheck size={20} aria-hidden />
            ) : (
              <IconClock size={20} aria-hidden />
            )
          ) : (
            <IconHourglass size={20} aria-hidden />
          )}
          {isOn && face.since !== null
            ? t("myJob.onClock", { time: format.moment(face.since, now) })
            : t("myJob.offClock")}
          <span className="clock-certain small soft">{face.certain ? "" : t("myJob.sending")}</span>
        </span>
      </div>
      {isOn ? (
        <Button
          className="clock-button clock-off"
          leftSection={<IconPlayerStop size={32} aria-hidden />}
          onClick={() => clock.off()}
        >
          {t("myJob.clockOff")}
        </Button>
      ) : (
        <Button
          className="clock-button clock-on"
          leftSection={<IconPlayerPlay size={32} aria-hidden />}
          onClick={() => clock.on(job)}
        >
          {t("myJob.clockOn")}
        </Button>
      )}
      <Waiting job={job} />
    </section>
  );
}

function JobHead({ job, now }: { readonly job: JobView; readonly now: number }) {
  const { t, format } = useWords();
  const risk = RISK_LOOK[job.risk];
  return (
    <div className="my-head">
      <div className="my-head-words">
        <h2 id="my-plate" className="my-plate">
          {job.plateMasked ?? job.number}
        </h2>
        <p className="my-work">{job.work === "" ? t("jobs.noWork") : job.work}</p>
        <p className="soft">
          {t("job.title", { number: job.number })}
          {job.flatRateHours !== null &&
            ` · ${t("job.flatRate")} ${t("unit.hours", { h: format.number(job.flatRateHours, 1) })}`}
        </p>
      </div>
      <div className="my-head-end">
        {job.promisedAt !== null && (
          <p className={`with-icon strong ${toneClass(risk.tone)}`}>
            <risk.Icon size={20} aria-hidden />
            {t("promise.at", { time: format.moment(job.promisedAt, now) })} · {t(`risk.${job.risk}`)}
          </p>
        )}
        <StepLine steps={job.steps} />
      </div>
    </div>
  );
}

/** Why the work waits: one press, an icon and a word each. */
function Waiting({ job }: { readonly job: JobView }) {
  const { t } = useWords();
  const deed = useJobDeed(job);
  const Icon = job.waitReason === null ? null : WAIT_ICON[job.waitReason];
  return (
    <div className="waiting">
      {job.waitReason !== null && Icon !== null ? (
        <div className="waiting-now">
          <p className="with-icon strong wait">
            <Icon size={24} aria-hidden />
            {t("myJob.waitingNow", { reason: t(`wait.${job.waitReason}`) })}
          </p>
          <Button
            leftSection={<IconPlayerPlay size={22} aria-hidden />}
            loading={deed.isPending}
            onClick={() => deed.mutate({ kind: "resume" })}
          >
            {t("myJob.goOn")}
          </Button>
        </div>
      ) : (
        <fieldset className="wait-reasons" disabled={deed.isPending}>
          <legend>
            <span className="strong">{t("myJob.waitTitle")}</span>
            <span className="small soft"> {t("myJob.waitHint")}</span>
          </legend>
          {WAIT_REASONS.map((reason) => {
            const ReasonIcon = WAIT_ICON[reason];
            return (
              <button
                key={reason}
                type="button"
                className="wait-reason"
                onClick={() => deed.mutate({ kind: "pause", reason })}
              >
                <ReasonIcon size={32} aria-hidden />
                <span>{t(`waitShort.${reason}`)}</span>
              </button>
            );
          })}
        </fieldset>
      )}
      {deed.isError && <FailureNote failure={deed.error} />}
    </div>
  );
}
