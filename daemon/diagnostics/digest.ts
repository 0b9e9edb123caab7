import type { DongleScan, Readiness, ScannedDtc, ScannedEcu } from "../../contract/payloads.ts";

export type DtcStatus = ScannedDtc["status"];

/** Most serious first. `permanent` alone is what a unit keeps until its own monitor has passed; `stored` alone is a memory. */
export const DTC_STATUSES = ["confirmed", "pending", "permanent", "stored"] as const satisfies readonly DtcStatus[];

/** One code of one unit: every list that reported it, most serious first. */
export interface CodeDigest {
  readonly statuses: readonly DtcStatus[];
  /** ISO 14229-1 status byte, where the unit gave one. */
  readonly statusByte: number | null;
}

export interface EcuDigest {
  readonly reach: NonNullable<ScannedEcu["reach"]>;
  readonly codes: Readonly<Record<string, CodeDigest>>;
  /** Services for lists of codes that this unit did not answer whole. */
  readonly unread: readonly string[];
  /** Those of them of which a part came; absent where there are none. */
  readonly partly?: readonly string[];
}

/** Counters that begin anew when codes are cleared, by SAE J1979 acronym (PIDs 30, 31, 4E). */
export const SINCE_CLEARED = ["WARM_UPS", "CLR_DIST", "CLR_TIME"] as const;

/** What of a scan a later one is compared with. Kept in the shop's state, so it holds no more than that. */
export interface ScanDigest {
  /** Null where no unit told it or units disagree. */
  readonly vin: string | null;
  /** By the address that the unit answers from. */
  readonly ecus: Readonly<Record<string, EcuDigest>>;
  readonly monitors: Readiness["monitors"];
  readonly sinceCleared: Readonly<Partial<Record<(typeof SINCE_CLEARED)[number], number>>>;
}

export function digestOf(scan: DongleScan): ScanDigest {
  const ecus: Record<string, EcuDigest> = {};
  for (const ecu of scan.ecus) {
    const before = ecus[ecu.address];
    const own = digestOfEcu(ecu);
    ecus[ecu.address] = before === undefined ? own : merged(before, own);
  }
  const sinceCleared: Partial<Record<(typeof SINCE_CLEARED)[number], number>> = {};
  for (const { name, value, stale } of scan.signals ?? []) {
    const counter = SINCE_CLEARED.find((each) => each === name);
    if (counter !== undefined && typeof value === "number" && stale !== true) sinceCleared[counter] = value;
  }
  const vin = scan.vinDoubts.includes("units-disagree") ? null : scan.vin;
  return { vin, ecus, monitors: scan.readiness?.monitors ?? {}, sinceCleared };
}

function digestOfEcu({ reach = "answered", dtcs, unanswered }: ScannedEcu): EcuDigest {
  const codes: Record<string, CodeDigest> = {};
  for (const { code, status, statusByte = null } of dtcs)
    codes[code] = together(codes[code], { statuses: [status], statusByte });
  const lists = unanswered
    .map(({ service, reason }) => ({ service: service.toUpperCase(), isPart: reason === PART_CAME }))
    .filter(({ service }) => isCodeList(service));
  const unread = lists.map(({ service }) => service);
  const partly = lists.filter(({ isPart }) => isPart).map(({ service }) => service);
  return { reach, codes, ...servicesOf(unread, partly) };
}

/** A unit that a scan lists twice: found is what either part found, unread what either did not read. */
function merged(a: EcuDigest, b: EcuDigest): EcuDigest {
  const codes: Record<string, CodeDigest> = { ...a.codes };
  for (const [code, digest] of Object.entries(b.codes)) codes[code] = together(codes[code], digest);
  const reach = REACHES.find((each) => each === a.reach || each === b.reach) ?? "answered";
  return { reach, codes, ...servicesOf([...a.unread, ...b.unread], [...(a.partly ?? []), ...(b.partly ?? [])]) };
}

/** What the bridge says of a list whose end did not come. */
const PART_CAME = "list-incomplete";

function servicesOf(unread: readonly string[], partly: readonly string[]): Pick<EcuDigest, "unread" | "partly"> {
  const each = (services: readonly string[]) => [...new Set(services)].sort();
  return { unread: each(unread), ...(partly.length === 0 ? {} : { partly: each(partly) }) };
}

const REACHES = ["secure-gateway", "no-answer", "answered"] as const;

/** Bits of either byte count: failing is failing, and untested is untested. */
function together(a: CodeDigest | undefined, b: CodeDigest): CodeDigest {
  if (a === undefined) return b;
  const statusByte =
    a.statusByte === null || b.statusByte === null ? (a.statusByte ?? b.statusByte) : a.statusByte | b.statusByte;
  return { statuses: ordered([...a.statuses, ...b.statuses]), statusByte };
}

export function ordered(statuses: readonly DtcStatus[]): readonly DtcStatus[] {
  return DTC_STATUSES.filter((status) => statuses.includes(status));
}

/** SAE J1979 services 03, 07 and 0A, ISO 14229-1 service 19 with any sub-function, SAE J1939 DM1 and the like. */
function isCodeList(service: string): boolean {
  return /^(?:0[37A]|19|DM)/.test(service);
}
