import {
  circuit,
  type DtcTable,
  decimalRun,
  disagree,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  type Entry,
  electrical,
  erratic,
  fault,
  hexRun,
  high,
  low,
  noSignal,
  part,
  range,
  solenoid,
  stuckOff,
  stuckOn,
  supplyOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

const FRICTION_ELEMENTS = "ABCDEFGH";

const shiftSolenoid = (letter: string) => part("transmission-valve", `Shift solenoid ${letter}`, `换挡电磁阀${letter}`);
const pressureSolenoid = (letter: string) =>
  part("transmission-valve", `Pressure control solenoid ${letter}`, `压力控制电磁阀${letter}`);
const timingSolenoid = (letter: string) =>
  part("transmission-valve", `Shift timing solenoid ${letter}`, `换挡正时电磁阀${letter}`);
const modeSwitch = (letter: string) =>
  part("gear-position", `Transmission mode switch ${letter}`, `变速器模式开关${letter}`);
const parkSensor = (letter: string) =>
  part("gear-position", `Park position sensor or switch ${letter}`, `驻车挡位置传感器/开关${letter}`);
const wrongRatio = (en: string, zh: string) =>
  part("transmission-slip", `${en}: ratio incorrect`, `${zh}:传动比不正确`);
const gear = (n: number) => wrongRatio(`Gear ${n}`, `${n}挡`);
const stuckIn = (en: string, zh: string) => part("transmission-slip", `Transmission stuck in ${en}`, `变速器卡在${zh}`);
const cannotEngage = (en: string, zh: string) =>
  part("transmission-slip", `Transmission cannot engage ${en}`, `变速器无法挂入${zh}`);
const shift = (from: number) =>
  fault(part("transmission-slip", `Shift ${from}-${from + 1}`, `${from}-${from + 1}换挡`));
const element = (letter: string) => part("transmission-slip", `Friction element ${letter}`, `摩擦元件${letter}`);
const slips = (letter: string) =>
  part("transmission-slip", `Friction element ${letter}: slip detected`, `摩擦元件${letter}:检测到打滑`);

const TORQUE_CONVERTER = part("transmission-valve", "Torque converter clutch", "变矩器锁止离合器");
const BRAKE_SWITCH_B = part("brake-switch", "Torque converter or brake switch B", "变矩器/制动开关B");
const RANGE_SENSOR_A = part("gear-position", "Transmission range sensor A", "变速器挡位传感器A");
const FLUID_LEVEL = part("transmission-fluid", "Transmission fluid level", "变速器油位");
const FLUID_LEVEL_SENSOR = part("transmission-fluid", "Transmission fluid level sensor", "变速器油位传感器");
const FLUID_TEMPERATURE_A = part("transmission-sensor", "Transmission fluid temperature sensor A", "变速器油温传感器A");
const INPUT_SPEED_A = part("transmission-sensor", "Input or turbine speed sensor A", "输入轴/涡轮转速传感器A");
const OUTPUT_SPEED = part("transmission-sensor", "Output speed sensor", "输出轴转速传感器");
const ENGINE_SPEED = part("transmission-sensor", "Engine speed input of the transmission", "变速器发动机转速输入");
const ENGINE_SPEED_OUTPUT = part(
  "transmission-sensor",
  "Engine speed output of the transmission control unit",
  "变速器控制单元发动机转速输出",
);
const INTERMEDIATE_SPEED_A = part("transmission-sensor", "Intermediate shaft speed sensor A", "中间轴转速传感器A");

const timing = (subject: Entry): readonly Entry[] => [
  fault(subject),
  driverRange(subject),
  driverLow(subject),
  driverHigh(subject),
  erratic(subject),
];
const park = (subject: Entry): readonly Entry[] => [
  supplyOpen(subject),
  low(subject),
  high(subject),
  part("gear-position", `${subject.en}: reading implausible, low side`, `${subject.zh}:信号不合理(偏低)`),
  part("gear-position", `${subject.en}: reading implausible, high side`, `${subject.zh}:信号不合理(偏高)`),
  erratic(subject),
];

/** P07xx: transmission. */
export const P07: DtcTable = {
  P0700: fault(part("transmission-control", "Transmission control system", "变速器控制系统")),
  P0701: range(part("transmission-control", "Transmission control system", "变速器控制系统")),
  P0702: electrical(part("transmission-control", "Transmission control system", "变速器控制系统")),
  P0703: circuit(BRAKE_SWITCH_B),
  P0704: circuit(part("clutch", "Clutch switch input", "离合器开关输入")),
  P0705: circuit(RANGE_SENSOR_A),
  P0706: range(RANGE_SENSOR_A),
  P0707: low(RANGE_SENSOR_A),
  P0708: high(RANGE_SENSOR_A),
  P0709: erratic(RANGE_SENSOR_A),
  P070A: circuit(FLUID_LEVEL_SENSOR),
  P070B: range(FLUID_LEVEL_SENSOR),
  P070C: low(FLUID_LEVEL_SENSOR),
  P070D: high(FLUID_LEVEL_SENSOR),
  P070E: erratic(FLUID_LEVEL_SENSOR),
  P070F: tooLow(FLUID_LEVEL),
  P0710: circuit(FLUID_TEMPERATURE_A),
  P0711: range(FLUID_TEMPERATURE_A),
  P0712: low(FLUID_TEMPERATURE_A),
  P0713: high(FLUID_TEMPERATURE_A),
  P0714: erratic(FLUID_TEMPERATURE_A),
  P0715: circuit(INPUT_SPEED_A),
  P0716: range(INPUT_SPEED_A),
  P0717: noSignal(INPUT_SPEED_A),
  P0718: erratic(INPUT_SPEED_A),
  P0719: low(BRAKE_SWITCH_B),
  P071A: circuit(modeSwitch("A")),
  P071B: low(modeSwitch("A")),
  P071C: high(modeSwitch("A")),
  P071D: circuit(modeSwitch("B")),
  P071E: low(modeSwitch("B")),
  P071F: high(modeSwitch("B")),
  P0720: circuit(OUTPUT_SPEED),
  P0721: range(OUTPUT_SPEED),
  P0722: noSignal(OUTPUT_SPEED),
  P0723: erratic(OUTPUT_SPEED),
  P0724: high(BRAKE_SWITCH_B),
  P0725: circuit(ENGINE_SPEED),
  P0726: range(ENGINE_SPEED),
  P0727: noSignal(ENGINE_SPEED),
  P0728: erratic(ENGINE_SPEED),
  P0729: gear(6),
  P072A: stuckIn("neutral", "空挡"),
  P072B: stuckIn("reverse", "倒挡"),
  P072C: stuckIn("gear 1", "1挡"),
  P072D: stuckIn("gear 2", "2挡"),
  P072E: stuckIn("gear 3", "3挡"),
  P072F: stuckIn("gear 4", "4挡"),
  P0730: wrongRatio("Some gear", "某挡位"),
  P0731: gear(1),
  P0732: gear(2),
  P0733: gear(3),
  P0734: gear(4),
  P0735: gear(5),
  P0736: wrongRatio("Reverse gear", "倒挡"),
  P0737: circuit(ENGINE_SPEED_OUTPUT),
  P0738: low(ENGINE_SPEED_OUTPUT),
  P0739: high(ENGINE_SPEED_OUTPUT),
  P073A: stuckIn("gear 5", "5挡"),
  P073B: stuckIn("gear 6", "6挡"),
  P073C: stuckIn("gear 7", "7挡"),
  P073D: cannotEngage("neutral", "空挡"),
  P073E: cannotEngage("reverse", "倒挡"),
  P073F: cannotEngage("gear 1", "1挡"),
  P0740: driver(TORQUE_CONVERTER),
  P0741: stuckOff(TORQUE_CONVERTER),
  P0742: stuckOn(TORQUE_CONVERTER),
  P0743: electrical(TORQUE_CONVERTER),
  P0744: erratic(TORQUE_CONVERTER),
  ...decimalRun("P0745", solenoid(pressureSolenoid("A"))),
  P074A: cannotEngage("gear 2", "2挡"),
  P074B: cannotEngage("gear 3", "3挡"),
  P074C: cannotEngage("gear 4", "4挡"),
  P074D: cannotEngage("gear 5", "5挡"),
  P074E: cannotEngage("gear 6", "6挡"),
  P074F: cannotEngage("gear 7", "7挡"),
  // P0750 to P0774: five codes for each of the shift solenoids A to E.
  ...decimalRun(
    "P0750",
    [..."ABCDE"].flatMap((letter) => solenoid(shiftSolenoid(letter))),
  ),
  ...hexRun("P075A", solenoid(shiftSolenoid("G"))),
  P075F: tooHigh(FLUID_LEVEL),
  ...hexRun("P076A", solenoid(shiftSolenoid("H"))),
  P076F: gear(7),
  ...decimalRun("P0775", solenoid(pressureSolenoid("B"))),
  P077A: part("transmission-sensor", "Output speed sensor: direction signal lost", "输出轴转速传感器:无方向信号"),
  P077B: part("transmission-sensor", "Output speed sensor: direction error", "输出轴转速传感器:方向错误"),
  P0780: fault(part("transmission-slip", "Gear shift", "换挡")),
  P0781: shift(1),
  P0782: shift(2),
  P0783: shift(3),
  P0784: shift(4),
  ...decimalRun("P0785", timing(timingSolenoid("A"))),
  ...hexRun("P078A", timing(timingSolenoid("B"))),
  P0790: circuit(part("gear-position", "Normal/performance mode switch", "普通/运动模式开关")),
  P0791: circuit(INTERMEDIATE_SPEED_A),
  P0792: range(INTERMEDIATE_SPEED_A),
  P0793: noSignal(INTERMEDIATE_SPEED_A),
  P0794: erratic(INTERMEDIATE_SPEED_A),
  ...decimalRun("P0795", solenoid(pressureSolenoid("C"))),
  // P079A to P07B1: friction elements A to H, first their slip, then what each is stuck in.
  ...hexRun("P079A", [...FRICTION_ELEMENTS].map(slips)),
  ...hexRun(
    "P07A2",
    [...FRICTION_ELEMENTS].flatMap((letter) => [stuckOff(element(letter)), stuckOn(element(letter))]),
  ),
  ...hexRun("P07B2", park(parkSensor("A"))),
  ...hexRun("P07B8", park(parkSensor("B"))),
  P07BE: disagree("gear-position", "Park position sensors A and B", "驻车挡位置传感器A与B"),
};
