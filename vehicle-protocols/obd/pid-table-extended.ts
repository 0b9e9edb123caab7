import {
  AS_IS,
  CELSIUS,
  CELSIUS_TENTHS,
  many,
  one,
  over,
  PERCENT,
  type PidDefinition,
  type PidUnit,
  type Scale,
  type SignalDefinition,
  TORQUE,
  TRIM,
  times,
  u8,
  u16,
  u32,
} from "./pid-definition.ts";
import { CHARGE_MODE, LOOP } from "./pid-words.ts";

// SAE J1979 / ISO 15031-5, PIDs 61 to D3. In most, data byte A says which of the signals the car fills.

// Neighbouring signals with one scale: signal n is announced by bit n of byte A.
function row(
  width: 1 | 2 | 4,
  scale: Scale,
  unit: PidUnit,
  names: readonly (readonly [string, string])[],
): SignalDefinition[] {
  return names.map(([id, name], bit) => ({
    id,
    name,
    byte: 1 + bit * width,
    bytes: width,
    scale,
    unit,
    supportBit: bit,
  }));
}

const EGR_SENSORS = [
  ["EGRT11", "EGR temperature, bank 1 sensor 1"],
  ["EGRT12", "EGR temperature, bank 1 sensor 2"],
  ["EGRT21", "EGR temperature, bank 2 sensor 1"],
  ["EGRT22", "EGR temperature, bank 2 sensor 2"],
] as const;

function exhaustTemperatures(pid: number, bank: 1 | 2, firstSensor: 1 | 5): PidDefinition {
  const names = [0, 1, 2, 3].map((n) => {
    const sensor = firstSensor + n;
    return [`EGT${bank}${sensor}`, `Exhaust gas temperature, bank ${bank} sensor ${sensor}`] as const;
  });
  return many(pid, 9, row(2, CELSIUS_TENTHS, "°C", names));
}

export const EXTENDED_PIDS: readonly PidDefinition[] = [
  one(0x61, u8("TQ_DD", "Driver's demand torque", 0, TORQUE, "%")),
  one(0x62, u8("TQ_ACT", "Actual engine torque", 0, TORQUE, "%")),
  one(0x63, u16("TQ_REF", "Engine reference torque", 0, AS_IS, "Nm")),
  many(
    0x64,
    5,
    [0, 1, 2, 3, 4].map((point) =>
      u8(`TQ_MAX${point + 1}`, point === 0 ? "Torque at idle" : `Torque at point ${point + 1}`, point, TORQUE, "%"),
    ),
  ),
  many(
    0x66,
    5,
    row(2, over(32), "g/s", [
      ["MAFA", "Mass air flow A"],
      ["MAFB", "Mass air flow B"],
    ]),
  ),
  many(
    0x67,
    3,
    row(1, CELSIUS, "°C", [
      ["ECT_1", "Coolant temperature 1"],
      ["ECT_2", "Coolant temperature 2"],
    ]),
  ),
  many(
    0x68,
    7,
    row(1, CELSIUS, "°C", [
      ["IAT11", "Intake air temperature, bank 1 sensor 1"],
      ["IAT12", "Intake air temperature, bank 1 sensor 2"],
      ["IAT13", "Intake air temperature, bank 1 sensor 3"],
      ["IAT21", "Intake air temperature, bank 2 sensor 1"],
      ["IAT22", "Intake air temperature, bank 2 sensor 2"],
      ["IAT23", "Intake air temperature, bank 2 sensor 3"],
    ]),
  ),
  many(0x69, 7, [
    u8("EGR_A_CMD", "Commanded EGR A", 1, PERCENT, "%", { supportBit: 0 }),
    u8("EGR_A_ACT", "Actual EGR A", 2, PERCENT, "%", { supportBit: 1 }),
    u8("EGR_A_ERR", "EGR A error", 3, TRIM, "%", { supportBit: 2 }),
    u8("EGR_B_CMD", "Commanded EGR B", 4, PERCENT, "%", { supportBit: 3 }),
    u8("EGR_B_ACT", "Actual EGR B", 5, PERCENT, "%", { supportBit: 4 }),
    u8("EGR_B_ERR", "EGR B error", 6, TRIM, "%", { supportBit: 5 }),
  ]),
  many(
    0x6a,
    5,
    row(1, PERCENT, "%", [
      ["IAF_A_CMD", "Commanded intake air flow A"],
      ["IAF_A_REL", "Relative intake air flow A position"],
      ["IAF_B_CMD", "Commanded intake air flow B"],
      ["IAF_B_REL", "Relative intake air flow B position"],
    ]),
  ),
  // Bits 0–3 announce the normal range, bits 4–7 the wide one (4 °C per step) in the same bytes.
  many(0x6b, 5, [
    ...row(1, CELSIUS, "°C", EGR_SENSORS),
    ...EGR_SENSORS.map(([id, name], n) =>
      u8(`${id}_WIDE`, `${name}, wide range`, 1 + n, { multiply: 4, divide: 1, add: -40 }, "°C", { supportBit: 4 + n }),
    ),
  ]),
  many(
    0x6c,
    5,
    row(1, PERCENT, "%", [
      ["TAC_A_CMD", "Commanded throttle actuator A"],
      ["TP_A_REL", "Relative throttle A position"],
      ["TAC_B_CMD", "Commanded throttle actuator B"],
      ["TP_B_REL", "Relative throttle B position"],
    ]),
  ),
  many(0x6d, 11, [
    u16("FRP_A_CMD", "Commanded fuel rail pressure A", 1, times(10), "kPa", { supportBit: 0 }),
    u16("FRP_A", "Fuel rail pressure A", 3, times(10), "kPa", { supportBit: 1 }),
    u8("FRT_A", "Fuel rail temperature A", 5, CELSIUS, "°C", { supportBit: 2 }),
    u16("FRP_B_CMD", "Commanded fuel rail pressure B", 6, times(10), "kPa", { supportBit: 3 }),
    u16("FRP_B", "Fuel rail pressure B", 8, times(10), "kPa", { supportBit: 4 }),
    u8("FRT_B", "Fuel rail temperature B", 10, CELSIUS, "°C", { supportBit: 5 }),
  ]),
  many(
    0x6e,
    9,
    row(2, times(10), "kPa", [
      ["ICP_A_CMD", "Commanded injection control pressure A"],
      ["ICP_A", "Injection control pressure A"],
      ["ICP_B_CMD", "Commanded injection control pressure B"],
      ["ICP_B", "Injection control pressure B"],
    ]),
  ),
  many(0x70, 10, [
    u16("BP_A_CMD", "Commanded boost pressure A", 1, over(32), "kPa", { supportBit: 0 }),
    u16("BP_A_ACT", "Boost pressure A", 3, over(32), "kPa", { supportBit: 1 }),
    u8("BP_A_LOOP", "Boost control A", 9, AS_IS, "word", { supportBit: 2, bits: { shift: 0, mask: 3 }, words: LOOP }),
    u16("BP_B_CMD", "Commanded boost pressure B", 5, over(32), "kPa", { supportBit: 3 }),
    u16("BP_B_ACT", "Boost pressure B", 7, over(32), "kPa", { supportBit: 4 }),
    u8("BP_B_LOOP", "Boost control B", 9, AS_IS, "word", { supportBit: 5, bits: { shift: 2, mask: 3 }, words: LOOP }),
  ]),
  many(
    0x72,
    5,
    row(1, PERCENT, "%", [
      ["WG_A_CMD", "Commanded wastegate A"],
      ["WG_A_ACT", "Wastegate A position"],
      ["WG_B_CMD", "Commanded wastegate B"],
      ["WG_B_ACT", "Wastegate B position"],
    ]),
  ),
  many(
    0x73,
    5,
    row(2, over(100), "kPa", [
      ["EP1", "Exhaust pressure, bank 1"],
      ["EP2", "Exhaust pressure, bank 2"],
    ]),
  ),
  many(
    0x77,
    5,
    row(1, CELSIUS, "°C", [
      ["CACT11", "Charge air cooler temperature, bank 1 sensor 1"],
      ["CACT12", "Charge air cooler temperature, bank 1 sensor 2"],
      ["CACT21", "Charge air cooler temperature, bank 2 sensor 1"],
      ["CACT22", "Charge air cooler temperature, bank 2 sensor 2"],
    ]),
  ),
  exhaustTemperatures(0x78, 1, 1),
  exhaustTemperatures(0x79, 2, 1),
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
  many(
    0x7f,
    13,
    row(4, AS_IS, "s", [
      ["RUN_TIME", "Total engine run time"],
      ["IDLE_TIME", "Total idle run time"],
      ["PTO_TIME", "Total run time with power take-off"],
    ]),
  ),
  one(0x84, u8("MST", "Manifold surface temperature", 0, CELSIUS, "°C")),
  many(
    0x87,
    5,
    row(2, over(32), "kPa", [
      ["MAP_A", "Intake manifold pressure A"],
      ["MAP_B", "Intake manifold pressure B"],
    ]),
  ),
  one(0x8d, u8("TP_G", "Absolute throttle position G", 0, PERCENT, "%")),
  one(0x8e, u8("TQ_FR", "Engine friction torque", 0, TORQUE, "%")),
  exhaustTemperatures(0x98, 1, 5),
  exhaustTemperatures(0x99, 2, 5),
  many(0x9a, 6, [
    u8("HEV_MODE", "Hybrid charging state", 1, AS_IS, "word", {
      supportBit: 0,
      bits: { shift: 0, mask: 1 },
      words: CHARGE_MODE,
    }),
    u16("HEV_BATT_V", "Hybrid or electric battery voltage", 2, over(64), "V", { supportBit: 1 }),
    u16("HEV_BATT_A", "Hybrid or electric battery current", 4, over(10), "A", { signed: true, supportBit: 2 }),
  ]),
  many(0x9d, 4, [
    u16("ENG_FUEL_RATE", "Engine fuel rate", 0, over(50), "g/s"),
    u16("VEH_FUEL_RATE", "Vehicle fuel rate", 2, over(50), "g/s"),
  ]),
  one(0x9e, u16("EXH_RATE", "Engine exhaust flow rate", 0, over(5), "kg/h")),
  many(
    0x9f,
    9,
    row(
      1,
      PERCENT,
      "%",
      [1, 2, 3, 4].flatMap((bank) => [
        [`FUELSYSA_B${bank}`, `Fuel system A use, bank ${bank}`] as const,
        [`FUELSYSB_B${bank}`, `Fuel system B use, bank ${bank}`] as const,
      ]),
    ),
  ),
  one(0xa2, u16("CYL_RATE", "Cylinder fuel rate", 0, over(32), "mg/stroke")),
  many(0xa4, 4, [u16("GEAR_RATIO", "Transmission gear ratio", 2, over(1000), "1", { supportBit: 1 })]),
  many(0xa5, 4, [u8("DEF_DOSE_CMD", "Commanded exhaust fluid dosing", 1, over(2), "%", { supportBit: 0 })]),
  one(0xaa, u8("V_SET", "Speed limit in force", 0, AS_IS, "km/h")),
  one(0xb2, u8("BAT_SOH", "Traction battery state of health", 0, PERCENT, "%")),
  many(
    0xd2,
    3,
    row(1, PERCENT, "%", [
      ["SOCE", "State of certified energy"],
      ["SOCR", "State of certified range"],
    ]),
  ),
  one(0xd3, u32("ODO_ENG", "Engine odometer", 0, over(10), "km")),
];
