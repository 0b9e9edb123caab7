import Type, { type Static, type TSchema } from "typebox";
import {
  BayId,
  CameraId,
  DongleId,
  IntervalId,
  JobId,
  MessageId,
  Nullable,
  OneOf,
  PersonId,
  PhotoId,
  ReaderId,
  Sha256,
} from "./ids.ts";
import {
  BayStateWord,
  ClearedEcu,
  DongleScan,
  DTC_CODE_PATTERN,
  EquipmentEvent,
  SignalSample,
  WaitReason,
  WallMs,
} from "./payloads.ts";
import { Checkpoint, CoveredPlace, MOST_COVERED, MOST_FINDINGS, PhotoFinding, PhotoModel, Verdict } from "./photos.ts";

/** Streams of the journal, most precious first. Each has its own dense sequence and hash chain. */
export const STREAMS = ["labour", "work", "diagnostics", "findings", "operations"] as const;
export type Stream = (typeof STREAMS)[number];

const closed = { additionalProperties: false } as const;

/**
 * A moment as the gateway knows it: the wall clock for people, the kernel's monotonic clock for durations.
 * Two stamps with the same `bootId` may be subtracted by `monoMs`; across boots only bounds are known.
 */
export const Stamp = Type.Object(
  {
    wallMs: WallMs,
    monoMs: Type.Number({ minimum: 0 }),
    bootId: Type.String({ minLength: 1, maxLength: 64 }),
    trusted: Type.Boolean(),
  },
  closed,
);
export type Stamp = Static<typeof Stamp>;

/** Who did it: a person on the page, a badge at a reader, a device, or the gateway itself. */
export const Actor = Type.Object(
  { kind: OneOf(["person", "badge", "device", "gateway"]), id: Type.String({ maxLength: 80 }) },
  closed,
);
export type Actor = Static<typeof Actor>;

/** Why a labour interval is not to be taken at face value. */
export const LABOUR_FLAGS = [
  "spans-reboot",
  "clock-untrusted",
  "longer-than-shift",
  "no-evidence",
  "closed-by-gateway",
  "corrected",
] as const;
export const LabourFlag = OneOf(LABOUR_FLAGS);
export type LabourFlag = Static<typeof LabourFlag>;

/** How much of claimed time independent evidence covers. All in milliseconds; `coverage` is covered ÷ (claimed − unobservable), null when nothing was observable. */
export const EvidenceCoverage = Type.Object(
  {
    claimedMs: Type.Number({ minimum: 0 }),
    presenceMs: Type.Number({ minimum: 0 }),
    liftMs: Type.Number({ minimum: 0 }),
    toolMs: Type.Number({ minimum: 0 }),
    /** Union of the three. */
    coveredMs: Type.Number({ minimum: 0 }),
    /** Time for which no camera of the bay was seeing: neither for nor against the technician. */
    unobservableMs: Type.Number({ minimum: 0 }),
    coverage: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
  },
  closed,
);
export type EvidenceCoverage = Static<typeof EvidenceCoverage>;

/** A closed labour interval. `minimumMs`/`maximumMs` differ from `durationMs` only when it spans a reboot. */
export const LabourInterval = Type.Object(
  {
    intervalId: IntervalId,
    technicianId: PersonId,
    jobId: JobId,
    bayId: Nullable(BayId),
    startedAt: Stamp,
    endedAt: Stamp,
    durationMs: Type.Number({ minimum: 0 }),
    minimumMs: Type.Number({ minimum: 0 }),
    maximumMs: Type.Number({ minimum: 0 }),
    flags: Type.Array(LabourFlag, { maxItems: 8 }),
    evidence: EvidenceCoverage,
  },
  closed,
);
export type LabourInterval = Static<typeof LabourInterval>;

/** A stretch in which evidence of one kind held at a bay. `people` counts persons, never who they are. */
export const EvidenceSegment = Type.Object(
  {
    bayId: BayId,
    kind: OneOf(["presence", "lift", "tool", "blind"]),
    from: Stamp,
    to: Stamp,
    people: Type.Integer({ minimum: 0, maximum: 50 }),
    source: Type.String({ maxLength: 80 }),
  },
  closed,
);
export type EvidenceSegment = Static<typeof EvidenceSegment>;

/** A range that was given up: it stands in its own stream, so that the chain stays whole and headquarters learns exactly what is gone. */
export const LossTombstone = Type.Object(
  {
    from: Type.Integer({ minimum: 1 }),
    to: Type.Integer({ minimum: 1 }),
    class: Type.String({ maxLength: 40 }),
    reason: OneOf(["disk-pressure", "corruption", "retention", "refused-by-headquarters"]),
    count: Type.Integer({ minimum: 1 }),
    /** Hash of the last dropped record, so that the chain can be followed over the gap. */
    hash: Sha256,
  },
  closed,
);
export type LossTombstone = Static<typeof LossTombstone>;

/**
 * What became of one trouble code between the arrival scan and the departure scan of a job. `cleared-not-proven`: it is gone because codes were
 * cleared, and a monitor that would find it again has not finished; `permanent-left`: gone from the list, but the unit keeps it until its own
 * monitor has passed; `not-checked`: its unit could not be read at departure; `not-checked-before`: it is there at departure, and its unit could not be read at arrival.
 */
export const DTC_OUTCOMES = [
  "fixed",
  "still-there",
  "new",
  "cleared-not-proven",
  "permanent-left",
  "not-checked",
  "not-checked-before",
] as const;
export const DtcOutcome = OneOf(DTC_OUTCOMES);
export type DtcOutcome = Static<typeof DtcOutcome>;

const DtcStatusWord = OneOf(["confirmed", "pending", "permanent", "stored"]);

/** Arrival and departure scan of a job set beside each other. */
export const ScanDifference = Type.Object(
  {
    codes: Type.Array(
      Type.Object(
        {
          code: Type.String({ pattern: DTC_CODE_PATTERN }),
          ecu: Type.String({ maxLength: 8 }),
          outcome: DtcOutcome,
          /** The most serious status that each scan reported; null where it did not report the code. */
          before: Nullable(DtcStatusWord),
          after: Nullable(DtcStatusWord),
        },
        closed,
      ),
      { maxItems: 2000 },
    ),
    /** Monitors that are supported and not complete at departure. */
    incompleteMonitors: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 64 }),
    /** Units of either scan that could not be read at departure, and why. */
    unreadable: Type.Array(
      Type.Object(
        { ecu: Type.String({ maxLength: 8 }), reason: OneOf(["secure-gateway", "no-answer", "list-not-read"]) },
        closed,
      ),
      { maxItems: 128 },
    ),
    /** Codes were cleared between the two scans, by BayGate or, as counters, monitors or a vanished confirmed code say, by somebody else. */
    cleared: OneOf(["no", "by-us", "elsewhere"]),
    /** Whether both scans saw the same car; null when one of them could not read the number. */
    sameVin: Nullable(Type.Boolean()),
  },
  closed,
);
export type ScanDifference = Static<typeof ScanDifference>;

/** One recorded signal: what a person asked to keep of the live view. Points are thinned to their limit keeping minimum and maximum. */
export const RecordedSeries = Type.Object(
  {
    name: Type.String({ maxLength: 80 }),
    unit: Type.String({ maxLength: 20 }),
    minimum: Type.Number(),
    maximum: Type.Number(),
    last: Type.Number(),
    /** Samples before thinning. */
    count: Type.Integer({ minimum: 1 }),
    /** Milliseconds since the recording began, and the value. */
    points: Type.Array(Type.Tuple([Type.Number({ minimum: 0 }), Type.Number()]), { maxItems: 600 }),
  },
  closed,
);
export type RecordedSeries = Static<typeof RecordedSeries>;

/** What may be wrong with a car's batteries. `low-voltage-battery` is the 12 V one. */
export const BATTERY_ALERTS = ["probe-spread", "cell-spread", "insulation-low", "low-voltage-battery"] as const;
export const BatteryAlert = OneOf(BATTERY_ALERTS);
export type BatteryAlert = Static<typeof BatteryAlert>;

interface RecordRow {
  readonly stream: Stream | "own";
  readonly version: number;
  readonly body: TSchema;
}

/** Every record type: its stream, version and body. `loss` stands in whichever stream lost something. */
export const RECORDS = {
  // labour
  "labour.clocked-on": row("labour", {
    intervalId: IntervalId,
    technicianId: PersonId,
    jobId: JobId,
    bayId: Nullable(BayId),
    by: Actor,
    at: Stamp,
  }),
  "labour.clocked-off": row("labour", {
    interval: LabourInterval,
    by: Actor,
    reason: OneOf(["tap", "page", "job-paused", "job-closed", "moved-to-other-job", "gateway"]),
  }),
  "labour.flagged": row("labour", { intervalId: IntervalId, technicianId: PersonId, flag: LabourFlag, at: Stamp }),

  // work
  "job.opened": row("work", {
    jobId: JobId,
    number: Type.String({ minLength: 1, maxLength: 40 }),
    work: Type.String({ maxLength: 200 }),
    plate: Nullable(Type.String({ maxLength: 16 })),
    vin: Nullable(Type.String({ maxLength: 17 })),
    flatRateHours: Nullable(Type.Number({ minimum: 0, maximum: 1000 })),
    promisedAt: Nullable(WallMs),
    by: Actor,
    at: Stamp,
  }),
  "job.assigned": row("work", {
    jobId: JobId,
    bayId: Nullable(BayId),
    technicianId: Nullable(PersonId),
    by: Actor,
    at: Stamp,
  }),
  "job.paused": row("work", { jobId: JobId, reason: WaitReason, by: Actor, at: Stamp }),
  "job.resumed": row("work", { jobId: JobId, by: Actor, at: Stamp }),
  "job.closed": row("work", { jobId: JobId, by: Actor, at: Stamp }),
  /** A photo of the job's car: stored with faces and plates covered, and what the models found on it. */
  "photo.looked-at": row("work", {
    photoId: PhotoId,
    jobId: JobId,
    checkpoint: Checkpoint,
    /** SHA-256 of the covered JPEG, by which it is kept; the photo as it was taken is never stored. */
    picture: Sha256,
    bytes: Type.Integer({ minimum: 1 }),
    widthPx: Type.Integer({ minimum: 1 }),
    heightPx: Type.Integer({ minimum: 1 }),
    covered: Type.Array(CoveredPlace, { maxItems: MOST_COVERED }),
    coveredLeftOut: Type.Integer({ minimum: 0 }),
    /** The most probable first. */
    findings: Type.Array(PhotoFinding, { maxItems: MOST_FINDINGS }),
    findingsLeftOut: Type.Integer({ minimum: 0 }),
    reviewThreshold: Type.Number({ minimum: 0, maximum: 1 }),
    models: Type.Array(PhotoModel, { maxItems: 8 }),
    by: Actor,
    at: Stamp,
  }),
  /** A photo that could not be read, or whose covering did not pass its check: nothing of it was kept. */
  "photo.refused": row("work", {
    jobId: JobId,
    checkpoint: Checkpoint,
    code: Type.String({ maxLength: 60 }),
    bytes: Type.Integer({ minimum: 0 }),
    by: Actor,
    at: Stamp,
  }),
  /** A person's word on one finding of a photo, by its number; the last one counts. */
  "finding.judged": row("work", {
    jobId: JobId,
    photoId: PhotoId,
    finding: Type.Integer({ minimum: 0 }),
    label: Type.String({ maxLength: 40 }),
    verdict: Verdict,
    by: Actor,
    at: Stamp,
  }),
  /** A picture was given up to make room for newer ones; written before it is deleted. */
  "picture.dropped": row("work", {
    picture: Sha256,
    bytes: Type.Integer({ minimum: 0 }),
    reason: OneOf(["quota"]),
    at: Stamp,
  }),

  // diagnostics
  "scan.recorded": row("diagnostics", {
    dongleId: DongleId,
    bayId: Nullable(BayId),
    jobId: Nullable(JobId),
    purpose: OneOf(["arrival", "departure", "other"]),
    scan: DongleScan,
    at: Stamp,
  }),
  /** A person asked for a scan; arrival scans are asked for by the gateway itself. */
  "scan.requested": row("diagnostics", {
    jobId: JobId,
    purpose: OneOf(["arrival", "departure"]),
    by: Actor,
    at: Stamp,
  }),
  "scan.failed": row("diagnostics", {
    dongleId: DongleId,
    bayId: Nullable(BayId),
    jobId: Nullable(JobId),
    transaction: Type.String({ maxLength: 64 }),
    code: Type.String({ maxLength: 60 }),
    at: Stamp,
  }),
  /** Written with the departure scan. Scans are named by their message ids. */
  "scan.compared": row("diagnostics", {
    jobId: JobId,
    arrival: MessageId,
    departure: MessageId,
    difference: ScanDifference,
    at: Stamp,
  }),
  /** A technician wants the codes cleared; committed before a byte of it goes to the car. */
  "codes.clear-requested": row("diagnostics", {
    jobId: JobId,
    dongleId: DongleId,
    technicianId: PersonId,
    preScan: MessageId,
    transaction: Type.String({ maxLength: 64 }),
    by: Actor,
    at: Stamp,
  }),
  /** How that ended; `unknown` when nobody can say whether the request reached the car. */
  "codes.cleared": row("diagnostics", {
    jobId: JobId,
    dongleId: DongleId,
    transaction: Type.String({ maxLength: 64 }),
    outcome: OneOf(["cleared", "partly", "refused", "failed", "unknown"]),
    code: Nullable(Type.String({ maxLength: 60 })),
    ecus: Type.Array(ClearedEcu, { maxItems: 64 }),
    at: Stamp,
  }),
  "signals.recorded": row("diagnostics", {
    jobId: JobId,
    dongleId: DongleId,
    from: Stamp,
    to: Stamp,
    series: Type.Array(RecordedSeries, { minItems: 1, maxItems: 32 }),
    by: Actor,
    at: Stamp,
  }),
  /** A battery of the job's car passed a limit, or is back inside it; with the readings that show it. */
  "battery.alerted": row("diagnostics", {
    jobId: JobId,
    dongleId: DongleId,
    alert: BatteryAlert,
    state: OneOf(["raised", "ended"]),
    value: Type.Number(),
    limit: Type.Number(),
    unit: Type.String({ maxLength: 20 }),
    readings: Type.Array(SignalSample, { minItems: 1, maxItems: 8 }),
    at: Stamp,
  }),
  /** The one switch that stops all asking of cars. */
  "polling.switched": row("operations", { enabled: Type.Boolean(), by: Actor, at: Stamp }),

  // findings
  "bay.changed": row("findings", {
    bayId: BayId,
    from: BayStateWord,
    to: BayStateWord,
    cause: Type.String({ maxLength: 60 }),
    people: Type.Integer({ minimum: 0, maximum: 50 }),
    /** When it became so; `at` is when it was certain. */ since: Stamp,
    at: Stamp,
  }),
  "evidence.recorded": row("findings", { segment: EvidenceSegment }),
  "equipment.reported": row("findings", {
    equipmentId: Type.String({ maxLength: 40 }),
    bayId: Nullable(BayId),
    event: EquipmentEvent,
    at: Stamp,
  }),

  // operations
  "gateway.started": row("operations", {
    version: Type.String({ maxLength: 40 }),
    nodeVersion: Type.String({ maxLength: 40 }),
    bootId: Type.String({ maxLength: 64 }),
    clean: Type.Boolean(),
    lastSignOfLife: Nullable(Stamp),
    clockScale: Type.Number({ minimum: 0 }),
    at: Stamp,
  }),
  "gateway.stopped": row("operations", { reason: Type.String({ maxLength: 80 }), at: Stamp }),
  "device.changed": row("operations", {
    kind: OneOf(["camera", "dongle", "reader", "equipment", "bridge"]),
    deviceId: Type.String({ maxLength: 40 }),
    state: OneOf(["online", "offline", "fault", "silent"]),
    at: Stamp,
  }),
  "tap.refused": row("operations", {
    readerId: ReaderId,
    badgeHash: Sha256,
    action: OneOf(["on", "off"]),
    code: Type.String({ maxLength: 60 }),
    at: Stamp,
  }),
  "message.quarantined": row("operations", {
    source: Type.String({ maxLength: 80 }),
    topic: Type.String({ maxLength: 200 }),
    code: Type.String({ maxLength: 60 }),
    bytes: Type.Integer({ minimum: 0 }),
    payloadHash: Sha256,
    at: Stamp,
  }),
  "configuration.applied": row("operations", { hash: Sha256, at: Stamp }),
  "clock.jumped": row("operations", { byMs: Type.Number(), trusted: Type.Boolean(), at: Stamp }),
  "camera.zone-changed": row("operations", { cameraId: CameraId, bayId: BayId, at: Stamp }),
  "vision.worker-restarted": row("operations", {
    worker: Type.String({ maxLength: 40 }),
    reason: Type.String({ maxLength: 80 }),
    at: Stamp,
  }),
  "person.changed": row("operations", {
    personId: PersonId,
    change: OneOf(["added", "password-set", "badge-set", "role-set", "disabled"]),
    by: Actor,
    at: Stamp,
  }),
  "session.signed-in": row("operations", { personId: PersonId, at: Stamp }),
  /** Somebody looked at a stored picture; written before it is shown. */
  "picture.seen": row("operations", { picture: Sha256, personId: PersonId, at: Stamp }),
  "session.refused": row("operations", { loginHash: Sha256, code: Type.String({ maxLength: 60 }), at: Stamp }),

  // any stream
  loss: { stream: "own", version: 1, body: LossTombstone },
} as const satisfies Record<string, RecordRow>;

function row<Fields extends Record<string, TSchema>, S extends Stream>(stream: S, fields: Fields) {
  return { stream, version: 1, body: Type.Object(fields, closed) } as const;
}

export type RecordType = keyof typeof RECORDS;
export type RecordBody<T extends RecordType> = Static<(typeof RECORDS)[T]["body"]>;

/** A record that the domain has decided on and the journal has not yet numbered. */
export type Draft = { [T in RecordType]: { readonly type: T; readonly body: RecordBody<T> } }[RecordType];
export type DraftOf<T extends RecordType> = { readonly type: T; readonly body: RecordBody<T> };

/** What stands around every body once it is in the journal, and what goes to headquarters. */
export interface Envelope {
  readonly stream: Stream;
  readonly seq: number;
  /** UUIDv7, made by the gateway. */
  readonly id: string;
  readonly version: number;
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly bootId: string;
  readonly monoMs: number;
  readonly source: string;
  readonly messageId: string | null;
  readonly prevHash: string;
  readonly hash: string;
}

/** A committed record. Narrow on `type` to get its body. */
export type JournalRecord = Envelope & Draft;

/** Schema of a committed record as it crosses a boundary; the body is checked by its own row. */
export const RecordOnTheWire = Type.Object(
  {
    stream: OneOf(STREAMS),
    seq: Type.Integer({ minimum: 1 }),
    id: Type.String({ minLength: 1, maxLength: 64 }),
    type: Type.String({ minLength: 1, maxLength: 60 }),
    version: Type.Integer({ minimum: 1 }),
    occurredAt: WallMs,
    recordedAt: WallMs,
    bootId: Type.String({ minLength: 1, maxLength: 64 }),
    monoMs: Type.Number({ minimum: 0 }),
    source: Type.String({ maxLength: 80 }),
    messageId: Nullable(MessageId),
    body: Type.Record(Type.String(), Type.Unknown()),
    prevHash: Type.Union([Sha256, Type.Literal("")]),
    hash: Sha256,
  },
  closed,
);
export type RecordOnTheWire = Static<typeof RecordOnTheWire>;

/**
 * The bytes that a record's hash covers: the previous hash and every field but the hash itself, as canonical JSON
 * (keys sorted at every depth). Gateway and headquarters compute it alike: `hash = SHA-256(hashedBytes(record))` in hex.
 */
export function hashedBytes(record: Omit<RecordOnTheWire, "hash">): string {
  const { stream, seq, id, type, version, occurredAt, recordedAt, bootId, monoMs, source, messageId, body, prevHash } =
    record;
  return canonicalJson([
    prevHash,
    stream,
    seq,
    id,
    type,
    version,
    occurredAt,
    recordedAt,
    bootId,
    monoMs,
    source,
    messageId,
    body,
  ]);
}

/** JSON with keys sorted at every depth and no white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
