import type { BayId, CameraId, DongleId, JobId } from "../../contract/ids.ts";
import type { Draft, Stamp } from "../../contract/records.ts";
import type { CameraStatus } from "../cameras/index.ts";
import type { Configuration, ConfigurationProblem } from "../configuration/configuration.ts";
import type { DiagnosticsPolicy } from "../diagnostics/decide.ts";
import type { JournalStatistics, LabourRow, QueryRow } from "../journal/journal.ts";
import type { People } from "../people/index.ts";
import type { ShopState } from "../shop/shop.ts";
import type { UplinkStatus } from "../sync/uplink.ts";
import type { VisionStatus } from "../vision/index.ts";
import type { DiskRoom } from "./disk.ts";
import type { SeenBox } from "./live-boxes.ts";

/** Everything that the page's views are made of, taken at one moment. */
export interface ShopPicture {
  readonly now: Stamp;
  readonly state: ShopState;
  readonly configuration: Configuration;
  /** What of the configuration the shop's decisions about diagnostics rest on. */
  readonly policy: DiagnosticsPolicy;
  /** Whether a scan is under way at a dongle. */
  isScanning(dongleId: DongleId): boolean;
  readonly clockScale: number;
  readonly people: Pick<People, "byId" | "problem">;
  readonly cameras: ReadonlyMap<CameraId, Pick<CameraStatus, "state" | "frozen" | "lastFrameAt">>;
  /** When the latest picture that may be shown was taken. */
  thumbnailAt(cameraId: CameraId): Stamp | undefined;
  readonly vision: Pick<
    VisionStatus,
    "state" | "provider" | "refusedProviders" | "model" | "problem" | "next" | "medianLookMs"
  >;
  /** What was seen on the frame of that very moment; empty where nobody knows any more. */
  seenOn(cameraId: CameraId, at: Stamp): readonly SeenBox[];
  /** Undefined: no headquarters is configured. */
  readonly uplink: UplinkStatus | undefined;
  readonly journal: Pick<JournalStatistics, "state" | "lossRecords">;
  readonly disk: DiskRoom | undefined;
  readonly temperatureC: number | null;
  /** Why the box is in safe mode; undefined when it is not. */
  readonly safeMode: readonly ConfigurationProblem[] | undefined;
  /** Closed labour of a job, from the read model. */
  labourOfJob(jobId: JobId): readonly LabourRow[];
  scansOfJob(jobId: JobId): readonly ScanRow[];
  readonly yesterday: QueryRow["day.totals"];
  readonly today: QueryRow["day.totals"];
}

export type ScanRow = QueryRow["scans.of-job"];

export type ClosedInterval = Extract<Draft, { type: "labour.clocked-off" }>["body"]["interval"];

/** Cameras that see a bay, in the configuration's order. */
export function camerasOf(configuration: Configuration, bayId: BayId): readonly CameraId[] {
  const seen = configuration.bays[bayId]?.cameras ?? {};
  return cameraIds(configuration).filter((cameraId) => seen[cameraId] !== undefined);
}

/** Bays that a camera sees. */
export function baysOf(configuration: Configuration, cameraId: CameraId): readonly BayId[] {
  return bayIds(configuration).filter((bayId) => configuration.bays[bayId]?.cameras[cameraId] !== undefined);
}

// The schema has checked every key of these tables as the id that it is.
export const bayIds = (configuration: Configuration) => Object.keys(configuration.bays) as BayId[];
const cameraIds = (configuration: Configuration) => Object.keys(configuration.cameras) as CameraId[];

/** A shop of readers and dongles alone needs no vision. */
export function hasCameras(configuration: Configuration): boolean {
  return cameraIds(configuration).length > 0;
}

/** The repair-order number of an open or lately closed job; of an older one its id. */
export function jobNumberOf(state: ShopState, jobId: string): string {
  const { open, recentlyClosed } = state.jobs;
  return open[jobId]?.number ?? recentlyClosed.find((job) => job.jobId === jobId)?.number ?? jobId;
}
