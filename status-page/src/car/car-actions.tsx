import { Button, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { JobDiagnosticsView } from "../../../contract/diagnostics-api.ts";
import { clearCodes, requestScan, switchPolling } from "../api/calls.ts";
import { useMay, useSession } from "../api/session.tsx";
import { FailureNote, useSayFailure } from "../frame/failure-note.tsx";
import { useSayDone } from "../jobs/job-deeds.ts";
import { useWords } from "../language/use-words.tsx";
import { IconPrinter, IconScan, IconTrash, IconWifi, IconWifiOff } from "../look/icons.ts";
import { CodeWords } from "./code-words.tsx";

/** What may be done with the car now; what may not says why. */
export function CarActions({ view }: { readonly view: JobDiagnosticsView }) {
  const { t } = useWords();
  const may = useMay();
  const sayDone = useSayDone();
  const onError = useSayFailure();
  const scan = useMutation({
    mutationFn: () => requestScan(view.job.id),
    onSuccess: () => sayDone(t("car.scanAsked")),
    onError,
  });
  const isOpen = view.job.state !== "closed";
  return (
    <div className="stack no-print">
      <div className="row">
        {isOpen && may("POST /api/jobs/:id/scan") && (
          <Button
            leftSection={<IconScan size={20} aria-hidden />}
            disabled={!view.scanNow.possible}
            loading={scan.isPending}
            onClick={() => scan.mutate()}
          >
            {t(view.scanNow.running ? "car.scanRunning" : "car.scan")}
          </Button>
        )}
        {isOpen && may("POST /api/jobs/:id/clear-codes") && <ClearCodes view={view} />}
        <Button variant="default" leftSection={<IconPrinter size={20} aria-hidden />} onClick={() => print()}>
          {t("car.print")}
        </Button>
        {may("POST /api/polling") && <PollingSwitch enabled={view.pollingEnabled} />}
      </div>
      {isOpen && view.scanNow.code !== null && <CodeWords code={view.scanNow.code} />}
      {view.departureScanDue && <p className="wait strong">{t("car.clear.due")}</p>}
    </div>
  );
}

function ClearCodes({ view }: { readonly view: JobDiagnosticsView }) {
  const { t } = useWords();
  const [isAsking, setAsking] = useState(false);
  const sayDone = useSayDone();
  const clear = useMutation({
    mutationFn: () => clearCodes(view.job.id),
    onSuccess: () => {
      setAsking(false);
      sayDone(t("car.clear.asked"));
    },
  });
  const { possible, code, running } = view.clearNow;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={20} aria-hidden />}
        disabled={running}
        loading={running}
        onClick={() => setAsking(true)}
      >
        {t(running ? "car.clear.running" : "car.clear.button")}
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t("car.clear.title")}
        closeButtonProps={{ "aria-label": t("app.close") }}
      >
        <div className="stack">
          <p>{t("car.clear.lead")}</p>
          {code !== null && <CodeWords code={code} />}
          {clear.isError && <FailureNote failure={clear.error} />}
          <div className="row">
            <Button className="danger" disabled={!possible} loading={clear.isPending} onClick={() => clear.mutate()}>
              {t("car.clear.yes")}
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              {t("app.cancel")}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}

/** Who may stop may not always start again: that is for the manager and the installer. */
function PollingSwitch({ enabled }: { readonly enabled: boolean }) {
  const { t } = useWords();
  const { role } = useSession().person;
  const sayDone = useSayDone();
  const turn = useMutation({
    mutationFn: (to: boolean) => switchPolling(to),
    onSuccess: (_answer, to) => sayDone(t(to ? "car.polling.started" : "car.polling.stopped")),
    onError: useSayFailure(),
  });
  if (!enabled && role !== "manager" && role !== "installer")
    return (
      <span className="with-icon wait strong small">
        <IconWifiOff size={18} aria-hidden />
        {t("car.polling.off")}
      </span>
    );
  return (
    <Button
      variant="default"
      leftSection={enabled ? <IconWifiOff size={20} aria-hidden /> : <IconWifi size={20} aria-hidden />}
      loading={turn.isPending}
      onClick={() => turn.mutate(!enabled)}
    >
      {t(enabled ? "car.polling.stop" : "car.polling.start")}
    </Button>
  );
}
