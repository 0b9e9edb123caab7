import type { Draft, DraftOf, JournalRecord, Stamp } from "../../contract/records.ts";

type DeviceFacts = DraftOf<"device.changed">["body"];
export type RefusedTap = DraftOf<"tap.refused">["body"];

/** The gateway's own life, as far as views and deadlines need it. */
export interface OperationsState {
  readonly startedAt: Stamp | null;
  /** Keyed by `kind:id`; what never reported has no entry. */
  readonly devices: Readonly<Record<string, DeviceFacts>>;
  readonly quarantined: { readonly count: number; readonly last: DraftOf<"message.quarantined">["body"] | null };
  readonly lastClockJump: DraftOf<"clock.jumped">["body"] | null;
  /** The latest refused taps, newest first. */
  readonly refusedTaps: readonly RefusedTap[];
  /** Closed labour that carries a flag or has little evidence, newest first: for a person to look at. */
  readonly doubtfulLabour: readonly DraftOf<"labour.clocked-off">["body"]["interval"][];
  /** The last use of the switch that stops all asking of cars; null when nobody has touched it. */
  readonly polling: DraftOf<"polling.switched">["body"] | null;
}

export const NO_OPERATIONS: OperationsState = {
  startedAt: null,
  devices: {},
  quarantined: { count: 0, last: null },
  lastClockJump: null,
  refusedTaps: [],
  doubtfulLabour: [],
  polling: null,
};

const REFUSED_TAPS_KEPT = 20;
const DOUBTFUL_LABOUR_KEPT = 50;
/** Coverage below this is kept for a look; what is shown as low is the configuration's word (`labour.lowCoverage`). */
const FULL_COVERAGE = 1;

export function evolveOperations(operations: OperationsState, record: Draft | JournalRecord): OperationsState {
  switch (record.type) {
    case "gateway.started":
      return { ...operations, startedAt: record.body.at };
    case "device.changed": {
      const { kind, deviceId } = record.body;
      return { ...operations, devices: { ...operations.devices, [`${kind}:${deviceId}`]: record.body } };
    }
    case "message.quarantined": {
      const count = operations.quarantined.count + 1;
      return { ...operations, quarantined: { count, last: record.body } };
    }
    case "polling.switched":
      return { ...operations, polling: record.body };
    case "clock.jumped":
      return { ...operations, lastClockJump: record.body };
    case "tap.refused":
      return {
        ...operations,
        refusedTaps: [record.body, ...operations.refusedTaps].slice(0, REFUSED_TAPS_KEPT),
      };
    case "labour.clocked-off": {
      const { interval } = record.body;
      const covered = interval.evidence.coverage ?? FULL_COVERAGE;
      if (interval.flags.length === 0 && covered >= FULL_COVERAGE) return operations;
      return {
        ...operations,
        doubtfulLabour: [interval, ...operations.doubtfulLabour].slice(0, DOUBTFUL_LABOUR_KEPT),
      };
    }
    default:
      return operations;
  }
}
