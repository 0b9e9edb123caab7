import type { Block2016, Block2025 } from "./blocks.ts";
import type { Report, ReportTime } from "./report.ts";

/** A report with every block of each edition; all numbers are made up. */

const WHEN: ReportTime = { year: 2026, month: 3, day: 4, hour: 5, minute: 6, second: 7 };

const HEAD = {
  state: "started",
  charging: "not-charging",
  mode: "electric",
  speedKmh: 42.5,
  odometerKm: 12_345.6,
  voltageV: 381.1,
  currentA: 2.2,
  socPercent: 94,
  dcDc: "working",
  gear: { position: "D", driving: true, braking: false, upperBits: 0 },
  insulationKohm: 3000,
} as const;

const FAULTS = { batteryFaults: [7], motorFaults: [], engineFaults: "invalid", otherFaults: [1, 0xffff_ffff] } as const;

const ALL_2016: readonly Block2016[] = [
  { kind: "vehicle", value: { ...HEAD, acceleratorPercent: 10, brakePercent: "pressed" } },
  {
    kind: "motors",
    value: [
      {
        motor: 1,
        state: "generating",
        controllerC: 41,
        speedRpm: -1200,
        torqueNm: -35.5,
        temperatureC: "abnormal",
        inputV: 380.9,
        busA: -12.3,
      },
    ],
  },
  {
    kind: "fuel-cell",
    value: {
      voltageV: 300,
      currentA: 12.5,
      consumptionKgPer100Km: 1.05,
      probesC: [60, "invalid"],
      hottestC: 61.5,
      hottestProbe: 1,
      concentrationMgPerKg: 12,
      concentrationSensor: 2,
      pressureMpa: 34.9,
      pressureSensor: 1,
      dcDc: "off",
    },
  },
  { kind: "engine", value: { state: "off", crankshaftRpm: 0, consumptionLPer100Km: "invalid" } },
  { kind: "position", value: { status: 2, longitudeDegrees: 116.62344, latitudeDegrees: 40.0991 } },
  {
    kind: "extremes",
    value: {
      highestVoltageSystem: 1,
      highestVoltageCell: 80,
      highestVoltageV: 4.159,
      lowestVoltageSystem: 1,
      lowestVoltageCell: 64,
      lowestVoltageV: 4.074,
      hottestSystem: 1,
      hottestProbe: 6,
      hottestC: 31,
      coldestSystem: 1,
      coldestProbe: 13,
      coldestC: 27,
    },
  },
  { kind: "alarms", value: { level: 3, general: 1, ...FAULTS } },
  {
    kind: "cells",
    value: [
      { system: 1, voltageV: 381.1, currentA: 2.2, cells: 3, firstCell: 1, cellsV: [4.139, 4.14] },
      { system: 1, voltageV: 381.1, currentA: 2.2, cells: 3, firstCell: 3, cellsV: ["abnormal"] },
      { system: 2, voltageV: 381.1, currentA: 2.2, cells: 1, firstCell: 1, cellsV: [4.1] },
    ],
  },
  {
    kind: "probes",
    value: [
      { system: 1, probesC: [31, 27] },
      { system: 2, probesC: [28] },
    ],
  },
  { kind: "custom", type: 0x80, value: Uint8Array.of(1, 2, 3) },
];

const ALL_2025: readonly Block2025[] = [
  { kind: "vehicle", value: { ...HEAD, currentA: -2500.5 } },
  {
    kind: "motors",
    value: [
      { motor: 1, state: "consuming", controllerC: 41, speedRpm: 20_500, torqueNm: 4100.5, temperatureC: 60 },
      { motor: 2, state: "off", controllerC: 20, speedRpm: 0, torqueNm: 0, temperatureC: 20 },
    ],
  },
  {
    kind: "hydrogen",
    value: {
      hottestC: 61,
      hottestProbe: 1,
      concentrationPercent: 0.0105,
      concentrationSensor: 2,
      pressureMpa: 34.9,
      pressureSensor: 1,
      dcDc: "working",
      remainingPercent: 55,
      dcDcControllerC: 40,
    },
  },
  { kind: "engine", value: { crankshaftRpm: 1500 } },
  {
    kind: "position",
    value: { status: 0, coordinates: "GCJ-02", longitudeDegrees: 116.62344, latitudeDegrees: 40.0991 },
  },
  { kind: "alarms", value: { level: 4, general: 2 ** 23, ...FAULTS, levels: [{ alarm: 23, level: 4 }] } },
  {
    kind: "cells",
    value: [
      { pack: 1, voltageV: 381.1, currentA: 2.2, cellsV: [4.139, "invalid", 4.151] },
      { pack: 2, voltageV: 381.1, currentA: 2.2, cellsV: [4.102] },
    ],
  },
  { kind: "probes", value: [{ system: 1, probesC: [31, 27] }] },
  {
    kind: "fuel-cell-stacks",
    value: [
      {
        stack: 1,
        voltageV: 300,
        currentA: 12.5,
        hydrogenInletKpa: 150.5,
        airInletKpa: -10,
        airInletC: 30,
        coolantOutletC: [65, 66],
      },
    ],
  },
  { kind: "super-capacitor", value: { system: 1, voltageV: 48, currentA: 100, cellsV: [2.7, 2.65], probesC: [33] } },
  {
    kind: "super-capacitor-extremes",
    value: {
      highestVoltageSystem: 1,
      highestVoltageCell: 1,
      highestVoltageV: 2.7,
      lowestVoltageSystem: 1,
      lowestVoltageCell: 300,
      lowestVoltageV: 2.65,
      hottestSystem: 1,
      hottestProbe: 1,
      hottestC: 33,
      coldestSystem: 1,
      coldestProbe: 1,
      coldestC: 33,
    },
  },
  { kind: "custom", type: 0xfe, value: new Uint8Array() },
  { kind: "signature", value: { algorithm: "SM2", r: Uint8Array.of(1, 2), s: Uint8Array.of(3) } },
];

export const REPORT_2016 = { edition: 2016, time: WHEN, blocks: ALL_2016 } as const satisfies Report;
export const REPORT_2025 = { edition: 2025, time: WHEN, blocks: ALL_2025 } as const satisfies Report;
