import type { DayFigures } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";

/** What today has brought so far, each beside yesterday. */
export function FiguresPanel({ yesterday, today }: { readonly yesterday: DayFigures; readonly today: DayFigures }) {
  const { t, format } = useWords();
  const figures = [
    { label: t("figures.jobsClosed"), of: (day: DayFigures) => format.number(day.jobsClosed) },
    { label: t("figures.labour"), of: (day: DayFigures) => t("unit.hours", { h: format.hours(day.labourMs) }) },
    {
      label: t("figures.coverage"),
      of: (day: DayFigures) => (day.coverage === null ? t("app.none") : format.percent(day.coverage)),
    },
    {
      label: t("figures.onTime"),
      of: (day: DayFigures) =>
        day.promised === 0
          ? t("app.none")
          : t("figures.ofPromised", { onTime: format.number(day.onTime), promised: format.number(day.promised) }),
    },
  ];
  return (
    <section className="panel" aria-labelledby="figures-title">
      <h2 id="figures-title" className="panel-title">
        {t("figures.today")}
      </h2>
      <dl className="figures">
        {figures.map(({ label, of }) => (
          <div key={label}>
            <dt className="small soft">{label}</dt>
            <dd className="figure-value">{of(today)}</dd>
            <dd className="small soft">
              {t("figures.yesterday")} {of(yesterday)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
