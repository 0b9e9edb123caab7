import { expect, it } from "vitest";
import { modelYearOf } from "./model-year.ts";

it.each<[string, number | undefined, string]>([
  ["1HGCM82633A004352", 2003, "North America, a digit at position 7: the first cycle"],
  ["5YJ3E1EA7KF317000", 2019, "North America, a letter at position 7: the second cycle"],
  ["1G1YY22G965104378", 2006, "a digit as code"],
  ["4T1BF1FK5CU123456", 2012, "a letter of both cycles"],
  ["LGXC16DF4R0000001", 2024, "China: the latest cycle that has begun"],
  ["LSVAM4187X2000001", 1999, "China: the next cycle has not begun"],
  ["LRW3E7FA0TC000001", 2026, "China: next year's model is sold already"],
  ["WVWZZZ1KZ9W000001", undefined, "Europe: position 10 may be anything"],
  ["KNAC381AFR5000000", undefined, "Korea: the same"],
  ["1HGCM82630A004352", undefined, "0 is no code"],
  ["1HGCM8263", undefined, "cut off"],
])("%s is of %s (%s)", (vin, year) => {
  expect(modelYearOf(vin, 2025)).toBe(year);
});
