import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TodayView } from "../../../contract/http-api.ts";
import { fetchToday } from "../api/calls.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { JobDialog } from "../jobs/job-dialog.tsx";
import { JobsPanel } from "../jobs/jobs-panel.tsx";
import { useWords } from "../language/use-words.tsx";
import { useLiveness, useShopNow } from "../live/live.tsx";
import { BayTile } from "./bay-tile.tsx";
import { BoxPanel } from "./box-panel.tsx";
import { FiguresPanel } from "./figures-panel.tsx";
import { HeadquartersPanel } from "./headquarters-panel.tsx";
import { NeedsYou } from "./needs-you.tsx";
import { SafeMode } from "./safe-mode.tsx";

/** The page that is open all day: what needs you, the bays, the jobs, the line to headquarters, the box. */
export function TodayPage() {
  const today = useQuery({ queryKey: ["today"], queryFn: fetchToday });
  if (today.data !== undefined) return <Today view={today.data} />;
  if (today.isError) return <FailureNote failure={today.error} />;
  return <TodaySkeleton />;
}

function Today({ view }: { readonly view: TodayView }) {
  const { t } = useWords();
  const { phase } = useLiveness();
  const now = useShopNow() ?? view.asOf;
  const [openJob, setOpenJob] = useState<string | null>(null);
  return (
    <div className={phase === "broken" ? "today stale" : "today"} data-stale={phase === "broken"}>
      <h1 className="hidden-words">{t("nav.today")}</h1>
      {view.safeMode !== null && <SafeMode problems={view.safeMode.problems} />}
      <NeedsYou view={view} now={now} onOpenJob={(job) => setOpenJob(job.id)} />
      <section aria-labelledby="bays-title">
        <h2 id="bays-title" className="panel-title section-head">
          {t("bays.title")}
        </h2>
        {view.bays.length === 0 ? (
          <p className="soft">{t("bays.empty")}</p>
        ) : (
          <ul className="bays">
            {view.bays.map((bay) => (
              <BayTile
                key={bay.id}
                bay={bay}
                asOf={view.asOf}
                now={now}
                clockScale={view.clockScale}
                onOpenJob={setOpenJob}
              />
            ))}
          </ul>
        )}
      </section>
      <div className="below">
        <div className="left">
          <JobsPanel view={view} now={now} onOpenJob={setOpenJob} />
          <FiguresPanel yesterday={view.yesterday} today={view.todaySoFar} />
        </div>
        <div className="side">
          <HeadquartersPanel view={view.headquarters} now={now} />
          <BoxPanel box={view.box} />
        </div>
      </div>
      <JobDialog view={view} jobId={openJob} now={now} onClose={() => setOpenJob(null)} />
    </div>
  );
}

/** Empty places where things will stand, so that nothing jumps when they come. */
function TodaySkeleton() {
  const { t } = useWords();
  return (
    <div className="today" aria-busy="true" role="status" aria-label={t("app.loading")}>
      <div className="needs">
        {[0, 1, 2].map((index) => (
          <Skeleton key={index} height={130} radius={10} />
        ))}
      </div>
      <div className="bays">
        {[0, 1, 2, 3, 4, 5].map((index) => (
          <Skeleton key={index} height={240} radius={10} />
        ))}
      </div>
      <div className="below">
        <Skeleton height={320} radius={10} />
        <Skeleton height={320} radius={10} />
      </div>
    </div>
  );
}
