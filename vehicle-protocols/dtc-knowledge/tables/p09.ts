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
  fault,
  high,
  low,
  part,
  range,
  sensor,
} from "../wording.ts";

const pressureSolenoid = (letter: string) =>
  part("transmission-valve", `Pressure control solenoid ${letter}`, `压力控制电磁阀${letter}`);
const shiftSolenoid = (letter: string) => part("transmission-valve", `Shift solenoid ${letter}`, `换挡电磁阀${letter}`);
const fluidPressure = (letter: string) =>
  part(
    "transmission-sensor",
    `Transmission fluid pressure sensor or switch ${letter}`,
    `变速器油压传感器/开关${letter}`,
  );
const actuator = (subject: Entry): readonly Entry[] => [
  driver(subject),
  driverRange(subject),
  driverLow(subject),
  driverHigh(subject),
];
const shiftActuator = (subject: Entry): readonly Entry[] => [
  driverRange(subject),
  driverLow(subject),
  driverHigh(subject),
];

const CLUTCH_ACTUATOR = part("clutch", "Clutch actuator", "离合器执行器");
const GATE_POSITION = part("gear-position", "Gate select position", "选挡位置");
const GATE_ACTUATOR = part("gear-position", "Gate select actuator", "选挡执行器");
const SHIFT_POSITION = part("gear-position", "Gear shift position", "换挡位置");
const SHIFT_FORWARD = part("gear-position", "Gear shift forward actuator", "前进挡换挡执行器");
const SHIFT_REVERSE = part("gear-position", "Gear shift reverse actuator", "倒挡换挡执行器");
const SHIFT_LOCK = part("gear-position", "Shift lock solenoid", "换挡锁止电磁阀");
const HYDRAULIC_PRESSURE = part("transmission-sensor", "Hydraulic pressure sensor", "液压压力传感器");
const HYDRAULIC_TEMPERATURE = part("transmission-sensor", "Hydraulic oil temperature sensor", "液压油温传感器");
const PUMP_RELAY = part("transmission-valve", "Hydraulic pump relay", "液压泵继电器");
const AUTO_SHIFT = part("transmission-control", "Automated manual shift control", "自动手动变速控制");
const AUTO_SHIFT_MODE = part("transmission-control", "Automated manual shift mode", "自动手动变速模式");

/** P09xx: transmission. */
export const P09: DtcTable = {
  ...decimalRun("P0900", actuator(CLUTCH_ACTUATOR)),
  P0904: circuit(GATE_POSITION),
  P0905: range(GATE_POSITION),
  P0906: low(GATE_POSITION),
  P0907: high(GATE_POSITION),
  P0908: erratic(GATE_POSITION),
  P0909: part("gear-position", "Gate select control error", "选挡控制异常"),
  ...decimalRun("P0910", actuator(GATE_ACTUATOR)),
  P0914: circuit(SHIFT_POSITION),
  P0915: range(SHIFT_POSITION),
  P0916: low(SHIFT_POSITION),
  P0917: high(SHIFT_POSITION),
  P0918: erratic(SHIFT_POSITION),
  P0919: part("gear-position", "Gear shift position control error", "换挡位置控制异常"),
  ...decimalRun("P0920", actuator(SHIFT_FORWARD)),
  ...decimalRun("P0924", actuator(SHIFT_REVERSE)),
  ...decimalRun("P0928", actuator(SHIFT_LOCK)),
  ...decimalRun("P0932", sensor(HYDRAULIC_PRESSURE)),
  ...decimalRun("P0937", sensor(HYDRAULIC_TEMPERATURE)),
  P0942: fault(part("transmission-slip", "Hydraulic pressure unit", "液压单元")),
  P0943: part("transmission-slip", "Hydraulic pressure unit: cycles too short", "液压单元:工作周期过短"),
  P0944: part("transmission-slip", "Hydraulic pressure unit: pressure lost", "液压单元:失压"),
  ...decimalRun("P0945", actuator(PUMP_RELAY)),
  P0949: part("transmission-control", "Automated manual shift: adaptation not complete", "自动手动变速:自学习未完成"),
  ...decimalRun("P0950", sensor(AUTO_SHIFT)),
  ...decimalRun("P0955", sensor(AUTO_SHIFT_MODE)),
  // P0960 to P0971: pressure control solenoids A to C. P0972 to P0986: shift solenoids A to E.
  ...decimalRun(
    "P0960",
    [..."ABC"].flatMap((letter) => actuator(pressureSolenoid(letter))),
  ),
  ...decimalRun(
    "P0972",
    [..."ABCDE"].flatMap((letter) => shiftActuator(shiftSolenoid(letter))),
  ),
  ...decimalRun("P0987", sensor(fluidPressure("E"))),
  ...decimalRun("P0992", sensor(fluidPressure("F"))),
  ...decimalRun("P0997", shiftActuator(shiftSolenoid("F"))),
};
