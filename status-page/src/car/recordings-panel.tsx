import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { JobDiagnosticsView, RecordingSummary } from "../../../contract/diagnostics-api.ts";
import { fetchRecording } from "../api/calls.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { Chart } from "./chart.tsx";
import { useShownValue } from "./use-shown-value.ts";

interface RecordingsPanelProps {
  readonly view: JobDiagnosticsView;
  readonly now: number;
}

/** What of the live values was kept for the job. */
export function RecordingsPanel({ view, now }: RecordingsPanelProps) {
  const { t } = useWords();
  if (view.recordings.length === 0) return null;
  return (
    <section className="panel stack" aria-labelledby="recordings-title">
      <h2 id="recordings-title" className="panel-title">
        {t("car.recordings.title")}
      </h2>
      <ul className="stack">
        {view.recordings.toReversed().map((recording) => (
          <Recording key={recording.id} jobId={view.job.id} recording={recording} now={now} />
        ))}
      </ul>
    </section>
  );
}

function Recording({
  jobId,
  recording,
  now,
}: {
  readonly jobId: string;
  readonly recording: RecordingSummary;
  readonly now: number;
}) {
  const { t, format } = useWords();
  const shown = useShownValue();
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="recording">
      <div className="panel-head">
        <p className="small strong">
          {t("car.recordings.by", {
            from: format.moment(recording.from, now),
            to: format.timeWithSeconds(recording.to),
            name: recording.by,
          })}
        </p>
        <Button className="no-print" variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? "car.recordings.hide" : "car.recordings.show")}
        </Button>
      </div>
      <div className="table-scroll">
        <table className="live-table">
          <thead>
            <tr className="small soft">
              <th scope="col">{t("car.live.signal")}</th>
              <th scope="col">{t("car.live.minimum")}</th>
              <th scope="col">{t("car.live.maximum")}</th>
              <th scope="col">{t("car.live.value")}</th>
            </tr>
          </thead>
          <tbody>
            {recording.series.map((series) => (
              <tr key={series.name}>
                <th scope="row">
                  {shown.label(series)} {series.unit !== "" && <span className="small soft">{series.unit}</span>}
                </th>
                <td>{shown.plain(series.minimum, series)}</td>
                <td>{shown.plain(series.maximum, series)}</td>
                <td>{shown.plain(series.last, series)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isOpen && <Curves jobId={jobId} id={recording.id} />}
    </li>
  );
}

function Curves({ jobId, id }: { readonly jobId: string; readonly id: string }) {
  const { t, language } = useWords();
  const recording = useQuery({ queryKey: ["recording", jobId, id], queryFn: () => fetchRecording(jobId, id) });
  if (recording.isError) return <FailureNote failure={recording.error} />;
  if (recording.data === undefined) return <p className="soft">{t("app.loading")}</p>;
  return recording.data.series.map(({ name, label, unit, digits, points }) => (
    <Chart
      key={name}
      label={label[language]}
      at={points.map(([ms]) => ms)}
      clock="since-start"
      series={[{ label: label[language], unit, digits, values: points.map(([, value]) => value) }]}
    />
  ));
}
