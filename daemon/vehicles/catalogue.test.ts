import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vocabularyRow } from "../../contract/vocabulary.ts";
import { reportValues } from "../../vehicle-protocols/gbt32960/index.ts";
import { REPORT_2016, REPORT_2025 } from "../../vehicle-protocols/gbt32960/own-packets.fixture.ts";
import { fromHex } from "../../vehicle-protocols/index.ts";
import { OWN_SET, OWN_STANDARD_SET } from "../../vehicle-protocols/signal-set/own-set.fixture.ts";
import { convertUnit } from "../../vehicle-protocols/units.ts";
import { wicanWords } from "../../vehicle-protocols/wican-profile/index.ts";
import { type ImportOptions, openVehicleCatalogue, type VehicleCatalogue, type VehicleChoice } from "./index.ts";

const NOW = Date.UTC(2026, 10, 21);
const PROFILE = {
  car_model: "Own: Car One/Car Two 2022-",
  init: "ATSP6;ATSH7E4;ATCRA7EC;",
  pids: [
    {
      pid: "22D0012",
      parameters: { SOC: "B4/2", HV_C_V_007: "B5/50", HV_T_2: "S6", TYRE_P_FL: "B7/5", OWN_THING: "B9" },
    },
  ],
};
const DBC = 'VERSION ""\nBU_: ECU\nBO_ 256 Speed: 8 ECU\n SG_ Wheel : 0|16@1+ (0.01,0) [0|600] "km/h" ECU\n';

let folder: string;
let catalogue: VehicleCatalogue;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-vehicles-"));
  catalogue = openVehicleCatalogue(join(folder, "catalogue"), () => NOW);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, content: unknown): Promise<string> {
  const path = join(folder, "downloads", name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

async function take(name: string, content: unknown, options: Partial<ImportOptions> = {}) {
  return catalogue.import(await fileOf(name, content), { by: "Li", licence: "own", ...options });
}

const idsOf = (matches: VehicleChoice["chosen"]) => matches.map(({ entry }) => entry.id);

describe("an import", () => {
  it("keeps the file as it was, with origin, licence and vehicles", async () => {
    const { entry, outcome, problems } = await take("Kia-EV9.json", OWN_SET);
    expect({ outcome, problems }).toEqual({ outcome: "added", problems: [] });
    expect(entry).toMatchObject({
      id: "kia-ev9-obdb",
      kind: "obdb-signal-set",
      standard: false,
      vehicles: [{ makes: ["Kia"], models: ["EV9"] }],
      licence: { name: "own", from: "given" },
      origin: { file: "Kia-EV9.json", importedAt: NOW, importedBy: "Li" },
      contents: { commands: 8, signals: 13 },
    });
    expect(await readFile(join(folder, "catalogue", "kia-ev9-obdb", "content"), "utf8")).toBe(JSON.stringify(OWN_SET));
    expect(await catalogue.list()).toEqual([entry]);
  });

  it("of the same file twice changes nothing, and of a newer one takes its place", async () => {
    await take("Kia-EV9.json", OWN_SET);
    expect((await take("Kia-EV9.json", OWN_SET, { by: "Wang" })).outcome).toBe("unchanged");
    const newer = { ...OWN_SET, commands: OWN_SET.commands.slice(0, 1) };
    expect((await take("Kia-EV9.json", newer)).outcome).toBe("replaced");
    expect(await catalogue.list()).toMatchObject([{ id: "kia-ev9-obdb", contents: { commands: 1 } }]);
    expect((await catalogue.choose({ make: "Kia", model: "EV9" })).damaged).toEqual([]);
  });

  it("knows all three kinds, and asks for the car where a name does not tell it", async () => {
    expect((await take("profile.json", PROFILE)).entry).toMatchObject({
      kind: "wican-profile",
      vehicles: [{ makes: ["Own"], models: ["Car One", "Car Two"], years: { from: 2022 } }],
    });
    await expect(take("some.dbc", DBC)).rejects.toMatchObject({ code: "VEHICLE_UNNAMED" });
    await expect(take("download.json", OWN_SET)).rejects.toMatchObject({ code: "VEHICLE_UNNAMED" });
    await expect(take("x.json", OWN_SET, { models: ["EV9"] })).rejects.toMatchObject({ code: "VEHICLE_UNNAMED" });
    const named = await take("some.dbc", DBC, { makes: ["Tesla"], models: ["Model 3"], years: { from: 2019 } });
    expect(named.entry).toMatchObject({
      id: "tesla-model-3-2019-dbc",
      kind: "dbc",
      contents: { commands: 1, signals: 1 },
    });
    expect((await take("j1979.json", OWN_STANDARD_SET)).entry).toMatchObject({ standard: true, vehicles: [] });
  });

  it("takes the licence from the file or from beside it, and asks where nobody says", async () => {
    const silent = { by: "Li" };
    const first = await fileOf("a/Kia-EV9.json", OWN_SET);
    await expect(catalogue.import(first, silent)).rejects.toMatchObject({ code: "VEHICLE_LICENCE_NEEDED" });
    await fileOf("a/LICENSE.md", "# Attribution-ShareAlike 4.0 International\n");
    expect((await catalogue.import(first, silent)).entry.licence).toEqual({ name: "CC-BY-SA-4.0", from: "neighbour" });
    const second = await fileOf("b/own.json", { ...PROFILE, license: "GPL-3.0" });
    expect((await catalogue.import(second, silent)).entry.licence).toEqual({ name: "GPL-3.0", from: "file" });
  });

  it.each([
    ["not JSON", "{cut off", "VEHICLE_FILE_INVALID"],
    ["nothing", "", "VEHICLE_FILE_INVALID"],
    ["bytes", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10]), "VEHICLE_FILE_INVALID"],
    ["another document", { openapi: "3.1.0" }, "VEHICLE_FILE_INVALID"],
    ["a set without commands", { commands: [] }, "VEHICLE_FILE_INVALID"],
    ["deep nesting", `${"[".repeat(200_000)}`, "VEHICLE_FILE_INVALID"],
    ["a sound file of deep nesting", `{"commands":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "VEHICLE_FILE_INVALID"],
    ["a file that is too large", Buffer.alloc(16_000_001, 0x20), "VEHICLE_FILE_TOO_LARGE"],
  ])("refuses %s and leaves nothing behind", async (_, content, code) => {
    await expect(take("Kia-EV9.json", content)).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual(["downloads"]);
  });

  it("refuses what is no file", async () => {
    const options = { by: "Li" };
    await expect(catalogue.import(join(folder, "none"), options)).rejects.toMatchObject({
      code: "VEHICLE_FILE_UNREADABLE",
    });
    await expect(catalogue.import(folder, options)).rejects.toMatchObject({ code: "VEHICLE_FILE_UNREADABLE" });
  });

  it("gives any name of a car a folder of its own that cannot leave the catalogue", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), async (model) => {
        const { entry } = await take("x.json", OWN_SET, { makes: ["../../etc"], models: [model] });
        expect(entry.id).toMatch(/^[a-z0-9-]{1,40}$/);
        expect((await catalogue.list()).map(({ id }) => id)).toEqual([entry.id]);
        await catalogue.remove(entry.id);
      }),
      { numRuns: 60 },
    );
    expect(await readdir(folder)).toEqual(["catalogue", "downloads"]);
  });
});

describe("which files fit a car", () => {
  it("is told by make and model, whatever the way of writing", async () => {
    await take("Kia-EV9.json", OWN_SET);
    await take("profile.json", PROFILE);
    for (const model of ["EV9", "ev 9", "EV-9 GT-Line"])
      expect(idsOf((await catalogue.choose({ make: "KIA", model })).chosen)).toEqual(["kia-ev9-obdb"]);
    expect(idsOf((await catalogue.choose({ make: "own", model: "Car Two", year: 2024 })).chosen)).toEqual([
      "own-car-one-car-two-2022-wican",
    ]);
    expect((await catalogue.choose({ make: "own", model: "Car Two", year: 2020 })).chosen).toEqual([]);
  });

  it("is only asked, not guessed, when the VIN tells no more than the make", async () => {
    await take("Kia-EV9.json", OWN_SET);
    await take("Kia-EV6.json", OWN_SET);
    const { identity, chosen, candidates, commands } = await catalogue.choose({ vin: "KNAC381AFR5000000" });
    expect(identity).toEqual({ vin: "KNAC381AFR5000000", makes: ["Kia"], model: undefined, year: undefined });
    expect({ chosen, commands }).toEqual({ chosen: [], commands: [] });
    expect(idsOf(candidates)).toEqual(["kia-ev6-obdb", "kia-ev9-obdb"]);
    expect((await catalogue.choose({ vin: "ZZZ00000000000000" })).candidates).toEqual([]);
    expect((await catalogue.choose({})).chosen).toEqual([]);
  });

  it("is told by what the VIN begins with, where the installer said so", async () => {
    await take("Kia-EV9.json", OWN_SET, { makes: ["Kia"], models: ["EV9"], wmi: ["KNAC3"] });
    expect(idsOf((await catalogue.choose({ vin: "KNAC381AFR5000000" })).chosen)).toEqual(["kia-ev9-obdb"]);
    expect((await catalogue.choose({ vin: "KNAD381AFR5000000" })).candidates).toEqual([]);
  });

  it("prefers the longer model name, and the fewer years", async () => {
    await take("Hyundai-Kona.json", OWN_SET);
    await take("Hyundai-Kona-Electric.json", OWN_SET);
    const ids = async (model: string) => idsOf((await catalogue.choose({ make: "Hyundai", model })).chosen);
    expect(await ids("Kona Electric Premium")).toEqual(["hyundai-kona-electric-obdb"]);
    expect(await ids("Kona")).toEqual(["hyundai-kona-obdb"]);
    await take("Toyota-RAV4.json", OWN_SET);
    await take("Toyota-RAV4-2019-2021.json", OWN_SET);
    await take("Toyota-RAV4-2022-2024.json", OWN_SET);
    const years = async (year?: number) =>
      idsOf(
        (await catalogue.choose({ make: "Toyota", model: "RAV4", ...(year === undefined ? {} : { year }) })).chosen,
      );
    expect(await years(2020)).toEqual(["toyota-rav4-2019-2021-obdb"]);
    expect(await years(2010)).toEqual(["toyota-rav4-obdb"]);
    expect(await years()).toEqual(["toyota-rav4-obdb"]);
    await catalogue.remove("toyota-rav4-obdb");
    expect(await years()).toEqual([]);
  });

  it("leaves a damaged file out, says so, and takes it again when it is imported again", async () => {
    await take("Kia-EV9.json", OWN_SET);
    await take("j1979.json", OWN_STANDARD_SET);
    await writeFile(join(folder, "catalogue", "kia-ev9-obdb", "content"), '{"commands":[]}');
    const { chosen, damaged } = await openVehicleCatalogue(join(folder, "catalogue"), () => NOW).choose({
      make: "Kia",
      model: "EV9",
    });
    expect(idsOf(chosen)).toEqual(["sae-j1979-obdb"]);
    expect(damaged.map(({ id }) => id)).toEqual(["kia-ev9-obdb"]);
    await catalogue.remove("kia-ev9-obdb");
    await take("Kia-EV9.json", OWN_SET);
    expect((await catalogue.choose({ make: "Kia", model: "EV9" })).damaged).toEqual([]);
  });

  it("that cannot be read is an error, never a catalogue without files", async () => {
    await take("Kia-EV9.json", OWN_SET);
    await rm(join(folder, "catalogue", "kia-ev9-obdb", "entry.json"));
    await mkdir(join(folder, "catalogue", "kia-ev9-obdb", "entry.json"));
    await expect(catalogue.list()).rejects.toMatchObject({ code: "VEHICLE_FILE_UNREADABLE" });
    await rm(join(folder, "catalogue"), { recursive: true });
    await writeFile(join(folder, "catalogue"), "");
    await expect(catalogue.list()).rejects.toMatchObject({ code: "VEHICLE_FILE_UNREADABLE" });
  });

  it("takes no entry for one that is none, or lies under another name", async () => {
    await take("Kia-EV9.json", OWN_SET);
    const entry = await readFile(join(folder, "catalogue", "kia-ev9-obdb", "entry.json"), "utf8");
    for (const [name, text] of [
      ["other", entry],
      ["empty", ""],
      ["list", "[]"],
      ["half", entry.slice(0, 100)],
    ] as const) {
      await mkdir(join(folder, "catalogue", name));
      await writeFile(join(folder, "catalogue", name, "entry.json"), text);
    }
    expect((await catalogue.list()).map(({ id }) => id)).toEqual(["kia-ev9-obdb"]);
    await expect(catalogue.remove("other")).rejects.toMatchObject({ code: "VEHICLE_UNKNOWN" });
  });
});

describe("what a car can be asked", () => {
  it("comes from a signal set with addresses for the dongle, and answers become words of the vocabulary", async () => {
    await take("Kia-EV9.json", OWN_SET);
    const { commands } = await catalogue.choose({ make: "Kia", model: "EV9", year: 2024 });
    expect(commands.map(({ ask }) => [ask.request, ask.address])).toEqual([
      ["22D001", { requestId: 0x7e4, responseId: 0x7ec, extended: false }],
      ["22D001", { requestId: 0x7e4, responseId: 0x7ed, extended: false }],
      ["22D002", { requestId: 0x7e4, responseId: 0x7ec, extended: false }],
      ["2116", { requestId: 0x750, responseId: 0x758, extended: false, requestByte: 0x2a, responseByte: 0x2a }],
      ["22DD01", { requestId: 0x6f1, responseId: 0x607, extended: false, requestByte: 0x07, responseByte: 0xf1 }],
      ["22028C", { requestId: 0x17fc007b, responseId: 0x17fe007b, extended: true }],
      ["2143", { requestId: 0x7c4, responseId: 0x7cc, extended: false }],
    ]);
    const [first] = commands;
    expect(first).toMatchObject({ everySeconds: 1, session: 3, standard: false });
    expect(first?.decode(fromHex("62D001 A0 FF38 100E 7D 20 0102030405"))).toEqual([
      { name: "state-of-charge", value: 80, unit: "%" },
      { name: "OWN_CURRENT", value: -20, unit: "A" },
      { name: "OWN_VOLTS_TURNED", value: 360, unit: "V" },
      { name: "OWN_PRESSURE", value: 2, unit: "bar" },
      { name: "OWN_GEAR", value: "D", unit: "" },
      { name: "OWN_TOTAL", value: 0x0102030405, unit: "W" },
    ]);
    expect(first?.decode(fromHex("7F2231"))).toEqual([]);
    expect(commands[2]?.decode(fromHex("62D001A0"))).toEqual([]);
  });

  it("comes from a profile in the same form, in the vocabulary's units", async () => {
    await take("profile.json", PROFILE);
    const { commands } = await catalogue.choose({ make: "Own", model: "Car One" });
    expect(commands[0]?.ask).toMatchObject({
      request: "22D001",
      address: { requestId: 0x7e4, responseId: 0x7ec, extended: false },
    });
    const [soc, cell, probe, tyre, own] = commands[0]?.decode(fromHex("62D001 50 B9 FE A5 0102")) ?? [];
    expect([soc, cell, probe]).toEqual([
      { name: "state-of-charge", value: 0.5, unit: "%" },
      { name: "cell-voltage.7", value: 1.6, unit: "V" },
      { name: "probe-temperature.2", value: -71, unit: "°C" },
    ]);
    expect(tyre).toMatchObject({ name: "tyre-pressure.front-left", unit: "kPa" });
    expect(tyre?.value).toBeCloseTo((0xfe / 5) * 6.894757, 3);
    expect(own).toEqual({ name: "OWN_THING", value: 0xa5, unit: "" });
  });

  it("leaves out what cannot be asked over CAN", async () => {
    const kLine = { ...OWN_SET.commands[3], hdr: "686A", rax: undefined, proto: "9141-2" };
    await take("Kia-Old.json", { commands: [kLine, OWN_SET.commands[3]] });
    const { commands } = await catalogue.choose({ make: "Kia", model: "Old" });
    expect(commands).toHaveLength(1);
  });

  it("stands beside the descriptions of frames that cars send by themselves", async () => {
    await take("x.dbc", DBC, { makes: ["Kia"] });
    const { dbc, commands } = await catalogue.choose({ make: "Kia", model: "anything" });
    expect(dbc.map(({ messages }) => messages.map(({ name }) => name))).toEqual([["Speed"]]);
    expect(commands).toEqual([]);
  });

  it("has keys that a request may carry, each once", async () => {
    await take("Kia-EV9.json", OWN_SET);
    await take("j1979.json", OWN_STANDARD_SET);
    const { commands } = await catalogue.choose({ make: "Kia", model: "EV9" });
    const keys = commands.map(({ ask }) => ask.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key.length).toBeLessThanOrEqual(80);
    expect(commands.map(({ standard }) => standard)).toEqual(commands.map(({ standard }) => standard).toSorted());
  });
});

it("every word that a dialect is mapped to is in the vocabulary, in a unit that converts", () => {
  for (const { word, unit } of wicanWords()) {
    const row = vocabularyRow(word);
    expect(row, word).toBeDefined();
    if (row !== undefined && row.unit !== "") expect(convertUnit(1, unit, row.unit), word).toBeDefined();
  }
  for (const report of [REPORT_2016, REPORT_2025])
    for (const word of reportValues(report).keys()) expect(vocabularyRow(word), word).toBeDefined();
});
