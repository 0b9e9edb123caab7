import type { DtcOutcome, ScanDifference } from "../../contract/records.ts";
import {
  type CodeDigest,
  DTC_STATUSES,
  type DtcStatus,
  type EcuDigest,
  ordered,
  type ScanDigest,
  SINCE_CLEARED,
} from "./digest.ts";
import { isProven } from "./monitors.ts";

/** What BayGate itself did between two scans. `maybe`: nobody can say whether the request to clear reached the car. */
export type OwnClearing = "no" | "yes" | "maybe";

type CodeLine = ScanDifference["codes"][number];

/** ISO 14229-1 status bits: the test fails, failed this cycle, is pending, confirmed, failed since the codes were cleared, asks for the lamp. */
const FAILED_BITS = 0x01 | 0x02 | 0x04 | 0x08 | 0x20 | 0x80;
const UNTESTED_SINCE_CLEAR_BIT = 0x10;

/** A unit that only the other scan has met. */
const ABSENT: EcuDigest = { reach: "no-answer", codes: {}, unread: [] };
/** Bounds of the record. */
const MOST_CODES = 2_000;
const MOST_MONITORS = 64;

/**
 * What became of each trouble code between two scans of one car; the meaning of the outcomes stands at `DTC_OUTCOMES`.
 * Total: any two scans can be compared. Where they saw different cars, nothing of the first one was checked.
 */
export function compareScans(arrival: ScanDigest, departure: ScanDigest, own: OwnClearing): ScanDifference {
  const sameVin = arrival.vin === null || departure.vin === null ? null : arrival.vin === departure.vin;
  if (sameVin === false) return otherCar(arrival, departure);
  const addresses = [...new Set([...Object.keys(arrival.ecus), ...Object.keys(departure.ecus)])].sort();
  const units = addresses.map((address) => unitOf(address, arrival, departure));
  const cleared = clearingBetween(arrival, departure, units, own);
  const codes = units.flatMap((unit) =>
    unit.lines.flatMap((line) => {
      const outcome = outcomeOf(unit, line, departure, cleared !== "no");
      if (outcome === undefined) return [];
      const before = line.before?.statuses[0] ?? null;
      const after = line.after?.statuses[0] ?? null;
      return [{ code: line.code, ecu: unit.address, outcome, before, after }];
    }),
  );
  return {
    codes: bounded(codes),
    incompleteMonitors: incomplete(departure),
    unreadable: units.flatMap((unit) => {
      const reason = unreadableReason(unit);
      return reason === undefined ? [] : [{ ecu: unit.address, reason }];
    }),
    cleared,
    sameVin,
  };
}

/** One code of one unit in both scans; both are there at most once. */
interface Line {
  readonly code: string;
  readonly before: CodeDigest | undefined;
  readonly after: CodeDigest | undefined;
  /** The unit says itself that it has not tested this since codes were cleared, or has and found nothing; undefined where it says neither. */
  readonly testedSinceClear: boolean | undefined;
}

interface Unit {
  readonly address: string;
  readonly arrival: EcuDigest;
  readonly departure: EcuDigest;
  /** Lists that arrival read, if only in part, and departure did not read whole, and the other way round. */
  readonly lost: readonly string[];
  readonly gained: readonly string[];
  readonly lines: readonly Line[];
}

function unitOf(address: string, arrivalScan: ScanDigest, departureScan: ScanDigest): Unit {
  const arrival = arrivalScan.ecus[address] ?? ABSENT;
  const departure = departureScan.ecus[address] ?? ABSENT;
  return {
    address,
    arrival,
    departure,
    lost: departure.unread.filter((service) => hasTold(arrival, service)),
    gained: arrival.unread.filter((service) => hasTold(departure, service)),
    lines: linesOf(arrival, departure),
  };
}

/** Whether a unit gave anything of a list. */
function hasTold({ unread, partly = [] }: EcuDigest, service: string): boolean {
  return !unread.includes(service) || partly.includes(service);
}

/**
 * Pairs the codes of both scans. A code with a failure type byte (`U0405-81`) is one of its own; where a service gives the number alone (`U0405`), it
 * stands for the variants that the other services of the same scan report, or else for those of the other scan.
 */
function linesOf(arrival: EcuDigest, departure: EcuDigest): readonly Line[] {
  const before = byNumber(arrival);
  const after = byNumber(departure);
  const numbers = [...new Set([...before.keys(), ...after.keys()])].sort();
  return numbers.flatMap((number) => {
    const [first, second] = alike(number, before.get(number) ?? {}, after.get(number) ?? {});
    const codes = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
    return codes.flatMap((code): readonly Line[] => {
      const [before, after] = [told(first[code]), told(second[code])];
      if (before === undefined && after === undefined) return [];
      return [{ code, before, after, testedSinceClear: testedSinceClear(second[code]) }];
    });
  });
}

type Variants = Readonly<Record<string, CodeDigest>>;

function byNumber({ codes }: EcuDigest): ReadonlyMap<string, Variants> {
  const found = new Map<string, Record<string, CodeDigest>>();
  for (const [code, digest] of Object.entries(codes)) {
    const number = numberOf(code);
    const variants = found.get(number) ?? {};
    variants[code] = digest;
    found.set(number, variants);
  }
  return found;
}

/** `P0420-11` is P0420; `SPN110-FMI0` is a code of its own, since SAE J1939 has no code without its failure mode. */
function numberOf(code: string): string {
  return code.startsWith("SPN") ? code : code.slice(0, 5);
}

function alike(number: string, before: Variants, after: Variants): readonly [Variants, Variants] {
  const first = withoutBare(number, before);
  const second = withoutBare(number, after);
  return [spread(number, first, second), spread(number, second, first)];
}

/** The bare number beside its variants says nothing more than they do. */
function withoutBare(number: string, variants: Variants): Variants {
  const { [number]: bare, ...others } = variants;
  return bare === undefined || Object.keys(others).length === 0 ? variants : others;
}

/** The bare number alone stands for each variant that the other scan knows. */
function spread(number: string, variants: Variants, other: Variants): Variants {
  const bare = variants[number];
  if (bare === undefined || other[number] !== undefined || Object.keys(other).length === 0) return variants;
  return Object.fromEntries(Object.keys(other).map((code) => [code, bare]));
}

/** A stored code whose status has no bit of a failure was listed only because the unit lists all that it can test. */
function told(digest: CodeDigest | undefined): CodeDigest | undefined {
  if (digest === undefined) return undefined;
  const onlyListed =
    digest.statuses[0] === "stored" && digest.statusByte !== null && (digest.statusByte & FAILED_BITS) === 0;
  return onlyListed ? undefined : digest;
}

function testedSinceClear(digest: CodeDigest | undefined): boolean | undefined {
  if (digest === undefined || digest.statusByte === null) return undefined;
  return (digest.statusByte & UNTESTED_SINCE_CLEAR_BIT) === 0;
}

/** The outcome of one line, or undefined for what is no finding of this visit. */
function outcomeOf(unit: Unit, line: Line, departure: ScanDigest, wasCleared: boolean): DtcOutcome | undefined {
  const { before, after, code } = line;
  if (after === undefined) {
    if (unit.departure.reach !== "answered" || unit.lost.some((service) => carries(service, before)))
      return "not-checked";
    return gone(unit, line, departure, wasCleared);
  }
  const [status] = after.statuses;
  if (status === "permanent") return "permanent-left";
  if (before === undefined) {
    const unseen = unit.arrival.reach !== "answered" || unit.gained.some((service) => carries(service, after));
    return unseen ? "not-checked-before" : "new";
  }
  if (status !== "stored" || before.statuses[0] === "stored") return "still-there";
  // What was a fault is a memory now.
  if (line.testedSinceClear === undefined) return isProven(code, departure.monitors) ? "fixed" : "cleared-not-proven";
  return line.testedSinceClear ? "fixed" : "cleared-not-proven";
}

function gone(unit: Unit, line: Line, { monitors }: ScanDigest, wasCleared: boolean): DtcOutcome {
  if (line.testedSinceClear !== undefined) return line.testedSinceClear ? "fixed" : "cleared-not-proven";
  // SAE J1979 service 0A: no tool can clear a permanent code; the unit drops it when its own monitor has passed.
  const permanentRead = !unit.departure.unread.some((service) => LIST_STATUS[service] === "permanent");
  const unitPassedIt = line.before?.statuses.includes("permanent") === true && permanentRead;
  if (!wasCleared || unitPassedIt || isProven(line.code, monitors)) return "fixed";
  return "cleared-not-proven";
}

/** Whether a code with these statuses could have come by this service. */
function carries(service: string, digest: CodeDigest | undefined): boolean {
  const status = LIST_STATUS[service];
  return status === undefined || digest?.statuses.includes(status) === true;
}

/** Lists of one status: SAE J1979 services, SAE J1939 messages, ISO 14229-1 reports 15 and 55. Other services give codes of any status. */
const LIST_STATUS: Readonly<Record<string, DtcStatus>> = {
  "03": "confirmed",
  "07": "pending",
  "0A": "permanent",
  "1915": "permanent",
  "1955": "permanent",
  DM1: "confirmed",
  DM2: "stored",
  DM6: "pending",
  DM28: "permanent",
};

function unreadableReason({ departure, lost }: Unit): ScanDifference["unreadable"][number]["reason"] | undefined {
  if (departure.reach !== "answered") return departure.reach;
  // A unit that has never known a list (0A on older cars) has lost nothing, but one that gives no confirmed codes is not read.
  const silent = departure.unread.some((service) => (LIST_STATUS[service] ?? "confirmed") === "confirmed");
  return lost.length > 0 || (silent && Object.keys(departure.codes).length === 0) ? "list-not-read" : undefined;
}

/**
 * Whether codes were cleared between the scans: by us, or by another tool, as counters that began anew, a monitor that is incomplete again, or a
 * confirmed code that has vanished tell (by itself a code goes only after 40 warm-ups, SAE J1979).
 */
function clearingBetween(
  arrival: ScanDigest,
  departure: ScanDigest,
  units: readonly Unit[],
  own: OwnClearing,
): ScanDifference["cleared"] {
  if (own === "yes") return "by-us";
  const counters = SINCE_CLEARED.some((name) => {
    const [first, second] = [arrival.sinceCleared[name], departure.sinceCleared[name]];
    return first !== undefined && second !== undefined && second < first;
  });
  const monitors = Object.entries(departure.monitors).some(
    ([name, state]) => state === "incomplete" && arrival.monitors[name] === "complete",
  );
  const vanished = units.some(({ departure: unit, lost, lines }) =>
    lines.some(
      ({ before, after }) =>
        unit.reach === "answered" && before?.statuses[0] === "confirmed" && after === undefined && lost.length === 0,
    ),
  );
  if (!counters && !monitors && !vanished) return "no";
  return own === "maybe" ? "by-us" : "elsewhere";
}

function otherCar(arrival: ScanDigest, departure: ScanDigest): ScanDifference {
  const codes = Object.entries(arrival.ecus).flatMap(([ecu, { codes: own }]) =>
    Object.entries(own).flatMap(([code, digest]): CodeLine[] =>
      told(digest) === undefined
        ? []
        : [{ code, ecu, outcome: "not-checked", before: digest.statuses[0] ?? null, after: null }],
    ),
  );
  return {
    codes: bounded(codes),
    incompleteMonitors: incomplete(departure),
    unreadable: [],
    cleared: "no",
    sameVin: false,
  };
}

function incomplete({ monitors }: ScanDigest): string[] {
  return Object.entries(monitors)
    .flatMap(([name, state]) => (state === "incomplete" ? [name] : []))
    .sort()
    .slice(0, MOST_MONITORS);
}

/** More codes than any car has are cut, the least serious first. */
function bounded(codes: CodeLine[]): CodeLine[] {
  if (codes.length <= MOST_CODES) return codes;
  const rank = ({ before, after }: CodeLine) => {
    const [worst] = ordered([before, after].filter((status) => status !== null));
    return worst === undefined ? DTC_STATUSES.length : DTC_STATUSES.indexOf(worst);
  };
  return codes.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_CODES);
}
