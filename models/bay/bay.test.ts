import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measure, type PartReport } from "../eval/measure.ts";
import { demoPart, renderedPart } from "../eval/parts.ts";

const BUNDLE = import.meta.dirname;

describe("the bay model that ships", () => {
  let folder = "";
  let demo: PartReport;
  let held: PartReport;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bay-model-"));
    demo = await measure(await demoPart(folder), BUNDLE);
    held = await measure(await renderedPart(folder, 6), BUNDLE);
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["vehicle", 0.99],
    ["person", 0.97],
  ] as const)("finds each %s in the simulated shop's own bays, and imagines none", (label, least) => {
    const figures = demo.figures[label];
    expect(figures?.wanted).toBeGreaterThan(50);
    expect(figures?.recall).toBeGreaterThanOrEqual(least);
    expect(figures?.precision).toBeGreaterThanOrEqual(least);
  });

  it.each([
    ["vehicle", 0.95],
    ["person", 0.85],
  ] as const)("finds each %s on random cameras that training never saw", (label, least) => {
    const figures = held.figures[label];
    expect(figures?.wanted).toBeGreaterThan(10);
    expect(figures?.recall).toBeGreaterThanOrEqual(least);
    expect(figures?.precision).toBeGreaterThanOrEqual(least);
  });
});
