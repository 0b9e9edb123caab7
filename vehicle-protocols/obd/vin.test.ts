import { expect, test } from "vitest";
import { checkVin, vinCheckDigit } from "./vin.ts";

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
