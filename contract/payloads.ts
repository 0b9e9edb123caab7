import Type, { type Static } from "typebox";
import { BayId, DongleId, JobId, MessageId, Nullable, OneOf, PersonId } from "./ids.ts";

/** Milliseconds since 1970 by the wall clock of whoever says it. */
export const WallMs = Type.Number({ minimum: 0, maximum: 8.64e15, title: "WallMs" });

const closed = { additionalProperties: false } as const;
/** Device payloads tolerate fields we do not know yet; what we need is checked. */
const open = { additionalProperties: true } as const;

/** `camera/<id>/status`, `dongle/<id>/status`, `reader/<id>/status`, `equipment/<id>/status`; also the last will. */
export const DeviceStatus = Type.Object(
  {
    state: OneOf(["online", "offline", "fault"]),
    since: Type.Optional(WallMs),
    detail: Type.Optional(Type.String({ maxLength: 500 })),
  },
  open,
);
export type DeviceStatus = Static<typeof DeviceStatus>;

/** SAE J2012 (two or three bytes: `P0420`, `U0405-81`), or SAE J1939 (`SPN110-FMI0`). */
export const DTC_CODE_PATTERN = "^([PCBU][0-3][0-9A-F]{3}(-[0-9A-F]{2})?|SPN[0-9]{1,6}-FMI[0-9]{1,2})$";

/** One diagnostic trouble code as a scan found it. `status` says by which service it was reported. */
export const ScannedDtc = Type.Object(
  {
    code: Type.String({ pattern: DTC_CODE_PATTERN }),
    /** `stored` has no bit that makes it any of the others: a memory of the unit, not a present fault. */
    status: OneOf(["confirmed", "pending", "permanent", "stored"]),
    /** ISO 14229-1 status byte, where the unit gave one. */
    statusByte: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    freezeFrame: Type.Optional(Type.Record(Type.String({ maxLength: 60 }), Type.Number())),
    /** ISO 14229-1 snapshot data that nobody here can decode: identifier and bytes in hex. */
    snapshot: Type.Optional(
      Type.Array(
        Type.Object(
          { did: Type.String({ pattern: "^[0-9A-F]{4}$" }), data: Type.String({ pattern: "^([0-9A-F]{2}){0,255}$" }) },
          closed,
        ),
        { maxItems: 64 },
      ),
    ),
  },
  closed,
);
export type ScannedDtc = Static<typeof ScannedDtc>;

/**
 * One control unit's part of a scan. `address` is the CAN id it answers from, with the byte behind it that tells apart units which answer from one id (`75840`), or
 * on K-line and J1850 its source address, in hex; `unknown` where firmware reported codes without saying whose they are.
 */
export const ScannedEcu = Type.Object(
  {
    address: Type.String({ pattern: "^([0-9A-F]{2,8}|unknown)$" }),
    name: Type.Optional(Type.String({ maxLength: 40 })),
    /**
     * Whether the unit let itself be read. `secure-gateway`: it is there, but refuses until somebody authenticates (NRC 33, 34);
     * `no-answer`: it has answered this car before and does not now. Absent means it answered.
     */
    reach: Type.Optional(OneOf(["answered", "secure-gateway", "no-answer"])),
    /** Part number, software and serial, by ISO 14229-1 names such as `part-number`. */
    identification: Type.Optional(Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 80 }))),
    dtcs: Type.Array(ScannedDtc, { maxItems: 500 }),
    /** Services that this unit did not answer or refused, in plain codes: a missing answer is never an empty list. */
    unanswered: Type.Array(
      Type.Object({ service: Type.String({ maxLength: 8 }), reason: Type.String({ maxLength: 80 }) }, closed),
      { maxItems: 32 },
    ),
  },
  closed,
);
export type ScannedEcu = Static<typeof ScannedEcu>;

/** Readiness monitors (SAE J1979 01 01): supported and complete per monitor. */
export const Readiness = Type.Object(
  {
    milOn: Type.Boolean(),
    confirmedDtcCount: Type.Integer({ minimum: 0, maximum: 127 }),
    ignition: OneOf(["spark", "compression"]),
    monitors: Type.Record(Type.String({ maxLength: 40 }), OneOf(["complete", "incomplete", "unsupported"])),
  },
  closed,
);
export type Readiness = Static<typeof Readiness>;

/** One value of a vehicle: `name` from `vocabulary.ts` where one fits, else the firmware's own word. */
export const SignalSample = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    value: Type.Union([Type.Number(), Type.String({ maxLength: 200 }), Type.Boolean()]),
    unit: Type.Optional(Type.String({ maxLength: 20 })),
    at: WallMs,
    stale: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type SignalSample = Static<typeof SignalSample>;

/** By which rules a car was read. */
export const DIAGNOSTIC_STANDARDS = ["obd", "obd-on-uds", "wwh-obd", "uds", "j1939"] as const;

/** `dongle/<id>/scan`, durable. */
export const DongleScan = Type.Object(
  {
    messageId: MessageId,
    /** The request that asked for it, where one did. */
    transaction: Type.Optional(Type.String({ maxLength: 64 })),
    takenAt: WallMs,
    protocol: Type.String({ maxLength: 40 }),
    standard: Type.Optional(OneOf(DIAGNOSTIC_STANDARDS)),
    vin: Nullable(Type.String({ maxLength: 17 })),
    /** Doubts about the VIN in codes, e.g. `check-digit`; empty when it is sound. */
    vinDoubts: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 8 }),
    ecus: Type.Array(ScannedEcu, { maxItems: 64 }),
    readiness: Nullable(Readiness),
    batteryVolts: Type.Optional(Type.Number({ minimum: 0, maximum: 60 })),
    /** What the car and its battery measured while it was scanned. */
    signals: Type.Optional(Type.Array(SignalSample, { maxItems: 1000 })),
  },
  closed,
);
export type DongleScan = Static<typeof DongleScan>;

/** `dongle/<id>/signals`: telemetry. */
export const DongleSignals = Type.Object({ signals: Type.Array(SignalSample, { maxItems: 2000 }) }, closed);
export type DongleSignals = Static<typeof DongleSignals>;

/** One CAN frame; data in hex. */
export const CanFrame = Type.Object(
  {
    id: Type.Integer({ minimum: 0, maximum: 0x1fffffff }),
    extended: Type.Boolean(),
    data: Type.String({ pattern: "^([0-9A-Fa-f]{2}){0,64}$" }),
    at: Type.Optional(WallMs),
  },
  closed,
);
export const DongleFrames = Type.Object({ frames: Type.Array(CanFrame, { maxItems: 5000 }) }, closed);
export type DongleFrames = Static<typeof DongleFrames>;

/** Where a question goes, and from where its answer comes. */
export const DiagnosticAddress = Type.Object(
  {
    /** CAN id of the request; `functional` when it is meant for all units. */
    requestId: Type.Integer({ minimum: 0, maximum: 0x1fffffff }),
    /** CAN id of the answer; absent where the standard derives it from the request's. */
    responseId: Type.Optional(Type.Integer({ minimum: 0, maximum: 0x1fffffff })),
    extended: Type.Boolean(),
    functional: Type.Optional(Type.Boolean()),
    /** ISO 15765-2 extended addressing: first data byte of the request (target) and of the answer. */
    requestByte: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    responseByte: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  },
  closed,
);
export type DiagnosticAddress = Static<typeof DiagnosticAddress>;

/** One question that only reads, e.g. `0105` or `22F190`; the bridge's egress refuses every other service. */
export const ReadCommand = Type.Object(
  {
    /** The asker's name for it; comes back with the answer. */
    key: Type.String({ minLength: 1, maxLength: 80 }),
    request: Type.String({ pattern: "^([0-9A-F]{2}){1,64}$" }),
    address: DiagnosticAddress,
  },
  closed,
);
export type ReadCommand = Static<typeof ReadCommand>;

/** Who may clear codes and why: a named technician, on an open job, after a scan that the journal holds. */
export const ClearAuthority = Type.Object(
  { jobId: JobId, technicianId: PersonId, preScan: MessageId, grantedAt: WallMs },
  closed,
);
export type ClearAuthority = Static<typeof ClearAuthority>;

const Transaction = Type.String({ minLength: 1, maxLength: 64 });
const DeadlineMs = Type.Optional(Type.Integer({ minimum: 100, maximum: 600_000 }));
const ReadCommands = Type.Array(ReadCommand, { maxItems: 64 });

/**
 * `dongle/<id>/request`: what the gateway asks of a car. Everything but `clear-codes` only reads.
 * `live` repeats its commands until `leaseMs` (machine time) have passed without another `live` request; an empty list ends it. It is answered each time:
 * `refused` with a code while the car is not asked (`battery-low`, `car-silent`, `dongle-silent`, `polling-off`, `reports-only`), once more when that changes.
 * `listen` asks nothing of the car: traffic with these identifiers that the dongle hears comes on `dongle/<id>/frames` until the lease is over.
 */
export const DongleRequest = Type.Union([
  Type.Object(
    {
      transaction: Transaction,
      kind: Type.Literal("scan"),
      deadlineMs: DeadlineMs,
      /** Units of this car that do not hear questions to all, as its signal set or profile names them. */
      addresses: Type.Optional(Type.Array(DiagnosticAddress, { maxItems: 64 })),
    },
    closed,
  ),
  Type.Object({ transaction: Transaction, kind: Type.Literal("battery-voltage"), deadlineMs: DeadlineMs }, closed),
  Type.Object(
    { transaction: Transaction, kind: Type.Literal("read"), deadlineMs: DeadlineMs, commands: ReadCommands },
    closed,
  ),
  Type.Object(
    {
      transaction: Transaction,
      kind: Type.Literal("live"),
      commands: ReadCommands,
      /** Wished pause between two rounds; the dongle goes as fast as it can and no faster than this. */
      everyMs: Type.Integer({ minimum: 50, maximum: 60_000 }),
      leaseMs: Type.Integer({ minimum: 1000, maximum: 60_000 }),
    },
    closed,
  ),
  Type.Object(
    {
      transaction: Transaction,
      kind: Type.Literal("listen"),
      ids: Type.Array(
        Type.Object({ id: Type.Integer({ minimum: 0, maximum: 0x1fffffff }), extended: Type.Boolean() }, closed),
        { maxItems: 500 },
      ),
      leaseMs: Type.Integer({ minimum: 1000, maximum: 60_000 }),
    },
    closed,
  ),
  Type.Object(
    { transaction: Transaction, kind: Type.Literal("clear-codes"), deadlineMs: DeadlineMs, authority: ClearAuthority },
    closed,
  ),
]);
export type DongleRequest = Static<typeof DongleRequest>;

/** `dongle/<id>/readings`, telemetry: the units' answers to `read` and `live` commands as bytes; who asked decodes them. */
export const DongleReadings = Type.Object(
  {
    transaction: Transaction,
    readings: Type.Array(
      Type.Object(
        {
          key: Type.String({ minLength: 1, maxLength: 80 }),
          at: WallMs,
          /** One entry for each unit that answered: the id it answered from in hex, and its whole payload in hex. */
          answers: Type.Array(
            Type.Object(
              {
                ecu: Type.String({ pattern: "^[0-9A-F]{2,8}$" }),
                payload: Type.String({ pattern: "^([0-9A-F]{2}){1,4095}$" }),
              },
              closed,
            ),
            { maxItems: 32 },
          ),
          /** Why there is no answer: `no-answer`, a negative response by name, or a transport error. */
          error: Type.Optional(Type.String({ maxLength: 60 })),
        },
        closed,
      ),
      { maxItems: 64 },
    ),
  },
  closed,
);
export type DongleReadings = Static<typeof DongleReadings>;

/** How one unit took a request to clear its codes. */
export const ClearedEcu = Type.Object(
  {
    address: Type.String({ pattern: "^[0-9A-F]{2,8}$" }),
    outcome: OneOf(["cleared", "refused", "no-answer"]),
    reason: Type.Optional(Type.String({ maxLength: 60 })),
  },
  closed,
);
export type ClearedEcu = Static<typeof ClearedEcu>;

/** `dongle/<id>/response`: how the request ended. The scan itself comes on `dongle/<id>/scan`. */
export const DongleResponse = Type.Object(
  {
    transaction: Type.String({ minLength: 1, maxLength: 64 }),
    status: OneOf(["done", "failed", "refused"]),
    error: Type.Optional(
      Type.Object(
        { code: Type.String({ maxLength: 60 }), detail: Type.Optional(Type.String({ maxLength: 500 })) },
        closed,
      ),
    ),
    batteryVolts: Type.Optional(Type.Number({ minimum: 0, maximum: 60 })),
    /** Answer to `clear-codes`. */
    cleared: Type.Optional(Type.Array(ClearedEcu, { maxItems: 64 })),
  },
  closed,
);
export type DongleResponse = Static<typeof DongleResponse>;

/** `equipment/<id>/event`, durable: independent evidence of work. */
export const EquipmentEvent = Type.Object(
  {
    messageId: MessageId,
    kind: OneOf(["lift-raised", "lift-lowered", "tool-started", "tool-stopped", "torque-result"]),
    at: Type.Optional(WallMs),
    detail: Type.Optional(
      Type.Record(
        Type.String({ maxLength: 40 }),
        Type.Union([Type.Number(), Type.String({ maxLength: 200 }), Type.Boolean()]),
      ),
    ),
  },
  open,
);
export type EquipmentEvent = Static<typeof EquipmentEvent>;

/** `reader/<id>/tap`, durable. A tap says on or off, never toggle: delivered twice it means the same. */
export const ReaderTap = Type.Object(
  {
    messageId: MessageId,
    badge: Type.String({ minLength: 1, maxLength: 64, pattern: "^[\\x21-\\x7e]+$" }),
    action: OneOf(["on", "off"]),
    /** Repair-order number where the reader lets one choose; otherwise the job assigned to the reader's bay. */
    jobNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    at: Type.Optional(WallMs),
  },
  open,
);
export type ReaderTap = Static<typeof ReaderTap>;

export const BAY_STATES = ["empty", "arriving", "occupied", "working", "waiting", "leaving", "unknown"] as const;
export const BayStateWord = OneOf(BAY_STATES);
export type BayStateWord = Static<typeof BayStateWord>;

export const WAIT_REASONS = ["parts", "approval", "bay", "tools", "break"] as const;
export const WaitReason = OneOf(WAIT_REASONS);
export type WaitReason = Static<typeof WaitReason>;

/** `bay/<id>/state`, retained. */
export const BayStatePayload = Type.Object(
  { bay: BayId, state: BayStateWord, since: WallMs, job: Nullable(JobId), people: Type.Integer({ minimum: 0 }) },
  closed,
);
export type BayStatePayload = Static<typeof BayStatePayload>;

export const JOB_STATES = ["open", "paused", "closed"] as const;

/** `job/<id>/state`, retained until the job is closed. */
export const JobStatePayload = Type.Object(
  {
    job: JobId,
    number: Type.String(),
    state: OneOf(JOB_STATES),
    bay: Nullable(BayId),
    waitReason: Nullable(WaitReason),
    since: WallMs,
  },
  closed,
);
export type JobStatePayload = Static<typeof JobStatePayload>;

/** `gateway/health`, retained: for whoever watches the box from outside. */
export const GatewayHealth = Type.Object(
  {
    version: Type.String(),
    startedAt: WallMs,
    state: OneOf(["starting", "running", "safe-mode", "stopping", "offline"]),
    recordsWaiting: Type.Integer({ minimum: 0 }),
    clockTrusted: Type.Boolean(),
    clockScale: Type.Number(),
  },
  closed,
);
export type GatewayHealth = Static<typeof GatewayHealth>;

/** `gateway/attention`, retained: how many things need a person. */
export const AttentionPayload = Type.Object(
  { count: Type.Integer({ minimum: 0 }), kinds: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 200 }) },
  closed,
);
export type AttentionPayload = Static<typeof AttentionPayload>;

/** `bridge/<id>/config`, retained, gateway to bridge: the devices that this bridge speaks for. */
export const BridgeConfig = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    dongles: Type.Array(
      Type.Object(
        {
          id: DongleId,
          dialect: Type.String({ pattern: "^[a-z0-9-]{1,40}$" }),
          nativeId: Type.String({ minLength: 1, maxLength: 80 }),
          /** Below this the dongle is left alone, so that it never drains a battery. */
          minimumBatteryVolts: Type.Number({ minimum: 0, maximum: 60 }),
          silentAfterMs: Type.Integer({ minimum: 1000 }),
          options: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        },
        closed,
      ),
      { maxItems: 500 },
    ),
    /** The one switch that stops all polling. */
    pollingEnabled: Type.Boolean(),
  },
  closed,
);
export type BridgeConfig = Static<typeof BridgeConfig>;
