import {
  circuit,
  type DtcTable,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  type Entry,
  erratic,
  fault,
  hexRun,
  high,
  low,
  part,
  performance,
  range,
  requestsLamp,
  sensor,
  stuckClosed,
  stuckOff,
  stuckOn,
  stuckOpen,
  supplyOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

// In the oldest lists P0A10 follows P0A09; the codes from P0A0A to P0A0F came between them later.

const MOTORS = [
  ["Drive motor A", "驱动电机A"],
  ["Drive motor B", "驱动电机B"],
  ["Generator", "发电机"],
] as const;

type Machine = (typeof MOTORS)[number];
const [MOTOR_A, MOTOR_B, GENERATOR] = MOTORS;

const of = ([en, zh]: Machine, enPart: string, zhPart: string) =>
  part("drive-motor", `${en} ${enPart}`, `${zh}${zhPart}`);
const hot = ([en, zh]: Machine, enPart = "", zhPart = "") =>
  part("drive-motor-hot", `${en}${enPart}: overheated`, `${zh}${zhPart}:过热`);
const temperature = (machine: Machine) => [...sensor(of(machine, "temperature sensor", "温度传感器")), hot(machine)];
const position = (machine: Machine) => {
  const resolver = of(machine, "position sensor", "位置传感器(旋变)");
  return [...sensor(resolver), part("drive-motor", `${resolver.en}: overspeed`, `${resolver.zh}:超速`)];
};
const current = (machine: Machine): readonly Entry[] => {
  const subject = of(machine, "current sensor", "电流传感器");
  return [circuit(subject), range(subject), low(subject), high(subject)];
};
const phases = (machine: Machine): readonly Entry[] =>
  [..."UVW"].flatMap((phase) => {
    const subject = of(machine, `phase ${phase} current`, `${phase}相电流`);
    return [fault(subject), tooLow(subject), tooHigh(subject)];
  });
const motorUnit = (en: string, zh: string) => fault(part("drive-motor", `${en} control unit`, `${zh}控制单元`));
const packTemperature = (letter: string) =>
  part("hv-battery-sensor", `HV battery temperature sensor ${letter}`, `动力电池温度传感器${letter}`);
const packAir = (letter: string) =>
  part("hv-battery-sensor", `HV battery air temperature sensor ${letter}`, `动力电池进风温度传感器${letter}`);
const packVoltage = (letter: string) =>
  part("hv-battery-sensor", `HV battery pack voltage sense ${letter}`, `动力电池包电压采样${letter}`);
const inverterTemperature = (letter: string) =>
  part("drive-motor", `Drive motor inverter temperature sensor ${letter}`, `驱动电机逆变器温度传感器${letter}`);
const fan = (n: number): readonly Entry[] => {
  const subject = part("hv-cooling", `HV battery cooling fan ${n}`, `动力电池冷却风扇${n}`);
  return [driver(subject), stuckOff(subject), stuckOn(subject), driverLow(subject), driverHigh(subject)];
};
const contactor = (en: string, zh: string) => part("hv-contactor", `HV battery ${en} contactor`, `动力电池${zh}接触器`);
const controlled = (subject: Entry): readonly Entry[] => [
  driver(subject),
  driverRange(subject),
  driverLow(subject),
  driverHigh(subject),
];

const ELECTRONICS_COOLANT = part("hv-cooling", "Motor electronics coolant temperature sensor", "电驱冷却液温度传感器");
const ELECTRONICS_PUMP = part("hv-cooling", "Motor electronics coolant pump", "电驱冷却水泵");
const DC_DC_STATUS = part("dc-dc", "DC/DC converter status line", "DC/DC变换器状态信号");
const DC_DC_ENABLE = part("dc-dc", "DC/DC converter enable line", "DC/DC变换器使能信号");
const INTERLOCK = part("hv-interlock", "High-voltage interlock", "高压互锁");
const ENGINE_MOUNT = part("output", "Active engine mount", "主动发动机悬置");
const MOTOR_TORQUE = part("drive-motor", "Motor torque sensor", "电机扭矩传感器");
const GENERATOR_TORQUE = part("drive-motor", "Generator torque sensor", "发电机扭矩传感器");
const POWER_OFF = part("hv-contactor", "HV battery power-off line", "动力电池断电信号");
const POSITIVE = contactor("positive", "正极");
const NEGATIVE = contactor("negative", "负极");
const PRECHARGE = contactor("precharge", "预充");
const ISOLATION_SENSOR = part("hv-isolation", "High-voltage isolation sensor", "高压绝缘检测传感器");
const PACK_CURRENT_A = part("hv-battery-sensor", "HV battery current sensor A", "动力电池电流传感器A");
const PACK_SYSTEM_VOLTAGE = part("hv-battery", "HV battery system voltage", "动力电池系统电压");
const POWER_MODULE_CURRENT = part("dc-dc", "14 V power module current sensor", "14 V电源模块电流传感器");
const POWER_MODULE_VOLTAGE = part("dc-dc", "14 V power module voltage", "14 V电源模块电压");

/** P0Axx: hybrid and electric propulsion. */
export const P0A: DtcTable = {
  ...hexRun("P0A00", sensor(ELECTRONICS_COOLANT)),
  P0A05: driver(ELECTRONICS_PUMP),
  P0A06: driverLow(ELECTRONICS_PUMP),
  P0A07: driverHigh(ELECTRONICS_PUMP),
  P0A08: circuit(DC_DC_STATUS),
  P0A09: low(DC_DC_STATUS),
  ...hexRun("P0A0A", sensor(INTERLOCK)),
  P0A0F: part("starter", "Engine failed to start (hybrid)", "发动机起动失败(混动)"),
  P0A10: high(DC_DC_STATUS),
  P0A11: supplyOpen(DC_DC_ENABLE),
  P0A12: low(DC_DC_ENABLE),
  P0A13: high(DC_DC_ENABLE),
  P0A14: driver(ENGINE_MOUNT),
  P0A15: driverLow(ENGINE_MOUNT),
  P0A16: driverHigh(ENGINE_MOUNT),
  P0A17: circuit(MOTOR_TORQUE),
  P0A18: range(MOTOR_TORQUE),
  P0A19: low(MOTOR_TORQUE),
  ...hexRun("P0A1A", [
    motorUnit("Generator", "发电机"),
    motorUnit("Drive motor A", "驱动电机A"),
    motorUnit("Drive motor B", "驱动电机B"),
    motorUnit("Hybrid powertrain", "混动动力总成"),
    motorUnit("Starter/generator", "起动发电一体机"),
  ]),
  P0A1F: fault(part("hv-battery", "Battery energy control unit", "电池能量控制单元")),
  P0A20: high(MOTOR_TORQUE),
  P0A21: erratic(MOTOR_TORQUE),
  ...hexRun("P0A22", sensor(GENERATOR_TORQUE)),
  P0A27: circuit(POWER_OFF),
  P0A28: low(POWER_OFF),
  P0A29: high(POWER_OFF),
  ...hexRun("P0A2A", temperature(MOTOR_A)),
  ...hexRun("P0A30", temperature(MOTOR_B)),
  ...hexRun("P0A36", temperature(GENERATOR)),
  P0A3C: hot(MOTOR_A, " inverter", "逆变器"),
  P0A3D: hot(MOTOR_B, " inverter", "逆变器"),
  P0A3E: hot(GENERATOR, " inverter", "逆变器"),
  ...hexRun("P0A3F", position(MOTOR_A)),
  ...hexRun("P0A45", position(MOTOR_B)),
  ...hexRun("P0A4B", position(GENERATOR)),
  ...hexRun("P0A51", current(MOTOR_A)),
  ...hexRun("P0A55", current(MOTOR_B)),
  ...hexRun("P0A59", current(GENERATOR)),
  ...hexRun("P0A5D", phases(MOTOR_A)),
  ...hexRun("P0A66", phases(MOTOR_B)),
  ...hexRun("P0A6F", phases(GENERATOR)),
  P0A78: performance(of(MOTOR_A, "inverter", "逆变器")),
  P0A79: performance(of(MOTOR_B, "inverter", "逆变器")),
  P0A7A: performance(of(GENERATOR, "inverter", "逆变器")),
  P0A7B: requestsLamp(part("hv-battery", "Battery energy control unit", "电池能量控制单元")),
  P0A7C: part("drive-motor-hot", "Motor electronics: overheated", "电驱电子装置:过热"),
  P0A7D: tooLow(part("hv-battery", "HV battery state of charge", "动力电池荷电状态(SOC)")),
  P0A7E: part("hv-battery-hot", "HV battery pack: overheated", "动力电池包:过热"),
  P0A7F: part("hv-battery", "HV battery pack: deteriorated", "动力电池包:性能衰减"),
  P0A80: part("hv-battery", "HV battery pack: replace", "动力电池包:需要更换"),
  ...hexRun("P0A81", fan(1)),
  ...hexRun("P0A86", sensor(POWER_MODULE_CURRENT)),
  P0A8B: fault(POWER_MODULE_VOLTAGE),
  P0A8C: part("dc-dc", "14 V power module voltage: unstable", "14 V电源模块电压:不稳定"),
  P0A8D: tooLow(POWER_MODULE_VOLTAGE),
  P0A8E: tooHigh(POWER_MODULE_VOLTAGE),
  P0A8F: performance(part("dc-dc", "14 V power module", "14 V电源模块")),
  P0A90: part("drive-motor", "Drive motor A: does not perform as expected", "驱动电机A:性能不良"),
  P0A91: part("drive-motor", "Drive motor B: does not perform as expected", "驱动电机B:性能不良"),
  P0A92: part("drive-motor", "Generator: does not perform as expected", "发电机:性能不良"),
  P0A93: performance(part("hv-cooling", "Inverter cooling system", "逆变器冷却系统")),
  P0A94: performance(part("dc-dc", "DC/DC converter", "DC/DC变换器")),
  P0A95: fault(part("hv-contactor", "High-voltage fuse", "高压保险丝")),
  ...hexRun("P0A96", fan(2)),
  ...hexRun("P0A9B", sensor(packTemperature("A"))),
  P0AA0: circuit(POSITIVE),
  P0AA1: stuckClosed(POSITIVE),
  P0AA2: stuckOpen(POSITIVE),
  P0AA3: circuit(NEGATIVE),
  P0AA4: stuckClosed(NEGATIVE),
  P0AA5: stuckOpen(NEGATIVE),
  P0AA6: part("hv-isolation", "High-voltage system: isolation fault", "高压系统:绝缘故障"),
  ...hexRun("P0AA7", sensor(ISOLATION_SENSOR)),
  ...hexRun("P0AAC", sensor(packAir("A"))),
  ...hexRun("P0AB1", sensor(packAir("B"))),
  P0AB9: performance(part("drive-motor", "Hybrid system", "混动系统")),
  ...hexRun("P0ABA", sensor(packVoltage("A"))),
  ...hexRun("P0ABF", sensor(PACK_CURRENT_A)),
  P0AC4: requestsLamp(part("drive-motor", "Hybrid powertrain control unit", "混动动力总成控制单元")),
  ...hexRun("P0AC5", sensor(packTemperature("B"))),
  ...hexRun("P0ACA", sensor(packTemperature("C"))),
  ...hexRun("P0AD9", controlled(POSITIVE)),
  ...hexRun("P0ADD", controlled(NEGATIVE)),
  P0AE1: circuit(PRECHARGE),
  P0AE2: stuckClosed(PRECHARGE),
  P0AE3: stuckOpen(PRECHARGE),
  ...hexRun("P0AE4", controlled(PRECHARGE)),
  ...hexRun("P0AE8", sensor(packTemperature("D"))),
  ...hexRun("P0AED", sensor(inverterTemperature("A"))),
  ...hexRun("P0AF2", sensor(inverterTemperature("B"))),
  P0AF8: fault(PACK_SYSTEM_VOLTAGE),
  P0AF9: part("hv-battery", "HV battery system voltage: unstable", "动力电池系统电压:不稳定"),
  P0AFA: tooLow(PACK_SYSTEM_VOLTAGE),
  P0AFB: tooHigh(PACK_SYSTEM_VOLTAGE),
  P0AFC: fault(part("hv-battery-sensor", "HV battery pack sensor module", "动力电池包采样模块")),
  P0AFD: tooLow(part("hv-battery", "HV battery pack temperature", "动力电池包温度")),
};
