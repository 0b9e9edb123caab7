import {
  circuit,
  cylinder,
  type DtcTable,
  decimalRun,
  disagree,
  driver,
  driverHigh,
  driverLow,
  type Entry,
  erratic,
  hexRun,
  high,
  low,
  numbers,
  oxygenHeater,
  oxygenSensor,
  part,
  performance,
  range,
  sensor,
  supplyOpen,
  tooHigh,
  tooLow,
  voltageHigh,
  voltageLow,
} from "../wording.ts";

const nox = (bank: number) => part("nox-sensor", `NOx sensor, bank ${bank}`, `氮氧传感器 ${bank}排`);
const noxHeater = (bank: number) => part("nox-sensor", `NOx sensor heater, bank ${bank}`, `氮氧传感器加热器 ${bank}排`);
const noxHeaterSense = (bank: number) =>
  part("nox-sensor", `NOx sensor heater sense, bank ${bank}`, `氮氧传感器加热检测 ${bank}排`);
const noxCodes = (bank: number): readonly Entry[] => [
  ...sensor(nox(bank)),
  driver(noxHeater(bank)),
  driverLow(noxHeater(bank)),
  driverHigh(noxHeater(bank)),
  ...sensor(noxHeaterSense(bank)),
];
const heaterShort = (bank: number, position: number) => {
  const subject = oxygenSensor(bank, position);
  return {
    ...oxygenHeater(bank, position),
    en: `${subject.en}: signal shorted to heater`,
    zh: `${subject.zh}:信号与加热器短路`,
  };
};
const line = (bank: number, en: string, zh: string) => {
  const subject = oxygenSensor(bank, 1);
  return part("oxygen-sensor", `${subject.en} ${en}`, `${subject.zh}${zh}`);
};
const pumpCurrent = (bank: number) => line(bank, "positive current line", "正电流控制线");
const negativeCurrent = (bank: number) => line(bank, "negative current line", "负电流控制线");
const oxygenReference = (bank: number) => line(bank, "reference voltage", "参考电压");
const current = (subject: Entry): readonly Entry[] => [driver(subject), driverLow(subject), driverHigh(subject)];
const voltage = (subject: Entry): readonly Entry[] => [
  supplyOpen(subject),
  performance(subject),
  voltageLow(subject),
  voltageHigh(subject),
];
const stuck = (bank: number, position: number): readonly Entry[] => {
  const { en, zh } = oxygenSensor(bank, position);
  return [
    part("oxygen-sensor", `${en}: signal stuck lean`, `${zh}:信号持续偏稀`),
    part("oxygen-sensor", `${en}: signal stuck rich`, `${zh}:信号持续偏浓`),
  ];
};
const deceleration = (bank: number) => {
  const { en, zh } = oxygenSensor(bank, 1);
  return part("oxygen-sensor", `${en}: out of range while coasting`, `${zh}:滑行时超范围`);
};
const barometric = (letter: string) =>
  part("air-flow", `Barometric pressure sensor ${letter}`, `大气压力传感器${letter}`);
const airControl = (letter: string) =>
  part("secondary-air", `Secondary air control ${letter}`, `二次空气控制${letter}`);
const airLeak = (en: string, zh: string) => part("mixture", `Intake: ${en}`, `进气系统:${zh}`);
const regulator = (en: string, zh: string) =>
  part("fuel-pressure", `Fuel pressure regulator ${en}`, `燃油压力调节器${zh}`);

const WATER_IN_FUEL = part("fuel-quality", "Water-in-fuel sensor", "燃油含水传感器");
const CONTROL_PRESSURE_SENSOR = part("fuel-pressure", "Injector control pressure sensor", "喷油器控制压力传感器");
const CONTROL_PRESSURE = part("fuel-pressure", "Injector control pressure", "喷油器控制压力");
const REGULATOR_2 = part("fuel-pressure", "Fuel pressure regulator 2", "燃油压力调节器2");

/** P22xx: fuel and air metering, NOx and wide-range oxygen sensors. */
export const P22: DtcTable = {
  // P2200 to P2225: thirteen codes for the NOx sensor of each bank.
  ...decimalRun("P2200", [1, 2].flatMap(noxCodes)),
  P2226: circuit(barometric("A")),
  P2227: range(barometric("A")),
  P2228: low(barometric("A")),
  P2229: high(barometric("A")),
  ...hexRun("P222A", sensor(barometric("B"))),
  P222F: disagree("air-flow", "Barometric pressure sensors A and B", "大气压力传感器A与B"),
  P2230: erratic(barometric("A")),
  P2231: heaterShort(1, 1),
  P2232: heaterShort(1, 2),
  P2233: heaterShort(1, 3),
  P2234: heaterShort(2, 1),
  P2235: heaterShort(2, 2),
  P2236: heaterShort(2, 3),
  ...decimalRun(
    "P2237",
    [1, 2].flatMap((bank) => current(pumpCurrent(bank))),
  ),
  ...decimalRun(
    "P2243",
    [1, 2].flatMap((bank) => voltage(oxygenReference(bank))),
  ),
  ...decimalRun(
    "P2251",
    [1, 2].flatMap((bank) => current(negativeCurrent(bank))),
  ),
  P2257: driverLow(airControl("A")),
  P2258: driverHigh(airControl("A")),
  P2259: driverLow(airControl("B")),
  P2260: driverHigh(airControl("B")),
  P2261: part("turbo", "Turbocharger bypass valve: mechanical fault", "增压器旁通阀:机械故障"),
  P2262: part("turbo", "Boost pressure not detected: mechanical fault", "未检测到增压压力:机械故障"),
  P2263: performance(part("turbo", "Boost system", "增压系统")),
  ...decimalRun("P2264", sensor(WATER_IN_FUEL)),
  P2269: part("fuel-quality", "Water in fuel", "燃油含水"),
  ...decimalRun("P2270", [...stuck(1, 2), ...stuck(2, 2), ...stuck(1, 3), ...stuck(2, 3)]),
  P2278: part(
    "oxygen-sensor",
    "Oxygen sensors swapped: bank 1 sensor 3 and bank 2 sensor 3",
    "氧传感器接反:1排3号与2排3号",
  ),
  P2279: airLeak("air leak", "漏气"),
  P2280: airLeak("restriction or leak between air filter and air flow sensor", "空滤与空气流量传感器之间堵塞或漏气"),
  P2281: airLeak("leak between air flow sensor and throttle", "空气流量传感器与节气门之间漏气"),
  P2282: airLeak("leak between throttle and intake valves", "节气门与进气门之间漏气"),
  ...decimalRun("P2283", sensor(CONTROL_PRESSURE_SENSOR)),
  P2288: tooHigh(CONTROL_PRESSURE),
  P2289: part("fuel-pressure", "Injector control pressure: too high with the engine off", "喷油器控制压力:熄火时过高"),
  P228C: regulator("1: limit reached, pressure too low", "1:达到控制极限,压力过低"),
  P228D: regulator("1: limit reached, pressure too high", "1:达到控制极限,压力过高"),
  P228E: regulator("1: learning limit reached, too low", "1:自学习达极限,过低"),
  P228F: regulator("1: learning limit reached, too high", "1:自学习达极限,过高"),
  P2290: tooLow(CONTROL_PRESSURE),
  P2291: part("fuel-pressure", "Injector control pressure: too low while cranking", "喷油器控制压力:起动时过低"),
  P2292: part("fuel-pressure", "Injector control pressure: erratic", "喷油器控制压力:不稳定"),
  P2293: performance(REGULATOR_2),
  P2294: driver(REGULATOR_2),
  P2295: driverLow(REGULATOR_2),
  P2296: driverHigh(REGULATOR_2),
  P2297: deceleration(1),
  P2298: deceleration(2),
  P2299: disagree("throttle", "Brake pedal and accelerator pedal position", "制动踏板与油门踏板位置"),
  P229A: regulator("2: limit reached, pressure too low", "2:达到控制极限,压力过低"),
  P229B: regulator("2: limit reached, pressure too high", "2:达到控制极限,压力过高"),
  P229C: regulator("2: learning limit reached, too low", "2:自学习达极限,过低"),
  P229D: regulator("2: learning limit reached, too high", "2:自学习达极限,过高"),
};

const COILS = "ABCDEFGHIJKL";
const coil = (letter: string): readonly Entry[] => [
  driverLow(part("ignition", `Ignition coil ${letter} primary`, `点火线圈${letter}初级`)),
  driverHigh(part("ignition", `Ignition coil ${letter} primary`, `点火线圈${letter}初级`)),
  circuit(part("ignition", `Ignition coil ${letter} secondary`, `点火线圈${letter}次级`)),
];
const knocks = (n: number) => {
  const { en, zh } = cylinder("knock", n);
  return part("knock", `${en}: knock beyond threshold`, `${zh}:爆震超过阈值`);
};

/** P23xx: ignition. */
export const P23: DtcTable = {
  // P2300 to P2335: three codes for each of the coils A to L.
  ...decimalRun("P2300", [...COILS].flatMap(coil)),
  ...decimalRun("P2336", numbers(12).map(knocks)),
};
