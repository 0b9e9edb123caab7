import type { MyJobView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle } from "../look/icons.ts";
import { todayMs } from "./clock-face.ts";
import { evidenceParts } from "./evidence.ts";

/** His own record, first of all for himself: every interval of today with what speaks for it. */
export function RecordPanel({ view, now }: { readonly view: MyJobView; readonly now: number }) {
  const { t, format } = useWords();
  return (
    <section className="panel stack tight record" aria-labelledby="record-title">
      <div className="panel-head">
        <h2 id="record-title" className="panel-title">
          {t("myJob.record")}
        </h2>
        <p>
          <span className="soft">{t("myJob.total")} </span>
          <span className="record-total">{format.span(todayMs(view, now))}</span>
        </p>
      </div>
      {view.today.length === 0 ? (
        <p className="soft">{t("myJob.recordEmpty")}</p>
      ) : (
        <ul>
          {view.today.map((entry) => (
            <Interval key={entry.interval.intervalId} entry={entry} now={now} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Interval({ entry, now }: { readonly entry: MyJobView["today"][number]; readonly now: number }) {
  const { t, format } = useWords();
  const { interval, jobNumber, evidence } = entry;
  const parts = evidenceParts(evidence);
  const isBounded = interval.minimumMs !== interval.maximumMs;
  return (
    <li className="interval">
      <div className="interval-line">
        <span className="strong">
          {t("myJob.from", {
            from: format.moment(interval.startedAt.wallMs, now),
            to: format.moment(interval.endedAt.wallMs, now),
          })}
        </span>
        <span className="soft one-line">{jobNumber}</span>
        <span className="strong interval-span">{format.span(interval.durationMs)}</span>
      </div>
      <div className="interval-line small">
        <span className="evidence-bar hatched">
          <svg aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">
            <rect className="evidence-open" x="0" y="0" width={parts.observableShare * 100} height="8" />
            <rect className="evidence-covered" x="0" y="0" width={parts.coveredShare * 100} height="8" />
          </svg>
        </span>
        <span className="interval-span">
          {evidence.coverage === null
            ? t("myJob.noEvidence")
            : `${t("myJob.covered")} ${format.percent(evidence.coverage)}`}
        </span>
      </div>
      <p className="small soft">
        {parts.kinds.map((part) => `${t(`myJob.${part.kind}`)} ${format.span(part.ms)}`).join(" · ")}
      </p>
      {isBounded && (
        <p className="small wait">
          {t("myJob.between", { least: format.span(interval.minimumMs), most: format.span(interval.maximumMs) })}
        </p>
      )}
      {interval.flags.length > 0 && (
        <p className="small strong wait with-icon">
          <IconAlertTriangle size={16} aria-hidden />
          {interval.flags.map((flag) => t(`flag.${flag}`)).join(" · ")}
        </p>
      )}
    </li>
  );
}
