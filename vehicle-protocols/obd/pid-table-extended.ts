import {
  AS_IS,
  bits,
  CELSIUS,
  CELSIUS_TENTHS,
  many,
  one,
  over,
  PERCENT,
  type PidDefinition,
  row,
  TORQUE,
  TRIM,
  times,
  u8,
  u16,
  u32,
} from "./pid-definition.ts";
import { CHARGE_MODE, ENHANCED_CHARGE_MODE, GEAR_OR_NEUTRAL, LOOP, OFF_ON } from "./pid-words.ts";

// SAE J1979 / ISO 15031-5, PIDs 61 to D3 but for aftertreatment. In most, data byte A says which of the signals the car fills.

const EGR_SENSORS = [
  ["EGRT11", "EGR temperature, bank 1 sensor 1"],
  ["EGRT12", "EGR temperature, bank 1 sensor 2"],
  ["EGRT21", "EGR temperature, bank 2 sensor 1"],
  ["EGRT22", "EGR temperature, bank 2 sensor 2"],
] as const;

const COMPRESSOR_INLETS = [
  ["TCA_CINP", "Turbocharger A compressor inlet pressure"],
  ["TCB_CINP", "Turbocharger B compressor inlet pressure"],
] as const;

function exhaustTemperatures(pid: number, bank: 1 | 2, firstSensor: 1 | 5): PidDefinition {
  const names = [0, 1, 2, 3].map((n) => {
    const sensor = firstSensor + n;
    return [`EGT${bank}${sensor}`, `Exhaust gas temperature, bank ${bank} sensor ${sensor}`] as const;
  });
  return many(pid, 9, row(2, CELSIUS_TENTHS, "°C", names));
}

function turbochargerTemperatures(pid: number, turbo: "A" | "B"): PidDefinition {
  const name = `Turbocharger ${turbo}`;
  return many(pid, 7, [
    u8(`TC${turbo}_CINT`, `${name} compressor inlet temperature`, 1, CELSIUS, "°C", { supportBit: 0 }),
    u8(`TC${turbo}_COUTT`, `${name} compressor outlet temperature`, 2, CELSIUS, "°C", { supportBit: 1 }),
    u16(`TC${turbo}_TINT`, `${name} turbine inlet temperature`, 3, CELSIUS_TENTHS, "°C", { supportBit: 2 }),
    u16(`TC${turbo}_TOUTT`, `${name} turbine outlet temperature`, 5, CELSIUS_TENTHS, "°C", { supportBit: 3 }),
  ]);
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
  many(0x65, 2, [
    bits("PTO_STAT_AUX", "Power take-off", 1, { shift: 0, width: 1 }, OFF_ON, 0),
    bits("N_D_STAT", "Automatic transmission", 1, { shift: 1, width: 1 }, GEAR_OR_NEUTRAL, 1),
    bits("N_G_STAT", "Manual transmission", 1, { shift: 2, width: 1 }, GEAR_OR_NEUTRAL, 2),
    bits("GPL_STAT", "Glow plug lamp", 1, { shift: 3, width: 1 }, OFF_ON, 3),
    u8("GEAR_RCMD", "Recommended gear", 1, AS_IS, "1", { supportBit: 4, bits: { shift: 4, mask: 0x0f } }),
  ]),
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
  // Bits 0 and 1 announce the normal range, bits 2 and 3 the wide one (8 kPa per step) in the same bytes.
  many(0x6f, 3, [
    ...row(1, AS_IS, "kPa", COMPRESSOR_INLETS),
    ...COMPRESSOR_INLETS.map(([id, name], n) =>
      u8(`${id}_WIDE`, `${name}, wide range`, 1 + n, times(8), "kPa", { supportBit: 2 + n }),
    ),
  ]),
  many(0x70, 10, [
    u16("BP_A_CMD", "Commanded boost pressure A", 1, over(32), "kPa", { supportBit: 0 }),
    u16("BP_A_ACT", "Boost pressure A", 3, over(32), "kPa", { supportBit: 1 }),
    bits("BP_A_LOOP", "Boost control A", 9, { shift: 0, width: 2 }, LOOP, 2),
    u16("BP_B_CMD", "Commanded boost pressure B", 5, over(32), "kPa", { supportBit: 3 }),
    u16("BP_B_ACT", "Boost pressure B", 7, over(32), "kPa", { supportBit: 4 }),
    bits("BP_B_LOOP", "Boost control B", 9, { shift: 2, width: 2 }, LOOP, 5),
  ]),
  many(0x71, 6, [
    u8("VGT_A_CMD", "Commanded variable geometry turbo A position", 1, PERCENT, "%", { supportBit: 0 }),
    u8("VGT_A_ACT", "Variable geometry turbo A position", 2, PERCENT, "%", { supportBit: 1 }),
    u8("VGT_B_CMD", "Commanded variable geometry turbo B position", 3, PERCENT, "%", { supportBit: 3 }),
    u8("VGT_B_ACT", "Variable geometry turbo B position", 4, PERCENT, "%", { supportBit: 4 }),
    bits("VGT_A_LOOP", "Variable geometry turbo A control", 5, { shift: 0, width: 2 }, LOOP, 2),
    bits("VGT_B_LOOP", "Variable geometry turbo B control", 5, { shift: 2, width: 2 }, LOOP, 5),
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
  // 10 rpm per bit: public tables that say 1 stop at 65 535 rpm, below what a turbocharger turns.
  many(
    0x74,
    5,
    row(2, times(10), "rpm", [
      ["TCA_RPM", "Turbocharger A speed"],
      ["TCB_RPM", "Turbocharger B speed"],
    ]),
  ),
  turbochargerTemperatures(0x75, "A"),
  turbochargerTemperatures(0x76, "B"),
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
    bits("HEV_MODE", "Hybrid charging state", 1, { shift: 0, width: 1 }, CHARGE_MODE, 0),
    u16("HEV_BATT_V", "Hybrid or electric battery voltage", 2, over(64), "V", { supportBit: 1 }),
    u16("HEV_BATT_A", "Hybrid or electric battery current", 4, over(10), "A", { signed: true, supportBit: 2 }),
    bits("EHEV_MODE", "Enhanced hybrid charging state", 1, { shift: 1, width: 2 }, ENHANCED_CHARGE_MODE, 3),
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
  one(0xaa, u8("V_SET", "Speed limit in force", 0, AS_IS, "km/h")),
  // Of eight bytes, only the two requests of byte B are known here.
  many(0xc4, 8, [
    bits("IDLE_REQ", "Engine idle request", 1, { shift: 5, width: 1 }, OFF_ON),
    bits("STOP_REQ", "Engine stop request", 1, { shift: 6, width: 1 }, OFF_ON),
  ]),
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
