import type { ScannedDtc } from "../../contract/payloads.ts";
import {
  type DtcReport,
  decodeObdIdentifier,
  decodeUdsResponse,
  encodeUdsRequest,
  identificationText,
  identifierName,
  type SnapshotValue,
  toHex,
  type UdsDtc,
  type UdsRequest,
  type UdsResponse,
} from "../../vehicle-protocols/index.ts";
import { OPTIONAL_P2_MS, type ScanTalk, type UnitAnswer } from "./scan-talk.ts";
import type { UnitNotes } from "./unit-notes.ts";

/**
 * Failed now, failed this cycle, pending, confirmed, failed since the codes were cleared (ISO 14229-1). The other bits would bring every code that a
 * unit knows and has not tested.
 */
export const ANY_FAILURE = 0x2f;
const ALL_RECORDS = 0xff;
/** Snapshots are long; a unit with more codes than this has one fault behind them. */
const MOST_SNAPSHOTS = 8;
const MOST_SNAPSHOT_VALUES = 64;
const LONGEST_SNAPSHOT_VALUE = 255;

/** Part number, software, serial, system name and the VIN that the unit keeps. */
const IDENTIFIERS = [0xf187, 0xf189, 0xf195, 0xf18c, 0xf197, 0xf190] as const;

/** How a unit says that it does not speak ISO 14229-1: not at all, or plainly. */
const NOT_SPOKEN: ReadonlySet<string> = new Set(["no-answer", "service-not-supported"]);

/** Codes with failure type and status of one unit by ISO 14229-1, 19 02. That a unit which has lists by OBD does not speak it is no gap. */
export async function readUdsCodes(talk: ScanTalk, unit: UnitNotes): Promise<readonly UdsDtc[]> {
  const { address } = unit;
  if (address === undefined) return [];
  const request: UdsRequest = { service: 0x19, report: 0x02, statusMask: ANY_FAILURE };
  const ask = () => talk.askOne(address, encodeUdsRequest(request));
  let answer = await ask();
  // Radio loses frames; a list of codes is worth a second try.
  if ("reason" in answer && answer.reason === "no-answer") answer = await ask();
  const isSpoken = !("reason" in answer) || !NOT_SPOKEN.has(answer.reason);
  unit.spokeUds = isSpoken && talk.ended === undefined;
  return isSpoken || !unit.hasListedCodes ? noteReport(unit, request, answer, "19") : [];
}

/** The codes of a report's answer, noted with the unit; what is no list is noted as unanswered. */
export function noteReport(
  unit: UnitNotes,
  request: Extract<UdsRequest, { service: 0x19 }>,
  answer: UnitAnswer,
  service: string,
  status?: ScannedDtc["status"],
): readonly UdsDtc[] {
  const decoded = decodeUds(request, answer);
  if ("reason" in decoded) {
    unit.noteUnanswered(service, decoded);
    return [];
  }
  const report = decoded.service === 0x19 ? decoded.report : undefined;
  if (report?.kind !== "codes") {
    unit.noteUnanswered(service, { reason: "unexpected-report", denied: false });
    return [];
  }
  unit.hasListedCodes = true;
  if (!report.complete) unit.noteUnanswered(service, { reason: "list-incomplete", denied: false });
  for (const dtc of report.dtcs) noteUdsDtc(unit, dtc, status);
  return report.dtcs;
}

/** Identification of one unit, one identifier after the other: many units take only one at a time. */
export async function readIdentification(talk: ScanTalk, unit: UnitNotes): Promise<void> {
  if (unit.address === undefined) return;
  for (const did of IDENTIFIERS) {
    const request: UdsRequest = { service: 0x22, dids: [did] };
    const decoded = decodeUds(request, await talk.askOne(unit.address, encodeUdsRequest(request), OPTIONAL_P2_MS));
    if ("reason" in decoded || decoded.service !== 0x22) continue;
    for (const { did: told, data } of decoded.values) {
      const text = identificationText(told, data);
      const name = identifierName(told);
      if (text === undefined || name === undefined) continue;
      unit.noteIdentification(name, text);
      if (name === "system-name") unit.name ??= text;
    }
  }
}

/** What the unit kept when its codes were stored (19 04), the gravest codes first. */
export async function readSnapshots(talk: ScanTalk, unit: UnitNotes, dtcs: readonly UdsDtc[]): Promise<void> {
  if (unit.address === undefined) return;
  const worstFirst = [...dtcs].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_SNAPSHOTS);
  for (const dtc of worstFirst) {
    const request: UdsRequest = { service: 0x19, report: 0x04, dtc: dtc.raw, record: ALL_RECORDS };
    const decoded = decodeUds(request, await talk.askOne(unit.address, encodeUdsRequest(request), OPTIONAL_P2_MS));
    if (!("reason" in decoded) && decoded.service === 0x19) noteSnapshot(unit, dtc, decoded.report);
    // A unit that keeps none says so at the first code.
    else if ("reason" in decoded && decoded.reason !== "no-answer") return;
  }
}

function decodeUds(request: UdsRequest, answer: UnitAnswer): UdsAnswer {
  if ("reason" in answer) return answer;
  const [payload = new Uint8Array()] = answer.payloads;
  const decoded = decodeUdsResponse(request, payload);
  if (!decoded.ok) return { reason: decoded.error.code, denied: false };
  return decoded.value.service === "negative" ? { reason: decoded.value.refusal.name, denied: false } : decoded.value;
}

type UdsAnswer = Exclude<UdsResponse, { service: "negative" }> | { readonly reason: string; readonly denied: boolean };

/**
 * A code without a failure type (`-00`) is the one that SAE J1979 lists. One that has it says more than the bare number in the same unit's lists of confirmed and
 * pending codes, and takes its place, with what was kept for it.
 */
function noteUdsDtc(unit: UnitNotes, { code, status: bits }: UdsDtc, asStatus?: ScannedDtc["status"]): void {
  const standing = bits?.standing ?? "confirmed";
  if (code === undefined || (standing === "not-failed" && asStatus === undefined)) return;
  const status = asStatus ?? (standing === "not-failed" ? "stored" : standing);
  const [bare = code, failureType] = code.split("-");
  const name = failureType === "00" && !code.startsWith("SPN") ? bare : code;
  const index = name === bare ? -1 : unit.dtcs.findIndex((dtc) => dtc.code === bare && dtc.status === status);
  const [replaced] = index < 0 ? [] : unit.dtcs.splice(index, 1);
  const freezeFrame = replaced?.freezeFrame;
  unit.noteDtc({
    code: name,
    status,
    ...(bits === undefined ? {} : { statusByte: bits.byte }),
    ...(freezeFrame === undefined ? {} : { freezeFrame }),
  });
}

function noteSnapshot(unit: UnitNotes, { code }: UdsDtc, report: DtcReport): void {
  if (report.kind !== "snapshots" || code === undefined) return;
  const name = code.endsWith("-00") ? code.slice(0, -3) : code;
  const dtc = unit.dtcs.find((known) => known.code === name && known.status !== "permanent");
  const [record] = report.records;
  if (dtc === undefined || record === undefined) return;
  const freezeFrame: Record<string, number> = { ...dtc.freezeFrame };
  const snapshot: NonNullable<ScannedDtc["snapshot"]> = [];
  for (const value of record.values.slice(0, MOST_SNAPSHOT_VALUES)) {
    const signals = signalsOf(value);
    if (signals.length > 0) for (const { id, number } of signals) freezeFrame[id] = number;
    else
      snapshot.push({
        did: value.did.toString(16).toUpperCase().padStart(4, "0"),
        data: toHex(value.data.subarray(0, LONGEST_SNAPSHOT_VALUE)),
      });
  }
  unit.noteDtc({
    ...dtc,
    ...(Object.keys(freezeFrame).length === 0 ? {} : { freezeFrame }),
    ...(snapshot.length === 0 ? {} : { snapshot }),
  });
}

/** Identifiers F4xx are the PIDs of SAE J1979; of the others only the maker knows what they mean. */
function signalsOf({ did, data }: SnapshotValue): { readonly id: string; readonly number: number }[] {
  const value = decodeObdIdentifier(did, data);
  if (!value.ok || value.value.kind !== "pid" || value.value.reading.kind !== "signals") return [];
  return value.value.reading.signals.flatMap(({ id, value: number }) =>
    typeof number === "number" ? [{ id, number }] : [],
  );
}

function rank({ status }: UdsDtc): number {
  return ["confirmed", "pending", "stored", "not-failed"].indexOf(status?.standing ?? "confirmed");
}
