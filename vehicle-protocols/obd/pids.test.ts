import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { readPidMaxima } from "./pid-maxima.ts";
import { AFTERTREATMENT_PIDS } from "./pid-table-aftertreatment.ts";
import { ENGINE_PIDS } from "./pid-table-engine.ts";
import { EXTENDED_PIDS } from "./pid-table-extended.ts";
import { decodePid, knownPids } from "./pids.ts";

const VECTORS = new URL("../../../shared/data/obd/vectors.jsonl", import.meta.url);

function values(pid: number, hex: string): Record<string, number | string> {
  const reading = decodePid(pid, fromHex(hex));
  if (!reading.ok || reading.value.kind !== "signals") throw new Error(`no signals in ${hex}`);
  return Object.fromEntries(reading.value.signals.map((signal) => [signal.id, signal.value]));
}

describe("formulas of SAE J1979", () => {
  const cases: readonly (readonly [pid: number, hex: string, expected: Record<string, number | string>])[] = [
    [0x03, "0200", { FUELSYS1: "closed-loop", FUELSYS2: "off" }],
    [0x04, "FF", { LOAD_PCT: 100 }],
    [0x05, "00", { ECT: -40 }],
    [0x05, "FF", { ECT: 215 }],
    [0x06, "7C", { SHRTFT1: -3.125 }],
    [0x06, "00", { SHRTFT1: -100 }],
    [0x08, "8078", { SHRTFT2: 0, SHRTFT4: -6.25 }],
    [0x0a, "FF", { FP: 765 }],
    [0x0c, "1AF8", { RPM: 1726 }],
    [0x0c, "FFFF", { RPM: 16383.75 }],
    [0x0d, "FF", { VSS: 255 }],
    [0x0e, "00", { SPARKADV: -64 }],
    [0x0e, "8D", { SPARKADV: 6.5 }],
    [0x10, "FFFF", { MAF: 655.35 }],
    [0x12, "04", { AIR_STAT: "off" }],
    [0x15, "90FF", { O2S_2: 0.72 }],
    [0x15, "9080", { O2S_2: 0.72, O2S_2_SHRTFT: 0 }],
    [0x1c, "06", { OBDSUP: "eobd" }],
    [0x1c, "FB", { OBDSUP: "unknown-251" }],
    [0x1f, "0022", { RUNTM: 34 }],
    [0x22, "FFFF", { FRP_REL: 5177.265 }],
    [0x23, "014F", { FRP_GAUGE: 3350 }],
    [0x24, "80008000", { LAMBDA_V_1: 1, O2S_WIDE_V_1: 4 }],
    [0x2d, "FF", { EGR_ERR: 99.21875 }],
    [0x32, "FF96", { EVAP_VP: -26.5 }],
    [0x34, "80008000", { LAMBDA_I_1: 1, O2S_WIDE_I_1: 0 }],
    [0x3c, "1B9D", { CATEMP11: 666.9 }],
    [0x42, "35B6", { VPWR: 13.75 }],
    [0x44, "8000", { LAMBDA: 1 }],
    [0x51, "04", { FUEL_TYP: "diesel" }],
    [0x53, "4D3A", { EVAP_VPA: 98.85 }],
    [0x54, "FFFF", { EVAP_VP_WIDE: -1 }],
    [0x5d, "6900", { FUEL_TIMING: 0 }],
    [0x5e, "0064", { FUEL_RATE: 5 }],
    [0x62, "7D", { TQ_ACT: 0 }],
    [0x66, "0100320000", { MAFA: 1.5625 }],
    [0x67, "034D32", { ECT_1: 37, ECT_2: 10 }],
    [0x6b, "1132000000", { EGRT11: 10, EGRT11_WIDE: 160 }],
    [0x70, "070C6A0C600000000001", { BP_A_CMD: 99.3125, BP_A_ACT: 99, BP_A_LOOP: "open-loop" }],
    [0x7f, "0100000E100000000000000000", { RUN_TIME: 3600 }],
    [0x9a, "070037790009", { HEV_MODE: "charge-sustaining", HEV_BATT_V: 221.890625, HEV_BATT_A: 0.9 }],
    [0x9a, "06000000FFF6", { HEV_BATT_V: 0, HEV_BATT_A: -1 }],
    [0x03, "8000", { FUELSYS1: "open-loop-fault-bank-2", FUELSYS2: "off" }],
    [0x1c, "29", { OBDSUP: "china-6" }],
    [0x51, "1D", { FUEL_TYP: "hydrogen-fuel-cell" }],
    [0x5f, "11", { EMIS_SUP: "heavy-duty-euro-vi" }],
    [0x65, "1F62", { PTO_STAT_AUX: "off", N_D_STAT: "in-gear", N_G_STAT: "neutral", GPL_STAT: "off", GEAR_RCMD: 6 }],
    [0x6f, "0164FF", { TCA_CINP: 100 }],
    [0x6f, "0C2010", { TCA_CINP_WIDE: 256, TCB_CINP_WIDE: 128 }],
    [
      0x71,
      "3F80FF00400B",
      {
        VGT_A_CMD: 50.196,
        VGT_A_ACT: 100,
        VGT_B_CMD: 0,
        VGT_B_ACT: 25.098,
        VGT_A_LOOP: "fault",
        VGT_B_LOOP: "closed-loop",
      },
    ],
    [0x74, "012710FFFF", { TCA_RPM: 100_000 }],
    [0x75, "0F3C64177019C8", { TCA_CINT: 20, TCA_COUTT: 60, TCA_TINT: 560, TCA_TOUTT: 620 }],
    [0x7a, "07FF9C00640BB8", { DPF1_DP: -1, DPF1_INP: 1, DPF1_OUTP: 30 }],
    [0x7d, "05", { NNTE_IN: "on", NNTE_OUT: "off", NNTE_CARVE_OUT: "on", NNTE_DEFICIENCY: "off" }],
    [0x81, `02${"00".repeat(8)}0000000A00000014${"00".repeat(24)}`, { AECD2_TIME1: 10, AECD2_TIME2: 20 }],
    [0x83, "050064FFFF0032FFFF", { NOX11: 100, NOX21: 50 }],
    [0x85, "0F00C8012C80000000E1", { REAG_RATE: 1, REAG_DEMD: 1.5, REAG_LVL: 50.196, NWI_TIME: 225 }],
    [0x86, "010050FFFF", { PM11: 1 }],
    [
      0x8b,
      "7F0180012C01F4",
      {
        DPF_REGEN_STAT: "regenerating",
        DPF_REGEN_TYP: "passive",
        NOX_ADS_REGEN: "not-regenerating",
        NOX_ADS_DESULF: "off",
        DPF_REGEN_PCT: 50.196,
        DPF_REGEN_AVGT: 300,
        DPF_REGEN_AVGD: 500,
      },
    ],
    [0x8c, "113354FFFFFFFFFFFF2000FFFFFFFFFFFF", { O2S11_PCT: 20.05164, LAMBDA11: 0.999424 }],
    [0x8f, "030103E8000000", { PM11_ACTIVE: "on", PM11_REGEN: "off", PM11_OUT: 10 }],
    [
      0x90,
      "4D0010",
      { MI_DISP_VOBD: "discriminatory", MI_MODE_VOBD: "continuous", VOBD_RDY: "not-complete", VOBD_MI_TIME: 16 },
    ],
    [0x91, "0200050007", { MI_MODE_ECU: "short", OBD_MI_TIME: 5, OBD_B1_TIME: 7 }],
    [0x92, "0301", { FP1: "closed-loop", FIQ1: "not-closed-loop" }],
    [0x93, "010102", { MI_TIME_CUM: 258 }],
    [
      0x94,
      "230500010002000300040005",
      {
        NOX_WARN_ACT: "on",
        INDUC_L1: "active",
        INDUC_L2: "inactive",
        INDUC_L3: "inactive",
        REAG_QUAL_TIME: 1,
        NOX_DTC_TIME: 5,
      },
    ],
    [0x9a, "0904", { HEV_MODE: "charge-sustaining", EHEV_MODE: "charge-increasing" }],
    [0x9b, "3F823CFF", { DEF_TYPE: "proper", DEF_CON: 32.5, DEF_T: 20, DEF_LVL: 100 }],
    [0xa5, "01FF0000", { DEF_DOSE_CMD: 127.5 }],
    [0xc4, "0020000000000000", { IDLE_REQ: "on", STOP_REQ: "off" }],
    [0xa6, "00030BF0", { ODO: 19966.4 }],
    [0xa6, "FFFFFFFF", { ODO: 429496729.5 }],
    [0xb2, "FF", { BAT_SOH: 100 }],
  ];
  test.each(cases)("PID %i with %s", (pid, hex, expected) => {
    const got = values(pid, hex);
    expect(Object.keys(got)).toEqual(Object.keys(expected));
    for (const [id, value] of Object.entries(expected)) {
      if (typeof value === "number") expect(got[id], id).toBeCloseTo(value, 2);
      else expect(got[id], id).toBe(value);
    }
  });
});

test("what an ECU says in PIDs 4F and 50 changes the scales of ratios, sensors, manifold pressure and air flow", () => {
  const maxima = readPidMaxima(fromHex("04080A28"), fromHex("64000000"));
  const scaled = (pid: number, hex: string) => {
    const reading = decodePid(pid, fromHex(hex), maxima);
    if (!reading.ok || reading.value.kind !== "signals") throw new Error(`no signals in ${hex}`);
    return reading.value.signals.map(({ value }) => value);
  };
  expect(scaled(0x44, "FFFF")).toEqual([4]);
  expect(scaled(0x24, "FFFFFFFF")).toEqual([4, 8]);
  expect(scaled(0x34, "FFFF0000")).toEqual([4, -10]);
  expect(scaled(0x3b, "00008000")).toEqual([0, 0]);
  expect(scaled(0x0b, "FF")).toEqual([400]);
  expect(scaled(0x10, "FFFF")).toEqual([1000]);
  expect(scaled(0x0c, "1AF8")).toEqual([1726]);
  expect(scaled(0x33, "65")).toEqual([101]);
});

test("zero in PIDs 4F and 50 leaves the usual scales", () => {
  const maxima = readPidMaxima(fromHex("00000000"), new Uint8Array());
  for (const [pid, hex] of [
    [0x0b, "65"],
    [0x10, "1234"],
    [0x24, "80008000"],
    [0x34, "80008100"],
    [0x44, "8000"],
  ] as const) {
    expect(decodePid(pid, fromHex(hex), maxima)).toEqual(decodePid(pid, fromHex(hex)));
  }
});

test("support maps name the PIDs after their base", () => {
  const reading = decodePid(0x20, fromHex("80000001"));
  expect(reading).toMatchObject({ ok: true, value: { kind: "supported", pids: [0x21, 0x40] } });
  expect(decodePid(0xe0, fromHex("00000003"))).toMatchObject({ ok: true, value: { pids: [0xff] } });
});

test("data that is too short is an error, unknown PIDs come back as bytes", () => {
  for (const [pid, hex] of [
    [0x00, "BE1FA8"],
    [0x01, "830700"],
    [0x02, "01"],
    [0x0c, "1A"],
    [0x66, "01"],
  ] as const) {
    expect(decodePid(pid, fromHex(hex))).toMatchObject({ ok: false, error: { code: "truncated" } });
  }
  expect(decodePid(0xf7, fromHex("0102"))).toMatchObject({ ok: true, value: { kind: "raw", pid: 0xf7 } });
});

test("the table has each PID and each signal once, and its signals lie inside the PID", () => {
  const all = [...ENGINE_PIDS, ...EXTENDED_PIDS, ...AFTERTREATMENT_PIDS];
  expect(new Set(all.map(({ pid }) => pid)).size).toBe(all.length);
  const ids = all.flatMap(({ signals }) => signals.map(({ id }) => id));
  expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
  for (const { pid, length, longLength, signals } of all) {
    for (const { id, byte, bytes } of signals) {
      expect(byte + bytes, `${pid.toString(16)} ${id}`).toBeLessThanOrEqual(longLength ?? length);
    }
  }
  expect(knownPids().length).toBeGreaterThan(155);
});

// Where our acronym differs from the vectors' one: [ours, factor from their unit to ours].
const OURS: Readonly<Record<string, readonly [id: string, factor: number]>> = {
  TP_ABS: ["TP", 1],
  O2S11: ["O2S_1", 1],
  O2S12: ["O2S_2", 1],
  O2S22: ["O2S_6", 1],
  FRP: ["FRP_GAUGE", 1],
  LAMBDA11_VOLT: ["LAMBDA_V_1", 1],
  LAMBDA11_CURRENT: ["LAMBDA_I_1", 1],
  O2S11_CURRENT: ["O2S_WIDE_I_1", 1],
  EVAP_VP: ["EVAP_VP", 1000],
  EQ_RAT: ["LAMBDA", 1],
  BAT_SOC: ["BAT_PWR", 1],
  IAT_11: ["IAT11", 1],
  IAT_12: ["IAT12", 1],
  FUEL_RATE_ALT: ["ENG_FUEL_RATE", 1],
  VFUEL_RATE: ["VEH_FUEL_RATE", 1],
};

// The captured vectors are not part of this repository; they lie beside it where BayGate is developed.
test.skipIf(!existsSync(VECTORS))("numbers of captured service 01 answers agree (skipped without ../shared)", () => {
  const compared = new Map<string, number>();
  const wrong: string[] = [];
  for (const line of readFileSync(VECTORS, "utf8").split("\n").filter(Boolean)) {
    const vector = JSON.parse(line);
    // Where several ECUs answer, the recorded values are those of the last one.
    let got: Record<string, number> = {};
    for (const [, hex] of vector.payloads) {
      got = {};
      const payload = fromHex(hex);
      if (payload[0] !== 0x41) continue;
      const reading = decodePid(payload[1] ?? 0, payload.subarray(2));
      if (!reading.ok) wrong.push(`${line}: ${reading.error.message}`);
      else if (reading.value.kind === "signals") {
        for (const { id, value } of reading.value.signals) if (typeof value === "number") got[id] = value;
      }
    }
    for (const [id, expected] of Object.entries(vector.expected)) {
      const [ours, factor] = OURS[id] ?? [id, 1];
      const value = got[ours];
      if (typeof expected !== "number" || value === undefined) continue;
      // The recorded values are clamped to the limits of their signal set: 1.99 for a lambda of 2.
      if (expected === 1.99 && value > 1.99) continue;
      compared.set(ours, (compared.get(ours) ?? 0) + 1);
      const tolerance = Math.max(1e-3 * Math.abs(expected * factor), 1e-5 * factor);
      if (Math.abs(value - expected * factor) > tolerance)
        wrong.push(`${hexOf(vector)} ${id}: ${value} for ${expected}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(compared.size).toBeGreaterThan(50);
});

function hexOf(vector: { frames: string[] }): string {
  return vector.frames.join(" ");
}
