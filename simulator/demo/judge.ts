import { Compile } from "typebox/compile";
import { RECORDS, type RecordBody, type RecordOnTheWire, type RecordType, STREAMS } from "../../contract/records.ts";
import type { SimulatedCar } from "../dongle/car.ts";
import type { Visit } from "../shop/visit.ts";
import { judgePhoto, type PhotoEvidence, type PhotoLine } from "./judge-photos.ts";

/** What the simulated people really did, in milliseconds of the script; it differs from the plan by the time that a tap or a click takes. */
export interface Performed {
  readonly jobId: string;
  readonly clockedOn: readonly number[];
  readonly clockedOff: readonly number[];
  readonly pausedAt: number | undefined;
  readonly resumedAt: number | undefined;
  readonly photos: readonly PhotoEvidence[];
}

export interface Evidence {
  /** Shop time at which the script began, wall milliseconds. */
  readonly beganAt: number;
  readonly visits: readonly { readonly visit: Visit; readonly performed: Performed }[];
  /** Windows of the script in which bays may be unknown because something was broken on purpose. */
  readonly blindWindows: readonly { readonly from: number; readonly to: number }[];
  /** What the gateway's journal holds at the end. */
  readonly journal: readonly RecordOnTheWire[];
  /** What headquarters holds at the end, as it gives it out. */
  readonly headquarters: readonly RecordOnTheWire[];
}

/** Tolerances in seconds of shop time, stated in the report. */
export const TOLERANCES = {
  /** A car is seen when it comes into the zone, not when it starts to move; frames are some seconds of shop time apart. */
  arrivingSeconds: 25,
  standingSeconds: 20,
  peopleSeconds: 30,
  waitingSeconds: 10,
  leavingSeconds: 20,
  labourSeconds: 10,
  /** Of the time that a camera could see. */
  coverageShare: 0.25,
} as const;

interface Line {
  readonly ok: boolean;
}

export interface Verdict {
  readonly bays: readonly (Line & {
    readonly bay: string;
    readonly transitions: readonly TransitionLine[];
    readonly unexpected: readonly string[];
  })[];
  readonly labour: readonly LabourLine[];
  readonly dtcs: readonly (Line & {
    readonly jobNumber: string;
    readonly truth: readonly string[];
    readonly observed: readonly string[];
    readonly vinTruth: string;
    readonly vinObserved: string | null;
  })[];
  /** Arrival and departure scan of each car beside each other. */
  readonly differences: readonly (Line & {
    readonly jobNumber: string;
    readonly truth: readonly string[];
    readonly observed: readonly string[];
    readonly cleared: string | null;
  })[];
  readonly photos: readonly PhotoLine[];
  readonly journalRecords: Readonly<Record<string, number>>;
  readonly headquarters: {
    readonly records: number;
    readonly missing: number;
    readonly duplicated: number;
    readonly outOfOrder: number;
    readonly foreign: number;
  };
  readonly failures: readonly string[];
}

export interface TransitionLine extends Line {
  readonly to: string;
  readonly truthSeconds: number;
  readonly observedSeconds: number | null;
  readonly errorSeconds: number | null;
  readonly toleranceSeconds: number;
}

export interface LabourLine extends Line {
  readonly jobNumber: string;
  readonly technician: string;
  readonly truthSeconds: readonly [from: number, to: number];
  readonly observedSeconds: readonly [from: number, to: number] | null;
  readonly durationErrorSeconds: number | null;
  readonly toleranceSeconds: number;
  readonly coverage: number | null;
}

/** Compares what arrived at headquarters with what really happened. Facts are taken from headquarters, the end of the road. */
export function judge(evidence: Evidence): Verdict {
  const bays = evidence.visits.map(({ visit, performed }) => judgeBay(evidence, visit, performed));
  const labour = evidence.visits.flatMap(({ visit, performed }) => judgeLabour(evidence, visit, performed));
  const dtcs = evidence.visits.map(({ visit, performed }) => judgeScan(evidence, visit, performed));
  const differences = evidence.visits.map(({ visit, performed }) => judgeDifference(evidence, visit, performed));
  const photos = evidence.visits.flatMap(({ visit, performed }) => judgePhotos(evidence, visit, performed));
  const headquarters = compareRecords(evidence.journal, evidence.headquarters);
  const failures = [
    ...bays.filter((line) => !line.ok).map(({ bay }) => `bay ${bay} was not seen as it was`),
    ...labour
      .filter((line) => !line.ok)
      .map(({ jobNumber, technician }) => `labour of ${technician} on ${jobNumber} is not as it was`),
    ...dtcs.filter((line) => !line.ok).map(({ jobNumber }) => `the scan of ${jobNumber} is not the car's`),
    ...differences
      .filter((line) => !line.ok)
      .map(({ jobNumber }) => `what became of the codes of ${jobNumber} is not told as it was`),
    ...photos
      .filter((line) => !line.ok)
      .map(({ jobNumber, checkpoint }) => `the photo ${checkpoint} of ${jobNumber} is not kept as it should be`),
    ...(headquarters.missing > 0 ? [`${headquarters.missing} records are missing at headquarters`] : []),
    ...(headquarters.duplicated > 0 ? [`${headquarters.duplicated} records are duplicated at headquarters`] : []),
    ...(headquarters.outOfOrder > 0 ? [`${headquarters.outOfOrder} records are out of order at headquarters`] : []),
    ...(headquarters.foreign > 0 ? [`${headquarters.foreign} records at headquarters were never in the journal`] : []),
  ];
  const journalRecords = Object.fromEntries(
    STREAMS.map((stream) => [stream, evidence.journal.filter((record) => record.stream === stream).length]),
  );
  return { bays, labour, dtcs, differences, photos, journalRecords, headquarters, failures };
}

function judgeBay(evidence: Evidence, visit: Visit, performed: Performed): Verdict["bays"][number] {
  const expected = expectedTransitions(visit, performed);
  const observed = withoutBlindness(
    bodiesOf(evidence.headquarters, "bay.changed").filter((change) => change.bayId === visit.bay),
    evidence,
  );
  const transitions = expected.map(({ to, at, toleranceSeconds }, index): TransitionLine => {
    const found = observed[index];
    const observedSeconds = found?.to === to ? (found.since.wallMs - evidence.beganAt) / 1000 : null;
    const errorSeconds = observedSeconds === null ? null : observedSeconds - at / 1000;
    return {
      to,
      truthSeconds: at / 1000,
      observedSeconds: rounded(observedSeconds),
      errorSeconds: rounded(errorSeconds),
      toleranceSeconds,
      ok: errorSeconds !== null && Math.abs(errorSeconds) <= toleranceSeconds,
    };
  });
  const unexpected = observed.slice(expected.length).map(({ to, cause }) => `${to} (${cause})`);
  return {
    bay: visit.bay,
    transitions,
    unexpected,
    ok: unexpected.length === 0 && transitions.every((line) => line.ok),
  };
}

function expectedTransitions(
  visit: Visit,
  performed: Performed,
): { to: string; at: number; toleranceSeconds: number }[] {
  const { arrivingSeconds, standingSeconds, peopleSeconds, waitingSeconds, leavingSeconds } = TOLERANCES;
  const between =
    performed.pausedAt === undefined || performed.resumedAt === undefined
      ? []
      : [
          { to: "waiting", at: performed.pausedAt, toleranceSeconds: waitingSeconds },
          { to: "occupied", at: performed.resumedAt, toleranceSeconds: waitingSeconds },
          { to: "working", at: visit.wait?.to ?? 0, toleranceSeconds: peopleSeconds },
        ];
  return [
    { to: "empty", at: 0, toleranceSeconds: visit.arrivesAt / 1000 },
    { to: "arriving", at: visit.arrivesAt, toleranceSeconds: arrivingSeconds },
    { to: "occupied", at: visit.parkedAt, toleranceSeconds: standingSeconds },
    { to: "working", at: visit.clockOnAt, toleranceSeconds: peopleSeconds },
    ...between,
    { to: "occupied", at: visit.clockOffAt, toleranceSeconds: peopleSeconds },
    { to: "leaving", at: visit.departsAt, toleranceSeconds: leavingSeconds },
    { to: "empty", at: visit.goneAt, toleranceSeconds: leavingSeconds },
  ];
}

/**
 * Without what may be unknown: a bay that goes unknown while something was broken on purpose, and comes back as what it was. Outside those windows,
 * unknown is an unexpected state like any other.
 */
function withoutBlindness(
  changes: readonly RecordBody<"bay.changed">[],
  evidence: Evidence,
): readonly RecordBody<"bay.changed">[] {
  const kept: RecordBody<"bay.changed">[] = [];
  let blind = false;
  for (const change of changes) {
    const at = change.at.wallMs - evidence.beganAt;
    if (change.to === "unknown" && evidence.blindWindows.some(({ from, to }) => at >= from && at <= to)) {
      blind = true;
      continue;
    }
    const cameBack = blind && change.to === kept.at(-1)?.to;
    blind = false;
    if (!cameBack) kept.push(change);
  }
  return kept;
}

function judgeLabour(evidence: Evidence, visit: Visit, performed: Performed): LabourLine[] {
  const intervals = bodiesOf(evidence.headquarters, "labour.clocked-off")
    .map(({ interval }) => interval)
    .filter((interval) => interval.jobId === performed.jobId);
  const count = Math.max(intervals.length, performed.clockedOn.length);
  return Array.from({ length: count }, (_, index): LabourLine => {
    const truth = [performed.clockedOn[index] ?? Number.NaN, performed.clockedOff[index] ?? Number.NaN] as const;
    const interval = intervals[index];
    const shared = {
      jobNumber: visit.jobNumber,
      technician: visit.technician.name,
      truthSeconds: [truth[0] / 1000, truth[1] / 1000] as const,
      toleranceSeconds: TOLERANCES.labourSeconds,
    };
    if (interval === undefined)
      return { ...shared, observedSeconds: null, durationErrorSeconds: null, coverage: null, ok: false };
    const observed = [
      interval.startedAt.wallMs - evidence.beganAt,
      interval.endedAt.wallMs - evidence.beganAt,
    ] as const;
    const durationErrorMs = interval.durationMs - (truth[1] - truth[0]);
    const worst = Math.max(
      Math.abs(observed[0] - truth[0]),
      Math.abs(observed[1] - truth[1]),
      Math.abs(durationErrorMs),
    );
    const { coverage } = interval.evidence;
    return {
      ...shared,
      observedSeconds: [observed[0] / 1000, observed[1] / 1000],
      durationErrorSeconds: rounded(durationErrorMs / 1000),
      coverage: rounded(coverage),
      ok: worst <= TOLERANCES.labourSeconds * 1000 && coverage !== null && coverage >= 1 - TOLERANCES.coverageShare,
    };
  });
}

function judgeScan(evidence: Evidence, visit: Visit, performed: Performed): Verdict["dtcs"][number] {
  const arrivals = bodiesOf(evidence.headquarters, "scan.recorded").filter(
    ({ jobId, purpose }) => jobId === performed.jobId && purpose === "arrival",
  );
  const [first] = arrivals;
  const truth = codesOfCar(visit.car);
  const observed = (first?.scan.ecus ?? [])
    .flatMap((ecu) => ecu.dtcs.map(({ code, status }) => `${ecu.address} ${code} ${status}`))
    .sort();
  const vinObserved = first?.scan.vin ?? null;
  const same = truth.length === observed.length && truth.every((code, index) => code === observed[index]);
  return {
    jobNumber: visit.jobNumber,
    truth,
    observed,
    vinTruth: visit.car.vin,
    vinObserved,
    ok: arrivals.length === 1 && same && vinObserved === visit.car.vin,
  };
}

/** The last comparison counts: a second departure scan compares again. */
function judgeDifference(evidence: Evidence, visit: Visit, performed: Performed): Verdict["differences"][number] {
  const last = bodiesOf(evidence.headquarters, "scan.compared")
    .filter(({ jobId }) => jobId === performed.jobId)
    .at(-1);
  const named = (lines: readonly { readonly ecu: string; readonly code: string; readonly outcome: string }[]) =>
    lines.map(({ ecu, code, outcome }) => `${ecu} ${code} ${outcome}`).sort();
  const truth = named(visit.repair.outcomes);
  const observed = named(last?.difference.codes ?? []);
  const cleared = last?.difference.cleared ?? null;
  const same = truth.length === observed.length && truth.every((line, index) => line === observed[index]);
  return {
    jobNumber: visit.jobNumber,
    truth,
    observed,
    cleared,
    ok: same && cleared === visit.repair.cleared && last?.difference.sameVin === true,
  };
}

/** Every photo that was planned must be there; one that was never taken is a line too. */
function judgePhotos(evidence: Evidence, visit: Visit, performed: Performed): PhotoLine[] {
  const records = bodiesOf(evidence.headquarters, "photo.looked-at").filter(({ jobId }) => jobId === performed.jobId);
  return visit.photos.map(({ checkpoint }) => {
    const never = {
      checkpoint,
      refusals: [],
      flatShare: null,
      truth: { plates: [], faces: [], damages: [] },
    };
    const taken = performed.photos.find((photo) => photo.checkpoint === checkpoint);
    return judgePhoto(
      visit.jobNumber,
      taken ?? never,
      records.find((record) => record.checkpoint === checkpoint),
    );
  });
}

/** Every code of the car as `7E8 P0299 confirmed`, sorted. */
function codesOfCar(car: SimulatedCar): string[] {
  return car.ecus
    .flatMap(({ requestId, confirmed, pending, permanent }) => {
      const address = (requestId + 8).toString(16).toUpperCase();
      return [
        ...confirmed.map((code) => `${address} ${code} confirmed`),
        ...pending.map((code) => `${address} ${code} pending`),
        ...permanent.map((code) => `${address} ${code} permanent`),
      ];
    })
    .sort();
}

function compareRecords(
  journal: readonly RecordOnTheWire[],
  headquarters: readonly RecordOnTheWire[],
): Verdict["headquarters"] {
  const name = (record: RecordOnTheWire) => `${record.stream} ${record.seq} ${record.hash}`;
  const sent = new Set(journal.map(name));
  const arrived = headquarters.map(name);
  const unique = new Set(arrived);
  let outOfOrder = 0;
  for (const stream of STREAMS) {
    const seqs = headquarters.filter((record) => record.stream === stream).map((record) => record.seq);
    outOfOrder += seqs.filter((seq, index) => index > 0 && seq <= (seqs[index - 1] ?? 0)).length;
  }
  return {
    records: arrived.length,
    missing: [...sent].filter((record) => !unique.has(record)).length,
    duplicated: arrived.length - unique.size,
    outOfOrder,
    foreign: [...unique].filter((record) => !sent.has(record)).length,
  };
}

/** Bodies of one type in order of their sequence; a body that does not fit its schema is an error of the road. */
function bodiesOf<T extends RecordType>(records: readonly RecordOnTheWire[], type: T): RecordBody<T>[] {
  const schema = Compile(RECORDS[type].body);
  return records
    .filter((record) => record.type === type)
    .sort((a, b) => a.seq - b.seq)
    .map((record) => {
      const { body } = record;
      if (!schema.Check(body)) throw new Error(`a ${type} record at headquarters does not fit its schema`);
      return body as RecordBody<T>;
    });
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}
