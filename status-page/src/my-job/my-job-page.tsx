import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { JobView, MyJobView } from "../../../contract/http-api.ts";
import { fetchMyJob } from "../api/calls.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { useLiveness, useShopNow } from "../live/live.tsx";
import { IconPlayerPlay } from "../look/icons.ts";
import { PhotosPanel } from "../photos/photos-panel.tsx";
import { clockFace, jobsOf } from "./clock-face.ts";
import { ClockPanel } from "./clock-panel.tsx";
import { RecordPanel } from "./record-panel.tsx";
import { ScansPanel } from "./scans-panel.tsx";
import { type Clock, useClock } from "./use-clock.tsx";

/** The technician's page: what do I do next, and is my time right? */
export function MyJobPage() {
  const mine = useQuery({ queryKey: ["my-job"], queryFn: fetchMyJob });
  if (mine.data !== undefined) return <MyJob view={mine.data} />;
  if (mine.isError) return <FailureNote failure={mine.error} />;
  return <MyJobSkeleton />;
}

function MyJob({ view }: { readonly view: MyJobView }) {
  const { t } = useWords();
  const { phase } = useLiveness();
  const now = useShopNow() ?? view.asOf;
  const clock = useClock(view, now);
  const face = clockFace(view, clock.pending, now);
  const jobs = jobsOf(view);
  const current = jobs.find((job) => job.id === face.jobId) ?? view.current;
  const others = jobs.filter((job) => job.id !== current?.id);
  return (
    <div className={phase === "broken" ? "my-job stale" : "my-job"} data-stale={phase === "broken"}>
      <h1 className="hidden-words">{t("nav.myJob")}</h1>
      <div className="my-job-main">
        <ClockPanel job={current} face={face} clock={clock} now={now} />
        {current !== null && <PhotosPanel jobId={current.id} version={current.photosVersion} now={now} />}
        {current !== null && <ScansPanel job={current} scans={view.scans} now={now} />}
      </div>
      <div className="my-job-side">
        <RecordPanel view={view} now={now} />
        <OtherJobs jobs={others} clock={clock} />
      </div>
    </div>
  );
}

function OtherJobs({ jobs, clock }: { readonly jobs: readonly JobView[]; readonly clock: Clock }) {
  const { t } = useWords();
  return (
    <section className="panel stack tight" aria-labelledby="choices-title">
      <h2 id="choices-title" className="panel-title">
        {t("myJob.choices")}
      </h2>
      {jobs.length === 0 ? (
        <p className="soft">{t("myJob.noChoices")}</p>
      ) : (
        <ul>
          {jobs.map((job) => (
            <li key={job.id} className="choice">
              <span className="choice-words">
                <span className="strong one-line">
                  {job.plateMasked ?? job.number}
                  {job.plateMasked !== null && <span className="small soft"> {job.number}</span>}
                </span>
                <span className="small one-line">{job.work === "" ? t("jobs.noWork") : job.work}</span>
                {job.waitReason !== null && <span className="small strong wait">{t(`wait.${job.waitReason}`)}</span>}
              </span>
              <Button
                variant="default"
                leftSection={<IconPlayerPlay size={20} aria-hidden />}
                aria-label={`${t("myJob.clockOn")} ${job.number}`}
                onClick={() => clock.on(job)}
              >
                {t("myJob.clockOn")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function MyJobSkeleton() {
  const { t } = useWords();
  return (
    <div className="my-job" aria-busy="true" role="status" aria-label={t("app.loading")}>
      <Skeleton height={420} radius={10} />
      <Skeleton height={420} radius={10} />
    </div>
  );
}
