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
  high,
  low,
  noSignal,
  part,
  range,
  sensor,
  solenoid,
  stuckOff,
  stuckOn,
} from "../wording.ts";

const applyTime = (letter: string) =>
  range(part("transmission-slip", `Friction element ${letter} apply time`, `摩擦元件${letter}接合时间`));
const pressureSolenoid = (letter: string): readonly Entry[] => {
  const subject = part("transmission-valve", `Pressure control solenoid ${letter}`, `压力控制电磁阀${letter}`);
  return [...solenoid(subject), driver(subject), driverRange(subject), driverLow(subject), driverHigh(subject)];
};
const shaftSpeed = (subject: Entry): readonly Entry[] => [
  circuit(subject),
  range(subject),
  noSignal(subject),
  erratic(subject),
];
const shiftSwitch = (en: string, zh: string): readonly Entry[] => {
  const subject = part("gear-position", en, zh);
  return [range(subject), low(subject), high(subject), erratic(subject)];
};
const direction = (en: string, zh: string): readonly Entry[] => {
  const subject = part("gear-position", en, zh);
  return [circuit(subject), low(subject), high(subject)];
};
const hot = (en: string, zh: string) => part("transmission-hot", `${en}: overheated`, `${zh}:过热`);

const CONVERTER_PRESSURE = part(
  "transmission-valve",
  "Torque converter clutch pressure solenoid",
  "变矩器锁止压力控制电磁阀",
);
const FLUID_TEMPERATURE_B = part("transmission-sensor", "Transmission fluid temperature sensor B", "变速器油温传感器B");
const INTERMEDIATE_B = part("transmission-sensor", "Intermediate shaft speed sensor B", "中间轴转速传感器B");
const INTERMEDIATE_C = part("transmission-sensor", "Intermediate shaft speed sensor C", "中间轴转速传感器C");
const INPUT_SPEED_B = part("transmission-sensor", "Input or turbine speed sensor B", "输入轴/涡轮转速传感器B");
const FLUID_COOLER = part("transmission-valve", "Transmission fluid cooler", "变速器油冷却器");
const CONVERTER = part("transmission-valve", "Torque converter clutch", "变矩器锁止离合器");
const LOW_RANGE_SWITCH = part("four-wheel-drive", "Four-wheel drive low range switch", "四驱低速挡开关");
const RANGE_SENSOR_B = part("gear-position", "Transmission range sensor B", "变速器挡位传感器B");

/** P27xx and P28xx: transmission. */
export const P27_P28: DtcTable = {
  ...decimalRun("P2700", [..."ABCDEF"].map(applyTime)),
  ...decimalRun("P2706", solenoid(part("transmission-valve", "Shift solenoid F", "换挡电磁阀F"))),
  P2711: part("transmission-slip", "Gear disengaged mechanically without command", "机械意外脱挡"),
  P2712: part("transmission-slip", "Hydraulic power unit leaks", "液压动力单元泄漏"),
  // P2713 to P2739: nine codes for each of the pressure control solenoids D to F.
  ...decimalRun("P2713", [..."DEF"].flatMap(pressureSolenoid)),
  ...decimalRun("P2740", sensor(FLUID_TEMPERATURE_B)),
  ...decimalRun("P2745", shaftSpeed(INTERMEDIATE_B)),
  ...decimalRun("P2749", shaftSpeed(INTERMEDIATE_C)),
  P2753: driver(FLUID_COOLER),
  P2754: driverLow(FLUID_COOLER),
  P2755: driverHigh(FLUID_COOLER),
  P2756: fault(CONVERTER_PRESSURE),
  P2757: stuckOff(CONVERTER_PRESSURE),
  P2758: stuckOn(CONVERTER_PRESSURE),
  P2759: electrical(CONVERTER_PRESSURE),
  P2760: erratic(CONVERTER_PRESSURE),
  P2761: driver(CONVERTER_PRESSURE),
  P2762: driverRange(CONVERTER_PRESSURE),
  // Here, and here alone, high comes before low.
  P2763: driverHigh(CONVERTER_PRESSURE),
  P2764: driverLow(CONVERTER_PRESSURE),
  ...decimalRun("P2765", shaftSpeed(INPUT_SPEED_B)),
  P2769: driverLow(CONVERTER),
  P2770: driverHigh(CONVERTER),
  P2771: circuit(LOW_RANGE_SWITCH),
  P2772: range(LOW_RANGE_SWITCH),
  P2773: low(LOW_RANGE_SWITCH),
  P2774: high(LOW_RANGE_SWITCH),
  ...decimalRun("P2775", shiftSwitch("Upshift switch", "升挡开关")),
  ...decimalRun("P2779", shiftSwitch("Downshift switch", "降挡开关")),
  P2783: hot("Torque converter", "液力变矩器"),
  P2784: disagree("transmission-sensor", "Input or turbine speed sensors A and B", "输入轴/涡轮转速传感器A与B"),
  P2785: hot("Clutch actuator", "离合器执行器"),
  P2786: hot("Gear shift actuator", "换挡执行器"),
  P2787: hot("Clutch", "离合器"),
  P2788: part("transmission-control", "Automated manual shift: adaptation at its limit", "自动手动变速:自学习达极限"),
  P2789: part("clutch", "Clutch: adaptation at its limit", "离合器:自学习达极限"),
  ...decimalRun("P2790", direction("Gate select direction", "选挡方向")),
  ...decimalRun("P2793", direction("Gear shift direction", "换挡方向")),
  ...decimalRun("P2800", sensor(RANGE_SENSOR_B)),
  P2805: disagree("gear-position", "Transmission range sensors A and B", "变速器挡位传感器A与B"),
  P2806: part("gear-position", "Transmission range sensor: alignment", "变速器挡位传感器:位置未校准"),
};
