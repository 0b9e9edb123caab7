import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { encodeObdRequest } from "./requests.ts";
import { decodeObdResponse, type ObdLine, type ObdResponse } from "./responses.ts";
import { decodeVin, joinLegacyInfo } from "./vehicle-info.ts";

function decode(hex: string, line?: ObdLine): ObdResponse {
  const response = decodeObdResponse(fromHex(hex), line);
  if (!response.ok) throw response.error;
  return response.value;
}

describe("trouble codes", () => {
  test("on CAN a count byte stands before the codes", () => {
    expect(decode("430201330420")).toEqual({
      service: 0x03,
      dtcs: ["P0133", "P0420"],
      declaredCount: 2,
      complete: true,
    });
    expect(decode("4700")).toEqual({ service: 0x07, dtcs: [], declaredCount: 0, complete: true });
    expect(decode("4A01C100")).toMatchObject({ service: 0x0a, dtcs: ["U0100"], complete: true });
  });

  test("on K-line and J1850 there is no count byte and zeros fill the message", () => {
    expect(decode("43013304200000", "k-line-or-j1850")).toEqual({
      service: 0x03,
      dtcs: ["P0133", "P0420"],
      declaredCount: undefined,
      complete: true,
    });
  });

  test("a list that disagrees with its count keeps its codes and says so", () => {
    expect(decode("4303013304")).toMatchObject({ dtcs: ["P0133"], declaredCount: 3, complete: false });
    expect(decode("430101330420")).toMatchObject({ dtcs: ["P0133", "P0420"], complete: false });
    expect(decode("43")).toMatchObject({ dtcs: [], complete: false });
  });
});

describe("live data and freeze frames", () => {
  test("several PIDs in one answer are cut by their lengths", () => {
    const response = decode("410C1AF80D3005 7B");
    expect(response).toMatchObject({
      service: 0x01,
      readings: [
        { pid: 0x0c, signals: [{ id: "RPM", value: 1726, unit: "rpm" }] },
        { pid: 0x0d, signals: [{ id: "VSS", value: 48, unit: "km/h" }] },
        { pid: 0x05, signals: [{ id: "ECT", value: 83, unit: "°C" }] },
      ],
    });
  });

  test("a fuel trim is read with one byte or two, whichever makes the answer whole", () => {
    expect(decode("4106800C1AF8")).toMatchObject({ readings: [{ pid: 0x06 }, { pid: 0x0c }] });
    expect(decode("410680780C1AF8")).toMatchObject({
      readings: [{ pid: 0x06, signals: [{ value: 0 }, { id: "SHRTFT3", value: -6.25 }] }, { pid: 0x0c }],
    });
  });

  test("bytes that no length explains stay with the first PID", () => {
    expect(decode("410D30F70102")).toMatchObject({ readings: [{ pid: 0x0d, signals: [{ value: 48 }] }] });
  });

  test("a freeze frame carries its number and the code that stored it", () => {
    expect(decode("4202000301")).toEqual({
      service: 0x02,
      frame: 0,
      readings: [{ pid: 0x02, data: fromHex("0301"), kind: "dtc", dtc: "P0301" }],
    });
    expect(decode("420C011AF80D0130")).toMatchObject({ frame: 1, readings: [{ pid: 0x0c }, { pid: 0x0d }] });
    expect(decode("4202000000")).toMatchObject({ readings: [{ kind: "dtc", dtc: undefined }] });
  });

  test("monitors come named", () => {
    expect(decode("41018307FF00")).toMatchObject({
      readings: [{ kind: "monitors", status: { dtcCount: 3, milOn: true } }],
    });
    expect(decode("414180070000")).toMatchObject({
      readings: [{ kind: "monitors", status: { dtcCount: 0, milOn: false } }],
    });
  });
});

describe("vehicle information", () => {
  test("a VIN is read and checked, with padding before or behind it", () => {
    for (const hex of [
      "490201314D3847444D394158 4B50303432373838",
      "490201000000314D3847444D3941584B50303432373838",
      "490201314D3847444D3941584B50303432373838FF00",
    ]) {
      expect(decode(hex)).toMatchObject({
        info: { kind: "vin", check: { vin: "1M8GDM9AXKP042788", valid: true, problems: [] } },
      });
    }
    expect(decodeObdResponse(fromHex("490201FFFFFFFF"))).toMatchObject({ ok: false, error: { code: "invalid-vin" } });
  });

  test("the five messages of a K-line VIN are joined whatever their order", () => {
    const messages = ["49020100000031", "4902034D394158", "4902024D384744", "4902044B503034", "49020532373838"].map(
      fromHex,
    );
    const joined = joinLegacyInfo(0x02, [...messages, ...messages]);
    expect(joined).toEqual({ ok: true, value: fromHex("000000314D3847444D3941584B50303432373838") });
    expect(joined.ok && decodeVin(joined.value)).toMatchObject({ ok: true, value: { valid: true, problems: [] } });
    expect(joinLegacyInfo(0x02, messages.slice(1))).toMatchObject({ ok: false, error: { code: "truncated" } });
    expect(joinLegacyInfo(0x02, [...messages.slice(0, 4), fromHex("490205323738")])).toMatchObject({ ok: false });
    expect(joinLegacyInfo(0x02, [])).toMatchObject({ ok: false, error: { code: "truncated" } });
  });

  test("calibration ids, their checks, the ECU's name and the map", () => {
    expect(decode("490402 33373830352D5241442D413031302020 4142430000000000000000000000 0000")).toMatchObject({
      info: { kind: "calibration-ids", ids: ["37805-RAD-A010", "ABC"] },
    });
    expect(decode("49060112345678")).toMatchObject({ info: { kind: "calibration-checks", numbers: ["12345678"] } });
    expect(decode("490A0145434D002D456E67696E65436F6E74726F6C0000")).toMatchObject({
      info: { kind: "ecu-name", acronym: "ECM", name: "EngineControl" },
    });
    expect(decode("490055400000")).toMatchObject({ info: { kind: "supported", infoTypes: [2, 4, 6, 8, 10] } });
    expect(decodeObdResponse(fromHex("4904023738"))).toMatchObject({ ok: false, error: { code: "truncated" } });
  });
});

test("requests are encoded as the standard has them, and nonsense is refused", () => {
  expect([...encodeObdRequest({ service: 0x01, pids: [0x0c, 0x0d] })]).toEqual([0x01, 0x0c, 0x0d]);
  expect([...encodeObdRequest({ service: 0x02, pids: [0x02], frame: 0 })]).toEqual([0x02, 0x02, 0x00]);
  expect([...encodeObdRequest({ service: 0x0a })]).toEqual([0x0a]);
  expect([...encodeObdRequest({ service: 0x09, infoType: 2 })]).toEqual([0x09, 0x02]);
  expect(() => encodeObdRequest({ service: 0x01, pids: [] })).toThrow(/one to 6/);
  expect(() => encodeObdRequest({ service: 0x02, pids: [1, 2, 3, 4], frame: 0 })).toThrow(/one to 3/);
  expect(() => encodeObdRequest({ service: 0x09, infoType: 256 })).toThrow(/one byte/);
});

test("empty and foreign answers are errors", () => {
  expect(decodeObdResponse(new Uint8Array())).toMatchObject({ ok: false, error: { code: "truncated" } });
  expect(decodeObdResponse(fromHex("62F190"))).toMatchObject({ ok: false, error: { code: "unexpected-service" } });
  expect(decodeObdResponse(fromHex("410C"))).toMatchObject({ ok: false, error: { code: "truncated" } });
  expect(decodeObdResponse(fromHex("49"))).toMatchObject({ ok: false, error: { code: "truncated" } });
});

test("100,000 mutated answers neither throw nor grow nor give numbers that are none", () => {
  const seeds = [
    "410C1AF80D30057B",
    "4106800678067806780678067806780678",
    "41018307FF00",
    "4202000301",
    "430201330420",
    "490201314D3847444D3941584B50303432373838",
    "49040133373830352D5241442D413031302020",
    "4170070C6A0C600000000001",
  ].map(fromHex);
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(24), fc.nat(255)), { maxLength: 4 }), fc.nat(24))
    .map(([seed, changes, length]) => {
      const bytes = new Uint8Array(length);
      bytes.set(seed.subarray(0, length));
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      return bytes;
    });
  const random = fc.tuple(fc.constantFrom(0x41, 0x42, 0x43, 0x49), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        random.map(([first, rest]) => Uint8Array.from([first, ...rest])),
      ),
      fc.constantFrom<ObdLine>("can", "k-line-or-j1850"),
      (payload, line) => {
        const response = decodeObdResponse(payload, line);
        if (!response.ok || !("readings" in response.value)) return;
        if (response.value.readings.length > 6) throw new Error("more PIDs than an answer holds");
        for (const reading of response.value.readings) {
          if (reading.kind !== "signals") continue;
          for (const { id, value } of reading.signals) {
            if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${id} is ${value}`);
          }
        }
      },
    ),
    { numRuns: 100_000 },
  );
});
