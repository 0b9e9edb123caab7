import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import type { AttentionItem, JobView, TodayView } from "../../../contract/http-api.ts";
import { useMay } from "../api/session.tsx";
import { useAskScan } from "../jobs/job-deeds.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconClock, IconInfoCircle } from "../look/icons.ts";
import { type AttentionDeed, attentionWords, deedOf, sortAttention } from "./attention.ts";
import { RemedyDialog } from "./remedy-dialog.tsx";

const URGENCY_LOOK = {
  now: { Icon: IconAlertTriangle, className: "bad" },
  soon: { Icon: IconClock, className: "wait" },
  info: { Icon: IconInfoCircle, className: "moving" },
} as const;

/** As many as fit without pushing the bays off the screen. */
const SHOWN_AT_FIRST = 6;

interface NeedsYouProps {
  readonly view: TodayView;
  readonly now: number;
  readonly onOpenJob: (job: JobView) => void;
}

/** What needs a person, the most urgent first: a sentence, since when, and one button that does something about it. */
export function NeedsYou({ view, now, onOpenJob }: NeedsYouProps) {
  const { t, format, language } = useWords();
  const may = useMay();
  const askScan = useAskScan();
  const [all, setAll] = useState(false);
  const [explained, setExplained] = useState<AttentionItem | null>(null);
  const [called, setCalled] = useState<{ readonly name: string | null } | null>(null);
  const sorted = sortAttention(view.attention);
  const shown = all ? sorted : sorted.slice(0, SHOWN_AT_FIRST);
  const bayName = (id: string) => view.bays.find((bay) => bay.id === id)?.name[language] ?? id;

  const act = (item: AttentionItem, deed: AttentionDeed) => {
    switch (deed.kind) {
      case "show-bay":
        return showElement(`bay-${deed.bay.id}`);
      case "show-panel":
        return showElement(deed.panel);
      case "open-job":
        return onOpenJob(deed.job);
      case "call":
        return setCalled({ name: deed.name });
      case "scan-again":
        return askScan.mutate(deed.job);
      case "explain":
        return setExplained(item);
    }
  };

  return (
    <section aria-labelledby="needs-you">
      <div className="section-head">
        <h2 id="needs-you" className="panel-title">
          {t("needs.title")}
        </h2>
        {sorted.length > 0 && <span className="count">{sorted.length}</span>}
      </div>
      {sorted.length === 0 ? (
        <p className="needs-empty soft">{t("needs.empty")}</p>
      ) : (
        <ul className="needs">
          {shown.map((item) => {
            const { Icon, className } = URGENCY_LOOK[item.urgency];
            const { sentence, meaning } = attentionWords(item, t, format, now, bayName);
            const wished = deedOf(item, view);
            const deed: AttentionDeed =
              wished.kind === "scan-again" && !may("POST /api/jobs/:id/scan") ? { kind: "explain" } : wished;
            return (
              <li key={item.key} className="need" data-urgency={item.urgency}>
                <p className="need-sentence">{sentence}</p>
                <div>
                  <p className="small soft">{meaning}</p>
                  <p className="need-since small">
                    <span className={`with-icon strong ${className}`}>
                      <Icon size={16} aria-hidden />
                      {t(`needs.urgency.${item.urgency}`)}
                    </span>
                    <span className="soft">{t("needs.since", { time: format.moment(item.since, now) })}</span>
                  </p>
                </div>
                <Button
                  variant={item.urgency === "now" ? "filled" : "default"}
                  loading={deed.kind === "scan-again" && askScan.isPending}
                  onClick={() => act(item, deed)}
                >
                  {t(`needs.action.${deed.kind === "explain" ? "read-remedy" : item.action}`)}
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      {sorted.length > SHOWN_AT_FIRST && (
        <Button variant="subtle" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t("needs.fewer") : t("needs.more", { count: sorted.length })}
        </Button>
      )}
      <RemedyDialog
        item={explained}
        words={explained === null ? null : attentionWords(explained, t, format, now, bayName)}
        onClose={() => setExplained(null)}
      />
      <Modal
        opened={called !== null}
        onClose={() => setCalled(null)}
        title={t("needs.callTitle")}
        closeButtonProps={{ "aria-label": t("app.close") }}
      >
        <p className="call-name">
          {called?.name == null ? t("needs.callNobody") : t("needs.callWhom", { name: called.name })}
        </p>
      </Modal>
    </section>
  );
}

/** Brings a tile or panel into view and marks it for a moment by the focus. */
function showElement(id: string): void {
  const element = document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  element?.focus({ preventScroll: true });
}
