import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { identificationText, identifierName } from "./data-identifiers.ts";
import { decodeObdIdentifier, isReadinessGroupComplete, obdIdentifier } from "./obd-on-uds.ts";
import { encodeUdsRequest, type UdsRequest } from "./requests.ts";
import { decodeUdsResponse, type UdsResponse } from "./responses.ts";

function decode(request: UdsRequest, hex: string): UdsResponse {
  const response = decodeUdsResponse(request, fromHex(hex));
  if (!response.ok) throw response.error;
  return response.value;
}

describe("requests", () => {
  const cases: readonly (readonly [UdsRequest, string])[] = [
    [{ service: 0x10, session: "default" }, "1001"],
    [{ service: 0x10, session: "extended" }, "1003"],
    [{ service: 0x3e, silent: false }, "3E00"],
    [{ service: 0x3e, silent: true }, "3E80"],
    [{ service: 0x22, dids: [0xf190] }, "22F190"],
    [{ service: 0x22, dids: [0xf190, 0xf18c, 0x0001] }, "22F190F18C0001"],
    [{ service: 0x19, report: 0x01, statusMask: 0x0d }, "19010D"],
    [{ service: 0x19, report: 0x02, statusMask: 0xff }, "1902FF"],
    [{ service: 0x19, report: 0x03 }, "1903"],
    [{ service: 0x19, report: 0x04, dtc: 0xc40581, record: 0xff }, "1904C40581FF"],
    [{ service: 0x19, report: 0x05, record: 1 }, "190501"],
    [{ service: 0x19, report: 0x06, dtc: 0x030100, record: 0x01 }, "190603010001"],
    [{ service: 0x19, report: 0x07, severityMask: 0xe0, statusMask: 0x08 }, "1907E008"],
    [{ service: 0x19, report: 0x08, severityMask: 0xe0, statusMask: 0x08 }, "1908E008"],
    [{ service: 0x19, report: 0x09, dtc: 0x030100 }, "1909030100"],
    [{ service: 0x19, report: 0x0a }, "190A"],
    [{ service: 0x19, report: 0x0e }, "190E"],
    [{ service: 0x19, report: 0x0f, statusMask: 0x08 }, "190F08"],
    [{ service: 0x19, report: 0x10, dtc: 0x030100, record: 0xff }, "1910030100FF"],
    [{ service: 0x19, report: 0x11, statusMask: 0x08 }, "191108"],
    [{ service: 0x19, report: 0x12, statusMask: 0x08 }, "191208"],
    [{ service: 0x19, report: 0x13, statusMask: 0x08 }, "191308"],
    [{ service: 0x19, report: 0x14 }, "1914"],
    [{ service: 0x19, report: 0x15 }, "1915"],
    [{ service: 0x19, report: 0x16, record: 0x91 }, "191691"],
    [{ service: 0x19, report: 0x17, statusMask: 0x08, memory: 1 }, "19170801"],
    [{ service: 0x19, report: 0x18, dtc: 0x030100, record: 0xff, memory: 1 }, "1918030100FF01"],
    [{ service: 0x19, report: 0x19, dtc: 0x030100, record: 0xff, memory: 1 }, "1919030100FF01"],
    [{ service: 0x19, report: 0x1a, record: 0x91 }, "191A91"],
    [{ service: 0x19, report: 0x42, group: 0x33, statusMask: 0x08, severityMask: 0x1e }, "194233081E"],
    [{ service: 0x19, report: 0x55, group: 0x33 }, "195533"],
    [{ service: 0x19, report: 0x56, group: 0x33, readinessGroup: 1 }, "19563301"],
  ];
  test.each(cases)("%o", (request, hex) => {
    expect(toHex(encodeUdsRequest(request))).toBe(hex);
  });

  test("out of range are refused", () => {
    expect(() => encodeUdsRequest({ service: 0x22, dids: [] })).toThrow(/at least one/);
    expect(() => encodeUdsRequest({ service: 0x22, dids: [0x10000] })).toThrow(/one byte/);
    expect(() => encodeUdsRequest({ service: 0x19, report: 0x09, dtc: 0x1000000 })).toThrow(/one byte/);
    expect(() => encodeUdsRequest({ service: 0x19, report: 0x02, statusMask: -1 })).toThrow(/one byte/);
    expect(() => encodeUdsRequest({ service: 0x19, report: 0x02, statusMask: 0.5 })).toThrow(/one byte/);
  });
});

describe("answers", () => {
  test("of a session carry the timings to keep from now on", () => {
    const request = { service: 0x10, session: "extended" } as const;
    expect(decode(request, "5003003201F4")).toEqual({
      service: 0x10,
      session: { session: 3, p2Ms: 50, p2StarMs: 5000 },
    });
    expect(decode(request, "5003")).toEqual({ service: 0x10, session: { session: 3 } });
  });

  test("of TesterPresent are just there", () => {
    expect(decode({ service: 0x3e, silent: false }, "7E00")).toEqual({ service: 0x3e });
  });

  test("that refuse are named", () => {
    expect(decode({ service: 0x22, dids: [0xf190] }, "7F2231")).toMatchObject({
      service: "negative",
      refusal: { code: 0x31, name: "request-out-of-range" },
    });
    const stranger = decodeUdsResponse({ service: 0x22, dids: [0xf190] }, fromHex("7F1031"));
    expect(stranger).toMatchObject({ ok: false, error: { code: "unexpected-service" } });
  });

  test("of several identifiers are cut by the lengths that the standards give", () => {
    const vin = "4C5356414234313830453231303030 3031";
    const request = { service: 0x22, dids: [0xf190, 0xf186, 0xf40c, 0xf187] } as const;
    expect(decode(request, `62F190${vin}F18603F40C1AF8F187414243`)).toMatchObject({
      values: [
        { did: 0xf190 },
        { did: 0xf186, data: fromHex("03") },
        { data: fromHex("1AF8") },
        { data: fromHex("414243") },
      ],
    });
  });

  test("of a snapshot of one record give its values", () => {
    const request = { service: 0x19, report: 0x04, dtc: 0xc40581, record: 1 } as const;
    expect(decode(request, "5904C4058108 01 02 F40C1AF8 12340506")).toMatchObject({
      report: {
        kind: "snapshots",
        records: [
          {
            values: [
              { did: 0xf40c, data: fromHex("1AF8") },
              { did: 0x1234, data: fromHex("0506") },
            ],
          },
        ],
      },
    });
    expect(decode({ ...request, record: 0xff }, "5904C4058108 01 02 F40C1AF8 12340506")).toMatchObject({
      report: { undivided: fromHex("12340506") },
    });
  });

  test("of a freeze frame of OBD on UDS are cut whole, with fuel trims of one bank or of two", () => {
    const request = { service: 0x19, report: 0x04, dtc: 0x030100, record: 0xff } as const;
    const cut = (hex: string) => {
      const response = decode(request, hex);
      if (response.service !== 0x19 || response.report.kind !== "snapshots") throw new Error("no snapshots");
      const { records, undivided } = response.report;
      const values = records.flatMap((record) => record.values.map(({ did, data }) => [did, toHex(data)]));
      return [...values, toHex(undivided)];
    };
    expect(cut("5904030100 08 00 05 F40C1AF8 F40680 F4077C F4055A F40D32")).toEqual([
      [0xf40c, "1AF8"],
      [0xf406, "80"],
      [0xf407, "7C"],
      [0xf405, "5A"],
      [0xf40d, "32"],
      "",
    ]);
    expect(cut("5904030100 08 00 03 F406807E F407F4 F40D32 01 02 F4068180 F40D00")).toEqual([
      [0xf406, "807E"],
      [0xf407, "F4"],
      [0xf40d, "32"],
      [0xf406, "8180"],
      [0xf40d, "00"],
      "",
    ]);
    expect(cut("5904030100 08 00 03 F406807E F40D32 12340506")).toEqual([[0xf406, "807E"], [0xf40d, "32"], "12340506"]);
  });

  test("to another question, or cut short, are errors", () => {
    const wrong: readonly (readonly [UdsRequest, string])[] = [
      [{ service: 0x10, session: "default" }, "6201"],
      [{ service: 0x3e, silent: false }, "5003"],
      [{ service: 0x19, report: 0x02, statusMask: 8 }, "590AFF"],
      [{ service: 0x22, dids: [0xf190] }, "62F18731"],
    ];
    for (const [request, hex] of wrong) {
      expect(decodeUdsResponse(request, fromHex(hex)), hex).toMatchObject({ error: { code: "unexpected-service" } });
    }
    expect(decodeUdsResponse({ service: 0x10, session: "default" }, fromHex("50"))).toMatchObject({ ok: false });
  });
});

describe("identification", () => {
  test("is text, a date, or neither", () => {
    expect(identifierName(0xf187)).toBe("part-number");
    expect(identifierName(0xf18c)).toBe("serial-number");
    expect(identifierName(0x1234)).toBeUndefined();
    expect(identificationText(0xf187, fromHex("0035513930373131354100FF"))).toBe("5Q907115A");
    expect(identificationText(0xf18b, fromHex("20190430"))).toBe("2019-04-30");
    expect(identificationText(0xf18b, fromHex("190430"))).toBe("2019-04-30");
    expect(identificationText(0xf199, fromHex("32303139"))).toBe("2019");
    expect(identificationText(0xf18b, fromHex("1F4399"))).toBeUndefined();
    expect(identificationText(0xf183, fromHex("0102FE"))).toBeUndefined();
    expect(identificationText(0xf187, fromHex("FFFFFF"))).toBeUndefined();
  });
});

describe("OBD on UDS", () => {
  test("has the PIDs, monitors and info types of SAE J1979 behind identifiers", () => {
    expect(obdIdentifier("pid", 0x0c)).toBe(0xf40c);
    expect(obdIdentifier("info", 0x02)).toBe(0xf802);
    expect(decodeObdIdentifier(0xf40c, fromHex("1AF8"))).toMatchObject({
      value: { kind: "pid", reading: { signals: [{ id: "RPM", value: 1726 }] } },
    });
    expect(decodeObdIdentifier(0xf400, fromHex("80000001"))).toMatchObject({
      value: { kind: "supported", dids: [0xf401, 0xf420] },
    });
    expect(decodeObdIdentifier(0xf500, fromHex("40000000"))).toMatchObject({ value: { dids: [0xf502] } });
    expect(decodeObdIdentifier(0xf501, fromHex("0102"))).toMatchObject({ value: { kind: "raw" } });
    expect(decodeObdIdentifier(0xf621, fromHex("010A100008002000 868CFFFFFF380010"))).toMatchObject({
      value: { kind: "monitor", complete: true, tests: [{ monitor: "catalyst-bank-1", unit: "V" }, { value: -0.01 }] },
    });
    expect(decodeObdIdentifier(0xf802, fromHex("314D3847444D3941584B50303432373838"))).toMatchObject({
      value: { kind: "info", info: { check: { vin: "1M8GDM9AXKP042788", valid: true } } },
    });
    expect(decodeObdIdentifier(0xf804, fromHex("33373830352D5241442D413031302020"))).toMatchObject({
      value: { info: { ids: ["37805-RAD-A010"] } },
    });
    expect(decodeObdIdentifier(0xf806, fromHex("1234567887654321"))).toMatchObject({
      value: { info: { numbers: ["12345678", "87654321"] } },
    });
    expect(decodeObdIdentifier(0xf806, fromHex("021234567887654321"))).toMatchObject({
      value: { info: { numbers: ["12345678", "87654321"] } },
    });
    expect(decodeObdIdentifier(0xf808, fromHex("0400010002 00030004"))).toMatchObject({
      value: { info: { counters: [{ id: "OBDCOND", value: 1 }, { value: 2 }, { value: 3 }, { value: 4 }] } },
    });
    expect(decodeObdIdentifier(0xf810, fromHex("02"))).toMatchObject({
      value: { info: { kind: "number", meaning: "protocol", value: 2 } },
    });
  });

  test("refuses what is cut short or outside its identifiers", () => {
    for (const [did, hex] of [
      [0xf400, "800000"],
      [0xf40c, "1A"],
      [0xf621, "010A1000"],
      [0xf806, "1234"],
    ] as const) {
      expect(decodeObdIdentifier(did, fromHex(hex)), did.toString(16)).toMatchObject({ error: { code: "truncated" } });
    }
    expect(decodeObdIdentifier(0xf190, fromHex("31"))).toMatchObject({ error: { code: "invalid-argument" } });
  });

  test("a readiness group is complete when all its codes have been tested since codes were cleared", () => {
    const group = (hex: string) => {
      const request = { service: 0x19, report: 0x56, group: 0x33, readinessGroup: 1 } as const;
      const response = decode(request, hex);
      return response.service === 0x19 ? isReadinessGroupComplete(response.report) : undefined;
    };
    expect(group("595633FF040103010000 04200040")).toBe(true);
    expect(group("595633FF040103010000 04200050")).toBe(false);
    expect(group("595633FF0401")).toBeUndefined();
  });
});

test("100,000 mutated answers of data identifiers and sessions neither throw nor hang nor grow", {
  timeout: 120_000,
}, () => {
  const requests: readonly UdsRequest[] = [
    { service: 0x10, session: "extended" },
    { service: 0x22, dids: [0xf190, 0xf40c, 0xf802, 0xf621] },
    { service: 0x22, dids: [0xf40c] },
    { service: 0x19, report: 0x04, dtc: 0xc40581, record: 1 },
  ];
  surviveMutations({
    seeds: [
      "5003003201F4",
      "62F40C1AF8F621010A100008002000F80231",
      "62F40C1AF8",
      "5904C40581080102F40C1AF812340506",
      "7F2278",
    ].map(fromHex),
    mutate: mutateBytes,
    parse: (payload) => {
      const response = decodeUdsResponse(requests[payload.length % requests.length]!, payload);
      if (!response.ok || response.value.service !== 0x22) return response;
      return response.value.values.map(({ did, data }) => [
        decodeObdIdentifier(did, data),
        identificationText(did, data),
      ]);
    },
  });
});
