import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { mutateBytes, mutateList, surviveMutations } from "../mutations.fixture.ts";
import { encodeObdRequest } from "./requests.ts";
import { decodeLegacyAnswer, decodeObdResponse, type ObdResponse, type ObdTransport } from "./responses.ts";
import { joinLegacyInfo } from "./vehicle-info.ts";

function decode(hex: string, transport?: ObdTransport): ObdResponse {
  const response = decodeObdResponse(fromHex(hex), transport);
  if (!response.ok) throw response.error;
  return response.value;
}

function decodeLegacy(...messages: string[]): ObdResponse {
  const response = decodeLegacyAnswer(messages.map(fromHex));
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
    expect(decode("43013304200000", "legacy")).toEqual({
      service: 0x03,
      dtcs: ["P0133", "P0420"],
      declaredCount: undefined,
      complete: true,
    });
  });

  test("on K-line and J1850 several messages of an ECU make one list", () => {
    expect(decodeLegacy("43013304200171", "43030000000000", "410D30")).toEqual({
      service: 0x03,
      dtcs: ["P0133", "P0420", "P0171", "P0300"],
      declaredCount: undefined,
      complete: true,
    });
    expect(decodeLegacy("47000000000000")).toMatchObject({ service: 0x07, dtcs: [], complete: true });
    expect(decodeLegacy("43013304200171", "430300")).toMatchObject({ dtcs: ["P0133", "P0420", "P0171", "P0300"] });
    expect(decodeLegacy("4301330420", "430301FF")).toMatchObject({ complete: false });
  });

  test("cleared codes are answered with the bare service", () => {
    expect(decode("44")).toEqual({ service: 0x04 });
    expect(decode("44", "legacy")).toEqual({ service: 0x04 });
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
    const messages = ["49020100000031", "4902034D394158", "4902024D384744", "4902044B503034", "49020532373838"];
    const bytes = messages.map(fromHex);
    const joined = joinLegacyInfo(0x02, [...bytes, ...bytes]);
    expect(joined).toEqual({ ok: true, value: fromHex("000000314D3847444D3941584B50303432373838") });
    expect(decodeLegacy(...messages)).toMatchObject({
      info: { kind: "vin", check: { vin: "1M8GDM9AXKP042788", valid: true } },
    });
    const without = (n: number) => decodeLegacyAnswer(bytes.filter((_, position) => position !== n));
    for (const n of [0, 1, 2, 3, 4]) expect(without(n)).toMatchObject({ ok: false, error: { code: "truncated" } });
    expect(decodeLegacyAnswer([...bytes.slice(0, 4), fromHex("490205323738")])).toMatchObject({ ok: false });
    expect(joinLegacyInfo(0x02, [])).toMatchObject({ ok: false, error: { code: "truncated" } });
  });

  test("other infos of K-line: counts of messages, calibration ids, performance, maps", () => {
    expect(decodeLegacy("490105")).toMatchObject({ info: { kind: "message-count", infoType: 0x01, count: 5 } });
    expect(decodeLegacy("49040133373830", "490402352D5241", "490403442D4130", "49040431300000")).toMatchObject({
      info: { kind: "calibration-ids", ids: ["37805-RAD-A010"] },
    });
    expect(decodeLegacy("49060112345678", "49060287654321")).toMatchObject({
      info: { kind: "calibration-checks", numbers: ["12345678", "87654321"] },
    });
    expect(decodeLegacy("4908010010000C", "49080200080009")).toMatchObject({
      info: { counters: [{ id: "OBDCOND", value: 16 }, { id: "IGNCNTR" }, { id: "CATCOMP1" }, { id: "CATCOND1" }] },
    });
    expect(decodeLegacy("49000155400000")).toMatchObject({ info: { kind: "supported", infoTypes: [2, 4, 6, 8, 10] } });
  });

  test("performance counters carry the acronyms of their ignition type", () => {
    const counters = (hex: string) => {
      const response = decode(hex);
      if (response.service !== 0x09 || response.info.kind !== "performance") throw new Error("no counters");
      return response.info.counters.map(({ id, value }) => `${id}=${value}`).join(" ");
    };
    const words = Array.from({ length: 20 }, (_, n) => (n + 1).toString(16).padStart(4, "0"));
    expect(counters(`490814${words.join("")}`)).toBe(
      "OBDCOND=1 IGNCNTR=2 CATCOMP1=3 CATCOND1=4 CATCOMP2=5 CATCOND2=6 O2SCOMP1=7 O2SCOND1=8 O2SCOMP2=9 O2SCOND2=10 " +
        "EGRCOMP=11 EGRCOND=12 AIRCOMP=13 AIRCOND=14 EVAPCOMP=15 EVAPCOND=16 SO2SCOMP1=17 SO2SCOND1=18 SO2SCOMP2=19 SO2SCOND2=20",
    );
    expect(counters(`490B12${words.slice(0, 18).join("")}`)).toBe(
      "OBDCOND=1 IGNCNTR=2 HCCATCOMP=3 HCCATCOND=4 NCATCOMP=5 NCATCOND=6 NADSCOMP=7 NADSCOND=8 PMCOMP=9 PMCOND=10 " +
        "EGSCOMP=11 EGSCOND=12 EGRCOMP=13 EGRCOND=14 BPCOMP=15 BPCOND=16 FUELCOMP=17 FUELCOND=18",
    );
  });

  test("serial number, type approval, cycles and distance", () => {
    expect(decode(`490D01${"41424331323334353637383930313233 34"}`)).toMatchObject({
      info: { kind: "text", meaning: "engine-serial-number", text: "ABC12345678901234" },
    });
    expect(decode("490F0100000000000000000000654531323334 3536")).toMatchObject({
      info: { meaning: "type-approval-number", text: "eE123456" },
    });
    expect(decode("491201012C")).toMatchObject({ info: { kind: "number", value: 300, unit: "1" } });
    expect(decode("4914010064")).toMatchObject({ info: { kind: "number", value: 100, unit: "km" } });
    expect(decode("49300199")).toMatchObject({ info: { kind: "raw", data: fromHex("99") } });
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

describe("results of monitor tests", () => {
  test("on CAN each test is nine bytes with its unit, signed and unsigned", () => {
    expect(decode("4621010A10000800200021868CFFFFFF380010")).toEqual({
      service: 0x06,
      announced: [],
      tests: [
        {
          monitorId: 0x21,
          monitor: "catalyst-bank-1",
          testId: 0x01,
          test: "rich-to-lean-threshold-voltage",
          value: expect.closeTo(0.499712, 9),
          minimum: expect.closeTo(0.249856, 9),
          maximum: expect.closeTo(0.999424, 9),
          unit: "V",
          scalingId: 0x0a,
          outcome: "passed",
        },
        {
          monitorId: 0x21,
          monitor: "catalyst-bank-1",
          testId: 0x86,
          test: "maker-86",
          value: -0.01,
          minimum: -2,
          maximum: 0.16,
          unit: "V",
          scalingId: 0x8c,
          outcome: "passed",
        },
      ],
      legacyTests: [],
      complete: true,
    });
  });

  test("a value beyond its limits has failed, three zeros mean that the test has not run", () => {
    const outcomes = (hex: string) => {
      const response = decode(hex);
      return response.service === 0x06 ? response.tests.map(({ outcome }) => outcome) : [];
    };
    expect(outcomes("46A20B24000500000004A20C24000000000000A20C24000000000001")).toEqual([
      "failed",
      "not-run",
      "passed",
    ]);
    // A signed limit that an unsigned reading would get wrong.
    expect(outcomes("4601818100050000FFFF")).toEqual(["failed"]);
    expect(outcomes("46018181FFFFFFF00005")).toEqual(["passed"]);
  });

  test("unknown scalings stay raw, units are those of the standard", () => {
    expect(decode("46E1C07F12340000FFFF")).toMatchObject({
      tests: [{ monitor: "maker-E1", value: 0x1234, unit: undefined, scalingId: 0x7f }],
    });
    expect(decode("464180160190000007D0")).toMatchObject({
      tests: [{ monitor: "oxygen-sensor-heater-bank-1-sensor-1", value: 0, minimum: -40, maximum: 160, unit: "°C" }],
    });
  });

  test("maps and tests may stand in one answer; an answer that ends early says so", () => {
    expect(decode("4600C00000012080000000")).toMatchObject({ announced: [1, 2, 0x20, 0x21], complete: true });
    expect(decode("46010A0A1000080020000102")).toMatchObject({ tests: [{ testId: 0x0a }], complete: false });
    expect(decodeObdResponse(fromHex("46010A"))).toMatchObject({ ok: false, error: { code: "truncated" } });
  });

  test("on K-line a test has one limit and says which", () => {
    expect(decodeLegacy("46010100640080", "46028100100020", "46030000000000")).toEqual({
      service: 0x06,
      announced: [],
      tests: [],
      legacyTests: [
        { testId: 1, componentId: 1, value: 100, limit: 128, limitKind: "maximum", outcome: "passed" },
        { testId: 2, componentId: 1, value: 16, limit: 32, limitKind: "minimum", outcome: "failed" },
        { testId: 3, componentId: 0, value: 0, limit: 0, limitKind: "maximum", outcome: "not-run" },
      ],
      complete: true,
    });
    expect(decodeLegacy("4600FFC0000000")).toMatchObject({ announced: [1, 2] });
    expect(decodeLegacyAnswer([fromHex("4601010064")])).toMatchObject({ ok: false });
  });
});

test("requests are encoded as the standard has them, and nonsense is refused", () => {
  expect([...encodeObdRequest({ service: 0x01, pids: [0x0c, 0x0d] })]).toEqual([0x01, 0x0c, 0x0d]);
  expect([...encodeObdRequest({ service: 0x02, pids: [0x02], frame: 0 })]).toEqual([0x02, 0x02, 0x00]);
  expect([...encodeObdRequest({ service: 0x0a })]).toEqual([0x0a]);
  expect([...encodeObdRequest({ service: 0x06, ids: [0x00, 0x20] })]).toEqual([0x06, 0x00, 0x20]);
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

const SEEDS = [
  "410C1AF80D30057B",
  "4106800678067806780678067806780678",
  "41018307FF00",
  "4202000301",
  "420C011AF80D0130",
  "430201330420",
  "44",
  "4621010A10000800200021868CFFFFFF380010",
  "490201314D3847444D3941584B50303432373838",
  "49040133373830352D5241442D413031302020",
  "4908140001000200030004",
  "490A0145434D002D456E67696E65436F6E74726F6C0000",
  "4170070C6A0C600000000001",
  "4181021122334455667788991122334455667788991122334455667788991122334455667788990102",
].map(fromHex);

test("100,000 mutated answers neither throw nor hang nor grow nor give numbers that are none", {
  timeout: 120_000,
}, () => {
  surviveMutations({
    seeds: SEEDS,
    mutate: mutateBytes,
    parse: (payload) => {
      const response = decodeObdResponse(payload);
      if (response.ok && "readings" in response.value && response.value.readings.length > 6) {
        throw new Error("more PIDs than an answer holds");
      }
      return response;
    },
  });
});

test("100,000 mutated answers of the old lines neither throw nor hang nor grow", { timeout: 120_000 }, () => {
  surviveMutations({
    seeds: [...SEEDS.map((seed) => [seed]), ["49020100000031", "4902034D394158", "4902024D384744"].map(fromHex)],
    mutate: mutateList(mutateBytes),
    parse: decodeLegacyAnswer,
  });
});
