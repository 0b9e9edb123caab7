import {
  decodeObdIdentifier,
  EMISSIONS_GROUP,
  encodeUdsRequest,
  obdIdentifier,
  splitIdentifiedData,
  type UdsRequest,
} from "../../vehicle-protocols/index.ts";
import type { ObdFindings } from "./obd-lists.ts";
import { OPTIONAL_P2_MS, type ScanTalk } from "./scan-talk.ts";
import { ANY_FAILURE, noteReport } from "./uds-unit.ts";
import type { UnitNotes } from "./unit-notes.ts";

const ANY_SEVERITY = 0xff;
/** Codes of the emissions group, and the permanent ones: SAE J1979-2 and ISO 27145. */
const LISTS = [
  {
    request: {
      service: 0x19,
      report: 0x42,
      group: EMISSIONS_GROUP,
      statusMask: ANY_FAILURE,
      severityMask: ANY_SEVERITY,
    },
    service: "1942",
  },
  { request: { service: 0x19, report: 0x55, group: EMISSIONS_GROUP }, service: "1955", status: "permanent" },
] as const satisfies readonly {
  readonly request: Extract<UdsRequest, { service: 0x19 }>;
  readonly service: string;
  readonly status?: "permanent";
}[];

const VIN = obdIdentifier("info", 0x02);
const ECU_NAME = obdIdentifier("info", 0x0a);
const MONITORS = obdIdentifier("pid", 0x01);

/** What a car by SAE J1979-2 or ISO 27145 has for a scan; it does not answer the services of SAE J1979. */
export async function readObdOnUds(talk: ScanTalk, units: readonly UnitNotes[]): Promise<ObdFindings> {
  const ids = units.map((unit) => unit.ecuId);
  for (const list of LISTS) {
    const answers = await talk.askAll(encodeUdsRequest(list.request), ids);
    for (const unit of units) {
      const status = "status" in list ? list.status : undefined;
      noteReport(unit, list.request, answers.get(unit.ecuId) ?? talk.silence(), list.service, status);
    }
  }
  const vins: ObdFindings["vins"][number][] = [];
  for (const did of [VIN, MONITORS, ECU_NAME]) {
    const answers = await talk.askAll(encodeUdsRequest({ service: 0x22, dids: [did] }), ids, OPTIONAL_P2_MS);
    for (const unit of units) {
      const answer = answers.get(unit.ecuId);
      const [payload] = answer !== undefined && "payloads" in answer ? answer.payloads : [];
      const split = payload === undefined ? undefined : splitIdentifiedData(payload, [did]);
      const [value] = split?.ok === true ? split.value : [];
      const decoded = value === undefined ? undefined : decodeObdIdentifier(did, value.data);
      if (decoded?.ok !== true) continue;
      if (decoded.value.kind === "info") {
        const { info } = decoded.value;
        if (info.kind === "vin")
          vins.push({ vin: info.check.vin, doubts: info.check.problems.map(({ code }) => code) });
        if (info.kind === "ecu-name") unit.name = info.name || info.acronym;
      } else if (decoded.value.kind === "pid" && decoded.value.reading.kind === "monitors")
        unit.monitors = decoded.value.reading.status;
    }
  }
  return { vins, signals: [] };
}
