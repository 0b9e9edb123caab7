import type { DayFigures } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";

/** Yesterday and today beside each other. */
export function FiguresPanel({ yesterday, today }: { readonly yesterday: DayFigures; readonly today: DayFigures }) {
  const { t, format } = useWords();
  const rows = [
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
      <table className="figures">
        <thead>
          <tr>
            <th scope="col" id="figures-title" className="panel-title">
              {t("figures.title")}
            </th>
            <th scope="col" className="small soft">
              {t("figures.yesterday")}
            </th>
            <th scope="col" className="small soft">
              {t("figures.today")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <th scope="row" className="soft">
                {row.label}
              </th>
              <td className="strong">{row.of(yesterday)}</td>
              <td className="strong">{row.of(today)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
