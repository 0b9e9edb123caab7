import { describe, expect, it } from "vitest";
import { editionOfPath, nameFromCarModel, nameFromPath, normalName, parseYears } from "./vehicle-names.ts";

describe("the vehicle that a path tells", () => {
  it.each([
    ["Kia-EV9.json", ["Kia"], ["EV9"], undefined],
    ["/x/Alfa-Romeo-Giulia.json", ["Alfa-Romeo"], ["Giulia"], undefined],
    ["/x/Land Rover Defender.json", ["Land-Rover"], ["Defender"], undefined],
    ["/x/Toyota-RAV4-2019-2021.json", ["Toyota"], ["RAV4"], { from: 2019, to: 2021 }],
    ["/x/Toyota-RAV4/signalsets/v3/0000-2018.json", ["Toyota"], ["RAV4"], { to: 2018 }],
    ["/x/Toyota-RAV4/signalsets/v3/default.json", ["Toyota"], ["RAV4"], undefined],
    ["/x/Peugeot-2008.json", ["Peugeot"], ["2008"], undefined],
    ["/x/Kia.json", ["Kia"], [], undefined],
  ])("%s", (path, makes, models, years) => {
    expect(nameFromPath(path)).toEqual({ makes, models, ...(years === undefined ? {} : { years }) });
  });

  it.each(["default.json", "/downloads/file (1).json", "Kiara-X.json", "ev9.json"])("%s tells none", (path) => {
    expect(nameFromPath(path)).toBeUndefined();
  });
});

describe("the vehicle that a profile names", () => {
  it.each([
    ["Hyundai: Ioniq5/Ioniq6/Kona", ["Hyundai"], ["Ioniq5", "Ioniq6", "Kona"], undefined],
    ["Kia/Hyundai: Niro/Soul", ["Kia", "Hyundai"], ["Niro", "Soul"], undefined],
    ["Toyota: bZ4X 2022-2025", ["Toyota"], ["bZ4X"], { from: 2022, to: 2025 }],
    ["Renault: Zoe Ph2 (2020)", ["Renault"], ["Zoe Ph2"], { from: 2020, to: 2020 }],
    ["Peugeot: 2008", ["Peugeot"], ["2008"], undefined],
    ["BYD: 海豹", ["BYD"], ["海豹"], undefined],
  ])("%s", (text, makes, models, years) => {
    expect(nameFromCarModel(text)).toEqual({ makes, models, ...(years === undefined ? {} : { years }) });
  });

  it.each(["", "Generic", ": EV", "Kia:"])("%j is none", (text) => {
    expect(nameFromCarModel(text)).toBeUndefined();
  });
});

it("years are read as people write them, and nothing else is", () => {
  expect(["2022-2025", "2022-", "-2018", "2020", "0000-2018"].map(parseYears)).toEqual([
    { from: 2022, to: 2025 },
    { from: 2022 },
    { to: 2018 },
    { from: 2020, to: 2020 },
    { to: 2018 },
  ]);
  for (const text of ["", "-", "22", "2025-2022", "2020,2021", "next"]) expect(parseYears(text)).toBeUndefined();
});

it("names are the same however they are written", () => {
  expect(["EV 9", "ev-9", "EV9"].map(normalName)).toEqual(["ev9", "ev9", "ev9"]);
  expect(["VW", "Volkswagen"].map(normalName)).toEqual(["volkswagen", "volkswagen"]);
  expect(normalName("constructor")).toBe("constructor");
});

it("editions of one vehicle's file are recognised", () => {
  expect(editionOfPath("/a/RAV4-2019-2021.json")).toEqual({ stem: "/a/rav4", years: { from: 2019, to: 2021 } });
  expect(editionOfPath("/a/RAV4.json")).toEqual({ stem: "/a/rav4", years: undefined });
  expect(editionOfPath("/a/default.json")).toEqual({ stem: "/a", years: undefined });
  expect(editionOfPath("/a/2021.json")).toEqual({ stem: "/a", years: { from: 2021, to: 2021 } });
  expect(editionOfPath("/a/Peugeot-2008.json")).toEqual({ stem: "/a/peugeot-2008", years: undefined });
});
