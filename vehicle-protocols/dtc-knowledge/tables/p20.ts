import {
  circuit,
  type DtcTable,
  disagree,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  type Entry,
  erratic,
  hexRun,
  high,
  low,
  part,
  performance,
  range,
  sensor,
  stuckClosed,
  stuckOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

const weak = (subject: Entry) =>
  part(subject.family, `${subject.en}: efficiency below threshold`, `${subject.zh}:效率低于阈值`);
const overheated = (en: string, zh: string, bank: number) =>
  part("exhaust-too-hot", `${en}, bank ${bank}: overheated`, `${zh} ${bank}排:过热`);
const adsorber = (bank: number) => part("reductant", `NOx adsorber, bank ${bank}`, `氮氧化物吸附器 ${bank}排`);
const particulateFilter = (bank: number) =>
  part("particulate-filter", `Particulate filter, bank ${bank}`, `颗粒捕集器 ${bank}排`);
const scrCatalyst = (bank: number) => part("reductant", `SCR catalyst, bank ${bank}`, `SCR催化器 ${bank}排`);
const scrPreCatalyst = (bank: number) => part("reductant", `SCR pre-catalyst, bank ${bank}`, `SCR前置催化器 ${bank}排`);
const runner = (bank: number) => part("intake-flap", `Intake manifold runner, bank ${bank}`, `进气歧管翻板 ${bank}排`);
const runnerPosition = (bank: number) =>
  part("intake-flap", `Intake manifold runner position sensor, bank ${bank}`, `进气歧管翻板位置传感器 ${bank}排`);
const tuningValve = (bank: number) =>
  part("intake-flap", `Intake manifold tuning valve, bank ${bank}`, `进气歧管调谐阀 ${bank}排`);
const exhaustTemperature = (bank: number, position: number) =>
  part(
    "exhaust-temperature",
    `Exhaust gas temperature sensor, bank ${bank} sensor ${position}`,
    `排气温度传感器 ${bank}排${position}号`,
  );
const dosingValve = (bank: number, unit: number) =>
  part("reductant", `Reductant injector, bank ${bank} unit ${unit}`, `尿素喷嘴 ${bank}排${unit}号`);
const airPressure = (letter: string) =>
  part("reductant", `Reductant air pressure sensor ${letter}`, `尿素气压传感器${letter}`);
const reductantHeater = (letter: string): readonly Entry[] => {
  const heater = part("reductant", `Reductant heater ${letter}`, `尿素加热器${letter}`);
  return [driver(heater), driverRange(heater), driverLow(heater), driverHigh(heater)];
};
const camActuator = (letter: "A" | "B", bank: number) =>
  part("valve-timing", `Camshaft ${letter} actuator, bank ${bank}`, `凸轮轴${letter}执行器 ${bank}排`);
const postCatalyst = (bank: number, en: string, zh: string) =>
  part("mixture", `Fuel trim behind catalyst, bank ${bank}: too ${en}`, `催化器后燃油修正 ${bank}排:${zh}`);
const fuelDoser = (letter: string): readonly Entry[] => {
  const doser = part("particulate-filter", `Aftertreatment fuel injector ${letter}`, `后处理燃油喷嘴${letter}`);
  return [driver(doser), performance(doser), driverLow(doser), driverHigh(doser), stuckOpen(doser), stuckClosed(doser)];
};

const VAPOUR_TEMPERATURE = part("evap", "EVAP fuel vapour temperature sensor", "燃油蒸气温度传感器");
const FUEL_HEATER = part("output", "Fuel-fired heater", "燃油加热器");
const TANK_HEATER = part("reductant", "Reductant tank heater", "尿素箱加热器");
const REDUCTANT_LEVEL = part("reductant", "Reductant level sensor", "尿素液位传感器");
const REDUCTANT_TEMPERATURE = part("reductant", "Reductant temperature sensor", "尿素温度传感器");
const REDUCTANT_PRESSURE = part("reductant", "Reductant pressure sensor", "尿素压力传感器");
const REDUCTANT_TANK_TEMPERATURE = part("reductant", "Reductant tank temperature sensor", "尿素箱温度传感器");
const AIR_PUMP = part("reductant", "Reductant air pump", "尿素空气泵");
const REDUCTANT_SUPPLY = part("reductant", "Reductant supply", "尿素供给");
const FUEL_LEVEL_B = part("fuel-level", "Fuel level sensor B", "油位传感器B");
const TUNING_POSITION = part("intake-flap", "Intake manifold tuning valve position sensor", "进气歧管调谐阀位置传感器");
const REDUCTANT_PURGE = part("reductant", "Reductant purge valve", "尿素清扫阀");
const DOSER_SUPPLY = part("particulate-filter", "Aftertreatment fuel supply", "后处理燃油供给");
const DOSER_PRESSURE = part("particulate-filter", "Aftertreatment fuel pressure sensor", "后处理燃油压力传感器");
const REDUCTANT_AIR = part("reductant", "Reductant air pressure", "尿素气压");

/** P20xx: auxiliary emission controls, aftertreatment. */
export const P20: DtcTable = {
  P2000: weak(adsorber(1)),
  P2001: weak(adsorber(2)),
  P2002: weak(particulateFilter(1)),
  P2003: weak(particulateFilter(2)),
  P2004: stuckOpen(runner(1)),
  P2005: stuckOpen(runner(2)),
  P2006: stuckClosed(runner(1)),
  P2007: stuckClosed(runner(2)),
  P2008: driver(runner(1)),
  P2009: driverLow(runner(1)),
  P200A: performance(runner(1)),
  P200B: performance(runner(2)),
  P200C: overheated("Particulate filter", "颗粒捕集器", 1),
  P200D: overheated("Particulate filter", "颗粒捕集器", 2),
  P200E: overheated("Catalyst", "三元催化器", 1),
  P200F: overheated("Catalyst", "三元催化器", 2),
  P2010: driverHigh(runner(1)),
  P2011: driver(runner(2)),
  P2012: driverLow(runner(2)),
  P2013: driverHigh(runner(2)),
  P2014: circuit(runnerPosition(1)),
  P2015: range(runnerPosition(1)),
  P2016: low(runnerPosition(1)),
  P2017: high(runnerPosition(1)),
  P2018: erratic(runnerPosition(1)),
  P2019: circuit(runnerPosition(2)),
  P201A: driverRange(dosingValve(2, 1)),
  P2020: range(runnerPosition(2)),
  P2021: low(runnerPosition(2)),
  P2022: high(runnerPosition(2)),
  P2023: erratic(runnerPosition(2)),
  P2024: circuit(VAPOUR_TEMPERATURE),
  P2025: range(VAPOUR_TEMPERATURE),
  P2026: low(VAPOUR_TEMPERATURE),
  P2027: high(VAPOUR_TEMPERATURE),
  P2028: erratic(VAPOUR_TEMPERATURE),
  P2029: part("output", "Fuel-fired heater: disabled", "燃油加热器:已停用"),
  P202A: driver(TANK_HEATER),
  P202B: driverLow(TANK_HEATER),
  P202C: driverHigh(TANK_HEATER),
  P202D: part("reductant", "Reductant leak", "尿素泄漏"),
  P202E: driverRange(dosingValve(1, 1)),
  P202F: driverRange(REDUCTANT_SUPPLY),
  P2030: performance(FUEL_HEATER),
  P2031: circuit(exhaustTemperature(1, 2)),
  P2032: low(exhaustTemperature(1, 2)),
  P2033: high(exhaustTemperature(1, 2)),
  P2034: circuit(exhaustTemperature(2, 2)),
  P2035: low(exhaustTemperature(2, 2)),
  P2036: high(exhaustTemperature(2, 2)),
  P2037: circuit(airPressure("A")),
  P2038: range(airPressure("A")),
  P2039: low(airPressure("A")),
  P203A: circuit(REDUCTANT_LEVEL),
  P203B: range(REDUCTANT_LEVEL),
  P203C: low(REDUCTANT_LEVEL),
  P203D: high(REDUCTANT_LEVEL),
  P203E: erratic(REDUCTANT_LEVEL),
  P203F: tooLow(part("reductant", "Reductant level", "尿素液位")),
  P2040: high(airPressure("A")),
  P2041: erratic(airPressure("A")),
  P2042: circuit(REDUCTANT_TEMPERATURE),
  P2043: range(REDUCTANT_TEMPERATURE),
  P2044: low(REDUCTANT_TEMPERATURE),
  P2045: high(REDUCTANT_TEMPERATURE),
  P2046: erratic(REDUCTANT_TEMPERATURE),
  P2047: driver(dosingValve(1, 1)),
  P2048: driverLow(dosingValve(1, 1)),
  P2049: driverHigh(dosingValve(1, 1)),
  P204A: circuit(REDUCTANT_PRESSURE),
  P204B: range(REDUCTANT_PRESSURE),
  P204C: low(REDUCTANT_PRESSURE),
  P204D: high(REDUCTANT_PRESSURE),
  P204E: erratic(REDUCTANT_PRESSURE),
  P204F: performance(part("reductant", "Reductant system, bank 1", "尿素系统 1排")),
  P2050: driver(dosingValve(2, 1)),
  P2051: driverLow(dosingValve(2, 1)),
  P2052: driverHigh(dosingValve(2, 1)),
  P2053: driver(dosingValve(1, 2)),
  P2054: driverLow(dosingValve(1, 2)),
  P2055: driverHigh(dosingValve(1, 2)),
  P2056: driver(dosingValve(2, 2)),
  P2057: driverLow(dosingValve(2, 2)),
  P2058: driverHigh(dosingValve(2, 2)),
  P2059: driver(AIR_PUMP),
  P205A: circuit(REDUCTANT_TANK_TEMPERATURE),
  P205B: range(REDUCTANT_TANK_TEMPERATURE),
  P205C: low(REDUCTANT_TANK_TEMPERATURE),
  P205D: high(REDUCTANT_TANK_TEMPERATURE),
  P205E: erratic(REDUCTANT_TANK_TEMPERATURE),
  P205F: performance(part("reductant", "Reductant system, bank 2", "尿素系统 2排")),
  P2060: driverLow(AIR_PUMP),
  P2061: driverHigh(AIR_PUMP),
  P2062: driver(REDUCTANT_SUPPLY),
  P2063: driverLow(REDUCTANT_SUPPLY),
  P2064: driverHigh(REDUCTANT_SUPPLY),
  P2065: circuit(FUEL_LEVEL_B),
  P2066: range(FUEL_LEVEL_B),
  P2067: low(FUEL_LEVEL_B),
  P2068: high(FUEL_LEVEL_B),
  P2069: erratic(FUEL_LEVEL_B),
  P206E: stuckOpen(tuningValve(2)),
  P206F: stuckClosed(tuningValve(2)),
  P2070: stuckOpen(tuningValve(1)),
  P2071: stuckClosed(tuningValve(1)),
  P2075: circuit(TUNING_POSITION),
  P2076: range(TUNING_POSITION),
  P2077: low(TUNING_POSITION),
  P2078: high(TUNING_POSITION),
  P2079: erratic(TUNING_POSITION),
  P207F: performance(part("reductant", "Reductant quality", "尿素品质")),
  P2080: range(exhaustTemperature(1, 1)),
  P2081: erratic(exhaustTemperature(1, 1)),
  P2082: range(exhaustTemperature(2, 1)),
  P2083: erratic(exhaustTemperature(2, 1)),
  P2084: range(exhaustTemperature(1, 2)),
  P2085: erratic(exhaustTemperature(1, 2)),
  P2086: range(exhaustTemperature(2, 2)),
  P2087: erratic(exhaustTemperature(2, 2)),
  P2088: driverLow(camActuator("A", 1)),
  P2089: driverHigh(camActuator("A", 1)),
  P2090: driverLow(camActuator("B", 1)),
  P2091: driverHigh(camActuator("B", 1)),
  P2092: driverLow(camActuator("A", 2)),
  P2093: driverHigh(camActuator("A", 2)),
  P2094: driverLow(camActuator("B", 2)),
  P2095: driverHigh(camActuator("B", 2)),
  P2096: postCatalyst(1, "lean", "过稀"),
  P2097: postCatalyst(1, "rich", "过浓"),
  P2098: postCatalyst(2, "lean", "过稀"),
  P2099: postCatalyst(2, "rich", "过浓"),
  P209A: circuit(airPressure("B")),
  P209B: range(airPressure("B")),
  P209C: low(airPressure("B")),
  P209D: high(airPressure("B")),
  P209E: disagree("reductant", "Reductant air pressure sensors A and B", "尿素气压传感器A与B"),
  P20A0: driver(REDUCTANT_PURGE),
  P20A1: performance(REDUCTANT_PURGE),
  P20A2: driverLow(REDUCTANT_PURGE),
  P20A3: driverHigh(REDUCTANT_PURGE),
  P20A4: stuckOpen(REDUCTANT_PURGE),
  P20A5: stuckClosed(REDUCTANT_PURGE),
  // P20B9 to P20C8: four codes for each of the heaters A to D. P20CB to P20D6: six for each of two injectors.
  ...hexRun("P20B9", [..."ABCD"].flatMap(reductantHeater)),
  ...hexRun("P20CB", [..."AB"].flatMap(fuelDoser)),
  P20D7: driver(DOSER_SUPPLY),
  P20D8: performance(DOSER_SUPPLY),
  P20D9: driverLow(DOSER_SUPPLY),
  P20DA: driverHigh(DOSER_SUPPLY),
  P20DB: stuckOpen(DOSER_SUPPLY),
  P20DC: stuckClosed(DOSER_SUPPLY),
  ...hexRun("P20DD", sensor(DOSER_PRESSURE)),
  P20E6: tooLow(REDUCTANT_AIR),
  P20E7: tooHigh(REDUCTANT_AIR),
  P20E8: tooLow(part("reductant", "Reductant pressure", "尿素压力")),
  P20E9: tooHigh(part("reductant", "Reductant pressure", "尿素压力")),
  P20EC: overheated("SCR catalyst", "SCR催化器", 1),
  P20ED: overheated("SCR pre-catalyst", "SCR前置催化器", 1),
  P20EE: weak(scrCatalyst(1)),
  P20EF: weak(scrPreCatalyst(1)),
  P20F0: overheated("SCR catalyst", "SCR催化器", 2),
  P20F1: overheated("SCR pre-catalyst", "SCR前置催化器", 2),
  P20F2: weak(scrCatalyst(2)),
  P20F3: weak(scrPreCatalyst(2)),
  P20F6: stuckOpen(dosingValve(1, 1)),
  P20F7: stuckOpen(dosingValve(2, 1)),
};
