import type { TodayView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle } from "../look/icons.ts";

/** The configuration could not be used: each problem with its line and how to mend it. */
export function SafeMode({ problems }: { readonly problems: NonNullable<TodayView["safeMode"]>["problems"] }) {
  const { t } = useWords();
  return (
    <section className="safe-mode stack" aria-labelledby="safe-mode-title">
      <h2 id="safe-mode-title" className="panel-title with-icon">
        <IconAlertTriangle size={22} aria-hidden />
        {t("safeMode.title")}
      </h2>
      <p>{t("safeMode.lead")}</p>
      {problems.length === 0 ? (
        <p>{t("safeMode.none")}</p>
      ) : (
        <ol className="stack">
          {problems.map((problem) => (
            <li key={`${problem.line} ${problem.path} ${problem.message}`} className="panel">
              <p className="small soft">
                {problem.line !== null && <span>{t("safeMode.line", { line: problem.line })} · </span>}
                <code>{problem.path}</code>
              </p>
              <p className="strong">{problem.message}</p>
              <p>{problem.remedy}</p>
            </li>
          ))}
        </ol>
      )}
      <p className="strong">{t("safeMode.mend")}</p>
    </section>
  );
}
