import Type, { type Static } from "typebox";
import { JobView, PersonSummary, RequestId } from "./http-api.ts";
import { DongleId, Nullable, OneOf } from "./ids.ts";
import { DTC_CODE_PATTERN, SignalSample, WallMs } from "./payloads.ts";
import { RecordedSeries, ScanDifference } from "./records.ts";

/** What the page asks of the gateway about a job's car: scans and their difference, clearing, electric values, live values. */
const closed = { additionalProperties: false } as const;

/** One code in a scan, with what BayGate knows of it (`explanation` is keyed by the code in the view that holds it). */
export const ScannedDtcView = Type.Object(
  {
    code: Type.String({ pattern: DTC_CODE_PATTERN }),
    /** Every list that reported it, the most serious first. */
    statuses: Type.Array(OneOf(["confirmed", "pending", "permanent", "stored"]), { minItems: 1, maxItems: 4 }),
    statusByte: Nullable(Type.Integer({ minimum: 0, maximum: 255 })),
    freezeFrame: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          value: Type.Number(),
          unit: Type.String(),
          label: Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed),
        },
        closed,
      ),
    ),
  },
  closed,
);
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
export const FullScanView = Type.Object(
  {
    messageId: Type.String(),
    dongleId: DongleId,
    takenAt: WallMs,
    purpose: OneOf(["arrival", "departure", "other"]),
    protocol: Type.String(),
    standard: Nullable(Type.String()),
    vin: Nullable(Type.String()),
    vinDoubts: Type.Array(Type.String()),
    vinMatchesJob: Nullable(Type.Boolean()),
    ecus: Type.Array(ScannedEcuView),
    milOn: Nullable(Type.Boolean()),
    monitors: Type.Record(Type.String(), OneOf(["complete", "incomplete", "unsupported"])),
    batteryVolts: Nullable(Type.Number()),
    signals: Type.Array(SignalSample),
  },
  closed,
);
export type FullScanView = Static<typeof FullScanView>;

/** One value as the live page shows it. */
export const LiveSignalView = Type.Object(
  {
    name: Type.String(),
    label: Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed),
    unit: Type.String(),
    digits: Type.Integer({ minimum: 0, maximum: 6 }),
    group: Type.String(),
    value: Nullable(Type.Union([Type.Number(), Type.String(), Type.Boolean()])),
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
    asOf: WallMs,
    stale: Type.Boolean(),
    values: Type.Array(LiveSignalView),
    /** Single cells and probes, in their order, where the car tells them; null for one that did not come. */
    cellVolts: Type.Array(Nullable(Type.Number()), { maxItems: 1000 }),
    probeTemperaturesC: Type.Array(Nullable(Type.Number()), { maxItems: 400 }),
    alerts: Type.Array(
      Type.Object(
        {
          kind: OneOf(["probe-spread", "cell-spread", "insulation-low", "low-voltage-battery"]),
          value: Type.Number(),
          limit: Type.Number(),
          unit: Type.String(),
        },
        closed,
      ),
    ),
    /** The last hours of what a chart shows: wall times and one column for each name; null where nothing came. */
    history: Type.Object(
      { at: Type.Array(WallMs), columns: Type.Record(Type.String(), Type.Array(Nullable(Type.Number()))) },
      closed,
    ),
  },
  closed,
);
export type ElectricView = Static<typeof ElectricView>;

/** `GET /api/jobs/:id/diagnostics`: everything the dongle told about a job's car. */
export const JobDiagnosticsView = Type.Object(
  {
    asOf: WallMs,
    revision: Type.Integer({ minimum: 0 }),
    job: JobView,
    scans: Type.Array(FullScanView),
    difference: Nullable(ScanDifference),
    /** What may be done now, and the code of the reason why not. */
    scanNow: Type.Object({ possible: Type.Boolean(), code: Nullable(Type.String()), running: Type.Boolean() }, closed),
    clearNow: Type.Object({ possible: Type.Boolean(), code: Nullable(Type.String()), running: Type.Boolean() }, closed),
    clearings: Type.Array(
      Type.Object(
        {
          at: WallMs,
          technician: PersonSummary,
          outcome: OneOf(["running", "cleared", "partly", "refused", "failed", "unknown"]),
          code: Nullable(Type.String()),
        },
        closed,
      ),
    ),
    electric: Nullable(ElectricView),
    recordings: Type.Array(Type.Object({ from: WallMs, to: WallMs, series: Type.Array(RecordedSeries) }, closed)),
    pollingEnabled: Type.Boolean(),
  },
  closed,
);
export type JobDiagnosticsView = Static<typeof JobDiagnosticsView>;

/** `GET /api/jobs/:id/signals`: what the live view can show of this car. */
export const SignalChoicesView = Type.Object(
  {
    signals: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          label: Type.Object({ en: Type.String(), "zh-CN": Type.String() }, closed),
          unit: Type.String(),
          group: Type.String(),
          /** `told`: the dongle says it by itself; `asked`: the car is asked for it while somebody looks. */
          source: OneOf(["told", "asked"]),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type SignalChoicesView = Static<typeof SignalChoicesView>;

/**
 * `GET /api/jobs/:id/live?signals=a,b`: server-sent events while somebody looks. `signals` carries a LiveUpdate up to ten times a second;
 * opening it begins to ask the car, closing it ends that. `beat` comes at least every 2 s.
 */
export const LiveQuery = Type.Object({ signals: Type.String({ minLength: 1, maxLength: 2000 }) }, closed);
export const LiveUpdate = Type.Object(
  {
    at: WallMs,
    signals: Type.Array(LiveSignalView, { maxItems: 32 }),
    recordingSince: Nullable(WallMs),
    /** Why the car is not asked now (polling off, dongle silent, battery low, …): a code of the registry; null when it is. */
    paused: Nullable(Type.String()),
  },
  closed,
);
export type LiveUpdate = Static<typeof LiveUpdate>;

/** `POST /api/jobs/:id/recording`: begins or ends a recording of what the live view shows; it is written to the job when it ends. */
export const RecordingRequest = Type.Object(
  {
    requestId: RequestId,
    action: OneOf(["start", "stop"]),
    signals: Type.Optional(Type.Array(Type.String({ maxLength: 80 }), { maxItems: 32 })),
  },
  closed,
);
export type RecordingRequest = Static<typeof RecordingRequest>;

/** `POST /api/polling`: the one switch. */
export const PollingRequest = Type.Object({ requestId: RequestId, enabled: Type.Boolean() }, closed);
export type PollingRequest = Static<typeof PollingRequest>;
