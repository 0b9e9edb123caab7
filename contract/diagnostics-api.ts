import Type, { type Static } from "typebox";
import { DtcExplanation } from "./dtc-explanation.ts";
import { JobView, PersonSummary, RequestId } from "./http-api.ts";
import { DongleId, JobId, Nullable, OneOf } from "./ids.ts";
import { ClearedEcu, DTC_CODE_PATTERN, WallMs } from "./payloads.ts";
import { BatteryAlert, RecordedSeries, ScanDifference } from "./records.ts";

/**
 * What the page asks of the gateway about a job's car: scans and their difference, clearing, electric values, live values. Open jobs and lately closed ones
 * have views; only an open one can be acted on.
 */
const closed = { additionalProperties: false } as const;

const Label = Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed);
const SignalValue = Type.Union([Type.Number(), Type.String(), Type.Boolean()]);
const Words = {
  /** From `vocabulary.ts` where one fits, else the SAE J1979 acronym, the vehicle catalogue's id or the firmware's own word. */
  name: Type.String(),
  label: Label,
  unit: Type.String(),
  /** Decimals that a person reads. */
  digits: Type.Integer({ minimum: 0, maximum: 6 }),
  /** What to group by: a group of the vocabulary, or `other`. */
  group: Type.String(),
};

/** A value with its words, as a scan or a freeze frame kept it. */
export const ShownValue = Type.Object({ ...Words, value: SignalValue }, closed);
export type ShownValue = Static<typeof ShownValue>;

/** One code of one unit in a scan. */
export const ScannedDtcView = Type.Object(
  {
    code: Type.String({ pattern: DTC_CODE_PATTERN }),
    /** Every list that reported it, the most serious first. */
    statuses: Type.Array(OneOf(["confirmed", "pending", "permanent", "stored"]), { minItems: 1, maxItems: 4 }),
    statusByte: Nullable(Type.Integer({ minimum: 0, maximum: 255 })),
    freezeFrame: Type.Array(ShownValue),
    /** Snapshot data that nobody here can decode: identifier and bytes in hex. */
    snapshot: Type.Array(Type.Object({ did: Type.String(), data: Type.String() }, closed)),
  },
  closed,
);
export type ScannedDtcView = Static<typeof ScannedDtcView>;

export const ScannedEcuView = Type.Object(
  {
    address: Type.String(),
    name: Nullable(Type.String()),
    reach: OneOf(["answered", "secure-gateway", "no-answer"]),
    identification: Type.Record(Type.String(), Type.String()),
    dtcs: Type.Array(ScannedDtcView),
    unanswered: Type.Array(Type.Object({ service: Type.String(), reason: Type.String() }, closed)),
  },
  closed,
);
export type ScannedEcuView = Static<typeof ScannedEcuView>;

export const FullScanView = Type.Object(
  {
    messageId: Type.String(),
    /** Null for a scan so old that only its findings are left. */
    dongleId: Nullable(DongleId),
    takenAt: WallMs,
    purpose: OneOf(["arrival", "departure", "other"]),
    protocol: Type.String(),
    standard: Nullable(Type.String()),
    vin: Nullable(Type.String()),
    vinDoubts: Type.Array(Type.String()),
    /** Null where the job has no number or the scan none that is sound. */
    vinMatchesJob: Nullable(Type.Boolean()),
    ecus: Type.Array(ScannedEcuView),
    milOn: Nullable(Type.Boolean()),
    monitors: Type.Record(Type.String(), OneOf(["complete", "incomplete", "unsupported"])),
    batteryVolts: Nullable(Type.Number()),
    /** What was measured along with it; single cells and probes stand in the two lists. */
    values: Type.Array(ShownValue),
    cellVolts: Type.Array(Nullable(Type.Number()), { maxItems: 1000 }),
    probeTemperaturesC: Type.Array(Nullable(Type.Number()), { maxItems: 400 }),
  },
  closed,
);
export type FullScanView = Static<typeof FullScanView>;

/** One value as the live page shows it. */
export const LiveSignalView = Type.Object(
  {
    ...Words,
    value: Nullable(SignalValue),
    /** Since the job stands there. */
    minimum: Nullable(Type.Number()),
    maximum: Nullable(Type.Number()),
    /** When the value was measured; null when it never came. */
    lastSeen: Nullable(WallMs),
    stale: Type.Boolean(),
  },
  closed,
);
export type LiveSignalView = Static<typeof LiveSignalView>;

/** A traction battery as far as the car told. Missing is null, never zero. */
export const ElectricView = Type.Object(
  {
    /** When the newest of its values was measured. */
    asOf: WallMs,
    stale: Type.Boolean(),
    /** `live`: as the dongle tells it now; `scan`: as the job's last scan kept it, without history. */
    source: OneOf(["live", "scan"]),
    values: Type.Array(LiveSignalView),
    /** Single cells and probes, in their order, where the car tells them; null for one that did not come. */
    cellVolts: Type.Array(Nullable(Type.Number()), { maxItems: 1000 }),
    probeTemperaturesC: Type.Array(Nullable(Type.Number()), { maxItems: 400 }),
    /** The last hours of what a chart shows: wall times and one column for each name; null where nothing came. */
    history: Type.Object(
      { at: Type.Array(WallMs), columns: Type.Record(Type.String(), Type.Array(Nullable(Type.Number()))) },
      closed,
    ),
  },
  closed,
);
export type ElectricView = Static<typeof ElectricView>;

/** `GET /api/jobs/:id/electric`: asked again every few seconds while somebody looks; null where the car has told nothing of a traction battery. */
export const ElectricAnswer = Type.Object({ electric: Nullable(ElectricView) }, closed);
export type ElectricAnswer = Static<typeof ElectricAnswer>;

/** A limit that a battery of this car has passed, from the journal; shown until it is back inside. */
export const BatteryAlertView = Type.Object(
  { alert: BatteryAlert, value: Type.Number(), limit: Type.Number(), unit: Type.String(), since: WallMs },
  closed,
);
export type BatteryAlertView = Static<typeof BatteryAlertView>;

/** Whether something may be done now, and the code of the reason why not. */
const Possible = Type.Object(
  { possible: Type.Boolean(), code: Nullable(Type.String()), running: Type.Boolean() },
  closed,
);

export const ClearingView = Type.Object(
  {
    at: WallMs,
    technician: PersonSummary,
    outcome: OneOf(["running", "cleared", "partly", "refused", "failed", "unknown"]),
    code: Nullable(Type.String()),
    ecus: Type.Array(ClearedEcu),
  },
  closed,
);
export type ClearingView = Static<typeof ClearingView>;

const RecordingHead = {
  id: Type.String(),
  from: WallMs,
  to: WallMs,
  by: Type.String(),
};

/** A recording in the list: its figures without its points. */
export const RecordingSummary = Type.Object(
  {
    ...RecordingHead,
    series: Type.Array(
      Type.Object(
        { ...Words, minimum: Type.Number(), maximum: Type.Number(), last: Type.Number(), count: Type.Integer() },
        closed,
      ),
    ),
  },
  closed,
);
export type RecordingSummary = Static<typeof RecordingSummary>;

/** `GET /api/jobs/:id/diagnostics`: everything the dongle told about a job's car. Fetched again when the job's `diagnosticsVersion` is another one. */
export const JobDiagnosticsView = Type.Object(
  {
    asOf: WallMs,
    version: Type.String(),
    job: JobView,
    /** Oldest first. */
    scans: Type.Array(FullScanView),
    /** What is known of every code that a scan or the difference names, by the code. */
    explanations: Type.Record(Type.String(), DtcExplanation),
    /** Arrival and departure scan beside each other, by their message ids; null before there are both. */
    difference: Nullable(
      Type.Object({ at: WallMs, arrival: Type.String(), departure: Type.String(), found: ScanDifference }, closed),
    ),
    scanNow: Possible,
    clearNow: Possible,
    /** Codes were cleared after the last scan: another one is due to see what is left. */
    departureScanDue: Type.Boolean(),
    /** Oldest first. */
    clearings: Type.Array(ClearingView),
    electric: Nullable(ElectricView),
    alerts: Type.Array(BatteryAlertView),
    recordings: Type.Array(RecordingSummary),
    pollingEnabled: Type.Boolean(),
  },
  closed,
);
export type JobDiagnosticsView = Static<typeof JobDiagnosticsView>;

/** `GET /api/jobs/:id/recordings/:recording` */
export const RecordingParams = Type.Object({ id: JobId, recording: Type.String({ maxLength: 64 }) }, closed);
export const RecordingView = Type.Object(
  {
    ...RecordingHead,
    series: Type.Array(
      Type.Object({ label: Label, digits: Words.digits, group: Words.group, ...RecordedSeries.properties }, closed),
    ),
  },
  closed,
);
export type RecordingView = Static<typeof RecordingView>;

/**
 * `GET /api/jobs/:id/signals?model=…`: what the live view can show of this car. Asking for it may ask the car what it knows, once per job.
 * `model` is one of the answer's `models`.
 */
const Model = Type.Optional(Type.String({ minLength: 1, maxLength: 80 }));
export const SignalsQuery = Type.Object({ model: Model }, closed);
export const SignalChoicesView = Type.Object(
  {
    signals: Type.Array(
      Type.Object(
        {
          ...Words,
          /** `told`: the dongle says it by itself; `asked`: the car is asked for it while somebody looks. */
          source: OneOf(["told", "asked"]),
        },
        closed,
      ),
    ),
    /** Why the car could not be asked what it knows; null when it was. */
    code: Nullable(Type.String()),
    /** Models of the car's make that imported vehicle files are for, where its number does not tell which of them it is. */
    models: Type.Array(Type.String()),
  },
  closed,
);
export type SignalChoicesView = Static<typeof SignalChoicesView>;

/** Values that one live view or recording holds at most. */
export const MOST_LIVE_SIGNALS = 32;

/**
 * `GET /api/jobs/:id/live?signals=a,b&model=…`: server-sent events while somebody looks. `signals` carries a LiveUpdate up to ten times a second;
 * opening it begins to ask the car, closing it ends that. `beat` comes at least every 2 s.
 */
export const LiveQuery = Type.Object({ signals: Type.String({ minLength: 1, maxLength: 4000 }), model: Model }, closed);
export const LIVE_EVENT_NAMES = ["signals", "beat"] as const;
export const LiveUpdate = Type.Object(
  {
    at: WallMs,
    signals: Type.Array(LiveSignalView, { maxItems: MOST_LIVE_SIGNALS }),
    recordingSince: Nullable(WallMs),
    /** Why the car is not asked now (polling off, dongle silent, battery low, …): a code of the registry; null when it is or need not be. */
    paused: Nullable(Type.String()),
  },
  closed,
);
export type LiveUpdate = Static<typeof LiveUpdate>;

/**
 * `POST /api/jobs/:id/recording`: begins or ends a recording of what the live view shows. It ends by itself when nobody looks any more, after half an hour,
 * and when the gateway stops; what was recorded is then written to the job.
 */
export const RecordingRequest = Type.Object(
  {
    requestId: RequestId,
    action: OneOf(["start", "stop"]),
    /** For `start`; all that the job's open live views show where it is absent. */
    signals: Type.Optional(Type.Array(Type.String({ maxLength: 80 }), { minItems: 1, maxItems: MOST_LIVE_SIGNALS })),
  },
  closed,
);
export type RecordingRequest = Static<typeof RecordingRequest>;
/** `since` while it runs. `recording` is the id of what a stop has written to the job; null when nothing had come that could be. */
export const RecordingAnswer = Type.Object({ since: Nullable(WallMs), recording: Nullable(Type.String()) }, closed);
export type RecordingAnswer = Static<typeof RecordingAnswer>;

/** `POST /api/jobs/:id/clear-codes` is a JobActionRequest. `POST /api/polling`: the one switch. */
export const PollingRequest = Type.Object({ requestId: RequestId, enabled: Type.Boolean() }, closed);
export type PollingRequest = Static<typeof PollingRequest>;
