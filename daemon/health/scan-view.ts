import { Compile } from "typebox/compile";
import type { FullScanView, ScannedEcuView, ShownValue } from "../../contract/diagnostics-api.ts";
import { DongleScan, type ScannedDtc, type ScannedEcu } from "../../contract/payloads.ts";
import { ordered } from "../diagnostics/digest.ts";
import { inOrder, numberOf } from "../signals/numbered.ts";
import { byVocabulary, nameOfAcronym, wordsOf } from "../signals/words.ts";
import type { ScanRow } from "./picture.ts";

const scanSchema = Compile(DongleScan);

/** A scan as the journal kept it; undefined for one of a later version that this one cannot read. */
export function storedScan(row: Pick<ScanRow, "body">): DongleScan | undefined {
  const scan: unknown = JSON.parse(row.body);
  return scanSchema.Check(scan) ? scan : undefined;
}

/** A scan whole. @param jobVin the number that the job goes by */
export function fullScanOf(row: ScanRow, jobVin: string | null): readonly FullScanView[] {
  const scan = storedScan(row);
  const purpose = (["arrival", "departure", "other"] as const).find((each) => each === row.purpose);
  if (scan === undefined || purpose === undefined) return [];
  const { readiness, signals = [] } = scan;
  const soundVin = scan.vinDoubts.length === 0 ? scan.vin : null;
  const values = signals.map(({ name, value }) => [name, value] as const);
  const isSingle = (name: string) =>
    numberOf(name, "cell-voltage") !== undefined || numberOf(name, "probe-temperature") !== undefined;
  return [
    {
      messageId: scan.messageId,
      dongleId: row.dongleId,
      takenAt: scan.takenAt,
      purpose,
      protocol: scan.protocol,
      standard: scan.standard ?? null,
      vin: scan.vin,
      vinDoubts: scan.vinDoubts,
      vinMatchesJob: jobVin === null || soundVin === null ? null : soundVin === jobVin,
      ecus: scan.ecus.map(ecuOf),
      milOn: readiness?.milOn ?? null,
      monitors: readiness?.monitors ?? {},
      batteryVolts: scan.batteryVolts ?? null,
      values: inOrderOfWords(
        signals.filter(({ name }) => !isSingle(name)).map(({ name, value, unit }) => shown(name, value, unit)),
      ),
      cellVolts: inOrder(values, "cell-voltage"),
      probeTemperaturesC: inOrder(values, "probe-temperature"),
    },
  ];
}

function ecuOf({ address, name, reach, identification, dtcs, unanswered }: ScannedEcu): ScannedEcuView {
  const byCode = Map.groupBy(dtcs, ({ code }) => code);
  return {
    address,
    name: name ?? null,
    reach: reach ?? "answered",
    identification: identification ?? {},
    dtcs: [...byCode].map(([code, reports]) => dtcOf(code, reports)),
    unanswered,
  };
}

/** One code with all that the lists which reported it said. */
function dtcOf(code: string, reports: readonly ScannedDtc[]): ScannedEcuView["dtcs"][number] {
  const frame = reports.find(({ freezeFrame }) => freezeFrame !== undefined)?.freezeFrame ?? {};
  return {
    code,
    statuses: [...ordered(reports.map(({ status }) => status))],
    statusByte: reports.find(({ statusByte }) => statusByte !== undefined)?.statusByte ?? null,
    freezeFrame: inOrderOfWords(Object.entries(frame).map(([name, value]) => shown(name, value))),
    snapshot: reports.flatMap(({ snapshot }) => snapshot ?? []),
  };
}

function shown(name: string, value: ShownValue["value"], unit?: string): ShownValue {
  const known = nameOfAcronym(name);
  return { name: known, ...wordsOf(known, unit), value };
}

function inOrderOfWords(values: ShownValue[]): ShownValue[] {
  return values.toSorted((a, b) => byVocabulary(a.name, b.name));
}
