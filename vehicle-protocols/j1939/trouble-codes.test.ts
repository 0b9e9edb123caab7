import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { decodeReadiness, decodeTroubleCodeList, type TroubleCodeList } from "./trouble-codes.ts";

function list(hex: string): TroubleCodeList {
  const result = decodeTroubleCodeList(fromHex(hex));
  if (!result.ok) throw result.error;
  return result.value;
}

describe("lists of trouble codes", () => {
  test("one code in a single frame, with the amber lamp on", () => {
    // SPN 100 (engine oil pressure), FMI 1, seen 5 times.
    expect(list("04FF 64 00 01 05 FFFF")).toMatchObject({
      codes: [{ spn: 100, candidates: [100], fmi: 1, occurrences: 5 }],
      complete: true,
      lamps: {
        malfunction: { state: "off", flash: "steady" },
        redStop: { state: "off" },
        amberWarning: { state: "on", flash: "steady" },
        protect: { state: "off" },
      },
    });
  });

  test("several codes out of a transfer, with the top bits of the parameter", () => {
    // SPN 520192 + 17 = 0x7F011: low 11, middle F0, top 7.
    const { codes, complete } = list("50FF 6E000303 11F0E47F B0020003");
    expect(codes).toEqual([
      { spn: 110, candidates: [110], fmi: 3, occurrences: 3 },
      { spn: 520209, candidates: [520209], fmi: 4, occurrences: undefined },
      { spn: 688, candidates: [688], fmi: 0, occurrences: 3 },
    ]);
    expect(complete).toBe(true);
  });

  test("no code, said in three ways", () => {
    for (const hex of ["00FF 00000000 FFFF", "0000 FFFFFFFF FFFF", "FFFF FFFFFFFF FFFF", "0000 00000000 0000"]) {
      expect(list(hex)).toMatchObject({ codes: [], complete: true });
    }
    expect(list("FFFFFFFFFFFFFFFF").lamps.malfunction).toEqual({ state: "not-available", flash: "steady" });
  });

  test("flashing lamps", () => {
    const { lamps } = list("55 1B 00000000 FFFF");
    expect(Object.values(lamps).map(({ state, flash }) => `${state} ${flash}`)).toEqual([
      "on slow",
      "on fast",
      "on reserved",
      "on steady",
    ]);
    expect(list("AAFF 00000000 FFFF").lamps.redStop.state).toBe("error");
  });

  test("the old conversions leave the parameter open and name what it may be", () => {
    // SPN 1208 (0x4B8) as the three old methods would read 97 00 05: top 3 bits 0.
    const [code] = list("04FF 97 00 05 81 FFFF").codes;
    expect(code).toEqual({ spn: undefined, candidates: [0x97 << 11, 0x97 << 3, 0x97], fmi: 5, occurrences: 1 });
  });

  test("bytes that are no whole code, or no list at all, are told", () => {
    expect(list("04FF 64000105 6400")).toMatchObject({ codes: [{ spn: 100 }], complete: true });
    expect(list("04FF 64000105 640001")).toMatchObject({ codes: [{ spn: 100 }], complete: false });
    expect(decodeTroubleCodeList(fromHex("04FF640001"))).toMatchObject({ ok: false, error: { code: "truncated" } });
  });
});

describe("readiness", () => {
  test("counts, and the monitors that the vehicle has", () => {
    const result = decodeReadiness(fromHex("02 01 14 27 0180 0080"));
    expect(result).toEqual({
      ok: true,
      value: {
        activeCodes: 2,
        previouslyActiveCodes: 1,
        obdCompliance: 20,
        monitors: [
          { monitor: "misfire", complete: true },
          { monitor: "fuel-system", complete: false },
          { monitor: "components", complete: true },
          { monitor: "catalyst", complete: true },
        ],
      },
    });
    const heavy = decodeReadiness(fromHex("FF FF FF 00 8007 0004"));
    expect(heavy).toMatchObject({
      value: {
        activeCodes: undefined,
        monitors: [
          { monitor: "egr-or-valve-timing", complete: true },
          { monitor: "cold-start-aid", complete: true },
          { monitor: "boost-pressure", complete: true },
          { monitor: "particulate-filter", complete: false },
        ],
      },
    });
    expect(decodeReadiness(fromHex("02 01 14"))).toMatchObject({ ok: false });
  });
});
