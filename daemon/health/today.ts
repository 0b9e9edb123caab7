import type {
  AttentionItem,
  BayView,
  BoxView,
  DayFigures,
  HeadquartersView,
  JobView,
  TodayView,
} from "../../contract/http-api.ts";
import type { CameraId } from "../../contract/ids.ts";
import type { Stamp } from "../../contract/records.ts";
import { pollingRefusal } from "../diagnostics/decide.ts";
import type { QueryRow } from "../journal/journal.ts";
import { elapsedMs } from "../labour/elapsed.ts";
import { type BayView as ShopBay, viewBays, viewJobs } from "../shop/views.ts";
import { viewOfJob, viewOfRunning } from "./job-view.ts";
import { bayIds, camerasOf, type ShopPicture } from "./picture.ts";

/** The open jobs as the page shows them; both the cards and *Today* are made from them. */
export function jobsOf(picture: ShopPicture): JobView[] {
  return viewJobs(picture.state, picture.now).map((job) => viewOfJob(picture, job));
}

/** The page that is open all day, whole. */
export function todayOf(
  picture: ShopPicture,
  jobs: readonly JobView[],
  attention: readonly AttentionItem[],
  revision: number,
): TodayView {
  const { configuration, safeMode } = picture;
  return {
    asOf: picture.now.wallMs,
    revision,
    attention: [...attention],
    bays: viewBays(picture.state, picture.now, bayIds(configuration)).map((bay) => bayOf(picture, bay, jobs)),
    jobs: [...jobs],
    headquarters: headquartersOf(picture),
    box: boxOf(picture),
    yesterday: figuresOf(picture.yesterday),
    todaySoFar: figuresOf(picture.today),
    clockScale: picture.clockScale,
    safeMode:
      safeMode === undefined
        ? null
        : {
            problems: safeMode.map((problem) => ({
              line: problem.line === 0 ? null : problem.line,
              path: problem.path,
              message: problem.message[configuration.locale],
              remedy: problem.remedy[configuration.locale],
            })),
          },
  };
}

function bayOf(picture: ShopPicture, bay: ShopBay, jobs: readonly JobView[]): BayView {
  const { bayId } = bay;
  const { configuration, cameras } = picture;
  const own = camerasOf(configuration, bayId);
  const name = configuration.bays[bayId]?.name ?? bayId;
  const lastPictureAt = own.flatMap((cameraId) => cameras.get(cameraId)?.lastFrameAt?.wallMs ?? []);
  const job = jobs.find((each) => each.id === bay.job?.jobId);
  return {
    id: bayId,
    name: typeof name === "string" ? { en: name, "zh-CN": name } : { ...name },
    state: bay.state,
    since: bay.since.wallMs,
    stateForMs: forMs(bay.since, picture.now),
    people: bay.people,
    lastPictureAt: lastPictureAt.length === 0 ? null : Math.max(...lastPictureAt),
    pictureLost: own.length > 0 && own.every((cameraId) => cameras.get(cameraId)?.state !== "live"),
    thumbnail: thumbnailOf(picture, own),
    job:
      job === undefined
        ? null
        : {
            id: job.id,
            number: job.number,
            plateMasked: job.plateMasked,
            work: job.work,
            promisedAt: job.promisedAt,
            risk: job.risk,
            waitReason: job.waitReason,
          },
    technicians: (bay.job?.running ?? []).map((running) => viewOfRunning(picture, running)),
    liftRaised: configuration.bays[bayId]?.lift === undefined ? null : bay.liftRaised,
  };
}

/** The newest picture of the bay's cameras. */
function thumbnailOf(picture: ShopPicture, cameras: readonly CameraId[]): BayView["thumbnail"] {
  const newest = cameras
    .flatMap((cameraId) => {
      const stamp = picture.thumbnailAt(cameraId);
      if (stamp === undefined) return [];
      const url = `/api/cameras/${cameraId}/thumbnail?at=${Math.round(stamp.wallMs)}`;
      return [{ url, at: stamp.wallMs, boxes: [...picture.seenOn(cameraId, stamp)] }];
    })
    .sort((a, b) => b.at - a.at)[0];
  return newest ?? null;
}

/** By the monotonic clock; across a reboot the wall clock is the best there is. */
function forMs(since: Stamp, now: Stamp): number {
  return elapsedMs(since, now) ?? Math.max(0, now.wallMs - since.wallMs);
}

function headquartersOf({ uplink, now }: ShopPicture): HeadquartersView {
  if (uplink === undefined) {
    return {
      state: "not-configured",
      since: now.wallMs,
      recordsWaiting: 0,
      oldestWaitingAt: null,
      lastSentAt: null,
      sentToday: 0,
      lost: 0,
      errorCode: null,
    };
  }
  return {
    state: uplink.state,
    since: uplink.since,
    recordsWaiting: uplink.recordsWaiting,
    oldestWaitingAt: uplink.oldestWaitingAt ?? null,
    lastSentAt: uplink.lastContactAt ?? null,
    sentToday: uplink.sentToday,
    lost: uplink.lost,
    errorCode: uplink.lastError?.code ?? null,
  };
}

function refusalOf(problem: NonNullable<ShopPicture["vision"]["next"]>["problem"]) {
  return problem === undefined ? null : { code: problem.code, detail: problem.message.slice(0, 300) };
}

function boxOf(picture: ShopPicture): BoxView {
  const { disk, vision, configuration, cameras } = picture;
  const { devices } = picture.state.operations;
  const dongles = Object.keys(configuration.dongles);
  return {
    diskFreeBytes: disk?.freeBytes ?? null,
    diskDaysLeft: disk?.daysLeft ?? null,
    temperatureC: picture.temperatureC,
    vision: {
      state: vision.state,
      provider: vision.provider ?? null,
      refused: vision.refusedProviders.map(({ provider, reason }) => ({ provider, reason })),
      model: vision.model === undefined ? null : `${vision.model.name} ${vision.model.version}`,
      nextModel: vision.next === undefined ? null : { name: vision.next.name, refusal: refusalOf(vision.next.problem) },
      medianMs: vision.medianLookMs ?? null,
    },
    cameras: {
      live: [...cameras.values()].filter((camera) => camera.state === "live").length,
      configured: Object.keys(configuration.cameras).length,
    },
    dongles: {
      live: dongles.filter((id) => devices[`dongle:${id}`]?.state === "online").length,
      configured: dongles.length,
    },
    polling: pollingRefusal(picture.state.operations, picture.policy) === undefined,
    clock: picture.now.trusted ? "trusted" : "untrusted",
    journal: picture.journal.state,
  };
}

function figuresOf(totals: QueryRow["day.totals"]): DayFigures {
  const { jobsClosed, labourMs, coveredMs, observableMs, onTime, promised } = totals;
  return {
    jobsClosed,
    labourMs,
    coverage: observableMs > 0 ? Math.min(1, coveredMs / observableMs) : null,
    onTime,
    promised,
  };
}
