import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { JobView, ScanView } from "../../../contract/http-api.ts";
import { useMonitorWords } from "../car/use-monitor-words.ts";
import { useAskScan } from "../jobs/job-deeds.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconCar, IconCircleCheck, IconScan } from "../look/icons.ts";

interface ScansPanelProps {
  readonly job: JobView;
  readonly scans: readonly ScanView[];
  readonly now: number;
}

/** What the car said of itself: VIN and every scan with its fault codes. A missing answer is said, never shown as "no codes". */
export function ScansPanel({ job, scans, now }: ScansPanelProps) {
  const { t } = useWords();
  const askScan = useAskScan();
  return (
    <section className="panel stack tight" aria-labelledby="scans-title">
      <div className="panel-head">
        <div>
          <h2 id="scans-title" className="panel-title">
            {t("myJob.scans")}
          </h2>
          <p className="small">
            <span className="soft">{t("job.vin")} </span>
            <span className="vin">{job.vin ?? t("job.noVin")}</span>
          </p>
        </div>
        <div className="row">
          <Button
            component={Link}
            href={`/jobs/${job.id}`}
            variant="default"
            leftSection={<IconCar size={20} aria-hidden />}
          >
            {t("car.open")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconScan size={20} aria-hidden />}
            loading={askScan.isPending}
            onClick={() => askScan.mutate(job)}
          >
            {t("job.scan")}
          </Button>
        </div>
      </div>
      {scans.length === 0 ? (
        <p className="soft">{t("myJob.scansEmpty")}</p>
      ) : (
        <ul>
          {scans.map((scan) => (
            <Scan key={`${scan.dongleId} ${scan.takenAt}`} scan={scan} now={now} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Scan({ scan, now }: { readonly scan: ScanView; readonly now: number }) {
  const { t, format } = useWords();
  const monitorWords = useMonitorWords();
  const isSilent = scan.unanswered.length > 0;
  return (
    <li className="scan">
      <div className="interval-line">
        <span className="strong">{t(`scanPurpose.${scan.purpose}`)}</span>
        <span className="soft">{format.moment(scan.takenAt, now)}</span>
        <span className={`with-icon strong interval-span ${scan.dtcs.length > 0 ? "bad" : isSilent ? "wait" : "good"}`}>
          {scan.dtcs.length > 0 || isSilent ? (
            <IconAlertTriangle size={18} aria-hidden />
          ) : (
            <IconCircleCheck size={18} aria-hidden />
          )}
          {scan.dtcs.length > 0
            ? t("myJob.dtcs", { count: scan.dtcs.length })
            : isSilent
              ? t("myJob.unanswered", { list: scan.unanswered.join(", ") })
              : t("myJob.noDtc")}
        </span>
      </div>
      {scan.dtcs.length > 0 && (
        <ul className="dtcs">
          {scan.dtcs.map((dtc) => (
            <li key={`${dtc.ecu} ${dtc.code} ${dtc.status}`} className="dtc">
              <span className="dtc-code">{dtc.code}</span>
              <span className="small">{t(`dtcStatus.${dtc.status}`)}</span>
              <span className="small soft">{t("myJob.control", { ecu: dtc.ecu })}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="small soft">
        {[
          scan.milOn === null ? null : t(scan.milOn ? "myJob.milOn" : "myJob.milOff"),
          scan.incompleteMonitors.length === 0
            ? null
            : t("myJob.monitors", { list: scan.incompleteMonitors.map(monitorWords).join(", ") }),
          isSilent && scan.dtcs.length > 0 ? t("myJob.unanswered", { list: scan.unanswered.join(", ") }) : null,
        ]
          .filter((part) => part !== null)
          .join(" · ")}
      </p>
    </li>
  );
}
