import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fromHex } from "../../vehicle-protocols/index.ts";
import { openVehicleCatalogue, type VehicleCatalogue } from "../vehicles/index.ts";
import { ownQuestionsOf } from "./own-questions.ts";

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

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-questions-"));
  catalogue = openVehicleCatalogue(join(folder, "catalogue"), () => Date.UTC(2026, 10, 21));
  for (const model of ["EV6", "EV9"]) {
    const file = join(folder, `Kia-${model}.json`);
    await writeFile(file, JSON.stringify(setOf(`OWN_${model}`)));
    await catalogue.import(file, { by: "test", licence: "own" });
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("names the models that a car's number leaves open, and asks nothing until a person has named one", async () => {
  expect(await ownQuestionsOf(catalogue, VIN, undefined)).toEqual({ questions: [], models: ["EV6", "EV9"] });
  expect(await ownQuestionsOf(catalogue, null, undefined)).toEqual({ questions: [], models: [] });
});

it("gives the questions of the named model with what their answers mean", async () => {
  const { questions } = await ownQuestionsOf(catalogue, VIN, "EV9");
  expect(questions.map(({ ask, signals }) => [ask.request, ask.address, signals.map(({ name }) => name)])).toEqual([
    ["220101", { requestId: 0x7e4, responseId: 0x7ec, extended: false }, ["state-of-charge"]],
  ]);
  expect(questions[0]?.decode(fromHex("6201017F"))).toMatchObject([
    { name: "state-of-charge", value: 63.5, unit: "%" },
  ]);
  expect(questions[0]?.decode(fromHex("7F2231"))).toEqual([]);
});
