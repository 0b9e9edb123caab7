import type { JobView } from "../../contract/http-api.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { BatteryAlert } from "../../contract/records.ts";
import { pollingRefusal } from "../diagnostics/decide.ts";
import { undecidedOf } from "../inspection/inspection.ts";
import { type Concern, concerns, viewJobs } from "../shop/views.ts";
import type { Cause } from "./attention.ts";
import { isDiskLow } from "./disk.ts";
import { nameOf, personOf } from "./job-view.ts";
import { baysOf, hasCameras, jobNumberOf, type ShopPicture } from "./picture.ts";

const HOUR_MS = 3_600_000;
/** Doubts about closed labour are asked about for this long; after that they stand in the record. */
const ASK_ABOUT_LABOUR_MS = 24 * HOUR_MS;
const ASK_ABOUT_MESSAGES_MS = HOUR_MS;

/** High voltage that is not insulated can kill; the rest ruins a battery or a start. */
const BATTERY_CARDS = {
  "probe-spread": { kind: "battery-probe-spread", urgency: "soon" },
  "cell-spread": { kind: "battery-cell-spread", urgency: "soon" },
  "insulation-low": { kind: "battery-insulation-low", urgency: "now" },
  "low-voltage-battery": { kind: "low-voltage-battery", urgency: "soon" },
} as const satisfies Record<BatteryAlert, Pick<Cause, "kind" | "urgency">>;

/**
 * All that is wrong now, one entry per cause: a camera that is lost explains its bays, a bridge that is away explains its dongles, a
 * camera network that is down is one cause and not many.
 * @param jobs the open jobs as the page shows them
 */
export function causesOf(picture: ShopPicture, jobs: readonly JobView[]): readonly Cause[] {
  return [
    ...cameraCauses(picture),
    ...deviceCauses(picture),
    ...labourAndScanCauses(picture),
    ...jobCauses(picture, jobs),
    ...pollingCauses(picture),
    ...boxCauses(picture),
  ];
}

const NO_TARGET = { target: null, code: null } as const;

function cameraCauses(picture: ShopPicture): readonly Cause[] {
  const silent = [...picture.cameras].filter(([, camera]) => camera.state === "silent");
  const isNetworkDown = silent.every(([, camera]) => !camera.frozen);
  if (isNetworkDown && silent.length > 1 && silent.length === picture.cameras.size) {
    const names = silent.map(([cameraId]) => cameraId);
    const since = latest(silent.map(([, camera]) => camera.lastFrameAt?.wallMs));
    return [
      {
        key: "camera-silent:all",
        kind: "camera-silent",
        urgency: "now",
        values: { camera: short(names) },
        action: "see-devices",
        ...NO_TARGET,
        ...since,
      },
    ];
  }
  return silent.map(([cameraId, camera]) => {
    const kind = camera.frozen ? "camera-frozen" : "camera-silent";
    return {
      key: `${kind}:${cameraId}`,
      kind,
      urgency: "now",
      values: { camera: cameraId, ...bayValue(picture, cameraId) },
      action: "see-camera",
      target: cameraId,
      code: null,
      ...latest([camera.lastFrameAt?.wallMs]),
    };
  });
}

function bayValue(picture: ShopPicture, cameraId: CameraId): { bay?: string } {
  const bays = baysOf(picture.configuration, cameraId);
  return bays.length === 0 ? {} : { bay: short(bays) };
}

function deviceCauses({ state, configuration }: ShopPicture): readonly Cause[] {
  const devices = Object.values(state.operations.devices).filter((device) => device.state !== "online");
  const causes: Cause[] = [];
  const explained = new Set<string>();
  for (const { deviceId, at } of devices.filter((device) => device.kind === "bridge")) {
    for (const dongleId of configuration.bridges[deviceId]?.dongles ?? []) explained.add(dongleId);
    causes.push({
      key: `bridge-offline:${deviceId}`,
      kind: "bridge-offline",
      urgency: "now",
      since: at.wallMs,
      values: { bridge: deviceId },
      action: "see-devices",
      ...NO_TARGET,
    });
  }
  for (const { deviceId, at } of devices.filter((device) => device.kind === "dongle")) {
    const bay = Object.entries(configuration.bays).find(([, each]) => each.dongle === deviceId)?.[0];
    // A dongle that is not configured, or lies in a drawer, hinders nobody.
    if (explained.has(deviceId) || bay === undefined) continue;
    causes.push({
      key: `dongle-silent:${deviceId}`,
      kind: "dongle-silent",
      urgency: "soon",
      since: at.wallMs,
      values: { dongle: deviceId, bay },
      action: "see-devices",
      target: deviceId,
      code: null,
    });
  }
  return causes;
}

function labourAndScanCauses(picture: ShopPicture): readonly Cause[] {
  const found = concerns(picture.state, picture.now, { lowCoverage: picture.configuration.labour.lowCoverage });
  const causes = found.flatMap((concern) => causeOfConcern(picture, concern));
  // Several taps at one reader are one cause; the newest comes first.
  return [...new Map(causes.reverse().map((cause) => [cause.key, cause])).values()];
}

function causeOfConcern(picture: ShopPicture, concern: Concern): readonly Cause[] {
  const nowMs = picture.now.wallMs;
  switch (concern.kind) {
    case "running-labour-flagged":
    case "labour-flagged": {
      const { interval } = concern;
      const endedMs = "endedAt" in interval ? interval.endedAt.wallMs : nowMs;
      if (nowMs - endedMs > ASK_ABOUT_LABOUR_MS) return [];
      const values = {
        technician: personOf(picture, interval.technicianId).name,
        job: jobNumberOf(picture.state, interval.jobId),
        flag: interval.flags[0] ?? "",
      };
      return [
        {
          key: `labour-flagged:${interval.intervalId}`,
          kind: "labour-flagged",
          urgency: "soon",
          since: endedMs === nowMs ? interval.startedAt.wallMs : endedMs,
          values,
          action: "open-job",
          target: interval.jobId,
          code: null,
        },
      ];
    }
    case "low-coverage": {
      const { interval } = concern;
      if (nowMs - interval.endedAt.wallMs > ASK_ABOUT_LABOUR_MS) return [];
      const values = {
        technician: personOf(picture, interval.technicianId).name,
        job: jobNumberOf(picture.state, interval.jobId),
        coverage: interval.evidence.coverage ?? 0,
      };
      return [
        {
          key: `labour-low-coverage:${interval.intervalId}`,
          kind: "labour-low-coverage",
          urgency: "info",
          since: interval.endedAt.wallMs,
          values,
          action: "open-job",
          target: interval.jobId,
          code: null,
        },
      ];
    }
    case "vin-mismatch": {
      const { jobId, jobNumber, mismatch } = concern;
      return [
        {
          key: `vin-mismatch:${jobId}`,
          kind: "vin-mismatch",
          urgency: "now",
          since: mismatch.at.wallMs,
          values: { job: jobNumber, expected: mismatch.expected, found: mismatch.found },
          action: "open-job",
          target: jobId,
          code: null,
        },
      ];
    }
    case "scan-failing": {
      const { jobId, jobNumber, bayId, code, at } = concern;
      return [
        {
          key: `scan-failed:${jobId}`,
          kind: "scan-failed",
          urgency: "soon",
          since: at.wallMs,
          values: { job: jobNumber, ...(bayId === null ? {} : { bay: bayId }) },
          action: "retry",
          target: jobId,
          code,
        },
      ];
    }
    case "battery-alert": {
      const { jobId, jobNumber, bayId, alert, raised } = concern;
      const { kind, urgency } = BATTERY_CARDS[alert];
      return [
        {
          key: `${kind}:${jobId}`,
          kind,
          urgency,
          since: raised.at.wallMs,
          values: {
            job: jobNumber,
            value: raised.value,
            limit: raised.limit,
            ...(bayId === null ? {} : { bay: bayId }),
          },
          action: "open-job",
          target: jobId,
          code: null,
        },
      ];
    }
    case "tap-refused": {
      const { readerId, code, at } = concern.tap;
      if (code !== "BADGE_UNKNOWN" || nowMs - at.wallMs > HOUR_MS) return [];
      return [
        {
          key: `unknown-badge:${readerId}`,
          kind: "unknown-badge",
          urgency: "soon",
          since: at.wallMs,
          values: { reader: readerId },
          action: "see-devices",
          target: readerId,
          code,
        },
      ];
    }
    case "waiting":
      // A wait with a reason is a state of the job, shown there; it becomes a cause when its promise is at risk.
      return [];
  }
}

function jobCauses(picture: ShopPicture, jobs: readonly JobView[]): readonly Cause[] {
  const found = new Map(viewJobs(picture.state, picture.now).map((job) => [job.jobId, job.scans.dtcs]));
  return jobs.flatMap((job): readonly Cause[] => {
    const causes: Cause[] = [];
    if (job.risk !== "none" && job.promisedAt !== null) {
      const late = job.risk === "late";
      causes.push({
        // One key for both: a promise at risk that is then broken is one card that becomes more urgent.
        key: `promise:${job.id}`,
        kind: late ? "promise-late" : "promise-at-risk",
        urgency: late ? "now" : "soon",
        values: { job: job.number, promisedAt: job.promisedAt },
        action: job.running.length > 0 ? "call-technician" : "open-job",
        target: job.id,
        code: null,
      });
    }
    const codes = found.get(job.id) ?? [];
    if (codes.length > 0)
      causes.push({
        key: `dtc-found:${job.id}`,
        kind: "dtc-found",
        urgency: "info",
        values: { job: job.number, count: codes.length, codes: short(codes) },
        action: "open-job",
        target: job.id,
        code: null,
      });
    const undecided = undecidedOf(picture.state.inspection, job.id);
    if (undecided > 0)
      causes.push({
        key: `findings-undecided:${job.id}`,
        kind: "findings-undecided",
        urgency: "soon",
        values: { job: job.number, count: undecided },
        action: "open-job",
        target: job.id,
        code: null,
      });
    return causes;
  });
}

/** A switch that somebody forgot must not look like a shop in which every car is silent. */
function pollingCauses(picture: ShopPicture): readonly Cause[] {
  const { state, policy, configuration } = picture;
  const refusal = pollingRefusal(state.operations, policy);
  if (refusal === undefined || Object.keys(configuration.dongles).length === 0) return [];
  const switched = refusal === "POLLING_OFF" ? state.operations.polling : null;
  return [
    {
      key: "polling-off",
      kind: "polling-off",
      urgency: "soon",
      values: switched === null ? {} : { person: nameOf(picture, switched.by.id) },
      action: "read-remedy",
      target: null,
      code: refusal,
      ...(switched === null ? {} : { since: switched.at.wallMs }),
    },
  ];
}

function boxCauses(picture: ShopPicture): readonly Cause[] {
  const { uplink, journal, disk, vision, now, safeMode } = picture;
  const { quarantined } = picture.state.operations;
  const problem = picture.people.problem();
  const causes: Cause[] = [];
  if (safeMode !== undefined)
    causes.push({
      key: "safe-mode",
      kind: "safe-mode",
      urgency: "now",
      values: { problems: safeMode.length },
      action: "read-remedy",
      target: null,
      code: safeMode[0]?.code ?? null,
    });
  if (journal.state === "failed")
    causes.push({
      key: "journal-failed",
      kind: "journal-failed",
      urgency: "now",
      values: {},
      action: "read-remedy",
      target: null,
      code: "JOURNAL_STORAGE_FAILED",
    });
  if (journal.state === "salvaged")
    causes.push({
      key: "journal-salvaged",
      kind: "journal-salvaged",
      urgency: "soon",
      values: {},
      action: "see-records",
      ...NO_TARGET,
    });
  if (journal.lossRecords > 0)
    causes.push({
      key: "records-lost",
      kind: "records-lost",
      urgency: "info",
      values: { count: journal.lossRecords },
      action: "see-records",
      ...NO_TARGET,
    });
  if (disk !== undefined && isDiskLow(disk))
    causes.push({
      key: "disk-low",
      kind: "disk-low",
      urgency: "soon",
      values: disk.daysLeft === null ? {} : { daysLeft: Math.floor(disk.daysLeft) },
      action: "read-remedy",
      ...NO_TARGET,
    });
  if (!now.trusted)
    causes.push({
      key: "clock-untrusted",
      kind: "clock-untrusted",
      urgency: "soon",
      values: {},
      action: "read-remedy",
      ...NO_TARGET,
    });
  if (vision.problem !== undefined)
    causes.push({
      key: "vision",
      kind: "model-refused",
      urgency: "now",
      values: vision.model === undefined ? {} : { model: vision.model.name },
      action: "read-remedy",
      target: null,
      code: vision.problem.code,
    });
  else if (vision.state === "stopped" && hasCameras(picture.configuration))
    causes.push({
      key: "vision",
      kind: "vision-stopped",
      urgency: "now",
      values: {},
      action: "read-remedy",
      ...NO_TARGET,
    });
  if (uplink !== undefined && (uplink.state === "offline" || uplink.state === "refused")) {
    causes.push({
      key: "headquarters",
      kind: "headquarters-offline",
      urgency: uplink.state === "refused" ? "now" : "soon",
      since: uplink.since,
      values: { waiting: uplink.recordsWaiting },
      action: "read-remedy",
      target: null,
      code: uplink.lastError?.code ?? null,
    });
  }
  if (quarantined.last !== null && now.wallMs - quarantined.last.at.wallMs < ASK_ABOUT_MESSAGES_MS) {
    causes.push({
      key: "messages-quarantined",
      kind: "messages-quarantined",
      urgency: "info",
      since: quarantined.last.at.wallMs,
      values: { count: quarantined.count },
      action: "see-devices",
      target: null,
      code: quarantined.last.code,
    });
  }
  if (problem !== undefined)
    causes.push({
      key: "people-file-damaged",
      kind: "people-file-damaged",
      urgency: "soon",
      since: problem.since,
      values: {},
      action: "read-remedy",
      target: null,
      code: problem.code,
    });
  return causes;
}

/** Values are bounded by the contract. */
function short(words: readonly string[]): string {
  const text = words.join(", ");
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}

function latest(times: readonly (number | undefined)[]): { since?: number } {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? {} : { since: Math.max(...known) };
}
