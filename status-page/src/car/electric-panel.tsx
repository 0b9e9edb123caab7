import { useQuery } from "@tanstack/react-query";
import type { ElectricView, JobDiagnosticsView } from "../../../contract/diagnostics-api.ts";
import { VOCABULARY } from "../../../contract/vocabulary.ts";
import { fetchElectric } from "../api/calls.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconBattery2 } from "../look/icons.ts";
import { Bars } from "./bars.tsx";
import { Chart } from "./chart.tsx";
import { useShownValue } from "./use-shown-value.ts";

/** Values that flow are asked for again this often while somebody looks. */
const LOOK_EVERY_MS = 5_000;
/** Curves of the course, two units at most: what shows a battery's behaviour. */
const COURSE = ["pack-voltage", "pack-current", "state-of-charge"] as const;

interface ElectricPanelProps {
  readonly view: JobDiagnosticsView;
  readonly now: number;
}

/** The traction battery: what is out of its limits first, then values, cells, probes and their course. */
export function ElectricPanel({ view, now }: ElectricPanelProps) {
  const answer = useQuery({
    queryKey: ["electric", view.job.id],
    queryFn: () => fetchElectric(view.job.id),
    refetchInterval: LOOK_EVERY_MS,
    staleTime: 0,
  });
  const electric = answer.data?.electric ?? view.electric;
  if (electric === null && view.alerts.length === 0) return null;
  return <Electric electric={electric} alerts={view.alerts} now={now} />;
}

function Electric({
  electric,
  alerts,
  now,
}: {
  readonly electric: ElectricView | null;
  readonly alerts: JobDiagnosticsView["alerts"];
  readonly now: number;
}) {
  const { t, format, language } = useWords();
  const shown = useShownValue();
  return (
    <section className="panel stack" aria-labelledby="electric-title">
      <div className="panel-head">
        <h2 id="electric-title" className="panel-title with-icon">
          <IconBattery2 size={20} aria-hidden />
          {t("car.electric.title")}
        </h2>
        {electric !== null && (
          <p className={`small ${electric.stale ? "wait" : "soft"}`}>
            {t(electric.source === "live" ? "car.electric.live" : "car.electric.fromScan")} ·{" "}
            {t("car.electric.asOf", { time: format.moment(electric.asOf, now) })}
          </p>
        )}
      </div>
      {alerts.map(({ alert, value, limit, unit, since }) => (
        <p key={alert} className="battery-alert">
          <IconAlertTriangle size={22} aria-hidden />
          <span>
            <span className="strong">
              {t(`car.electric.alert.${alert}`, { value: brief(value), limit: brief(limit), unit })}
            </span>{" "}
            <span className="small">{t("needs.since", { time: format.moment(since, now) })}</span>
          </span>
        </p>
      ))}
      {electric !== null && (
        <>
          <dl className="values electric-values" data-stale={electric.stale}>
            {electric.values.map((value) => (
              <div key={value.name} className={value.stale ? "stale" : undefined}>
                <dt className="small soft">{shown.label(value)}</dt>
                <dd className="electric-value">{shown.value(value)}</dd>
              </div>
            ))}
          </dl>
          <div className="bars-row">
            <Bars
              title={t("car.electric.cells")}
              summary={t("car.electric.cellsOf", extremes(electric.cellVolts, 3))}
              unit="V"
              digits={3}
              values={electric.cellVolts}
            />
            <Bars
              title={t("car.electric.probes")}
              summary={t("car.electric.probesOf", extremes(electric.probeTemperaturesC, 1))}
              unit="°C"
              digits={1}
              values={electric.probeTemperaturesC}
            />
          </div>
          <Course electric={electric} language={language} />
        </>
      )}
    </section>
  );
}

function Course({ electric, language }: { readonly electric: ElectricView; readonly language: "en" | "zh-CN" }) {
  const { t } = useWords();
  const { at, columns } = electric.history;
  const series = COURSE.flatMap((name) => {
    const values = columns[name];
    if (values === undefined || values.every((value) => value === null)) return [];
    const { unit, digits, ...labels } = VOCABULARY[name];
    return [{ label: labels[language], unit, digits, values }];
  });
  if (electric.source === "scan") return null;
  return (
    <div className="no-print">
      <h3 className="small strong">{t("car.electric.history")}</h3>
      {at.length < 2 || series.length === 0 ? (
        <p className="small soft">{t("car.electric.noHistory")}</p>
      ) : (
        <Chart label={t("car.electric.history")} at={at} clock="wall" series={series} />
      )}
    </div>
  );
}

function extremes(values: readonly (number | null)[], digits: number) {
  const known = values.filter((value) => value !== null);
  return {
    count: known.length,
    least: known.length === 0 ? "" : Math.min(...known).toFixed(digits),
    most: known.length === 0 ? "" : Math.max(...known).toFixed(digits),
  };
}

/** As many digits as say something. */
function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}
