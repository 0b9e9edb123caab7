import {
  AS_IS,
  bits,
  CELSIUS,
  CELSIUS_TENTHS,
  many,
  over,
  PERCENT,
  type PidDefinition,
  row,
  type SignalDefinition,
  u8,
  u16,
  u32,
} from "./pid-definition.ts";
import {
  CLOSED_LOOP,
  EXHAUST_FLUID,
  INDICATOR_MODE,
  INDICATOR_STRATEGY,
  INDUCEMENT,
  OFF_ON,
  READINESS,
  REGENERATION,
  REGENERATION_KIND,
} from "./pid-words.ts";

// SAE J1979 / ISO 15031-5: diesel particulate filters, nitrogen oxides, exhaust fluid, and the counters of ISO 27145 (WWH-OBD).

function filterPressures(pid: number, bank: 1 | 2): PidDefinition {
  const name = `Particulate filter, bank ${bank}`;
  return many(pid, 7, [
    u16(`DPF${bank}_DP`, `${name}: pressure difference`, 1, over(100), "kPa", { signed: true, supportBit: 0 }),
    u16(`DPF${bank}_INP`, `${name}: inlet pressure`, 3, over(100), "kPa", { supportBit: 1 }),
    u16(`DPF${bank}_OUTP`, `${name}: outlet pressure`, 5, over(100), "kPa", { supportBit: 2 }),
  ]);
}

/** Not-to-exceed control areas of heavy-duty engines. */
function controlArea(pid: number, prefix: string, name: string): PidDefinition {
  const areas = [
    ["IN", "inside the control area"],
    ["OUT", "outside the control area"],
    ["CARVE_OUT", "inside the maker's carve-out"],
    ["DEFICIENCY", "deficiency active"],
  ] as const;
  return many(
    pid,
    1,
    areas.map(([id, text], shift) => bits(`${prefix}_${id}`, `${name}: ${text}`, 0, { shift, width: 1 }, OFF_ON)),
  );
}

/** Run times of emission-increasing auxiliary control devices: two timers each, both announced by one bit. */
function auxiliaryDevices(pid: number, first: number): PidDefinition {
  const timers = [0, 1, 2, 3, 4].flatMap((n) =>
    [1, 2].map((timer) => {
      const name = `Run time of auxiliary emission control device ${first + n}, timer ${timer}`;
      const byte = 1 + 8 * n + 4 * (timer - 1);
      return u32(`AECD${first + n}_TIME${timer}`, name, byte, AS_IS, "s", { supportBit: n });
    }),
  );
  return many(pid, 41, timers);
}

function nitrogenOxides(
  pid: number,
  prefix: string,
  name: string,
  sensors: readonly [1, 2] | readonly [3, 4],
): PidDefinition {
  const places = [1, 2].flatMap((bank) => sensors.map((sensor) => [bank, sensor] as const));
  return many(
    pid,
    9,
    row(
      2,
      AS_IS,
      "ppm",
      places.map(([bank, sensor]) => [`${prefix}${bank}${sensor}`, `${name}, bank ${bank} sensor ${sensor}`]),
    ),
  );
}

/** Wide-range oxygen sensors: four concentrations, then four equivalence ratios. */
function oxygenConcentrations(pid: number, sensors: readonly [1, 2] | readonly [3, 4]): PidDefinition {
  const places = [1, 2].flatMap((bank) => sensors.map((sensor) => [bank, sensor] as const));
  const where = ([bank, sensor]: readonly [number, number]) => `bank ${bank} sensor ${sensor}`;
  const percent = { multiply: 1526, divide: 1_000_000, add: 0 };
  const ratio = { multiply: 122, divide: 1_000_000, add: 0 };
  return many(pid, 17, [
    ...row(
      2,
      percent,
      "%",
      places.map((place) => [`O2S${place.join("")}_PCT`, `Oxygen concentration, ${where(place)}`]),
    ),
    ...row(
      2,
      ratio,
      "1",
      places.map((place) => [`LAMBDA${place.join("")}`, `Equivalence ratio, ${where(place)}`]),
      4,
    ),
  ]);
}

function particulateOutput(bank: 1 | 2): SignalDefinition[] {
  const name = `Particulate sensor, bank ${bank}`;
  const byte = bank === 1 ? 1 : 4;
  const supportBit = bank === 1 ? 0 : 2;
  return [
    bits(`PM${bank}1_ACTIVE`, `${name}: measuring`, byte, { shift: 0, width: 1 }, OFF_ON, supportBit),
    bits(`PM${bank}1_REGEN`, `${name}: cleaning itself`, byte, { shift: 1, width: 1 }, OFF_ON, supportBit),
    u16(`PM${bank}1_OUT`, `${name}: normalised output`, byte + 1, over(100), "%", {
      signed: true,
      supportBit: supportBit + 1,
    }),
  ];
}

const FUEL_CONTROLS = [
  ["FP1", "Fuel pressure 1"],
  ["FIQ1", "Injection quantity 1"],
  ["FIT1", "Injection timing 1"],
  ["IFB1", "Idle fuel balance 1"],
  ["FP2", "Fuel pressure 2"],
  ["FIQ2", "Injection quantity 2"],
  ["FIT2", "Injection timing 2"],
  ["IFB2", "Idle fuel balance 2"],
] as const;

/** PID 88 and its history of four blocks of 10 000 km: why the engine is held back. */
const INDUCEMENT_REASONS = [
  ["LEVEL", "exhaust fluid too low"],
  ["QUALITY", "wrong exhaust fluid"],
  ["CONSUMPTION", "consumption of exhaust fluid deviates"],
  ["NOX", "nitrogen oxides too high"],
] as const;

function inducementReasons(prefix: string, name: string, byte: number, shift: 0 | 4): SignalDefinition[] {
  return INDUCEMENT_REASONS.map(([id, text], n) =>
    bits(`${prefix}_${id}`, `${name}: ${text}`, byte, { shift: shift + n, width: 1 }, OFF_ON),
  );
}

export const AFTERTREATMENT_PIDS: readonly PidDefinition[] = [
  filterPressures(0x7a, 1),
  filterPressures(0x7b, 2),
  many(
    0x7c,
    9,
    row(2, CELSIUS_TENTHS, "°C", [
      ["DPF1_INT", "Particulate filter inlet temperature, bank 1"],
      ["DPF1_OUTT", "Particulate filter outlet temperature, bank 1"],
      ["DPF2_INT", "Particulate filter inlet temperature, bank 2"],
      ["DPF2_OUTT", "Particulate filter outlet temperature, bank 2"],
    ]),
  ),
  controlArea(0x7d, "NNTE", "Nitrogen oxides"),
  controlArea(0x7e, "PNTE", "Particulate matter"),
  auxiliaryDevices(0x81, 1),
  auxiliaryDevices(0x82, 6),
  nitrogenOxides(0x83, "NOX", "Nitrogen oxides", [1, 2]),
  many(0x85, 10, [
    u16("REAG_RATE", "Average consumption of exhaust fluid", 1, over(200), "L/h", { supportBit: 0 }),
    u16("REAG_DEMD", "Average demand of exhaust fluid", 3, over(200), "L/h", { supportBit: 1 }),
    u8("REAG_LVL", "Exhaust fluid level", 5, PERCENT, "%", { supportBit: 2 }),
    u32("NWI_TIME", "Engine run time with the nitrogen oxide warning", 6, AS_IS, "s", { supportBit: 3 }),
  ]),
  many(
    0x86,
    5,
    row(2, over(80), "mg/m³", [
      ["PM11", "Particulate mass concentration, bank 1"],
      ["PM21", "Particulate mass concentration, bank 2"],
    ]),
  ),
  many(0x88, 13, [
    ...inducementReasons("SCR_IND", "Inducement", 0, 0),
    bits("SCR_IND_ACTIVE", "Inducement active", 0, { shift: 7, width: 1 }, OFF_ON),
    ...inducementReasons("SCR_IND_HIST1", "Inducement in this block", 1, 0),
    ...inducementReasons("SCR_IND_HIST2", "Inducement one block ago", 1, 4),
    ...inducementReasons("SCR_IND_HIST3", "Inducement two blocks ago", 2, 0),
    ...inducementReasons("SCR_IND_HIST4", "Inducement three blocks ago", 2, 4),
    u16("SCR_IND_DIST_1N", "Distance with inducement in this block of 10 000 km", 3, AS_IS, "km"),
    u16("SCR_IND_DIST_1D", "Distance driven in this block of 10 000 km", 5, AS_IS, "km"),
    u16("SCR_IND_DIST_2N", "Distance with inducement one block ago", 7, AS_IS, "km"),
    u16("SCR_IND_DIST_3N", "Distance with inducement two blocks ago", 9, AS_IS, "km"),
    u16("SCR_IND_DIST_4N", "Distance with inducement three blocks ago", 11, AS_IS, "km"),
  ]),
  auxiliaryDevices(0x89, 11),
  auxiliaryDevices(0x8a, 16),
  many(0x8b, 7, [
    bits("DPF_REGEN_STAT", "Particulate filter", 1, { shift: 0, width: 1 }, REGENERATION, 0),
    bits("DPF_REGEN_TYP", "Particulate filter regeneration", 1, { shift: 1, width: 1 }, REGENERATION_KIND, 1),
    bits("NOX_ADS_REGEN", "Nitrogen oxide adsorber", 1, { shift: 2, width: 1 }, REGENERATION, 2),
    bits("NOX_ADS_DESULF", "Desulphurisation of the adsorber", 1, { shift: 3, width: 1 }, OFF_ON, 3),
    u8("DPF_REGEN_PCT", "Particulate filter: nearness of a regeneration", 2, PERCENT, "%", { supportBit: 4 }),
    u16("DPF_REGEN_AVGT", "Average time between regenerations", 3, AS_IS, "min", { supportBit: 5 }),
    u16("DPF_REGEN_AVGD", "Average distance between regenerations", 5, AS_IS, "km", { supportBit: 6 }),
  ]),
  oxygenConcentrations(0x8c, [1, 2]),
  many(0x8f, 7, [...particulateOutput(1), ...particulateOutput(2)]),
  many(0x90, 3, [
    bits("MI_DISP_VOBD", "Indicator strategy of the vehicle", 0, { shift: 0, width: 2 }, INDICATOR_STRATEGY),
    bits("MI_MODE_VOBD", "Malfunction indicator of the vehicle", 0, { shift: 2, width: 4 }, INDICATOR_MODE),
    bits("VOBD_RDY", "Emission monitors of the vehicle", 0, { shift: 6, width: 1 }, READINESS),
    u16("VOBD_MI_TIME", "Engine hours with the indicator continuously on, vehicle", 1, AS_IS, "h"),
  ]),
  many(0x91, 5, [
    bits("MI_MODE_ECU", "Malfunction indicator of this control unit", 0, { shift: 0, width: 4 }, INDICATOR_MODE),
    u16("OBD_MI_TIME", "Engine hours with the indicator continuously on, control unit", 1, AS_IS, "h"),
    u16("OBD_B1_TIME", "Highest B1 counter", 3, AS_IS, "h"),
  ]),
  many(
    0x92,
    2,
    FUEL_CONTROLS.map(([id, name], bit) => bits(id, name, 1, { shift: bit, width: 1 }, CLOSED_LOOP, bit)),
  ),
  many(0x93, 3, [
    u16("MI_TIME_CUM", "Engine hours with the indicator on, all together", 1, AS_IS, "h", { supportBit: 0 }),
  ]),
  many(0x94, 12, [
    bits("NOX_WARN_ACT", "Nitrogen oxide warning", 1, { shift: 0, width: 1 }, OFF_ON, 0),
    bits("INDUC_L1", "Inducement level 1", 1, { shift: 1, width: 2 }, INDUCEMENT, 0),
    bits("INDUC_L2", "Inducement level 2", 1, { shift: 3, width: 2 }, INDUCEMENT, 0),
    bits("INDUC_L3", "Inducement level 3", 1, { shift: 5, width: 2 }, INDUCEMENT, 0),
    u16("REAG_QUAL_TIME", "Hours with wrong exhaust fluid", 2, AS_IS, "h", { supportBit: 1 }),
    u16("REAG_CON_TIME", "Hours with deviating consumption of exhaust fluid", 4, AS_IS, "h", { supportBit: 2 }),
    u16("REAG_DOSE_TIME", "Hours with interrupted dosing", 6, AS_IS, "h", { supportBit: 3 }),
    u16("EGR_TIME", "Hours with an impeded EGR valve", 8, AS_IS, "h", { supportBit: 4 }),
    u16("NOX_DTC_TIME", "Hours with a failed monitoring system", 10, AS_IS, "h", { supportBit: 5 }),
  ]),
  many(0x9b, 4, [
    bits("DEF_TYPE", "Exhaust fluid", 0, { shift: 4, width: 4 }, EXHAUST_FLUID, 0),
    u8("DEF_CON", "Exhaust fluid concentration", 1, over(4), "%", { supportBit: 1 }),
    u8("DEF_T", "Exhaust fluid temperature", 2, CELSIUS, "°C", { supportBit: 2 }),
    u8("DEF_LVL", "Exhaust fluid level in the tank", 3, PERCENT, "%", { supportBit: 3 }),
  ]),
  oxygenConcentrations(0x9c, [3, 4]),
  nitrogenOxides(0xa1, "NOXC", "Nitrogen oxides, corrected", [1, 2]),
  many(0xa5, 4, [u8("DEF_DOSE_CMD", "Commanded exhaust fluid dosing", 1, over(2), "%", { supportBit: 0 })]),
  nitrogenOxides(0xa7, "NOX", "Nitrogen oxides", [3, 4]),
  nitrogenOxides(0xa8, "NOXC", "Nitrogen oxides, corrected", [3, 4]),
];
