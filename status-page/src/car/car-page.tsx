import { Skeleton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { JobDiagnosticsView } from "../../../contract/diagnostics-api.ts";
import { fetchDiagnostics, fetchToday } from "../api/calls.ts";
import { useSession } from "../api/session.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { landingOf } from "../frame/pages.ts";
import { useWords } from "../language/use-words.tsx";
import { useLiveness, useShopNow } from "../live/live.tsx";
import { IconAlertTriangle, IconArrowLeft, IconCircleCheck } from "../look/icons.ts";
import { PhotosPanel } from "../photos/photos-panel.tsx";
import { CarActions } from "./car-actions.tsx";
import { DifferencePanel } from "./difference-panel.tsx";
import { ElectricPanel } from "./electric-panel.tsx";
import { LivePanel } from "./live-panel.tsx";
import { RecordingsPanel } from "./recordings-panel.tsx";
import { ScansPanel } from "./scans-panel.tsx";

/** What is wrong with this car, and can I show it to the customer? Everything that the dongle told about one job's car. */
export function CarPage({ jobId }: { readonly jobId: string }) {
  // The stream keeps today's view fresh; its word for the job says when there is more to fetch.
  const today = useQuery({ queryKey: ["today"], queryFn: fetchToday });
  const job = today.data?.jobs.find((each) => each.id === jobId);
  const version = job?.diagnosticsVersion ?? "";
  const diagnostics = useQuery({
    queryKey: ["diagnostics", jobId, version],
    queryFn: () => fetchDiagnostics(jobId),
    placeholderData: keepPreviousData,
  });
  if (diagnostics.data !== undefined) return <Car view={diagnostics.data} photosVersion={job?.photosVersion ?? ""} />;
  if (diagnostics.isError) return <FailureNote failure={diagnostics.error} />;
  return (
    <div className="stack" aria-busy="true">
      <Skeleton height={120} radius={10} />
      <Skeleton height={320} radius={10} />
    </div>
  );
}

function Car({ view, photosVersion }: { readonly view: JobDiagnosticsView; readonly photosVersion: string }) {
  const { t } = useWords();
  const { phase } = useLiveness();
  const { person } = useSession();
  const now = useShopNow() ?? view.asOf;
  const { job } = view;
  return (
    <div className={phase === "broken" ? "car stale" : "car"} data-stale={phase === "broken"}>
      <header className="panel stack car-head">
        <Link href={landingOf(person.role)} className="with-icon car-back no-print">
          <IconArrowLeft size={20} aria-hidden />
          {t("car.back")}
        </Link>
        <div>
          <h1 className="car-title">
            {job.plateMasked ?? job.number} <span className="soft">{job.plateMasked === null ? "" : job.number}</span>
          </h1>
          <p>{job.work === "" ? t("jobs.noWork") : job.work}</p>
          <CarNumber view={view} />
        </div>
        <CarActions view={view} />
      </header>
      <PhotosPanel jobId={job.id} version={photosVersion} now={now} />
      <div className="car-columns">
        <div className="car-column">
          <DifferencePanel view={view} now={now} />
          <ScansPanel view={view} now={now} />
          <Clearings view={view} now={now} />
        </div>
        <div className="car-column">
          <ElectricPanel view={view} now={now} />
          <LivePanel view={view} now={now} />
          <RecordingsPanel view={view} now={now} />
        </div>
      </div>
    </div>
  );
}

/** The number that the car itself told last, and whether it is the job's. */
function CarNumber({ view }: { readonly view: JobDiagnosticsView }) {
  const { t } = useWords();
  const scan = view.scans.findLast((each) => each.vin !== null) ?? view.scans.at(-1);
  return (
    <p className="row small">
      <span>
        <span className="soft">{t("job.vin")} </span>
        <span className="vin">{scan?.vin ?? view.job.vin ?? t("car.vinUnknown")}</span>
      </span>
      {scan?.vinMatchesJob === true && (
        <span className="with-icon good">
          <IconCircleCheck size={16} aria-hidden />
          {t("car.vinMatch")}
        </span>
      )}
      {scan?.vinMatchesJob === false && (
        <span className="with-icon strong bad">
          <IconAlertTriangle size={18} aria-hidden />
          {t("car.vinMismatch", { expected: view.job.vin ?? "" })}
        </span>
      )}
    </p>
  );
}

function Clearings({ view, now }: { readonly view: JobDiagnosticsView; readonly now: number }) {
  const { t, format } = useWords();
  if (view.clearings.length === 0) return null;
  return (
    <section className="panel stack tight" aria-labelledby="clearings-title">
      <h2 id="clearings-title" className="panel-title">
        {t("car.clear.history")}
      </h2>
      <ul className="small">
        {view.clearings.map(({ at, technician, outcome }) => (
          <li key={at}>
            {format.moment(at, now)} · {technician.name} ·{" "}
            <span className="strong">{t(`car.clear.outcome.${outcome}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
