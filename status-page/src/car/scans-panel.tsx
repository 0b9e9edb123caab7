import { useState } from "react";
import type {
  FullScanView,
  JobDiagnosticsView,
  ScannedEcuView,
  ShownValue,
} from "../../../contract/diagnostics-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconCircleCheck, IconLock, IconQuestionMark } from "../look/icons.ts";
import { DtcLine } from "./dtc-line.tsx";
import { useMonitorWords } from "./use-monitor-words.ts";
import { useShownValue } from "./use-shown-value.ts";

interface ScansPanelProps {
  readonly view: JobDiagnosticsView;
  readonly now: number;
}

/** One scan in full, the newest unless another is chosen. What was not read is said unit by unit. */
export function ScansPanel({ view, now }: ScansPanelProps) {
  const { t, format } = useWords();
  const [chosen, setChosen] = useState<string | null>(null);
  const scan = view.scans.find((each) => each.messageId === chosen) ?? view.scans.at(-1);
  return (
    <section className="panel stack" aria-labelledby="full-scans-title">
      <h2 id="full-scans-title" className="panel-title">
        {t("car.scans.title")}
      </h2>
      {scan === undefined ? (
        <p className="soft">{t("car.scans.none")}</p>
      ) : (
        <>
          {view.scans.length > 1 && (
            <fieldset className="tabs no-print">
              <legend className="hidden-words">{t("car.scans.which")}</legend>
              {view.scans.map((each) => (
                <button
                  key={each.messageId}
                  type="button"
                  className="tab"
                  aria-pressed={each === scan}
                  onClick={() => setChosen(each.messageId)}
                >
                  {t(`scanPurpose.${each.purpose}`)} <span className="small">{format.moment(each.takenAt, now)}</span>
                </button>
              ))}
            </fieldset>
          )}
          <Scan scan={scan} view={view} now={now} />
        </>
      )}
    </section>
  );
}

function Scan({ scan, view, now }: ScansPanelProps & { readonly scan: FullScanView }) {
  const { t, format } = useWords();
  const shown = useShownValue();
  return (
    <div className="stack">
      <p className="scan-facts small">
        <span className="strong">
          {t(`scanPurpose.${scan.purpose}`)} · {format.moment(scan.takenAt, now)}
        </span>
        {scan.milOn !== null && (
          <span className={`with-icon ${scan.milOn ? "bad" : "good"}`}>
            {scan.milOn ? <IconAlertTriangle size={16} aria-hidden /> : <IconCircleCheck size={16} aria-hidden />}
            {t(scan.milOn ? "car.scans.milOn" : "car.scans.milOff")}
          </span>
        )}
        {scan.batteryVolts !== null && (
          <span>
            {t("car.scans.battery")} {format.number(scan.batteryVolts, 1)} V
          </span>
        )}
        <span className="soft">
          {t("car.scans.protocol")} {[scan.standard, scan.protocol].filter((word) => word !== null).join(" · ")}
        </span>
      </p>
      {scan.ecus.length === 0 && <p className="wait">{t("car.scans.noUnits")}</p>}
      {scan.ecus.map((ecu) => (
        <Unit key={ecu.address} ecu={ecu} view={view} />
      ))}
      <Monitors monitors={scan.monitors} />
      {scan.values.length > 0 && (
        <details>
          <summary>{t("car.scans.values")}</summary>
          <Values values={scan.values} shown={shown} />
        </details>
      )}
    </div>
  );
}

function Unit({ ecu, view }: { readonly ecu: ScannedEcuView; readonly view: JobDiagnosticsView }) {
  const { t } = useWords();
  const shown = useShownValue();
  const identification = Object.entries(ecu.identification);
  return (
    <section className="unit" data-reach={ecu.reach} aria-label={t("car.scans.unit", { ecu: ecu.address })}>
      <h3 className="unit-head">
        <span>{ecu.name ?? t("car.scans.unit", { ecu: ecu.address })}</span>
        {ecu.name !== null && <span className="small soft">{ecu.address}</span>}
        <UnitState ecu={ecu} />
      </h3>
      {ecu.dtcs.length > 0 && (
        <ul className="code-lines">
          {ecu.dtcs.map((dtc) => (
            <DtcLine
              key={dtc.code}
              code={dtc.code}
              known={view.explanations[dtc.code]}
              below={
                <>
                  {dtc.freezeFrame.length > 0 && (
                    <details>
                      <summary>{t("car.scans.freezeFrame")}</summary>
                      <Values values={dtc.freezeFrame} shown={shown} />
                    </details>
                  )}
                  {dtc.snapshot.length > 0 && (
                    <details>
                      <summary>{t("car.scans.snapshot")}</summary>
                      <ul className="small vin">
                        {dtc.snapshot.map(({ did, data }) => (
                          <li key={did}>
                            {did}: {data}
                          </li>
                        ))}
                      </ul>
                    </details>
                  )}
                </>
              }
            >
              <span className="strong">{dtc.statuses.map((status) => t(`dtcStatus.${status}`)).join(", ")}</span>
              {dtc.statusByte !== null && (
                <span className="soft">
                  {t("car.code.statusByte", { byte: dtc.statusByte.toString(16).toUpperCase().padStart(2, "0") })}
                </span>
              )}
            </DtcLine>
          ))}
        </ul>
      )}
      {ecu.unanswered.length > 0 && (
        <p className="small wait">
          {ecu.unanswered.map(({ service, reason }) => t("car.scans.unanswered", { service, reason })).join(" · ")}
        </p>
      )}
      {identification.length > 0 && (
        <details>
          <summary>{t("car.scans.identification")}</summary>
          <dl className="values">
            {identification.map(([name, value]) => (
              <div key={name}>
                <dt className="small soft">{name}</dt>
                <dd className="vin">{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

/** An answer for every unit: its codes, none, or why there is no answer. */
function UnitState({ ecu }: { readonly ecu: ScannedEcuView }) {
  const { t } = useWords();
  if (ecu.reach === "secure-gateway")
    return (
      <span className="with-icon strong wait small">
        <IconLock size={18} aria-hidden />
        {t("car.scans.reach.secure-gateway")}
      </span>
    );
  if (ecu.reach === "no-answer")
    return (
      <span className="with-icon strong wait small">
        <IconQuestionMark size={18} aria-hidden />
        {t("car.scans.reach.no-answer")}
      </span>
    );
  if (ecu.dtcs.length > 0)
    return (
      <span className="with-icon strong bad small">
        <IconAlertTriangle size={18} aria-hidden />
        {t("myJob.dtcs", { count: ecu.dtcs.length })}
      </span>
    );
  return ecu.unanswered.length > 0 ? null : (
    <span className="with-icon strong good small">
      <IconCircleCheck size={18} aria-hidden />
      {t("car.scans.noCodes")}
    </span>
  );
}

function Monitors({ monitors }: Pick<FullScanView, "monitors">) {
  const { t } = useWords();
  const words = useMonitorWords();
  const fitted = Object.entries(monitors).filter(([, state]) => state !== "unsupported");
  if (fitted.length === 0) return null;
  return (
    <div>
      <h3 className="small strong">{t("car.scans.monitors")}</h3>
      <ul className="monitors small">
        {fitted.map(([name, state]) => (
          <li key={name} className={`with-icon ${state === "complete" ? "good" : "wait"}`}>
            {state === "complete" ? (
              <IconCircleCheck size={16} aria-hidden />
            ) : (
              <IconQuestionMark size={16} aria-hidden />
            )}
            {words(name)}: {t(`car.scans.monitor.${state}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Values({
  values,
  shown,
}: {
  readonly values: readonly ShownValue[];
  readonly shown: ReturnType<typeof useShownValue>;
}) {
  return (
    <dl className="values">
      {values.map((value) => (
        <div key={value.name}>
          <dt className="small soft">{shown.label(value)}</dt>
          <dd>{shown.value(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
