import {
  AS_IS,
  CELSIUS,
  CELSIUS_TENTHS,
  LAMBDA,
  many,
  one,
  over,
  PERCENT,
  type PidDefinition,
  TRIM,
  times,
  u8,
  u16,
  u32,
} from "./pid-definition.ts";
import { EMISSION_STANDARD, FUEL_SYSTEM, FUEL_TYPE, OBD_STANDARD, OFF_ON, SECONDARY_AIR } from "./pid-words.ts";

// SAE J1979 / ISO 15031-5, PIDs 03 to 5F. PID 01, 41 (monitors), 02 (code) and the maps 00, 20, … have their own decoders.

const SENSORS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

// Fuel trims of banks 1 and 2 carry a second byte for banks 3 and 4 where the engine has them.
function trim(pid: number, id: string, name: string, bank: 1 | 2): PidDefinition {
  return {
    pid,
    length: 1,
    longLength: 2,
    signals: [
      u8(`${id}${bank}`, `${name}, bank ${bank}`, 0, TRIM, "%"),
      u8(`${id}${bank + 2}`, `${name}, bank ${bank + 2}`, 1, TRIM, "%"),
    ],
  };
}

export const ENGINE_PIDS: readonly PidDefinition[] = [
  many(0x03, 2, [
    u8("FUELSYS1", "Fuel system 1 status", 0, AS_IS, "word", { words: FUEL_SYSTEM }),
    u8("FUELSYS2", "Fuel system 2 status", 1, AS_IS, "word", { words: FUEL_SYSTEM }),
  ]),
  one(0x04, u8("LOAD_PCT", "Calculated engine load", 0, PERCENT, "%")),
  one(0x05, u8("ECT", "Engine coolant temperature", 0, CELSIUS, "°C")),
  trim(0x06, "SHRTFT", "Short-term fuel trim", 1),
  trim(0x07, "LONGFT", "Long-term fuel trim", 1),
  trim(0x08, "SHRTFT", "Short-term fuel trim", 2),
  trim(0x09, "LONGFT", "Long-term fuel trim", 2),
  one(0x0a, u8("FP", "Fuel pressure", 0, times(3), "kPa")),
  one(0x0b, u8("MAP", "Intake manifold absolute pressure", 0, AS_IS, "kPa")),
  one(0x0c, u16("RPM", "Engine speed", 0, over(4), "rpm")),
  one(0x0d, u8("VSS", "Vehicle speed", 0, AS_IS, "km/h")),
  one(0x0e, u8("SPARKADV", "Timing advance, cylinder 1", 0, over(2, -64), "°")),
  one(0x0f, u8("IAT", "Intake air temperature", 0, CELSIUS, "°C")),
  one(0x10, u16("MAF", "Mass air flow", 0, over(100), "g/s")),
  one(0x11, u8("TP", "Absolute throttle position", 0, PERCENT, "%")),
  one(0x12, u8("AIR_STAT", "Secondary air", 0, AS_IS, "word", { words: SECONDARY_AIR })),
  one(0x13, u8("O2SLOC", "Oxygen sensors present, two banks (bit map)", 0, AS_IS, "1")),
  ...SENSORS.map((sensor) =>
    many(0x13 + sensor, 2, [
      u8(`O2S_${sensor}`, `Oxygen sensor ${sensor} voltage`, 0, over(200), "V"),
      u8(`O2S_${sensor}_SHRTFT`, `Oxygen sensor ${sensor} fuel trim`, 1, TRIM, "%", { absent: 0xff }),
    ]),
  ),
  one(0x1c, u8("OBDSUP", "OBD requirements", 0, AS_IS, "word", { words: OBD_STANDARD })),
  one(0x1d, u8("O2SLOC_4", "Oxygen sensors present, four banks (bit map)", 0, AS_IS, "1")),
  one(0x1e, u8("PTO_STAT", "Power take-off", 0, AS_IS, "word", { bits: { shift: 0, mask: 1 }, words: OFF_ON })),
  one(0x1f, u16("RUNTM", "Time since engine start", 0, AS_IS, "s")),
  one(0x21, u16("MIL_DIST", "Distance with the indicator lamp on", 0, AS_IS, "km")),
  one(
    0x22,
    u16("FRP_REL", "Fuel rail pressure relative to manifold", 0, { multiply: 79, divide: 1000, add: 0 }, "kPa"),
  ),
  one(0x23, u16("FRP_GAUGE", "Fuel rail gauge pressure", 0, times(10), "kPa")),
  ...SENSORS.map((sensor) =>
    many(0x23 + sensor, 4, [
      u16(`LAMBDA_V_${sensor}`, `Equivalence ratio, sensor ${sensor} (voltage type)`, 0, LAMBDA, "1"),
      u16(
        `O2S_WIDE_V_${sensor}`,
        `Wide-range oxygen sensor ${sensor} voltage`,
        2,
        { multiply: 8, divide: 65536, add: 0 },
        "V",
      ),
    ]),
  ),
  one(0x2c, u8("EGR_PCT", "Commanded EGR", 0, PERCENT, "%")),
  one(0x2d, u8("EGR_ERR", "EGR error", 0, TRIM, "%")),
  one(0x2e, u8("EVAP_PCT", "Commanded evaporative purge", 0, PERCENT, "%")),
  one(0x2f, u8("FLI", "Fuel level", 0, PERCENT, "%")),
  one(0x30, u8("WARM_UPS", "Warm-ups since codes were cleared", 0, AS_IS, "1")),
  one(0x31, u16("CLR_DIST", "Distance since codes were cleared", 0, AS_IS, "km")),
  one(0x32, u16("EVAP_VP", "Evaporative system vapour pressure", 0, over(4), "Pa", { signed: true })),
  one(0x33, u8("BARO", "Barometric pressure", 0, AS_IS, "kPa")),
  ...SENSORS.map((sensor) =>
    many(0x33 + sensor, 4, [
      u16(`LAMBDA_I_${sensor}`, `Equivalence ratio, sensor ${sensor} (current type)`, 0, LAMBDA, "1"),
      u16(`O2S_WIDE_I_${sensor}`, `Wide-range oxygen sensor ${sensor} current`, 2, over(256, -128), "mA"),
    ]),
  ),
  one(0x3c, u16("CATEMP11", "Catalyst temperature, bank 1 sensor 1", 0, CELSIUS_TENTHS, "°C")),
  one(0x3d, u16("CATEMP21", "Catalyst temperature, bank 2 sensor 1", 0, CELSIUS_TENTHS, "°C")),
  one(0x3e, u16("CATEMP12", "Catalyst temperature, bank 1 sensor 2", 0, CELSIUS_TENTHS, "°C")),
  one(0x3f, u16("CATEMP22", "Catalyst temperature, bank 2 sensor 2", 0, CELSIUS_TENTHS, "°C")),
  one(0x42, u16("VPWR", "Control module voltage", 0, over(1000), "V")),
  one(0x43, u16("LOAD_ABS", "Absolute load", 0, PERCENT, "%")),
  one(0x44, u16("LAMBDA", "Commanded equivalence ratio", 0, LAMBDA, "1")),
  one(0x45, u8("TP_R", "Relative throttle position", 0, PERCENT, "%")),
  one(0x46, u8("AAT", "Ambient air temperature", 0, CELSIUS, "°C")),
  one(0x47, u8("TP_B", "Absolute throttle position B", 0, PERCENT, "%")),
  one(0x48, u8("TP_C", "Absolute throttle position C", 0, PERCENT, "%")),
  one(0x49, u8("APP_D", "Accelerator pedal position D", 0, PERCENT, "%")),
  one(0x4a, u8("APP_E", "Accelerator pedal position E", 0, PERCENT, "%")),
  one(0x4b, u8("APP_F", "Accelerator pedal position F", 0, PERCENT, "%")),
  one(0x4c, u8("TAC_PCT", "Commanded throttle actuator", 0, PERCENT, "%")),
  one(0x4d, u16("MIL_TIME", "Engine run time with the indicator lamp on", 0, AS_IS, "min")),
  one(0x4e, u16("CLR_TIME", "Engine run time since codes were cleared", 0, AS_IS, "min")),
  many(0x4f, 4, [
    u8("LAMBDA_MAX", "Largest equivalence ratio", 0, AS_IS, "1"),
    u8("O2S_V_MAX", "Largest oxygen sensor voltage", 1, AS_IS, "V"),
    u8("O2S_I_MAX", "Largest oxygen sensor current", 2, AS_IS, "mA"),
    u8("MAP_MAX", "Largest intake manifold pressure", 3, times(10), "kPa"),
  ]),
  many(0x50, 4, [u8("MAF_MAX", "Largest mass air flow", 0, times(10), "g/s")]),
  one(0x51, u8("FUEL_TYP", "Fuel type", 0, AS_IS, "word", { words: FUEL_TYPE })),
  one(0x52, u8("ALCH_PCT", "Alcohol in fuel", 0, PERCENT, "%")),
  one(0x53, u16("EVAP_VPA", "Absolute evaporative vapour pressure", 0, over(200), "kPa")),
  // Public tables disagree here (offset binary or two's complement); SAE J1979 says two's complement.
  one(0x54, u16("EVAP_VP_WIDE", "Evaporative vapour pressure, wide range", 0, AS_IS, "Pa", { signed: true })),
  trim(0x55, "STSO2FT", "Short-term secondary oxygen sensor trim", 1),
  trim(0x56, "LGSO2FT", "Long-term secondary oxygen sensor trim", 1),
  trim(0x57, "STSO2FT", "Short-term secondary oxygen sensor trim", 2),
  trim(0x58, "LGSO2FT", "Long-term secondary oxygen sensor trim", 2),
  one(0x59, u16("FRP_ABS", "Fuel rail absolute pressure", 0, times(10), "kPa")),
  one(0x5a, u8("APP_R", "Relative accelerator pedal position", 0, PERCENT, "%")),
  one(0x5b, u8("BAT_PWR", "Hybrid or electric battery charge left", 0, PERCENT, "%")),
  one(0x5c, u8("EOT", "Engine oil temperature", 0, CELSIUS, "°C")),
  one(0x5d, u16("FUEL_TIMING", "Fuel injection timing", 0, over(128, -210), "°")),
  one(0x5e, u16("FUEL_RATE", "Engine fuel rate", 0, over(20), "L/h")),
  one(0x5f, u8("EMIS_SUP", "Emission requirements", 0, AS_IS, "word", { words: EMISSION_STANDARD })),
  one(0xa6, u32("ODO", "Odometer", 0, over(10), "km")),
];
