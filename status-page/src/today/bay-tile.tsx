import type { BayView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { runningMs } from "../live/shop-clock.ts";
import { IconArrowBarUp, IconUsers } from "../look/icons.ts";
import { BAY_STATE_LOOK, RISK_LOOK, toneClass, WAIT_ICON } from "../look/states.tsx";
import { BayPicture } from "./bay-picture.tsx";

interface BayTileProps {
  readonly bay: BayView;
  readonly asOf: number;
  readonly now: number;
  readonly clockScale: number;
  readonly onOpenJob: (jobId: string) => void;
}

/** One bay at a glance. Every line has its place whether it has something to say or not, so that nothing moves under a thumb. */
export function BayTile({ bay, asOf, now, clockScale, onOpenJob }: BayTileProps) {
  const { t, format, language } = useWords();
  const { job, state } = bay;
  const waits = state === "waiting" && job?.waitReason != null ? job.waitReason : null;
  const look = BAY_STATE_LOOK[state];
  const Icon = waits === null ? look.Icon : WAIT_ICON[waits];
  const risk = job?.promisedAt == null ? null : RISK_LOOK[job.risk];
  const names = bay.technicians.map((running) => running.technician.name);
  return (
    <li id={`bay-${bay.id}`} className="bay" data-tone={look.tone} tabIndex={-1}>
      <div className="bay-head">
        <h3 className="bay-name one-line">{bay.name[language]}</h3>
        <p className={`with-icon strong ${toneClass(look.tone)}`}>
          <Icon size={20} aria-hidden />
          <span>{t(`bayState.${state}`)}</span>
        </p>
      </div>
      <BayPicture bay={bay} now={now} clockScale={clockScale}>
        {(bay.people > 0 || bay.liftRaised === true) && (
          <p className="picture-sign bay-signs">
            {bay.people > 0 && (
              <span className="with-icon" title={t("bays.people", { count: bay.people })}>
                <IconUsers size={16} aria-hidden />
                <span aria-hidden>{bay.people}</span>
                <span className="hidden-words">{t("bays.people", { count: bay.people })}</span>
              </span>
            )}
            {bay.liftRaised === true && (
              <span className="with-icon">
                <IconArrowBarUp size={16} aria-hidden />
                {t("bays.liftUp")}
              </span>
            )}
          </p>
        )}
      </BayPicture>
      <div className="bay-body">
        <div className="bay-line">
          <span className={job === null ? "one-line" : "strong one-line"}>
            {job === null ? <span className="soft">{t("bays.noCar")}</span> : (job.plateMasked ?? job.number)}
          </span>
          <span className="small soft one-line bay-technician">{names.join(", ")}</span>
        </div>
        <div className="bay-line">
          <span className="bay-time">
            {state === "unknown" ? t("bays.notKnown") : format.span(runningMs(bay.stateForMs, asOf, now))}
          </span>
          {waits !== null && <span className="small strong wait one-line">{t(`waitShort.${waits}`)}</span>}
        </div>
        <p className={`small with-icon bay-promise ${risk === null ? "soft" : toneClass(risk.tone)}`}>
          {risk !== null && <risk.Icon size={16} aria-hidden />}
          <span className="one-line">
            {job === null
              ? ""
              : job.promisedAt === null
                ? t("promise.none")
                : `${t("promise.by", { time: format.moment(job.promisedAt, now) })} · ${t(`risk.${job.risk}`)}`}
          </span>
        </p>
      </div>
      {job !== null && (
        <button type="button" className="cover" onClick={() => onOpenJob(job.id)}>
          <span className="hidden-words">{t("jobs.open", { number: job.number })}</span>
        </button>
      )}
    </li>
  );
}
