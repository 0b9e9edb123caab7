import { Button } from "@mantine/core";
import { useState } from "react";
import type { JobView, TodayView } from "../../../contract/http-api.ts";
import { useMay } from "../api/session.tsx";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconPlus } from "../look/icons.ts";
import { WAIT_ICON } from "../look/states.tsx";
import { jobLabourMs, technicianNames } from "./job.ts";
import { NewJobDialog } from "./new-job-dialog.tsx";
import { StepLine } from "./step-line.tsx";

interface JobsPanelProps {
  readonly view: TodayView;
  readonly now: number;
  readonly onOpenJob: (jobId: string) => void;
}

/** Every open job on a line: car, work, who, steps, evidence, time taken of time allowed. */
export function JobsPanel({ view, now, onOpenJob }: JobsPanelProps) {
  const { t } = useWords();
  const may = useMay();
  const [opening, setOpening] = useState(false);
  const jobs = view.jobs.filter((job) => job.state !== "closed");
  return (
    <section className="panel jobs" aria-labelledby="jobs-title">
      <div className="panel-head">
        <h2 id="jobs-title" className="panel-title">
          {t("jobs.title")}
        </h2>
        {may("POST /api/jobs") && (
          <Button variant="default" leftSection={<IconPlus size={20} aria-hidden />} onClick={() => setOpening(true)}>
            {t("jobs.new")}
          </Button>
        )}
      </div>
      {jobs.length === 0 ? (
        <p className="soft">{t("jobs.empty")}</p>
      ) : (
        <>
          <div className="job-row job-row-head small soft" aria-hidden>
            <span>{t("jobs.car")}</span>
            <span>{t("jobs.work")}</span>
            <span>{t("jobs.technician")}</span>
            <span>{t("jobs.progress")}</span>
            <span className="to-end">{t("jobs.evidence")}</span>
            <span className="to-end">{t("jobs.time")}</span>
          </div>
          <ul>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} asOf={view.asOf} now={now} onOpen={() => onOpenJob(job.id)} />
            ))}
          </ul>
        </>
      )}
      {opening && <NewJobDialog view={view} onClose={() => setOpening(false)} />}
    </section>
  );
}

interface JobRowProps {
  readonly job: JobView;
  readonly asOf: number;
  readonly now: number;
  readonly onOpen: () => void;
}

function JobRow({ job, asOf, now, onOpen }: JobRowProps) {
  const { t, format } = useWords();
  const takenMs = jobLabourMs(job, asOf, now);
  const isOver = job.flatRateHours !== null && takenMs > job.flatRateHours * 3_600_000;
  const WaitIcon = job.waitReason === null ? null : WAIT_ICON[job.waitReason];
  return (
    <li className="job-row">
      <button type="button" className="job-open" onClick={onOpen} aria-label={t("jobs.open", { number: job.number })}>
        <span className="strong one-line">{job.plateMasked ?? t("bays.noPlate")}</span>
        <span className="small soft one-line">{job.number}</span>
      </button>
      <span className="job-work">
        <span className="one-line">{job.work === "" ? t("jobs.noWork") : job.work}</span>
        {job.waitReason !== null && WaitIcon !== null && (
          <span className="small strong wait with-icon">
            <WaitIcon size={16} aria-hidden />
            {t(`wait.${job.waitReason}`)}
          </span>
        )}
      </span>
      <span className="job-who one-line">{technicianNames(job).join(", ") || t("jobs.unassigned")}</span>
      <StepLine steps={job.steps} />
      <span className="job-evidence to-end">
        <span className="job-label small soft">{t("jobs.evidence")} </span>
        {job.coverage === null ? (
          <span className="soft">{t("app.none")}</span>
        ) : (
          <span className={job.lowCoverage ? "with-icon strong wait" : ""}>
            {job.lowCoverage && <IconAlertTriangle size={16} aria-hidden />}
            {format.percent(job.coverage)}
          </span>
        )}
      </span>
      <span className={`job-time to-end ${isOver ? "strong wait" : ""}`}>
        <span className="job-label small soft">{t("jobs.time")} </span>
        {t("unit.hours", {
          h:
            job.flatRateHours === null
              ? format.hours(takenMs)
              : `${format.hours(takenMs)} / ${format.number(job.flatRateHours, 1)}`,
        })}
      </span>
    </li>
  );
}
