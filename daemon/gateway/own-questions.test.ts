import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import Type from "typebox";
import Value from "typebox/value";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createLog } from "../../machine/log.ts";
import { fromHex } from "../../vehicle-protocols/index.ts";
import { openVehicleCatalogue, type VehicleCatalogue } from "../vehicles/index.ts";
import { OwnFiles } from "./own-questions.ts";

/** Kia's own, with a check digit that fits. */
const VIN = "KNAGR4AD4R5000001";
const setOf = (id: string) => ({
  commands: [
    {
      hdr: "7E4",
      rax: "7EC",
      cmd: { "22": "0101" },
      freq: 1,
      signals: [
        {
          id,
          path: "Battery",
          fmt: { len: 8, max: 127, div: 2, unit: "percent" },
          name: "Charge",
          suggestedMetric: "stateOfCharge",
        },
      ],
    },
  ],
});

let folder: string;
let catalogue: VehicleCatalogue;
let ownFiles: OwnFiles;
let said: string[];

const Line = Type.Object({ level: Type.Number(), msg: Type.String(), code: Type.Optional(Type.String()) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-questions-"));
  catalogue = openVehicleCatalogue(join(folder, "catalogue"), () => Date.UTC(2026, 10, 21));
  said = [];
  const lines = new Writable({
    write: (line, _, done) => {
      const { code, msg } = Value.Parse(Line, JSON.parse(String(line)));
      said.push(code ?? msg);
      done();
    },
  });
  const log = createLog("test", lines);
  log.level = "info";
  ownFiles = new OwnFiles(catalogue, log);
  for (const model of ["EV6", "EV9"]) {
    const file = join(folder, `Kia-${model}.json`);
    await writeFile(file, JSON.stringify(setOf(`OWN_${model}`)));
    await catalogue.import(file, { by: "test", licence: "own" });
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("names the models that a car's number leaves open, and asks nothing until a person has named one", async () => {
  expect(await ownFiles.questionsOf(VIN, undefined)).toEqual({ questions: [], models: ["EV6", "EV9"] });
  expect(await ownFiles.questionsOf(null, undefined)).toEqual({ questions: [], models: [] });
});

it("gives the questions of the named model with what their answers mean", async () => {
  const { questions } = await ownFiles.questionsOf(VIN, "EV9");
  expect(questions.map(({ ask, signals }) => [ask.request, ask.address, signals.map(({ name }) => name)])).toEqual([
    ["220101", { requestId: 0x7e4, responseId: 0x7ec, extended: false }, ["state-of-charge"]],
  ]);
  expect(questions[0]?.decode(fromHex("6201017F"))).toMatchObject([
    { name: "state-of-charge", value: 63.5, unit: "%" },
  ]);
  expect(questions[0]?.decode(fromHex("7F2231"))).toEqual([]);
});

it("leaves out a damaged file and says so once, and once when it is whole again", async () => {
  const content = join(folder, "catalogue", "kia-ev9-obdb", "content");
  await rename(content, `${content}.away`);
  for (let look = 0; look < 3; look++)
    expect(await ownFiles.questionsOf(VIN, "EV6")).toMatchObject({ questions: [{ ask: { request: "220101" } }] });
  expect(said).toEqual(["VEHICLE_CATALOGUE_DAMAGED"]);
  await rename(`${content}.away`, content);
  for (let look = 0; look < 3; look++) await ownFiles.questionsOf(VIN, "EV9");
  expect(said).toEqual(["VEHICLE_CATALOGUE_DAMAGED", "all imported vehicle files can be used again"]);
});

it("says once that the files cannot be read, and leaves the car with the standard's questions", async () => {
  await rm(join(folder, "catalogue", "kia-ev9-obdb", "entry.json"));
  await mkdir(join(folder, "catalogue", "kia-ev9-obdb", "entry.json"));
  for (let look = 0; look < 3; look++)
    expect(await ownFiles.questionsOf(VIN, "EV6")).toEqual({ questions: [], models: [] });
  expect(said).toEqual(["VEHICLE_FILE_UNREADABLE"]);
});
