import {
  circuit,
  type DtcTable,
  decimalRun,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  type Entry,
  erratic,
  hexRun,
  high,
  low,
  oxygenSensor,
  part,
  performance,
  range,
  sensor,
  stuckClosed,
  stuckOff,
  stuckOn,
  stuckOpen,
  supplyOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

const sampleError = (bank: number) => {
  const { en, zh } = oxygenSensor(bank, 1);
  return part("oxygen-sensor", `${en}: exhaust sample error`, `${zh}:排气采样异常`);
};
const airFlow = (bank: number) =>
  part("secondary-air", `Secondary air flow or pressure sensor, bank ${bank}`, `二次空气流量/压力传感器 ${bank}排`);
const airValve = (bank: number) =>
  part("secondary-air", `Secondary air switching valve, bank ${bank}`, `二次空气切换阀 ${bank}排`);
const airPump = (n: number) => part("secondary-air", `Secondary air pump ${n}`, `二次空气泵${n}`);
const filterPressure = (letter: string) =>
  part("particulate-filter", `Particulate filter pressure sensor ${letter}`, `颗粒捕集器压差传感器${letter}`);
const exhaustTemperature = (bank: number, position: number) =>
  part(
    "exhaust-temperature",
    `Exhaust gas temperature sensor, bank ${bank} sensor ${position}`,
    `排气温度传感器 ${bank}排${position}号`,
  );
const outOfRange = (bank: number, position: number) => {
  const { en, zh } = exhaustTemperature(bank, position);
  return part("exhaust-temperature", `${en}: temperature out of range`, `${zh}:温度超范围`);
};
const filter = (en: string, zh: string) => part("particulate-filter", `Particulate filter: ${en}`, `颗粒捕集器:${zh}`);
const regeneration = (bank: number) =>
  part(
    "particulate-filter",
    `Exhaust temperature for filter regeneration, bank ${bank}`,
    `颗粒捕集器再生排气温度 ${bank}排`,
  );
const adsorption = (bank: number) =>
  part(
    "catalyst",
    `Hydrocarbon adsorption catalyst, bank ${bank}: efficiency below threshold`,
    `碳氢吸附催化器 ${bank}排:效率低于阈值`,
  );
const exhaustTooHot = (bank: number) =>
  tooHigh(part("exhaust-too-hot", `Exhaust gas temperature, bank ${bank}`, `排气温度 ${bank}排`));

const LEAK_PUMP = part("evap", "EVAP leak check pump", "EVAP泄漏检测泵");
const LEAK_PUMP_SENSE = part("evap", "EVAP leak check pump sense line", "EVAP泄漏检测泵检测线");
const FUEL_CAP = part("evap", "Fuel cap sensor or switch", "油箱盖传感器/开关");
const SWITCHING_VALVE = part("evap", "EVAP switching valve", "EVAP切换阀");
const VENT_VALVE = part("evap", "EVAP vent valve", "EVAP通风阀");
const EGR_COOLING_VALVE = part("egr", "EGR cooling valve", "EGR冷却阀");
const EGR_COOLER_BYPASS = part("egr", "EGR cooler bypass", "EGR冷却器旁通阀");
const DIFFERENTIAL = part("particulate-filter", "Particulate filter pressure difference", "颗粒捕集器压差");

const bypass = (subject: Entry): readonly Entry[] => [
  driver(subject),
  driverRange(subject),
  driverLow(subject),
  driverHigh(subject),
];

/** P24xx: auxiliary emission controls, particulate filter. */
export const P24: DtcTable = {
  P2400: driver(LEAK_PUMP),
  P2401: driverLow(LEAK_PUMP),
  P2402: driverHigh(LEAK_PUMP),
  P2403: supplyOpen(LEAK_PUMP_SENSE),
  P2404: range(LEAK_PUMP_SENSE),
  P2405: low(LEAK_PUMP_SENSE),
  P2406: high(LEAK_PUMP_SENSE),
  P2407: erratic(LEAK_PUMP_SENSE),
  ...decimalRun("P2408", sensor(FUEL_CAP)),
  P2413: performance(part("egr", "EGR system", "EGR系统")),
  P2414: sampleError(1),
  P2415: sampleError(2),
  P2416: part("oxygen-sensor", "Oxygen sensors 2 and 3 of bank 1 swapped", "1排2号与3号氧传感器接反"),
  P2417: part("oxygen-sensor", "Oxygen sensors 2 and 3 of bank 2 swapped", "2排2号与3号氧传感器接反"),
  P2418: driver(SWITCHING_VALVE),
  P2419: driverLow(SWITCHING_VALVE),
  P2420: driverHigh(SWITCHING_VALVE),
  P2421: stuckOpen(VENT_VALVE),
  P2422: stuckClosed(VENT_VALVE),
  P2423: adsorption(1),
  P2424: adsorption(2),
  P2425: driver(EGR_COOLING_VALVE),
  P2426: driverLow(EGR_COOLING_VALVE),
  P2427: driverHigh(EGR_COOLING_VALVE),
  P2428: exhaustTooHot(1),
  P2429: exhaustTooHot(2),
  P242F: filter("restricted by ash", "灰分堵塞"),
  ...decimalRun("P2430", sensor(airFlow(1))),
  ...decimalRun("P2435", sensor(airFlow(2))),
  P2440: stuckOpen(airValve(1)),
  P2441: stuckClosed(airValve(1)),
  P2442: stuckOpen(airValve(2)),
  P2443: stuckClosed(airValve(2)),
  P2444: stuckOn(airPump(1)),
  P2445: stuckOff(airPump(1)),
  P2446: stuckOn(airPump(2)),
  P2447: stuckOff(airPump(2)),
  P244A: tooLow(DIFFERENTIAL),
  P244B: tooHigh(DIFFERENTIAL),
  P244C: tooLow(regeneration(1)),
  P244D: tooHigh(regeneration(1)),
  P244E: tooLow(regeneration(2)),
  P244F: tooHigh(regeneration(2)),
  ...decimalRun("P2452", sensor(filterPressure("A"))),
  P2457: performance(part("egr", "EGR cooling system", "EGR冷却系统")),
  P2458: filter("regeneration takes too long", "再生时间过长"),
  P2459: filter("regenerates too often", "再生过于频繁"),
  ...hexRun("P245A", bypass(EGR_COOLER_BYPASS)),
  P245E: circuit(filterPressure("B")),
  P245F: range(filterPressure("B")),
  P2460: low(filterPressure("B")),
  P2461: high(filterPressure("B")),
  P2462: erratic(filterPressure("B")),
  P2463: filter("restricted by soot", "碳烟堵塞"),
  P2466: circuit(exhaustTemperature(2, 3)),
  P2467: range(exhaustTemperature(2, 3)),
  P2468: low(exhaustTemperature(2, 3)),
  P2469: high(exhaustTemperature(2, 3)),
  P246A: erratic(exhaustTemperature(2, 3)),
  P246C: filter("restricted, power limited", "堵塞,强制限功率"),
  P2478: outOfRange(1, 1),
  P2479: outOfRange(1, 2),
  P247A: outOfRange(1, 3),
  P247B: outOfRange(1, 4),
  P247C: outOfRange(2, 1),
  P247D: outOfRange(2, 2),
  P247E: outOfRange(2, 3),
  P247F: outOfRange(2, 4),
};
