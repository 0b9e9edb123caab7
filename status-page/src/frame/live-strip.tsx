import { useQuery } from "@tanstack/react-query";
import { fetchToday } from "../api/calls.ts";
import { useSession } from "../api/session.tsx";
import { useWords } from "../language/use-words.tsx";
import { useLiveness } from "../live/live.tsx";
import { IconClock, IconWifi, IconWifiOff } from "../look/icons.ts";
import { HEADQUARTERS_LOOK } from "../look/states.tsx";

/** One line that is always there and always as high: live or not, since when, and whether time is simulated. */
export function LiveStrip() {
  const { t, format } = useWords();
  const { phase, heardAt, outdated } = useLiveness();
  const session = useSession();
  // Only listens: the event stream brings it.
  const today = useQuery({ queryKey: ["today"], queryFn: fetchToday, enabled: false }).data;
  const scale = today?.clockScale ?? session.clockScale;
  const at = heardAt === null ? null : format.timeWithSeconds(heardAt);
  return (
    <div className="strip" data-phase={phase}>
      <div className="strip-live" role="status">
        {phase === "broken" ? (
          <>
            <IconWifiOff size={20} aria-hidden />
            <span className="strong">{at === null ? t("failure.offline") : t("live.lost", { time: at })}</span>
            <span className="strip-meaning">{t("live.lostMeaning")}</span>
          </>
        ) : (
          <>
            <IconWifi size={20} aria-hidden />
            <span className="strong">{t(phase === "live" ? "live.live" : "live.connecting")}</span>
          </>
        )}
        {outdated && <span className="strong">{t("app.outdated")}</span>}
      </div>
      {phase === "live" && at !== null && <span className="strip-updated">{t("live.updated", { time: at })}</span>}
      {phase === "live" && today !== undefined && (
        <span className={`strip-end with-icon ${HEADQUARTERS_LOOK[today.headquarters.state].className}`}>
          <HeadquartersSign state={today.headquarters.state} />
          {t("headquarters.title")} · {t(`headquarters.state.${today.headquarters.state}`)}
        </span>
      )}
      {scale !== 1 && (
        <span className="strip-scale with-icon">
          <IconClock size={18} aria-hidden />
          {t("live.simulated", { scale: format.number(scale) })}
        </span>
      )}
    </div>
  );
}

function HeadquartersSign({ state }: { readonly state: keyof typeof HEADQUARTERS_LOOK }) {
  const { Icon } = HEADQUARTERS_LOOK[state];
  return <Icon size={18} aria-hidden />;
}
