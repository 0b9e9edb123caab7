import type { JobDiagnosticsView } from "../../../contract/diagnostics-api.ts";
import type { DtcExplanation } from "../../../contract/dtc-explanation.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconLock } from "../look/icons.ts";
import { toneClass } from "../look/states.tsx";
import { DtcLine } from "./dtc-line.tsx";
import { OUTCOME_LOOK } from "./outcome.ts";
import { useMonitorWords } from "./use-monitor-words.ts";

interface DifferencePanelProps {
  readonly view: JobDiagnosticsView;
  readonly now: number;
}

/** What became of each code between arrival and departure, with the reason why a "gone" may not mean "fixed". */
export function DifferencePanel({ view, now }: DifferencePanelProps) {
  const { t } = useWords();
  return (
    <section className="panel stack" aria-labelledby="difference-title">
      <h2 id="difference-title" className="panel-title">
        {t("car.difference.title")}
      </h2>
      {view.difference === null ? (
        <p className="soft">{t("car.difference.none")}</p>
      ) : (
        <Difference view={view} difference={view.difference} now={now} explanations={view.explanations} />
      )}
    </section>
  );
}

interface DifferenceProps extends DifferencePanelProps {
  readonly difference: NonNullable<JobDiagnosticsView["difference"]>;
  readonly explanations: Readonly<Record<string, DtcExplanation>>;
}

function Difference({ view, difference, explanations, now }: DifferenceProps) {
  const { t, format } = useWords();
  const monitorWords = useMonitorWords();
  const { found } = difference;
  const takenAt = (messageId: string) => {
    const scan = view.scans.find((each) => each.messageId === messageId);
    return scan === undefined ? t("app.none") : format.moment(scan.takenAt, now);
  };
  const codes = found.codes.toSorted(
    (a, b) => OUTCOME_LOOK[a.outcome].order - OUTCOME_LOOK[b.outcome].order || a.code.localeCompare(b.code),
  );
  const status = (word: (typeof codes)[number]["before"]) =>
    word === null ? t("car.difference.absent") : t(`dtcStatus.${word}`);
  return (
    <>
      <p className="small soft">
        {t("car.difference.between", {
          arrival: takenAt(difference.arrival),
          departure: takenAt(difference.departure),
        })}
      </p>
      {found.sameVin === false && (
        <p className="with-icon strong bad">
          <IconAlertTriangle size={20} aria-hidden />
          {t("car.difference.otherCar")}
        </p>
      )}
      {codes.length === 0 ? (
        <p>{t("car.difference.nothing")}</p>
      ) : (
        <ul className="code-lines">
          {codes.map(({ code, ecu, outcome, before, after }) => {
            const { tone, Icon } = OUTCOME_LOOK[outcome];
            return (
              <DtcLine key={`${ecu} ${code}`} code={code} known={explanations[code]}>
                <span className={`with-icon strong ${toneClass(tone)}`} title={t(`car.difference.meaning.${outcome}`)}>
                  <Icon size={18} aria-hidden />
                  {t(`car.difference.outcome.${outcome}`)}
                </span>
                <span className="soft">{t(`car.difference.meaning.${outcome}`)}</span>
                <span className="soft">
                  {t("car.scans.unit", { ecu })} · {t("car.difference.before")} {status(before)} →{" "}
                  {t("car.difference.after")} {status(after)}
                </span>
              </DtcLine>
            );
          })}
        </ul>
      )}
      <ul className="difference-notes small">
        <li>{t(`car.difference.cleared.${found.cleared}`)}</li>
        {found.incompleteMonitors.length > 0 && (
          <li className="wait">
            {t("car.difference.incomplete", { list: found.incompleteMonitors.map(monitorWords).join(", ") })}
          </li>
        )}
        {found.unreadable.map(({ ecu, reason }) => (
          <li key={ecu} className="with-icon wait">
            <IconLock size={16} aria-hidden />
            {t("car.difference.unreadable", { ecu, reason: t(`car.difference.unreadableReason.${reason}`) })}
          </li>
        ))}
      </ul>
    </>
  );
}
