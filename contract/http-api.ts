import Type, { type Static } from "typebox";
import { BayId, CameraId, DongleId, JobId, Nullable, OneOf, PersonId } from "./ids.ts";
import { BayStateWord, DTC_CODE_PATTERN, WaitReason, WallMs } from "./payloads.ts";
import { PhotoBox } from "./photos.ts";
import { EvidenceCoverage, LabourFlag, LabourInterval } from "./records.ts";

/**
 * What the page, the command line and the simulated people ask of the gateway over HTTP. Sessions are cookies (`HttpOnly`, `SameSite=Strict`);
 * every request that changes something carries the CSRF token of `GET /api/session` in `x-csrf-token`. Errors are `ApiError`.
 */
const closed = { additionalProperties: false } as const;

export const PERSON_ROLES = ["technician", "advisor", "manager", "installer"] as const;
export const PersonRole = OneOf(PERSON_ROLES);
export type PersonRole = Static<typeof PersonRole>;

export const ApiLanguage = OneOf(["zh-CN", "en"]);
export type ApiLanguage = Static<typeof ApiLanguage>;

/** Every error answer. The sentences are in the language of `accept-language`, or the shop's. */
export const ApiError = Type.Object(
  {
    code: Type.String(),
    title: Type.String(),
    remedy: Type.String(),
    detail: Type.Optional(Type.String()),
    retryAfterSeconds: Type.Optional(Type.Number()),
  },
  closed,
);
export type ApiError = Static<typeof ApiError>;

export const PersonSummary = Type.Object({ id: PersonId, name: Type.String(), role: PersonRole }, closed);
export type PersonSummary = Static<typeof PersonSummary>;

/** `GET /api/session`: who am I. Answers without a session too; `setupNeeded` is true until the first manager exists. */
export const SessionView = Type.Object(
  {
    person: Nullable(PersonSummary),
    csrfToken: Nullable(Type.String()),
    setupNeeded: Type.Boolean(),
    shopName: Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed),
    language: ApiLanguage,
    timeZone: Type.String(),
    /** 1 outside demos; the page says so when it is not. */
    clockScale: Type.Number(),
    safeMode: Type.Boolean(),
    version: Type.String(),
  },
  closed,
);
export type SessionView = Static<typeof SessionView>;

/** `POST /api/session` */
export const SignInRequest = Type.Object(
  { login: Type.String({ minLength: 1, maxLength: 60 }), password: Type.String({ minLength: 1, maxLength: 200 }) },
  closed,
);
export type SignInRequest = Static<typeof SignInRequest>;

/** `POST /api/setup`: the one-time code printed by the box makes the first manager. There is no default password. */
export const SetupRequest = Type.Object(
  {
    setupCode: Type.String({ minLength: 6, maxLength: 40 }),
    login: Type.String({ minLength: 1, maxLength: 60, pattern: "^[a-z0-9._-]+$" }),
    name: Type.String({ minLength: 1, maxLength: 60 }),
    password: Type.String({ minLength: 10, maxLength: 200 }),
  },
  closed,
);
export type SetupRequest = Static<typeof SetupRequest>;

export const RunningLabour = Type.Object(
  {
    technician: PersonSummary,
    jobId: JobId,
    since: WallMs,
    /** By the monotonic clock, at `asOf` of the view. */ elapsedMs: Type.Number({ minimum: 0 }),
    flags: Type.Array(LabourFlag),
  },
  closed,
);
export type RunningLabour = Static<typeof RunningLabour>;

export const BayView = Type.Object(
  {
    id: BayId,
    name: Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed),
    state: BayStateWord,
    since: WallMs,
    stateForMs: Type.Number({ minimum: 0 }),
    people: Type.Integer({ minimum: 0 }),
    /** When the last frame of any of its cameras came; null when none ever did. */
    lastPictureAt: Nullable(WallMs),
    pictureLost: Type.Boolean(),
    thumbnail: Nullable(
      Type.Object(
        {
          url: Type.String(),
          at: WallMs,
          /** What was seen on this very picture. A live look, never a fact. */
          boxes: Type.Array(Type.Object({ what: OneOf(["person", "vehicle"]), box: PhotoBox }, closed), {
            maxItems: 50,
          }),
        },
        closed,
      ),
    ),
    job: Nullable(
      Type.Object(
        {
          id: JobId,
          number: Type.String(),
          plateMasked: Nullable(Type.String()),
          work: Type.String(),
          promisedAt: Nullable(WallMs),
          risk: OneOf(["none", "at-risk", "late"]),
          waitReason: Nullable(WaitReason),
        },
        closed,
      ),
    ),
    technicians: Type.Array(RunningLabour),
    liftRaised: Nullable(Type.Boolean()),
  },
  closed,
);
export type BayView = Static<typeof BayView>;

/** Steps of a job as dots on a line. Steps that this version cannot judge are left out, not shown as missing. */
export const JOB_STEPS = ["arrival-scan", "repair", "departure-scan"] as const;
export const JobStep = Type.Object(
  { step: OneOf(JOB_STEPS), state: OneOf(["done", "active", "missing", "failed"]) },
  closed,
);

export const JobView = Type.Object(
  {
    id: JobId,
    number: Type.String(),
    work: Type.String(),
    plateMasked: Nullable(Type.String()),
    vin: Nullable(Type.String()),
    state: OneOf(["open", "paused", "closed"]),
    waitReason: Nullable(WaitReason),
    bay: Nullable(BayId),
    assignedTo: Nullable(PersonSummary),
    openedAt: WallMs,
    promisedAt: Nullable(WallMs),
    risk: OneOf(["none", "at-risk", "late"]),
    flatRateHours: Nullable(Type.Number()),
    labourMs: Type.Number({ minimum: 0 }),
    coverage: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
    lowCoverage: Type.Boolean(),
    steps: Type.Array(JobStep),
    running: Type.Array(RunningLabour),
    /** Another word when `GET /api/jobs/:id/diagnostics` has something else to say than before. */
    diagnosticsVersion: Type.String({ maxLength: 80 }),
    /** The same for `GET /api/jobs/:id/photos`. */
    photosVersion: Type.String({ maxLength: 80 }),
  },
  closed,
);
export type JobView = Static<typeof JobView>;

/** One thing that needs a person. One per cause; the page has the sentence for `kind` in both languages and fills `values` in. */
export const ATTENTION_KINDS = [
  "camera-silent",
  "camera-frozen",
  "dongle-silent",
  "bridge-offline",
  "labour-flagged",
  "labour-low-coverage",
  "vin-mismatch",
  "scan-failed",
  "dtc-found",
  "battery-probe-spread",
  "battery-cell-spread",
  "battery-insulation-low",
  "low-voltage-battery",
  "findings-undecided",
  "polling-off",
  "promise-at-risk",
  "promise-late",
  "headquarters-offline",
  "records-lost",
  "disk-low",
  "clock-untrusted",
  "vision-stopped",
  "model-refused",
  "safe-mode",
  "messages-quarantined",
  "unknown-badge",
  "journal-salvaged",
  "journal-failed",
  "people-file-damaged",
] as const;
/**
 * What `values` holds for each kind, so that the page's sentence can be whole; where one is missing the page says a shorter sentence.
 * `bay`, `camera`, `dongle`, `bridge` and `reader` are ids; `job` is the repair-order number; `technician` a name; `coverage` 0 to 1;
 * `promisedAt` WallMs; `flag` a LabourFlag; `codes` fault codes joined by ", ". `value` and `limit` are what the car measured and what it should keep to, in
 * the unit of the kind: °C of probe spread, mV of cell spread, Ω/V of insulation, V of the 12 V battery. `person` is the name of who switched polling off;
 * absent where the configuration did.
 */
export const ATTENTION_VALUES = {
  "camera-silent": ["camera", "bay"],
  "camera-frozen": ["camera", "bay"],
  "dongle-silent": ["dongle", "bay"],
  "bridge-offline": ["bridge"],
  "labour-flagged": ["technician", "job", "flag"],
  "labour-low-coverage": ["technician", "job", "coverage"],
  "vin-mismatch": ["job", "expected", "found"],
  "scan-failed": ["job", "bay"],
  "dtc-found": ["job", "count", "codes"],
  "battery-probe-spread": ["job", "bay", "value", "limit"],
  "battery-cell-spread": ["job", "bay", "value", "limit"],
  "battery-insulation-low": ["job", "bay", "value", "limit"],
  "low-voltage-battery": ["job", "bay", "value", "limit"],
  "findings-undecided": ["job", "count"],
  "polling-off": ["person"],
  "promise-at-risk": ["job", "promisedAt"],
  "promise-late": ["job", "promisedAt"],
  "headquarters-offline": ["waiting"],
  "records-lost": ["count"],
  "disk-low": ["daysLeft"],
  "clock-untrusted": [],
  "vision-stopped": [],
  "model-refused": ["model"],
  "safe-mode": ["problems"],
  "messages-quarantined": ["count"],
  "unknown-badge": ["reader"],
  "journal-salvaged": [],
  "journal-failed": [],
  "people-file-damaged": [],
} as const satisfies Record<(typeof ATTENTION_KINDS)[number], readonly string[]>;

export const AttentionItem = Type.Object(
  {
    /** Stable per cause, so that the page does not flicker. */
    key: Type.String({ maxLength: 160 }),
    kind: OneOf(ATTENTION_KINDS),
    urgency: OneOf(["now", "soon", "info"]),
    since: WallMs,
    values: Type.Record(Type.String({ maxLength: 40 }), Type.Union([Type.String({ maxLength: 300 }), Type.Number()])),
    /** The one button: where it leads, or what it does. */
    action: OneOf([
      "see-camera",
      "see-bay",
      "open-job",
      "call-technician",
      "retry",
      "see-devices",
      "see-records",
      "read-remedy",
    ]),
    target: Nullable(Type.String({ maxLength: 80 })),
    code: Nullable(Type.String({ maxLength: 60 })),
  },
  closed,
);
export type AttentionItem = Static<typeof AttentionItem>;

export const HeadquartersView = Type.Object(
  {
    state: OneOf(["all-sent", "sending", "offline", "not-enrolled", "refused", "not-configured"]),
    since: WallMs,
    recordsWaiting: Type.Integer({ minimum: 0 }),
    oldestWaitingAt: Nullable(WallMs),
    lastSentAt: Nullable(WallMs),
    sentToday: Type.Integer({ minimum: 0 }),
    lost: Type.Integer({ minimum: 0 }),
    errorCode: Nullable(Type.String()),
  },
  closed,
);
export type HeadquartersView = Static<typeof HeadquartersView>;

export const BoxView = Type.Object(
  {
    diskFreeBytes: Nullable(Type.Number()),
    diskDaysLeft: Nullable(Type.Number()),
    temperatureC: Nullable(Type.Number()),
    vision: Type.Object(
      {
        state: OneOf(["preparing", "running", "degraded", "stopped"]),
        provider: Nullable(Type.String()),
        refused: Type.Array(Type.Object({ provider: Type.String(), reason: Type.String() }, closed)),
        model: Nullable(Type.String()),
        /** A model that is to take over: it is prepared while the present one works on, or it was refused and the present one stays. */
        nextModel: Nullable(
          Type.Object(
            {
              name: Type.String(),
              /** Why it was refused; null while it is prepared. */
              refusal: Nullable(Type.Object({ code: Type.String(), detail: Type.String() }, closed)),
            },
            closed,
          ),
        ),
        medianMs: Nullable(Type.Number()),
      },
      closed,
    ),
    cameras: Type.Object({ live: Type.Integer(), configured: Type.Integer() }, closed),
    dongles: Type.Object({ live: Type.Integer(), configured: Type.Integer() }, closed),
    /** Whether cars are asked at all: the one switch, `POST /api/polling`. */
    polling: Type.Boolean(),
    clock: OneOf(["trusted", "untrusted"]),
    journal: OneOf(["ok", "pressure", "failed", "salvaged"]),
  },
  closed,
);
export type BoxView = Static<typeof BoxView>;

export const DayFigures = Type.Object(
  {
    jobsClosed: Type.Integer(),
    labourMs: Type.Number(),
    coverage: Nullable(Type.Number()),
    onTime: Type.Integer(),
    promised: Type.Integer(),
  },
  closed,
);
export type DayFigures = Static<typeof DayFigures>;

/** `GET /api/today`, and the data of every `today` event. */
export const TodayView = Type.Object(
  {
    asOf: WallMs,
    /** Rises with every change; an event with a smaller one is old. */
    revision: Type.Integer({ minimum: 0 }),
    attention: Type.Array(AttentionItem),
    bays: Type.Array(BayView),
    jobs: Type.Array(JobView),
    headquarters: HeadquartersView,
    box: BoxView,
    yesterday: DayFigures,
    todaySoFar: DayFigures,
    clockScale: Type.Number(),
    safeMode: Nullable(
      Type.Object(
        {
          problems: Type.Array(
            Type.Object(
              { line: Nullable(Type.Integer()), path: Type.String(), message: Type.String(), remedy: Type.String() },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type TodayView = Static<typeof TodayView>;

export const DtcView = Type.Object(
  {
    code: Type.String({ pattern: DTC_CODE_PATTERN }),
    status: OneOf(["confirmed", "pending", "permanent", "stored"]),
    ecu: Type.String(),
  },
  closed,
);
export const ScanView = Type.Object(
  {
    /** Null for a scan so old that only its findings are left. */
    dongleId: Nullable(DongleId),
    takenAt: WallMs,
    purpose: OneOf(["arrival", "departure", "other"]),
    vin: Nullable(Type.String()),
    dtcs: Type.Array(DtcView),
    unanswered: Type.Array(Type.String()),
    milOn: Nullable(Type.Boolean()),
    incompleteMonitors: Type.Array(Type.String()),
  },
  closed,
);
export type ScanView = Static<typeof ScanView>;

/** `GET /api/my-job`: the technician's page. */
export const MyJobView = Type.Object(
  {
    asOf: WallMs,
    revision: Type.Integer({ minimum: 0 }),
    /** The interval that runs now, if any. */
    running: Nullable(RunningLabour),
    /** The job he works on or is assigned to, the running one first. */
    current: Nullable(JobView),
    scans: Type.Array(ScanView),
    /** Other open jobs that he may clock on to. */
    choices: Type.Array(JobView),
    /** His own record of today: closed intervals, newest first, with their evidence. */
    today: Type.Array(
      Type.Object({ interval: LabourInterval, jobNumber: Type.String(), evidence: EvidenceCoverage }, closed),
    ),
    todayMs: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type MyJobView = Static<typeof MyJobView>;

/** Made by the caller, one per press of a button; it goes down as the message id of the records. */
export const RequestId = Type.String({ minLength: 8, maxLength: 64, pattern: "^[\\x21-\\x7e]+$" });

/** `POST /api/labour/on`. `requestId` makes a repeated request (a lost answer) the same request. */
export const ClockOnRequest = Type.Object({ requestId: RequestId, jobId: JobId }, closed);
export type ClockOnRequest = Static<typeof ClockOnRequest>;
/** `POST /api/labour/off` */
export const ClockOffRequest = Type.Object({ requestId: RequestId }, closed);
export type ClockOffRequest = Static<typeof ClockOffRequest>;
/** `POST /api/jobs` */
export const OpenJobRequest = Type.Object(
  {
    requestId: RequestId,
    number: Type.String({ minLength: 1, maxLength: 40 }),
    work: Type.String({ maxLength: 200 }),
    plate: Type.Optional(Type.String({ maxLength: 16 })),
    vin: Type.Optional(Type.String({ maxLength: 17 })),
    flatRateHours: Type.Optional(Type.Number({ minimum: 0, maximum: 1000 })),
    promisedAt: Type.Optional(WallMs),
    bay: Type.Optional(BayId),
    technicianId: Type.Optional(PersonId),
  },
  closed,
);
export type OpenJobRequest = Static<typeof OpenJobRequest>;
/** `POST /api/jobs/:id/assign` */
export const AssignJobRequest = Type.Object(
  { requestId: RequestId, bay: Nullable(BayId), technicianId: Nullable(PersonId) },
  closed,
);
export type AssignJobRequest = Static<typeof AssignJobRequest>;
/** `POST /api/jobs/:id/pause` */
export const PauseJobRequest = Type.Object({ requestId: RequestId, reason: WaitReason }, closed);
export type PauseJobRequest = Static<typeof PauseJobRequest>;
/** `POST /api/jobs/:id/resume`, `POST /api/jobs/:id/close`, `POST /api/jobs/:id/scan` (asks the bay's dongle for a scan now) */
export const JobActionRequest = Type.Object({ requestId: RequestId }, closed);
export type JobActionRequest = Static<typeof JobActionRequest>;

/** Answer to every request that changes something: what was committed. */
export const Committed = Type.Object(
  { committed: Type.Literal(true), duplicate: Type.Boolean(), ids: Type.Record(Type.String(), Type.String()) },
  closed,
);
export type Committed = Static<typeof Committed>;

/** `GET /api/people` (advisor, manager): whom a job can be given to. */
export const PeopleView = Type.Object({ people: Type.Array(PersonSummary) }, closed);
export type PeopleView = Static<typeof PeopleView>;

/** `GET /api/cameras/:id/thumbnail` answers image/jpeg, redacted, never stored; 404 when there is none that may be shown. */
/** `at` is the time of the picture that the view named; it only keeps the address of a new picture new. */
export const ThumbnailQuery = Type.Object(
  { at: Type.Optional(Type.String({ maxLength: 20, pattern: "^[0-9]+$" })) },
  closed,
);
export const CameraParams = Type.Object({ id: CameraId }, closed);
export const JobParams = Type.Object({ id: JobId }, closed);

/**
 * `GET /api/events`: server-sent events. `today` carries a TodayView, `my-job` a MyJobView of the signed-in technician,
 * `beat` comes at least every 2 s, so that the page can say within 5 s that it is no longer live.
 */
export const EVENT_NAMES = ["today", "my-job", "beat"] as const;

/** `GET /livez`, `GET /readyz`: without a session, for watchdogs; nothing secret. */
export const ReadyView = Type.Object(
  { ready: Type.Boolean(), parts: Type.Record(Type.String(), OneOf(["ok", "degraded", "failed", "starting"])) },
  closed,
);
export type ReadyView = Static<typeof ReadyView>;

/** Who may do what. Technicians act on their own labour; advisors and managers on jobs; installers on devices. */
export const PERMISSIONS = {
  "GET /api/today": ["technician", "advisor", "manager", "installer"],
  "GET /api/events": ["technician", "advisor", "manager", "installer"],
  "GET /api/my-job": ["technician", "manager"],
  "GET /api/people": ["advisor", "manager"],
  "GET /api/cameras/:id/thumbnail": ["technician", "advisor", "manager", "installer"],
  "POST /api/labour/on": ["technician"],
  "POST /api/labour/off": ["technician"],
  "POST /api/jobs": ["advisor", "manager"],
  "POST /api/jobs/:id/assign": ["advisor", "manager"],
  "POST /api/jobs/:id/pause": ["technician", "advisor", "manager"],
  "POST /api/jobs/:id/resume": ["technician", "advisor", "manager"],
  "POST /api/jobs/:id/close": ["advisor", "manager"],
  "POST /api/jobs/:id/scan": ["technician", "advisor", "manager"],
  "GET /api/jobs/:id/diagnostics": ["technician", "advisor", "manager"],
  "GET /api/jobs/:id/electric": ["technician", "advisor", "manager"],
  "GET /api/jobs/:id/recordings/:recording": ["technician", "advisor", "manager"],
  "GET /api/jobs/:id/signals": ["technician", "advisor", "manager"],
  "GET /api/jobs/:id/live": ["technician", "advisor", "manager"],
  "POST /api/jobs/:id/recording": ["technician", "advisor", "manager"],
  "POST /api/jobs/:id/clear-codes": ["technician"],
  "GET /api/jobs/:id/photos": ["technician", "advisor", "manager"],
  "POST /api/jobs/:id/photos": ["technician", "advisor", "manager"],
  "POST /api/jobs/:id/judge-finding": ["technician", "advisor", "manager"],
  "GET /api/photos/:picture": ["technician", "advisor", "manager"],
  "POST /api/polling": ["technician", "advisor", "manager", "installer"],
} as const satisfies Record<string, readonly PersonRole[]>;
