import type { Block } from "./blocks.ts";
import type { Reading } from "./codec.ts";
import type { Report } from "./report.ts";

type BlockNamed<Kind extends string> = Extract<Block, { readonly kind: Kind }>;
type Named = readonly [name: string, value: Reading | string];

/**
 * The values of a report by the words of BayGate's vocabulary, in its units. What the vehicle marks as abnormal or invalid is
 * left out, and so is what the vocabulary has no word for. Cells and probes count from 1 through all battery systems of the
 * report. `charging` is 1 or 0. A current out of the pack counts positive.
 */
export function reportValues({ edition, blocks }: Report): ReadonlyMap<string, number | string> {
  const cells = cellVoltages(blocks.flatMap(cellParts));
  const probes = probeTemperatures(blocks.flatMap(probeParts));
  const named: readonly Named[] = [
    ...cells.map(([number, volts]): Named => [`cell-voltage.${number}`, volts]),
    ...probes.map(([number, celsius]): Named => [`probe-temperature.${number}`, celsius]),
    // Since 2025 a report holds all its cells and no block of extremes.
    ...(edition === 2025 ? [...ownExtremes("cell-voltage", cells), ...ownExtremes("probe-temperature", probes)] : []),
    ...blocks.flatMap(plainValues),
  ];
  const values = new Map(named.filter((each): each is [string, number | string] => !isNoValue(each[1])));
  return new Map([...values, ...spread(values, "cell-voltage"), ...spread(values, "probe-temperature")]);
}

function plainValues(block: Block): readonly Named[] {
  if (block.kind === "vehicle") return vehicleValues(block);
  if (block.kind === "motors") return motorValues(block);
  if (block.kind === "engine") return [["engine-speed", block.value.crankshaftRpm]];
  return block.kind === "extremes" ? extremeValues(block) : [];
}

/** Bit 7 of the gear byte, as `upperBits` has it: "not valid" in 2025, and never set in a sound byte of 2016. */
const GEAR_NOT_VALID = 2;

function vehicleValues({ value }: BlockNamed<"vehicle">): readonly Named[] {
  const charging = value.charging;
  return [
    ["vehicle-speed", value.speedKmh],
    ["odometer", value.odometerKm],
    ["pack-voltage", value.voltageV],
    ["pack-current", value.currentA],
    ["state-of-charge", value.socPercent],
    ["insulation-resistance", value.insulationKohm],
    ["gear", value.gear.upperBits >= GEAR_NOT_VALID ? "invalid" : value.gear.position],
    ["charging", typeof charging === "number" ? "invalid" : isNoValue(charging) ? charging : charges(charging)],
  ];
}

function charges(state: string): number {
  return state === "charging-parked" || state === "charging-driving" ? 1 : 0;
}

function motorValues({ value: motors }: BlockNamed<"motors">): readonly Named[] {
  if (typeof motors === "string") return [];
  return motors.flatMap(({ motor, speedRpm, torqueNm, temperatureC, controllerC }): readonly Named[] => [
    [`motor-speed.${motor}`, speedRpm],
    [`motor-torque.${motor}`, torqueNm],
    [`motor-temperature.${motor}`, temperatureC],
    [`inverter-temperature.${motor}`, controllerC],
  ]);
}

function extremeValues({ value }: BlockNamed<"extremes">): readonly Named[] {
  return [
    ["cell-voltage-max", value.highestVoltageV],
    ["cell-voltage-max-number", value.highestVoltageCell],
    ["cell-voltage-min", value.lowestVoltageV],
    ["cell-voltage-min-number", value.lowestVoltageCell],
    ["probe-temperature-max", value.hottestC],
    ["probe-temperature-min", value.coldestC],
  ];
}

type Numbered = readonly [number: number, value: Reading];

type CellPart = Exclude<BlockNamed<"cells">["value"], string>[number];
type ProbePart = Exclude<BlockNamed<"probes">["value"], string>[number];

function cellParts(block: Block): readonly CellPart[] {
  return block.kind === "cells" && typeof block.value !== "string" ? block.value : [];
}

function probeParts(block: Block): readonly ProbePart[] {
  return block.kind === "probes" && typeof block.value !== "string" ? block.value : [];
}

function cellVoltages(systems: readonly CellPart[]): readonly Numbered[] {
  const cells: Numbered[] = [];
  /** The cells of the systems before this one. A system with many cells comes in several parts. */
  let before = 0;
  let last: CellPart | undefined;
  for (const part of systems) {
    if (last !== undefined && systemOf(last) !== systemOf(part)) before += cellsOf(last);
    last = part;
    const first = "firstCell" in part ? part.firstCell : 1;
    if (typeof part.cellsV !== "string")
      part.cellsV.forEach((volts, index) => {
        cells.push([before + first + index, volts]);
      });
  }
  return cells;
}

function systemOf(part: CellPart): Reading {
  return "pack" in part ? part.pack : part.system;
}

function cellsOf(part: CellPart): number {
  if ("cells" in part && typeof part.cells === "number") return part.cells;
  return typeof part.cellsV === "string" ? 0 : part.cellsV.length;
}

function probeTemperatures(systems: readonly ProbePart[]): readonly Numbered[] {
  return systems
    .flatMap(({ probesC }) => (typeof probesC === "string" ? [] : probesC))
    .map((celsius, index) => [index + 1, celsius]);
}

function ownExtremes(word: "cell-voltage" | "probe-temperature", all: readonly Numbered[]): readonly Named[] {
  const sorted = all
    .flatMap(([number, value]) => (typeof value === "number" ? [{ number, value }] : []))
    .sort((one, other) => one.value - other.value);
  const lowest = sorted[0];
  const highest = sorted.at(-1);
  if (lowest === undefined || highest === undefined) return [];
  const numbers: readonly Named[] =
    word === "cell-voltage"
      ? [
          [`${word}-max-number`, highest.number],
          [`${word}-min-number`, lowest.number],
        ]
      : [];
  return [[`${word}-max`, highest.value], [`${word}-min`, lowest.value], ...numbers];
}

function spread(values: ReadonlyMap<string, number | string>, word: string): readonly (readonly [string, number])[] {
  const highest = values.get(`${word}-max`);
  const lowest = values.get(`${word}-min`);
  if (typeof highest !== "number" || typeof lowest !== "number") return [];
  // Thousandths, as the wire has them; a plain difference would show more.
  return [[`${word}-spread`, Math.round((highest - lowest) * 1000) / 1000]];
}

function isNoValue(value: Reading | string): value is "abnormal" | "invalid" {
  return value === "abnormal" || value === "invalid";
}
