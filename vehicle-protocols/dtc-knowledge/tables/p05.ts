import {
  circuit,
  type DtcTable,
  disagree,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  erratic,
  fault,
  high,
  low,
  noSignal,
  part,
  performance,
  range,
  stuckSignal,
  tooHigh,
  tooLow,
  voltageHigh,
  voltageLow,
} from "../wording.ts";

type Letter = "A" | "B";

const coldStart = (letter: Letter, bank: number, en: string, zh: string) =>
  part(
    "valve-timing",
    `Cold start, camshaft ${letter}, bank ${bank}: timing ${en}`,
    `冷起动 凸轮轴${letter} ${bank}排:${zh}`,
  );
const ADVANCED = ["over-advanced", "正时过度提前"] as const;
const RETARDED = ["over-retarded", "正时过度滞后"] as const;
const exhaustTemperature = (bank: number) =>
  part("exhaust-temperature", `Exhaust gas temperature sensor, bank ${bank} sensor 1`, `排气温度传感器 ${bank}排1号`);
const cruiseSignal = (en: string, zh: string) =>
  fault(part("cruise", `Cruise control "${en}" signal`, `定速巡航“${zh}”信号`));
const cruiseInput = (letter: Letter) =>
  part("cruise", `Cruise control multi-function input ${letter}`, `定速巡航多功能输入${letter}`);

const SPEED_A = part("vehicle-speed", "Vehicle speed sensor A", "车速传感器A");
const IDLE = part("idle", "Idle control", "怠速控制");
const IDLE_VALVE = part("idle", "Idle air control valve", "怠速控制阀");
const BATTERY_TEMPERATURE = part("supply-voltage", "Battery temperature sensor", "蓄电池温度传感器");
const CRANKCASE = part("crankcase-ventilation", "Crankcase pressure sensor", "曲轴箱压力传感器");
const OIL_PRESSURE = part("oil-pressure", "Oil pressure sensor or switch", "机油压力传感器/开关");
const FAN_SPEED = part("cooling-fan", "Fan speed sensor", "风扇转速传感器");
const REFRIGERANT_A = part("air-conditioning", "Refrigerant pressure sensor A", "空调冷媒压力传感器A");
const EVAPORATOR = part("air-conditioning", "Evaporator temperature sensor", "蒸发器温度传感器");
const BREATHER_HEATER = part("crankcase-ventilation", "Crankcase ventilation heater", "曲轴箱通风加热器");
const INTAKE_HEATER_A = part("glow-plug", "Intake air heater A", "进气加热器A");
const STEERING_PRESSURE = part("steering", "Power steering pressure sensor", "助力转向压力传感器");
const BOOSTER_PRESSURE = part("brake-switch", "Brake booster pressure sensor", "制动助力器压力传感器");
const SYSTEM_VOLTAGE = part("supply-voltage", "System voltage", "系统电压");
const BRAKE_SWITCH_A = part("brake-switch", "Brake switch A", "制动开关A");
const CRUISE_INPUT = part("cruise", "Cruise control input", "定速巡航输入");
const CRUISE_VACUUM = part("cruise", "Cruise control vacuum valve", "定速巡航真空阀");
const CRUISE_VENT = part("cruise", "Cruise control vent valve", "定速巡航放气阀");
const CRUISE_SERVO = part("cruise", "Cruise control servo", "定速巡航伺服机构");
const THERMOSTAT_HEATER = part("thermostat", "Thermostat heater", "节温器加热器");

/** P05xx: vehicle speed, idle control, auxiliary inputs. */
export const P05: DtcTable = {
  P0500: fault(SPEED_A),
  P0501: range(SPEED_A),
  P0502: low(SPEED_A),
  P0503: part("vehicle-speed", "Vehicle speed sensor A: signal erratic or too high", "车速传感器A:信号不稳定或过高"),
  P0504: disagree("brake-switch", "Brake switches A and B", "制动开关A与B"),
  P0505: fault(IDLE),
  P0506: part("idle", "Idle speed lower than expected", "怠速转速过低"),
  P0507: part("idle", "Idle speed higher than expected", "怠速转速过高"),
  P0508: driverLow(IDLE_VALVE),
  P0509: driverHigh(IDLE_VALVE),
  P050A: performance(part("idle", "Cold start: idle air control", "冷起动:怠速控制")),
  P050B: performance(part("ignition", "Cold start: ignition timing", "冷起动:点火正时")),
  P050C: performance(part("coolant-temperature", "Cold start: coolant temperature", "冷起动:冷却液温度")),
  P050D: part("idle", "Cold start: rough idle", "冷起动:怠速抖动"),
  P050E: tooLow(part("exhaust-temperature", "Cold start: exhaust temperature", "冷起动:排气温度")),
  P050F: tooLow(part("brake-system", "Brake assist vacuum", "制动助力真空度")),
  P0510: fault(part("throttle", "Closed throttle position switch", "节气门关闭位置开关")),
  P0511: circuit(IDLE_VALVE),
  P0512: circuit(part("starter", "Starter request", "起动请求信号")),
  P0513: part("immobiliser", "Immobiliser key is not the right one", "防盗钥匙不正确"),
  P0514: range(BATTERY_TEMPERATURE),
  P0515: circuit(BATTERY_TEMPERATURE),
  P0516: low(BATTERY_TEMPERATURE),
  P0517: high(BATTERY_TEMPERATURE),
  P0518: erratic(IDLE_VALVE),
  P0519: performance(IDLE_VALVE),
  P051A: circuit(CRANKCASE),
  P051B: range(CRANKCASE),
  P051C: low(CRANKCASE),
  P051D: high(CRANKCASE),
  P051E: erratic(CRANKCASE),
  P051F: part("crankcase-ventilation", "Crankcase ventilation filter: restricted", "曲轴箱通风滤芯:堵塞"),
  P0520: circuit(OIL_PRESSURE),
  P0521: range(OIL_PRESSURE),
  P0522: voltageLow(OIL_PRESSURE),
  P0523: voltageHigh(OIL_PRESSURE),
  P0524: tooLow(part("oil-pressure-lost", "Engine oil pressure", "机油压力")),
  P0525: driverRange(CRUISE_SERVO),
  P0526: circuit(FAN_SPEED),
  P0527: range(FAN_SPEED),
  P0528: noSignal(FAN_SPEED),
  P0529: erratic(FAN_SPEED),
  P052A: coldStart("A", 1, ...ADVANCED),
  P052B: coldStart("A", 1, ...RETARDED),
  P052C: coldStart("A", 2, ...ADVANCED),
  P052D: coldStart("A", 2, ...RETARDED),
  P052E: performance(part("crankcase-ventilation", "Crankcase ventilation valve", "曲轴箱通风阀")),
  P0530: circuit(REFRIGERANT_A),
  P0531: range(REFRIGERANT_A),
  P0532: low(REFRIGERANT_A),
  P0533: high(REFRIGERANT_A),
  P0534: part("air-conditioning", "Refrigerant charge lost", "空调冷媒泄漏"),
  P0535: circuit(EVAPORATOR),
  P0536: range(EVAPORATOR),
  P0537: low(EVAPORATOR),
  P0538: high(EVAPORATOR),
  P0539: erratic(EVAPORATOR),
  P053A: driver(BREATHER_HEATER),
  P053B: driverLow(BREATHER_HEATER),
  P053C: driverHigh(BREATHER_HEATER),
  P0540: circuit(INTAKE_HEATER_A),
  P0541: driverLow(INTAKE_HEATER_A),
  P0542: driverHigh(INTAKE_HEATER_A),
  P0543: part("glow-plug", "Intake air heater A: circuit open", "进气加热器A:电路断路"),
  P0544: circuit(exhaustTemperature(1)),
  P0545: low(exhaustTemperature(1)),
  P0546: high(exhaustTemperature(1)),
  P0547: circuit(exhaustTemperature(2)),
  P0548: low(exhaustTemperature(2)),
  P0549: high(exhaustTemperature(2)),
  P054A: coldStart("B", 1, ...ADVANCED),
  P054B: coldStart("B", 1, ...RETARDED),
  P054C: coldStart("B", 2, ...ADVANCED),
  P054D: coldStart("B", 2, ...RETARDED),
  P0550: circuit(STEERING_PRESSURE),
  P0551: range(STEERING_PRESSURE),
  P0552: low(STEERING_PRESSURE),
  P0553: high(STEERING_PRESSURE),
  P0554: erratic(STEERING_PRESSURE),
  P0555: circuit(BOOSTER_PRESSURE),
  P0556: range(BOOSTER_PRESSURE),
  P0557: low(BOOSTER_PRESSURE),
  P0558: high(BOOSTER_PRESSURE),
  P0559: erratic(BOOSTER_PRESSURE),
  P0560: fault(SYSTEM_VOLTAGE),
  P0561: part("supply-voltage", "System voltage: unstable", "系统电压:不稳定"),
  P0562: tooLow(SYSTEM_VOLTAGE),
  P0563: tooHigh(SYSTEM_VOLTAGE),
  P0564: circuit(cruiseInput("A")),
  P0565: cruiseSignal("on", "开"),
  P0566: cruiseSignal("off", "关"),
  P0567: cruiseSignal("resume", "恢复"),
  P0568: cruiseSignal("set", "设定"),
  P0569: cruiseSignal("coast", "减速"),
  P056A: cruiseSignal("more distance", "增大车距"),
  P056B: cruiseSignal("less distance", "减小车距"),
  P0570: cruiseSignal("accelerate", "加速"),
  P0571: circuit(BRAKE_SWITCH_A),
  P0572: low(BRAKE_SWITCH_A),
  P0573: high(BRAKE_SWITCH_A),
  P0574: tooHigh(part("cruise", "Cruise control: vehicle speed", "定速巡航:车速")),
  P0575: circuit(CRUISE_INPUT),
  P0576: low(CRUISE_INPUT),
  P0577: high(CRUISE_INPUT),
  P0578: stuckSignal(cruiseInput("A")),
  P0579: range(cruiseInput("A")),
  P0580: low(cruiseInput("A")),
  P0581: high(cruiseInput("A")),
  P0582: driver(CRUISE_VACUUM),
  P0583: driverLow(CRUISE_VACUUM),
  P0584: driverHigh(CRUISE_VACUUM),
  P0585: disagree("cruise", "Cruise control multi-function inputs A and B", "定速巡航多功能输入A与B"),
  P0586: driver(CRUISE_VENT),
  P0587: driverLow(CRUISE_VENT),
  P0588: driverHigh(CRUISE_VENT),
  P0589: circuit(cruiseInput("B")),
  P0590: stuckSignal(cruiseInput("B")),
  P0591: range(cruiseInput("B")),
  P0592: low(cruiseInput("B")),
  P0593: high(cruiseInput("B")),
  P0594: driver(CRUISE_SERVO),
  P0595: driverLow(CRUISE_SERVO),
  P0596: driverHigh(CRUISE_SERVO),
  P0597: driver(THERMOSTAT_HEATER),
  P0598: driverLow(THERMOSTAT_HEATER),
  P0599: driverHigh(THERMOSTAT_HEATER),
};
