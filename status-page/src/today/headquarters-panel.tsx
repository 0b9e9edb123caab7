import type { HeadquartersView } from "../../../contract/http-api.ts";
import { registryRow } from "../language/failure-words.ts";
import { useWords } from "../language/use-words.tsx";
import { HEADQUARTERS_LOOK } from "../look/states.tsx";

/** The line to headquarters, in one sentence. */
export function HeadquartersPanel({ view, now }: { readonly view: HeadquartersView; readonly now: number }) {
  const { t, format, language } = useWords();
  const { className, Icon } = HEADQUARTERS_LOOK[view.state];
  const counted: string[] = [
    t("headquarters.today", { count: view.sentToday, number: format.number(view.sentToday) }),
    t("headquarters.lost", { number: format.number(view.lost) }),
    view.recordsWaiting === 0
      ? t("headquarters.noneWaiting")
      : t("headquarters.waiting", { count: view.recordsWaiting, number: format.number(view.recordsWaiting) }),
  ];
  if (view.oldestWaitingAt !== null && view.recordsWaiting > 0)
    counted.push(t("headquarters.oldest", { age: format.span(now - view.oldestWaitingAt) }));
  const row = view.errorCode === null ? undefined : registryRow(view.errorCode);
  return (
    <section id="headquarters" className="panel stack tight" aria-labelledby="headquarters-title" tabIndex={-1}>
      <div className="panel-head">
        <h2 id="headquarters-title" className="panel-title">
          {t("headquarters.title")}
        </h2>
        <p className={`with-icon strong ${className}`}>
          <Icon size={20} aria-hidden />
          {view.state === "offline"
            ? t("headquarters.offlineSince", { time: format.moment(view.since, now) })
            : t(`headquarters.state.${view.state}`)}
        </p>
      </div>
      <p className="small">{counted.join(" · ")}</p>
      <p className="small soft">
        {view.state === "not-configured"
          ? t("headquarters.local")
          : view.lastSentAt === null
            ? t("headquarters.neverSent")
            : t("headquarters.lastSent", { time: format.moment(view.lastSentAt, now) })}
      </p>
      {view.errorCode !== null && (
        <div className="small">
          {row !== undefined && <p>{row.remedy[language]}</p>}
          <p className="soft">{t("app.code", { code: view.errorCode })}</p>
        </div>
      )}
    </section>
  );
}
