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
  learningLimit,
  low,
  part,
  range,
  shorted,
  stuckClosed,
  stuckOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

type Letter = "A" | "B" | "C";

const egr = (letter: Letter) => part("egr", `EGR valve ${letter}`, `EGR阀${letter}`);
const egrPosition = (letter: Letter) => part("egr", `EGR sensor ${letter}`, `EGR传感器${letter}`);
const egrTemperature = (letter: Letter) => part("egr", `EGR temperature sensor ${letter}`, `EGR温度传感器${letter}`);
const egrFlow = (letter: Letter, en: string, zh: string) =>
  part("egr", `EGR flow ${letter}: ${en}`, `EGR流量${letter}:${zh}`);
const airValve = (letter: Letter) =>
  part("secondary-air", `Secondary air switching valve ${letter}`, `二次空气切换阀${letter}`);
const airRelay = (letter: Letter) =>
  part("secondary-air", `Secondary air pump relay ${letter}`, `二次空气泵继电器${letter}`);
const airFlowShort = (bank: number) =>
  part("secondary-air", `Secondary air, bank ${bank}: flow not sufficient`, `二次空气 ${bank}排:流量不足`);
const weak = (bank: number, en: string, zh: string) =>
  part("catalyst", `${en}, bank ${bank}: efficiency below threshold`, `${zh} ${bank}排:转换效率低于阈值`);
const catalystTemperature = (bank: number, sensor: number) =>
  part(
    "exhaust-temperature",
    `Catalyst temperature sensor, bank ${bank} sensor ${sensor}`,
    `催化器温度传感器 ${bank}排${sensor}号`,
  );
const catalystHeater = (bank: number) => part("catalyst", `Catalyst heater, bank ${bank}`, `催化器加热器 ${bank}排`);
const heatedCatalystCold = (bank: number) =>
  part("catalyst", `Heated catalyst, bank ${bank}: temperature below threshold`, `加热型催化器 ${bank}排:温度低于阈值`);
const catalystTemperatures = (bank: number) =>
  disagree(
    "exhaust-temperature",
    `Catalyst temperature sensors 1 and 2, bank ${bank}`,
    `催化器温度传感器1与2 ${bank}排`,
  );
const exhaustPressure = (letter: Letter) =>
  part("exhaust-temperature", `Exhaust pressure sensor ${letter}`, `排气压力传感器${letter}`);
const exhaustValve = (letter: Letter) =>
  part("exhaust-temperature", `Exhaust pressure control valve ${letter}`, `排气压力控制阀${letter}`);
const exhaustValvePosition = (letter: Letter) =>
  part("exhaust-temperature", `Exhaust pressure valve position sensor ${letter}`, `排气压力阀位置传感器${letter}`);
const fan = (n: number) => part("cooling-fan", `Cooling fan ${n}`, `冷却风扇${n}`);
const leak = (en: string, zh: string) => part("evap", `EVAP system: ${en}`, `EVAP系统:${zh}`);

const PURGE_VALVE = part("evap", "EVAP purge valve", "炭罐电磁阀");
const VENT_VALVE = part("evap", "EVAP vent valve", "EVAP通风阀");
const TANK_PRESSURE = part("evap", "EVAP pressure sensor", "EVAP压力传感器");
const PURGE_FLOW = part("evap", "EVAP purge flow sensor", "EVAP净化流量传感器");
const FUEL_LEVEL_A = part("fuel-level", "Fuel level sensor A", "油位传感器A");
const EGR_THROTTLE = part("egr", "EGR throttle A", "EGR节流阀A");
const FAN_SPEED = part("cooling-fan", "Cooling fan speed", "冷却风扇转速");
const ORIFICE = part("evap", "EVAP leak check reference orifice: flow", "EVAP泄漏检测基准孔:流量");

/** P04xx: auxiliary emission controls. */
export const P04: DtcTable = {
  P0400: egrFlow("A", "fault", "故障"),
  P0401: egrFlow("A", "not sufficient", "不足"),
  P0402: egrFlow("A", "excessive", "过大"),
  P0403: driver(egr("A")),
  P0404: driverRange(egr("A")),
  P0405: low(egrPosition("A")),
  P0406: high(egrPosition("A")),
  P0407: low(egrPosition("B")),
  P0408: high(egrPosition("B")),
  P0409: circuit(egrPosition("A")),
  P040A: circuit(egrTemperature("A")),
  P040B: range(egrTemperature("A")),
  P040C: low(egrTemperature("A")),
  P040D: high(egrTemperature("A")),
  P040E: erratic(egrTemperature("A")),
  P040F: disagree("egr", "EGR temperature sensors A and B", "EGR温度传感器A与B"),
  P0410: fault(part("secondary-air", "Secondary air system", "二次空气系统")),
  P0411: part("secondary-air", "Secondary air system: flow incorrect", "二次空气系统:流量不正确"),
  P0412: circuit(airValve("A")),
  P0413: part("secondary-air", "Secondary air switching valve A: circuit open", "二次空气切换阀A:电路断路"),
  P0414: shorted(airValve("A")),
  P0415: circuit(airValve("B")),
  P0416: part("secondary-air", "Secondary air switching valve B: circuit open", "二次空气切换阀B:电路断路"),
  P0417: shorted(airValve("B")),
  P0418: driver(airRelay("A")),
  P0419: driver(airRelay("B")),
  P041A: circuit(egrTemperature("B")),
  P041B: range(egrTemperature("B")),
  P041C: low(egrTemperature("B")),
  P041D: high(egrTemperature("B")),
  P041E: erratic(egrTemperature("B")),
  P041F: driverLow(airValve("A")),
  P0420: weak(1, "Catalyst", "三元催化器"),
  P0421: weak(1, "Warm-up catalyst", "前级催化器"),
  P0422: weak(1, "Main catalyst", "主催化器"),
  P0423: weak(1, "Heated catalyst", "加热型催化器"),
  P0424: heatedCatalystCold(1),
  P0425: circuit(catalystTemperature(1, 1)),
  P0426: range(catalystTemperature(1, 1)),
  P0427: low(catalystTemperature(1, 1)),
  P0428: high(catalystTemperature(1, 1)),
  P0429: driver(catalystHeater(1)),
  P042A: circuit(catalystTemperature(1, 2)),
  P042B: range(catalystTemperature(1, 2)),
  P042C: low(catalystTemperature(1, 2)),
  P042D: high(catalystTemperature(1, 2)),
  P042E: stuckOpen(egr("A")),
  P042F: stuckClosed(egr("A")),
  P0430: weak(2, "Catalyst", "三元催化器"),
  P0431: weak(2, "Warm-up catalyst", "前级催化器"),
  P0432: weak(2, "Main catalyst", "主催化器"),
  P0433: weak(2, "Heated catalyst", "加热型催化器"),
  P0434: heatedCatalystCold(2),
  P0435: circuit(catalystTemperature(2, 1)),
  P0436: range(catalystTemperature(2, 1)),
  P0437: low(catalystTemperature(2, 1)),
  P0438: high(catalystTemperature(2, 1)),
  P0439: driver(catalystHeater(2)),
  P043A: circuit(catalystTemperature(2, 2)),
  P043B: range(catalystTemperature(2, 2)),
  P043C: low(catalystTemperature(2, 2)),
  P043D: high(catalystTemperature(2, 2)),
  P043E: tooLow(ORIFICE),
  P043F: tooHigh(ORIFICE),
  P0440: leak("fault", "故障"),
  P0441: leak("purge flow incorrect", "净化流量不正确"),
  P0442: leak("small leak detected", "检测到小泄漏"),
  P0443: circuit(PURGE_VALVE),
  P0444: part("evap", "EVAP purge valve: circuit open", "炭罐电磁阀:电路断路"),
  P0445: shorted(PURGE_VALVE),
  P0446: circuit(VENT_VALVE),
  P0447: part("evap", "EVAP vent valve: circuit open", "EVAP通风阀:电路断路"),
  P0448: shorted(VENT_VALVE),
  P0449: driver(part("evap", "EVAP vent valve solenoid", "EVAP通风阀电磁线圈")),
  P044A: circuit(egrPosition("C")),
  P044B: range(egrPosition("C")),
  P044C: low(egrPosition("C")),
  P044D: high(egrPosition("C")),
  P044E: erratic(egrPosition("C")),
  P044F: driverHigh(airValve("A")),
  P0450: circuit(TANK_PRESSURE),
  P0451: range(TANK_PRESSURE),
  P0452: low(TANK_PRESSURE),
  P0453: high(TANK_PRESSURE),
  P0454: erratic(TANK_PRESSURE),
  P0455: leak("large leak detected", "检测到大泄漏"),
  P0456: leak("very small leak detected", "检测到微小泄漏"),
  P0457: leak("leak detected, fuel cap loose or missing", "检测到泄漏(油箱盖松动或缺失)"),
  P0458: driverLow(PURGE_VALVE),
  P0459: driverHigh(PURGE_VALVE),
  P045A: driver(egr("B")),
  P045B: driverRange(egr("B")),
  P045C: driverLow(egr("B")),
  P045D: driverHigh(egr("B")),
  P045E: stuckOpen(egr("B")),
  P045F: stuckClosed(egr("B")),
  P0460: circuit(FUEL_LEVEL_A),
  P0461: range(FUEL_LEVEL_A),
  P0462: low(FUEL_LEVEL_A),
  P0463: high(FUEL_LEVEL_A),
  P0464: erratic(FUEL_LEVEL_A),
  P0465: circuit(PURGE_FLOW),
  P0466: range(PURGE_FLOW),
  P0467: low(PURGE_FLOW),
  P0468: high(PURGE_FLOW),
  P0469: erratic(PURGE_FLOW),
  P046A: catalystTemperatures(1),
  P046B: catalystTemperatures(2),
  P046C: range(egrPosition("A")),
  P046D: erratic(egrPosition("A")),
  P046E: range(egrPosition("B")),
  P046F: erratic(egrPosition("B")),
  P0470: circuit(exhaustPressure("A")),
  P0471: range(exhaustPressure("A")),
  P0472: low(exhaustPressure("A")),
  P0473: high(exhaustPressure("A")),
  P0474: erratic(exhaustPressure("A")),
  P0475: fault(exhaustValve("A")),
  P0476: driverRange(exhaustValve("A")),
  P0477: driverLow(exhaustValve("A")),
  P0478: driverHigh(exhaustValve("A")),
  P0479: erratic(exhaustValve("A")),
  P047A: circuit(exhaustPressure("B")),
  P047B: range(exhaustPressure("B")),
  P047C: low(exhaustPressure("B")),
  P047D: high(exhaustPressure("B")),
  P047E: erratic(exhaustPressure("B")),
  P047F: stuckOpen(exhaustValve("A")),
  P0480: driver(fan(1)),
  P0481: driver(fan(2)),
  P0482: driver(fan(3)),
  P0483: part("cooling-fan", "Cooling fan: speed does not match its command", "冷却风扇:转速与指令不符"),
  P0484: part("cooling-fan", "Cooling fan: overcurrent", "冷却风扇:过流"),
  P0485: circuit(part("cooling-fan", "Cooling fan supply or ground", "冷却风扇供电或搭铁")),
  P0486: circuit(egrPosition("B")),
  P0487: driver(EGR_THROTTLE),
  P0488: driverRange(EGR_THROTTLE),
  P0489: driverLow(egr("A")),
  P048A: stuckClosed(exhaustValve("A")),
  P048B: circuit(exhaustValvePosition("A")),
  P048C: range(exhaustValvePosition("A")),
  P048D: low(exhaustValvePosition("A")),
  P048E: high(exhaustValvePosition("A")),
  P048F: erratic(exhaustValvePosition("A")),
  P0490: driverHigh(egr("A")),
  P0491: airFlowShort(1),
  P0492: airFlowShort(2),
  P0493: part("cooling-fan", "Cooling fan overspeed", "冷却风扇超速"),
  P0494: tooLow(FAN_SPEED),
  P0495: tooHigh(FAN_SPEED),
  P0496: leak("flow while not purging", "未净化时有流量"),
  P0497: leak("purge flow too low", "净化流量过低"),
  P0498: driverLow(VENT_VALVE),
  P0499: driverHigh(VENT_VALVE),
  P049A: egrFlow("B", "fault", "故障"),
  P049B: egrFlow("B", "not sufficient", "不足"),
  P049C: egrFlow("B", "excessive", "过大"),
  P049D: learningLimit(egr("A")),
  P049E: learningLimit(egr("B")),
  P049F: fault(exhaustValve("B")),
  P04A0: driverRange(exhaustValve("B")),
  P04A1: driverLow(exhaustValve("B")),
  P04A2: driverHigh(exhaustValve("B")),
  P04A3: erratic(exhaustValve("B")),
  P04A4: stuckOpen(exhaustValve("B")),
  P04A5: stuckClosed(exhaustValve("B")),
  P04A6: circuit(exhaustValvePosition("B")),
  P04A7: range(exhaustValvePosition("B")),
  P04A8: low(exhaustValvePosition("B")),
  P04A9: high(exhaustValvePosition("B")),
  P04AA: erratic(exhaustValvePosition("B")),
};
