import type { ReactNode } from "react";
import type { BoxView } from "../../../contract/http-api.ts";
import { registryRow } from "../language/failure-words.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle } from "../look/icons.ts";
import { boxConcerns, providerName, shortProviderName } from "./box.ts";

/** The box itself, one line each; what is not as it should be carries a sign and a colour beside its words. */
export function BoxPanel({ box }: { readonly box: BoxView }) {
  const { t, format } = useWords();
  const { vision } = box;
  const concerns = boxConcerns(box);
  const provider = providerName(vision.provider);
  const live = ({ live, configured }: { readonly live: number; readonly configured: number }) =>
    configured === 0
      ? t("box.noneConfigured")
      : t("box.ofLive", { live: format.number(live), configured: format.number(configured) });
  const disk =
    box.diskDaysLeft !== null
      ? t("box.diskDays", { count: Math.floor(box.diskDaysLeft) })
      : box.diskFreeBytes !== null
        ? t("box.diskFree", { gigabytes: format.number(box.diskFreeBytes / 1e9, 1) })
        : t("box.unknown");
  return (
    <section id="box" className="panel" aria-labelledby="box-title" tabIndex={-1}>
      <h2 id="box-title" className="panel-title">
        {t("box.title")}
      </h2>
      <dl className="lines">
        <Line label={t("box.vision")} concern={concerns.vision}>
          {vision.state === "running" && provider !== null
            ? typeof provider === "string"
              ? provider
              : t(`box.provider.${provider.known}`)
            : t(`box.visionState.${vision.state}`)}
          {vision.state === "running" && vision.medianMs !== null
            ? ` · ${t("box.perPicture", { ms: format.number(vision.medianMs, vision.medianMs < 10 ? 1 : 0) })}`
            : ""}
        </Line>
        {vision.refused.length > 0 && (
          <Line label={t("box.notUsed")}>
            <details>
              <summary>{vision.refused.map((each) => shortProviderName(each.provider)).join(", ")}</summary>
              {vision.refused.map((each) => (
                <p key={each.provider} className="small soft">
                  {t("box.refusedBecause", { provider: shortProviderName(each.provider), reason: each.reason })}
                </p>
              ))}
            </details>
          </Line>
        )}
        <Line label={t("box.cameras")} concern={concerns.cameras}>
          {live(box.cameras)}
        </Line>
        <Line label={t("box.dongles")} concern={concerns.dongles}>
          {live(box.dongles)}
        </Line>
        <Line label={t("box.disk")} concern={concerns.disk}>
          {disk}
        </Line>
        <Line label={t("box.temperature")} concern={concerns.temperature}>
          {box.temperatureC === null ? t("box.unknown") : format.celsius(box.temperatureC)}
        </Line>
        <Line label={t("box.clock")} concern={concerns.clock}>
          {t(`box.clockState.${box.clock}`)}
        </Line>
        <Line label={t("box.journal")} concern={concerns.journal}>
          {t(`box.journalState.${box.journal}`)}
        </Line>
        {vision.model !== null && <Line label={t("box.model")}>{vision.model}</Line>}
        {vision.nextModel !== null && <NextModel next={vision.nextModel} />}
      </dl>
    </section>
  );
}

/** A model on its way in, or one that was refused and why: in either case the present one works. */
function NextModel({ next }: { readonly next: NonNullable<BoxView["vision"]["nextModel"]> }) {
  const { t, language } = useWords();
  const { name, refusal } = next;
  if (refusal === null) return <Line label={t("box.nextModel")}>{t("box.nextPreparing", { model: name })}</Line>;
  const title = registryRow(refusal.code)?.title[language] ?? refusal.code;
  return (
    <Line label={t("box.nextModel")} concern>
      <details>
        <summary>{t("box.nextRefused", { model: name, reason: title })}</summary>
        <p className="small soft">
          {refusal.detail} [{refusal.code}]
        </p>
      </details>
    </Line>
  );
}

function Line({
  label,
  concern = false,
  children,
}: {
  readonly label: string;
  readonly concern?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className="line">
      <dt className="soft">{label}</dt>
      <dd className={concern ? "with-icon strong wait" : "strong"}>
        {concern && <IconAlertTriangle size={18} aria-hidden />}
        <span>{children}</span>
      </dd>
    </div>
  );
}
