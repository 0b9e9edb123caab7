import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { JobView, TodayView } from "../../../contract/http-api.ts";
import { WAIT_REASONS } from "../../../contract/payloads.ts";
import { useMay } from "../api/session.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { runningMs } from "../live/shop-clock.ts";
import { IconCar, IconPlayerPlay, IconScan } from "../look/icons.ts";
import { RISK_LOOK, toneClass, WAIT_ICON } from "../look/states.tsx";
import { AssignForm } from "./assign-form.tsx";
import { jobLabourMs } from "./job.ts";
import { useJobDeed } from "./job-deeds.ts";
import { StepLine } from "./step-line.tsx";

interface JobDialogProps {
  readonly view: TodayView;
  readonly jobId: string | null;
  readonly now: number;
  readonly onClose: () => void;
}

/** One job with everything known of it, live, and what this person may do to it. */
export function JobDialog({ view, jobId, now, onClose }: JobDialogProps) {
  const { t } = useWords();
  const job = view.jobs.find((each) => each.id === jobId && each.state !== "closed");
  return (
    <Modal
      opened={jobId !== null}
      onClose={onClose}
      size="lg"
      title={job === undefined ? t("jobs.title") : t("job.title", { number: job.number })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      {job === undefined ? (
        <p>{t("job.gone")}</p>
      ) : (
        <OpenJob key={job.id} view={view} job={job} now={now} onClose={onClose} />
      )}
    </Modal>
  );
}

interface OpenJobProps {
  readonly view: TodayView;
  readonly job: JobView;
  readonly now: number;
  readonly onClose: () => void;
}

function OpenJob({ view, job, now, onClose }: OpenJobProps) {
  const may = useMay();
  const { t } = useWords();
  const deed = useJobDeed(job);
  const [closing, setClosing] = useState(false);
  const isOnItsWay = (kind: string) => deed.isPending && deed.variables.kind === kind;
  return (
    <div className="stack job-dialog">
      <JobFacts view={view} job={job} now={now} />
      <StepLine steps={job.steps} />
      {may("POST /api/jobs/:id/assign") && (
        <AssignForm
          view={view}
          job={job}
          busy={isOnItsWay("assign")}
          onAssign={(to) => deed.mutate({ kind: "assign", to })}
        />
      )}
      {may("POST /api/jobs/:id/pause") && job.state === "open" && (
        <fieldset className="choices" disabled={deed.isPending}>
          <legend className="small soft">{t("job.pause")}</legend>
          {WAIT_REASONS.map((reason) => {
            const Icon = WAIT_ICON[reason];
            return (
              <Button
                key={reason}
                variant="default"
                leftSection={<Icon size={20} aria-hidden />}
                onClick={() => deed.mutate({ kind: "pause", reason })}
              >
                {t(`waitShort.${reason}`)}
              </Button>
            );
          })}
        </fieldset>
      )}
      {deed.isError && <FailureNote failure={deed.error} />}
      <div className="row">
        {may("POST /api/jobs/:id/resume") && job.state === "paused" && (
          <Button
            leftSection={<IconPlayerPlay size={20} aria-hidden />}
            loading={isOnItsWay("resume")}
            onClick={() => deed.mutate({ kind: "resume" })}
          >
            {t("job.resume")}
          </Button>
        )}
        {may("POST /api/jobs/:id/scan") && (
          <Button
            variant="default"
            leftSection={<IconScan size={20} aria-hidden />}
            loading={isOnItsWay("scan")}
            onClick={() => deed.mutate({ kind: "scan" })}
          >
            {t("job.scan")}
          </Button>
        )}
        {may("GET /api/jobs/:id/diagnostics") && (
          <Button
            component={Link}
            href={`/jobs/${job.id}`}
            variant="default"
            leftSection={<IconCar size={20} aria-hidden />}
          >
            {t("car.open")}
          </Button>
        )}
        {may("POST /api/jobs/:id/close") && !closing && (
          <Button variant="default" onClick={() => setClosing(true)}>
            {t("job.close")}
          </Button>
        )}
      </div>
      {closing && (
        <fieldset className="failure confirm" aria-label={t("job.close")}>
          <p>{t("job.closeQuestion", { number: job.number })}</p>
          <div className="row">
            <Button
              className="danger"
              loading={isOnItsWay("close")}
              onClick={() => deed.mutate({ kind: "close" }, { onSuccess: onClose })}
            >
              {t("job.closeYes")}
            </Button>
            <Button variant="default" onClick={() => setClosing(false)}>
              {t("app.cancel")}
            </Button>
          </div>
        </fieldset>
      )}
    </div>
  );
}

function JobFacts({ view, job, now }: Pick<OpenJobProps, "view" | "job" | "now">) {
  const { t, format, language } = useWords();
  const bay = view.bays.find((each) => each.id === job.bay);
  const risk = RISK_LOOK[job.risk];
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t("job.plate"), job.plateMasked ?? t("bays.noPlate")],
    [t("job.vin"), job.vin ?? t("job.noVin")],
    [t("job.state"), job.waitReason === null ? t(`jobState.${job.state}`) : t(`wait.${job.waitReason}`)],
    [t("job.bay"), bay?.name[language] ?? job.bay ?? t("job.noBay")],
    [t("job.openedAt"), format.moment(job.openedAt, now)],
    [
      t("job.promisedAt"),
      job.promisedAt === null ? (
        t("promise.none")
      ) : (
        <span key="risk" className={`with-icon ${toneClass(risk.tone)}`}>
          <risk.Icon size={18} aria-hidden />
          {format.moment(job.promisedAt, now)} · {t(`risk.${job.risk}`)}
        </span>
      ),
    ],
    [t("job.labour"), format.span(jobLabourMs(job, view.asOf, now))],
    [
      t("job.flatRate"),
      job.flatRateHours === null ? t("app.none") : t("unit.hours", { h: format.number(job.flatRateHours, 1) }),
    ],
    [t("job.evidence"), job.coverage === null ? t("app.none") : format.percent(job.coverage)],
    [
      t("job.running"),
      job.running.length === 0
        ? t("job.nobodyRunning")
        : job.running
            .map(
              ({ technician, elapsedMs }) =>
                `${technician.name} ${format.stopwatch(runningMs(elapsedMs, view.asOf, now))}`,
            )
            .join(", "),
    ],
  ];
  return (
    <>
      <p className="strong">{job.work === "" ? t("jobs.noWork") : job.work}</p>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="small soft">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
