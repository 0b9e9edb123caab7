import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type JobDiagnosticsView,
  type LiveUpdate,
  MOST_LIVE_SIGNALS,
  type SignalChoicesView,
} from "../../../contract/diagnostics-api.ts";
import { fetchSignalChoices, startRecording, stopRecording } from "../api/calls.ts";
import { useMay } from "../api/session.tsx";
import { FailureNote, useSayFailure } from "../frame/failure-note.tsx";
import { useSayDone } from "../jobs/job-deeds.ts";
import { useWords } from "../language/use-words.tsx";
import { IconCheck, IconPlayerPlay, IconPlayerRecord, IconPlayerStop } from "../look/icons.ts";
import { Chart } from "./chart.tsx";
import { CodeWords } from "./code-words.tsx";
import { type LiveValues, useLiveValues } from "./use-live-values.ts";
import { useShownValue } from "./use-shown-value.ts";

/** Curves beside the table; more would hide each other. */
const MOST_CURVES = 4;

interface LivePanelProps {
  readonly view: JobDiagnosticsView;
  readonly now: number;
}

/** Chosen values while the bonnet is open, ten times a second, with minimum, maximum and when each was last seen. */
export function LivePanel({ view, now }: LivePanelProps) {
  const { t } = useWords();
  const [names, setNames] = useState<readonly string[]>([]);
  const isOpen = view.job.state !== "closed";
  if (!isOpen) return null;
  return (
    <section className="panel stack no-print" aria-labelledby="live-title">
      <h2 id="live-title" className="panel-title">
        {t("car.live.title")}
      </h2>
      {names.length === 0 ? (
        <Choice jobId={view.job.id} onChosen={setNames} />
      ) : (
        <Live view={view} names={names} now={now} onEnd={() => setNames([])} />
      )}
    </section>
  );
}

function Choice({
  jobId,
  onChosen,
}: {
  readonly jobId: string;
  readonly onChosen: (names: readonly string[]) => void;
}) {
  const { t, language } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choices = useQuery({
    queryKey: ["signals", jobId],
    queryFn: () => fetchSignalChoices(jobId),
    enabled: isOpen,
    staleTime: 30_000,
  });
  if (!isOpen)
    return (
      <div className="row">
        <Button variant="default" onClick={() => setOpen(true)}>
          {t("car.live.choose")}
        </Button>
      </div>
    );
  if (choices.isError) return <FailureNote failure={choices.error} />;
  if (choices.data === undefined) return <p className="soft">{t("app.loading")}</p>;
  const { signals, code } = choices.data;
  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name) && next.size < MOST_LIVE_SIGNALS) next.add(name);
    setChosen(next);
  };
  return (
    <>
      {code !== null && <CodeWords code={code} />}
      {signals.length === 0 && <p className="soft">{t("car.live.none")}</p>}
      {byGroup(signals).map(([group, rows]) => (
        <fieldset key={group} className="signal-group">
          <legend className="small strong">
            {t(`car.group.${group}` as "car.group.other", { defaultValue: group })}
          </legend>
          {rows.map(({ name, label, unit, source }) => (
            <label key={name} className="signal-choice" title={t(`car.live.${source}`)}>
              <input type="checkbox" checked={chosen.has(name)} onChange={() => toggle(name)} />
              <span className="signal-box" aria-hidden>
                <IconCheck size={18} stroke={3} />
              </span>
              <span>
                {label[language]} {unit !== "" && <span className="small soft">{unit}</span>}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
      <div className="row">
        <Button
          disabled={chosen.size === 0}
          leftSection={<IconPlayerPlay size={20} aria-hidden />}
          onClick={() => onChosen([...chosen])}
        >
          {t("car.live.start")}
        </Button>
        <span className="small soft">{t("car.live.chosen", { count: chosen.size, most: MOST_LIVE_SIGNALS })}</span>
      </div>
    </>
  );
}

function byGroup(signals: SignalChoicesView["signals"]): [string, SignalChoicesView["signals"]][] {
  return [...Map.groupBy(signals, ({ group }) => group)];
}

interface LiveProps extends LivePanelProps {
  readonly names: readonly string[];
  readonly onEnd: () => void;
}

function Live({ view, names, now, onEnd }: LiveProps) {
  const { t, format } = useWords();
  const may = useMay();
  const live = useLiveValues(view.job.id, names);
  const sayDone = useSayDone();
  const onError = useSayFailure();
  const begin = useMutation({ mutationFn: () => startRecording(view.job.id), onError });
  const end = useMutation({
    mutationFn: () => stopRecording(view.job.id),
    onSuccess: ({ recording }) => sayDone(t(recording === null ? "car.live.nothingRecorded" : "car.live.recorded")),
    onError,
  });
  const since = live.update?.recordingSince ?? null;
  return (
    <>
      <div className="row">
        <Button variant="default" leftSection={<IconPlayerStop size={20} aria-hidden />} onClick={onEnd}>
          {t("car.live.stop")}
        </Button>
        {may("POST /api/jobs/:id/recording") &&
          (since === null ? (
            <Button
              variant="default"
              disabled={live.state !== "live"}
              leftSection={<IconPlayerRecord size={20} aria-hidden />}
              loading={begin.isPending}
              onClick={() => begin.mutate()}
            >
              {t("car.live.record")}
            </Button>
          ) : (
            <Button
              leftSection={<IconPlayerStop size={20} aria-hidden />}
              loading={end.isPending}
              onClick={() => end.mutate()}
            >
              {t("car.live.recordStop")}
            </Button>
          ))}
        {since !== null && (
          <span className="bad strong with-icon" role="status">
            <IconPlayerRecord size={18} aria-hidden />
            {t("car.live.recording", { time: format.moment(since, now) })}
          </span>
        )}
      </div>
      {live.state === "broken" && (
        <p className="wait strong" role="status">
          {t("car.live.broken")}
        </p>
      )}
      {live.update?.paused != null && <CodeWords code={live.update.paused} />}
      {live.update === null ? (
        <p className="soft">{t("car.live.waiting")}</p>
      ) : (
        <div className={live.state === "broken" ? "stale stack" : "stack"}>
          <LiveTable update={live.update} />
          <LiveCurves live={live} />
        </div>
      )}
    </>
  );
}

function LiveTable({ update }: { readonly update: LiveUpdate }) {
  const { t, format } = useWords();
  const shown = useShownValue();
  return (
    <div className="table-scroll">
      <table className="live-table">
        <thead>
          <tr className="small soft">
            <th scope="col">{t("car.live.signal")}</th>
            <th scope="col">{t("car.live.value")}</th>
            <th scope="col">{t("car.live.minimum")}</th>
            <th scope="col">{t("car.live.maximum")}</th>
            <th scope="col">{t("car.live.lastSeen")}</th>
          </tr>
        </thead>
        <tbody>
          {update.signals.map((signal) => (
            <tr key={signal.name} data-stale={signal.stale}>
              <th scope="row">
                {shown.label(signal)} {signal.unit !== "" && <span className="small soft">{signal.unit}</span>}
              </th>
              <td className="live-value">{shown.plain(signal.value, signal)}</td>
              <td>{shown.plain(signal.minimum, signal)}</td>
              <td>{shown.plain(signal.maximum, signal)}</td>
              <td className="small">
                {signal.lastSeen === null ? t("car.live.never") : format.timeWithSeconds(signal.lastSeen)}
                {signal.stale && signal.lastSeen !== null && <span className="wait"> {t("car.live.stale")}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LiveCurves({ live }: { readonly live: LiveValues }) {
  const { t, language } = useWords();
  const { at, columns } = live.course;
  const series = (live.update?.signals ?? [])
    .flatMap(({ name, label, unit, digits }) => {
      const values = columns[name] ?? [];
      return values.some((value) => value !== null) ? [{ label: label[language], unit, digits, values }] : [];
    })
    .slice(0, MOST_CURVES);
  if (at.length < 2 || series.length === 0) return null;
  return <Chart label={t("car.live.lastMinute")} at={at} clock="wall" series={series} />;
}
