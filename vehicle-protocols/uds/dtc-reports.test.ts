import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { type DtcReport, type DtcReportOptions, decodeDtcReport } from "./dtc-reports.ts";

function decode(hex: string, options?: DtcReportOptions): DtcReport {
  const report = decodeDtcReport(fromHex(hex), options);
  if (!report.ok) throw report.error;
  return report.value;
}

function codesOf(report: DtcReport): string[] {
  if (report.kind !== "codes") throw new Error(`a report of kind ${report.kind}`);
  return report.dtcs.map(({ code, status }) => `${code}/${status?.byte.toString(16).padStart(2, "0")}`);
}

describe("lists of codes", () => {
  test("by status: availability mask, then three bytes of code and one of status each", () => {
    const report = decode("5902CFC4058108 01911108");
    expect(report).toMatchObject({ kind: "codes", report: 0x02, availability: 0xcf, complete: true });
    expect(codesOf(report)).toEqual(["U0405-81/08", "P0191-11/08"]);
    expect(report).toMatchObject({ dtcs: [{ failureType: 0x81, status: { standing: "confirmed" } }, {}] });
    expect(decode("5902FF")).toMatchObject({ dtcs: [], complete: true });
  });

  test.each(["0A", "0B", "0C", "0D", "0E", "0F", "13", "15"])("report %s has the same form", (report) => {
    expect(codesOf(decode(`59${report}FF03010024`))).toEqual(["P0301-00/24"]);
  });

  test("with severity: severity and functional unit stand before each code", () => {
    const list = decode("5908FF 8210 03010024 2011 04200008");
    expect(codesOf(list)).toEqual(["P0301-00/24", "P0420-00/08"]);
    expect(list).toMatchObject({
      dtcs: [
        { severity: { urgency: "check-immediately", classes: ["A"] }, functionalUnit: 0x10 },
        { severity: { urgency: "maintenance-only", classes: [] }, functionalUnit: 0x11 },
      ],
    });
    expect(codesOf(decode("5909FF821003010024"))).toEqual(["P0301-00/24"]);
  });

  test("of OBD on UDS and WWH-OBD: the head names group, masks and format", () => {
    const emissions = decode("594233FFFF04 0203010028 0404200004");
    expect(emissions).toMatchObject({
      group: 0x33,
      availability: 0xff,
      severityAvailability: 0xff,
      format: "j2012-wwh-obd",
    });
    expect(emissions).toMatchObject({ dtcs: [{ severity: { classes: ["A"] } }, { severity: { classes: ["B1"] } }] });
    expect(codesOf(emissions)).toEqual(["P0301-00/28", "P0420-00/04"]);
    const permanent = decode("595533FF0403010028");
    expect(permanent).toMatchObject({ report: 0x55, group: 0x33, format: "j2012-wwh-obd" });
    expect(codesOf(permanent)).toEqual(["P0301-00/28"]);
    expect(decode("595633FF0401 0301005004200000")).toMatchObject({ readinessGroup: 1, dtcs: [{}, {}] });
  });

  test("from the maker's memory, and by extended data record", () => {
    expect(decode("591701FF03010024")).toMatchObject({ memory: 1, availability: 0xff, dtcs: [{ code: "P0301-00" }] });
    expect(decode("591A0102 11223301 11223401")).toMatchObject({ availability: 1, record: 2, dtcs: [{}, {}] });
  });

  test("in the format that another report has told", () => {
    expect(codesOf(decode("5902FF6E000308", { format: "j1939-73" }))).toEqual(["SPN110-FMI3/08"]);
    expect(codesOf(decode("594233FFFF02 026E000328"))).toEqual(["SPN110-FMI3/28"]);
  });

  test("zeros are padding; half a code is not passed over in silence", () => {
    expect(decode("5902FF0301002400000000")).toMatchObject({ dtcs: [{}], complete: true });
    expect(decode("5902FF030100240000")).toMatchObject({ dtcs: [{}], complete: true });
    expect(decode("5902FF030100240420")).toMatchObject({ dtcs: [{}], complete: false });
  });
});

test("numbers of codes come with their format", () => {
  expect(decode("5901FF001234")).toEqual({
    kind: "count",
    report: 1,
    availability: 0xff,
    format: "j2012",
    count: 0x1234,
  });
  expect(decode("5907FF040002")).toMatchObject({ report: 7, format: "j2012-wwh-obd", count: 2 });
  expect(decode("5911FF010003")).toMatchObject({ report: 0x11, format: "iso-14229-1", count: 3 });
  expect(decode("5912FF000004")).toMatchObject({ report: 0x12, format: "j2012", count: 4 });
});

test("lists of snapshots and counters have one byte behind each code", () => {
  expect(decode("5903 03010001 03010002")).toMatchObject({
    kind: "snapshot-list",
    snapshots: [
      { dtc: { code: "P0301-00" }, record: 1 },
      { dtc: { code: "P0301-00" }, record: 2 },
    ],
    complete: true,
  });
  expect(decode("5914 0301007F 04200080")).toMatchObject({
    kind: "fault-counters",
    counters: [{ counter: 127 }, { dtc: { code: "P0420-00" }, counter: -128 }],
  });
});

describe("snapshots", () => {
  const didLength = (did: number) =>
    new Map([
      [0x1122, 3],
      [0x1123, 3],
      [0xf40c, 2],
    ]).get(did);
  const values = (report: DtcReport) => {
    if (report.kind !== "snapshots") throw new Error(`a report of kind ${report.kind}`);
    const records = report.records.map(({ record, values: list }) => {
      return `${record}: ${list.map(({ did, data }) => `${did.toString(16)}=${toHex(data)}`).join(" ")}`;
    });
    return { records, undivided: toHex(report.undivided) };
  };

  test("are cut by the known lengths of their identifiers", () => {
    const report = decode("5904 11223301 01 02 1122334455 1123334455 02 01 F40C1AF8", { didLength });
    expect(report).toMatchObject({ dtc: { raw: 0x112233, status: { byte: 1 } } });
    expect(values(report)).toEqual({ records: ["1: 1122=334455 1123=334455", "2: f40c=1AF8"], undivided: "" });
  });

  test("stop at an identifier of unknown length, and keep the rest as it is", () => {
    const report = decode("5904 11223301 01 02 1122334455 99880102 02 01 F40C1AF8", { didLength });
    expect(values(report)).toEqual({ records: ["1: 1122=334455"], undivided: "998801020201F40C1AF8" });
  });

  test("of a single record need no length for their last identifier", () => {
    const hex = "5904 11223301 01 02 1122334455 99880102";
    expect(values(decode(hex, { didLength, singleRecord: true }))).toEqual({
      records: ["1: 1122=334455 9988=0102"],
      undivided: "",
    });
    expect(values(decode(hex, { didLength })).undivided).toBe("99880102");
  });

  test("that announce more than came are cut as far as they go", () => {
    expect(values(decode("5904 11223301 01 03 1122334455 1123", { didLength })).undivided).toBe("1123");
    expect(values(decode("5904 11223301 01 03 1122334455", { didLength }))).toEqual({
      records: ["1: 1122=334455"],
      undivided: "",
    });
  });

  test("from stored data and from the maker's memory", () => {
    const stored = decode("5905 01 11223301 01 1122334455 02 11223408 01 1123334455", { didLength });
    expect(stored).toMatchObject({ records: [{ dtc: { raw: 0x112233 } }, { dtc: { raw: 0x112234 } }] });
    expect(values(stored)).toEqual({ records: ["1: 1122=334455", "2: 1123=334455"], undivided: "" });
    const memory = decode("5918 07 11223301 01 01 1122334455", { didLength });
    expect(memory).toMatchObject({ memory: 7, dtc: { raw: 0x112233 } });
  });
});

test("extended data stays whole behind its code", () => {
  const report = decode("5906 C4058108 01 0A 02 1F");
  expect(report).toMatchObject({ kind: "extended-data", dtc: { code: "U0405-81" }, data: fromHex("010A021F") });
  expect(decode("5919 07 C4058108 010A")).toMatchObject({ memory: 7, data: fromHex("010A") });
  expect(decode("5910 C4058108 010A")).toMatchObject({ dtc: { code: "U0405-81" }, data: fromHex("010A") });
});

test("extended data by its record number comes with the first code that has it, or with none", () => {
  expect(decode("5916 91 C4058108 0A 03010024 0B")).toMatchObject({
    kind: "extended-data",
    record: 0x91,
    dtc: { code: "U0405-81" },
    data: fromHex("0A030100240B"),
  });
  expect(decode("5916 91")).toEqual({ kind: "codes", report: 0x16, dtcs: [], complete: true, record: 0x91 });
});

test("answers cut short and strangers are refused", () => {
  for (const hex of ["", "59", "5902", "5901FF00", "594233FF", "5904C40581", "5906", "591907"]) {
    expect(decodeDtcReport(fromHex(hex)), hex).toMatchObject({ ok: false, error: { code: "truncated" } });
  }
  for (const hex of ["62F190", "5999FF", "7F1911"]) {
    expect(decodeDtcReport(fromHex(hex)), hex).toMatchObject({ ok: false, error: { code: "unexpected-service" } });
  }
});

test("100,000 mutated reports neither throw nor hang nor grow", { timeout: 120_000 }, () => {
  const seeds = [
    "5901FF001234",
    "5902CFC405810801911108",
    "5903030100010301000203010003",
    "5904112233010102112233445511233344550201F40C1AF8",
    "590501112233010111223344550211223408011123334455",
    "5906C4058108010A021F",
    "5908FF821003010024201104200008",
    "59140301007F04200080",
    "591701FF03010024",
    "594233FFFF0402030100280404200004",
    "595633FF04010301005004200000",
  ].map(fromHex);
  surviveMutations({
    seeds,
    mutate: mutateBytes,
    parse: (payload) =>
      decodeDtcReport(payload, {
        didLength: (did) => (did % 3 === 0 ? did % 7 : undefined),
        singleRecord: payload.length % 2 === 0,
      }),
  });
});
