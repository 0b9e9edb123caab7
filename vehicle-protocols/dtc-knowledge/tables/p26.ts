import {
  circuit,
  type DtcTable,
  decimalRun,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  type Entry,
  high,
  low,
  oxygenSensor,
  part,
  performance,
  range,
  stuckOff,
  stuckOn,
  supplyOpen,
  voltageHigh,
  voltageLow,
} from "../wording.ts";

const output = (en: string, zh: string): readonly Entry[] => {
  const subject = part("output", en, zh);
  return [driver(subject), driverLow(subject), driverHigh(subject)];
};
const trimCurrent = (bank: number): readonly Entry[] => {
  const { en, zh } = oxygenSensor(bank, 1);
  const subject = part("oxygen-sensor", `${en} pump current trim`, `${zh}泵电流修正`);
  return [supplyOpen(subject), low(subject), high(subject)];
};
const torqueFeedback = (letter: string): readonly Entry[] => {
  const subject = part("throttle", `Torque feedback signal ${letter}`, `扭矩反馈信号${letter}`);
  return [circuit(subject), range(subject), low(subject), high(subject)];
};
const rockerArm = (letter: string, bank: number): readonly Entry[] => {
  const subject = part("valve-timing", `Rocker arm actuator ${letter}, bank ${bank}`, `摇臂执行器${letter} ${bank}排`);
  return [driver(subject), stuckOff(subject), stuckOn(subject), driverLow(subject), driverHigh(subject)];
};
const supply = (letter: string): readonly Entry[] => {
  const subject = part("sensor-supply", `Actuator supply voltage ${letter}`, `执行器供电电压${letter}`);
  return [supplyOpen(subject), voltageLow(subject), voltageHigh(subject)];
};
const weakPump = (letter: string) =>
  part("fuel-pump", `Fuel pump ${letter}: flow too low or weak`, `燃油泵${letter}:流量过低或性能不良`);

const COOLANT_PUMP_A = part("coolant-pump", "Coolant pump A", "冷却液泵A");
const INTAKE_HEATER_B = part("glow-plug", "Intake air heater B", "进气加热器B");
const FUEL_PUMP_B = part("fuel-pump", "Fuel pump B", "燃油泵B");
const CONTROL_PRESSURE = part("fuel-pressure", "Injector control pressure regulator", "喷油器控制压力调节器");
const FUEL_SHUTOFF_B = part("fuel-pressure", "Fuel shut-off valve B", "燃油切断阀B");
const REFRIGERANT_VALVE = part("air-conditioning", "Refrigerant distribution valve", "冷媒分配阀");

/** P26xx: computer and auxiliary outputs. */
export const P26: DtcTable = {
  P2600: driver(COOLANT_PUMP_A),
  P2601: driverRange(COOLANT_PUMP_A),
  P2602: driverLow(COOLANT_PUMP_A),
  P2603: driverHigh(COOLANT_PUMP_A),
  P2604: driverRange(part("glow-plug", "Intake air heater A", "进气加热器A")),
  P2605: driver(INTAKE_HEATER_B),
  P2606: driverRange(INTAKE_HEATER_B),
  P2607: driverLow(INTAKE_HEATER_B),
  P2608: driverHigh(INTAKE_HEATER_B),
  P2609: performance(part("glow-plug", "Intake air heater system", "进气加热系统")),
  P2610: performance(part("control-unit", "Control unit internal: engine-off timer", "控制单元内部:熄火计时器")),
  P2611: driver(REFRIGERANT_VALVE),
  P2612: driverLow(REFRIGERANT_VALVE),
  P2613: driverHigh(REFRIGERANT_VALVE),
  ...decimalRun("P2614", output("Camshaft position signal output", "凸轮轴位置信号输出")),
  ...decimalRun("P2617", output("Crankshaft position signal output", "曲轴位置信号输出")),
  ...decimalRun("P2620", output("Throttle position output", "节气门位置输出")),
  P2623: driver(CONTROL_PRESSURE),
  P2624: driverLow(CONTROL_PRESSURE),
  P2625: driverHigh(CONTROL_PRESSURE),
  ...decimalRun("P2626", [1, 2].flatMap(trimCurrent)),
  P2632: driver(FUEL_PUMP_B),
  P2633: driverLow(FUEL_PUMP_B),
  P2634: driverHigh(FUEL_PUMP_B),
  P2635: weakPump("A"),
  P2636: weakPump("B"),
  ...decimalRun("P2637", [..."AB"].flatMap(torqueFeedback)),
  // P2645 to P2664: five codes for each rocker arm actuator, A and B of bank 1, then of bank 2.
  ...decimalRun(
    "P2645",
    [1, 2].flatMap((bank) => [..."AB"].flatMap((letter) => rockerArm(letter, bank))),
  ),
  P2665: driver(FUEL_SHUTOFF_B),
  P2666: driverLow(FUEL_SHUTOFF_B),
  P2667: driverHigh(FUEL_SHUTOFF_B),
  P2668: driver(part("warning-lamp", "Fuel mode indicator lamp", "燃料模式指示灯")),
  ...decimalRun("P2669", supply("B")),
  ...decimalRun("P2684", supply("C")),
};
