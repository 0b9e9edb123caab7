/** Bits of a trouble code's status byte (ISO 14229-1), bit 0 first. */
export const DTC_STATUS_BITS = [
  /** The last test that ended has failed: the fault is there now. */
  "test-failed",
  "test-failed-this-cycle",
  "pending",
  "confirmed",
  "not-tested-since-clear",
  "failed-since-clear",
  "not-tested-this-cycle",
  "warning-indicator",
] as const;
export type DtcStatusBit = (typeof DTC_STATUS_BITS)[number];

export type DtcStatus = {
  readonly byte: number;
  /** The bits that are set. */
  readonly bits: readonly DtcStatusBit[];
  /**
   * In short: `confirmed`; `pending`, also for a test that fails now; `stored`, which has failed once since the codes were cleared and does
   * not now; `not-failed`, which an ECU reports when it is asked for all codes it knows.
   */
  readonly standing: "confirmed" | "pending" | "stored" | "not-failed";
};

const TEST_FAILED = 0x01;
const FAILED_THIS_CYCLE = 0x02;
const PENDING = 0x04;
const CONFIRMED = 0x08;
const FAILED_SINCE_CLEAR = 0x20;

/**
 * Reads a status byte.
 * @param availability bits that this ECU uses at all, where its answer says so; the others are not looked at
 */
export function decodeDtcStatus(byte: number, availability = 0xff): DtcStatus {
  const used = byte & availability;
  return { byte, bits: DTC_STATUS_BITS.filter((_, bit) => ((used >> bit) & 1) === 1), standing: standingOf(used) };
}

function standingOf(byte: number): DtcStatus["standing"] {
  if ((byte & CONFIRMED) !== 0) return "confirmed";
  if ((byte & (PENDING | TEST_FAILED)) !== 0) return "pending";
  return (byte & (FAILED_SINCE_CLEAR | FAILED_THIS_CYCLE)) !== 0 ? "stored" : "not-failed";
}

/** What the driver should do about a code, by its ECU (ISO 14229-1, bits 7 to 5 of the severity byte). */
export type DtcUrgency = "check-immediately" | "check-at-next-halt" | "maintenance-only";

/** Classes of the global technical regulation 5 that WWH-OBD uses (bits 4 to 0): A is the gravest. */
export type DtcClass = "unclassified" | "A" | "B1" | "B2" | "C";

export type DtcSeverity = {
  readonly byte: number;
  readonly urgency: DtcUrgency | undefined;
  readonly classes: readonly DtcClass[];
};

const CLASSES: readonly DtcClass[] = ["unclassified", "A", "B1", "B2", "C"];

/** Reads the severity byte of reports 08, 09 and 42. */
export function decodeDtcSeverity(byte: number): DtcSeverity {
  return { byte, urgency: urgencyOf(byte), classes: CLASSES.filter((_, bit) => ((byte >> bit) & 1) === 1) };
}

function urgencyOf(byte: number): DtcUrgency | undefined {
  if ((byte & 0x80) !== 0) return "check-immediately";
  if ((byte & 0x40) !== 0) return "check-at-next-halt";
  return (byte & 0x20) !== 0 ? "maintenance-only" : undefined;
}
