import { expect, test } from "vitest";
import { mutateText, surviveMutations } from "../mutations.fixture.ts";
import { checkVin, vinCheckDigit, vinModelYear } from "./vin.ts";
import { vinMaker, vinRegion } from "./vin-makers.ts";

test("a North American VIN with the right check digit has no problem", () => {
  // The worked example of 49 CFR 565, and the one whose digits are all 1.
  expect(checkVin("1M8GDM9AXKP042788")).toEqual({ vin: "1M8GDM9AXKP042788", valid: true, problems: [] });
  expect(checkVin(" 11111111111111111 ")).toEqual({ vin: "11111111111111111", valid: true, problems: [] });
  expect(vinCheckDigit("1M8GDM9A_KP042788")).toBeUndefined();
});

test("a wrong check digit is an error in North America and China and a warning elsewhere", () => {
  const problem = (vin: string) => checkVin(vin).problems;
  expect(problem("1M8GDM9A1KP042788")).toEqual([{ code: "check-digit", severity: "error" }]);
  expect(problem("LSVAB4180E2100001")).toEqual([{ code: "check-digit", severity: "error" }]);
  expect(checkVin("WVWZZZ1JZ3W386752")).toEqual({
    vin: "WVWZZZ1JZ3W386752",
    valid: true,
    problems: [{ code: "check-digit", severity: "warning" }],
  });
});

test("one changed or two exchanged characters are noticed", () => {
  expect(checkVin("1M8GDM9AXKP042789").valid).toBe(false);
  expect(checkVin("1M8GDM9AXKP047288").valid).toBe(false);
});

test("wrong length and the letters I, O, Q are errors; lower case is not", () => {
  expect(checkVin("1M8GDM9AXKP04278").problems).toEqual([{ code: "length", severity: "error" }]);
  expect(checkVin("1M8GDM9AXKPO42788").problems).toEqual([{ code: "illegal-character", severity: "error" }]);
  expect(checkVin("").valid).toBe(false);
  expect(checkVin("1m8gdm9axkp042788").valid).toBe(true);
});

test("the first characters tell region and make, three characters before two", () => {
  const cases = [
    ["1M8GDM9AXKP042788", "north-america", undefined],
    ["LSVAB4180E2100001", "china", "SAIC Volkswagen"],
    ["LGXC16AF0C0000001", "china", "BYD"],
    ["HLX12345678901234", "china", "Li Auto"],
    ["WVWZZZ1JZ3W386752", "europe", "Volkswagen"],
    ["JTDKB20U887654321", "asia", "Toyota"],
    ["JTHBA30G265123456", "asia", "Lexus"],
    ["7SAYGDEE0PF000001", "north-america", "Tesla"],
    ["7A400000000000000", "oceania", undefined],
    ["6FPAAAJGCMAA00001", "oceania", "Ford"],
    ["9BWZZZ377VT004251", "south-america", "Volkswagen"],
    ["AHTFR22G806012345", "africa", "Toyota"],
    ["", undefined, undefined],
    ["O", undefined, undefined],
  ] as const;
  for (const [vin, region, maker] of cases) {
    expect(vinRegion(vin), vin).toBe(region);
    expect(vinMaker(vin)?.en, vin).toBe(maker);
  }
  expect(vinMaker("LGXC16AF0C0000001")).toEqual({ en: "BYD", "zh-CN": "比亚迪" });
});

test("the model year is told by position ten, and in North America by position seven which cycle", () => {
  expect(vinModelYear("1M8GDM9AXKP042788", 2027)).toBe(1989);
  expect(vinModelYear("5YJ3E1EA7KF317000", 2027)).toBe(2019);
  expect(vinModelYear("1HGCM82633A004352", 2027)).toBe(2003);
  expect(vinModelYear("LSVAB4180E2100001", 2027)).toBe(2014);
  expect(vinModelYear("LSVAB418012100001", 2027)).toBe(2001);
  expect(vinModelYear("WVWZZZ1JZ3W386752", 2027)).toBeUndefined();
  expect(vinModelYear("5YJ3E1EA70F317000", 2027)).toBeUndefined();
  expect(vinModelYear("5YJ3E1EA7KF", 2027)).toBeUndefined();
});

test("100,000 mutated numbers neither throw nor hang nor grow", { timeout: 120_000 }, () => {
  surviveMutations({
    seeds: ["1M8GDM9AXKP042788", "LSVAB4180E2100001", "wvwzzz1jz3w386752", "7A400000000000000"],
    mutate: mutateText,
    parse: (text) => {
      const { vin, ...check } = checkVin(text);
      return [check, vinMaker(vin), vinRegion(vin), vinModelYear(vin, 2027), vinCheckDigit(vin)];
    },
  });
});
