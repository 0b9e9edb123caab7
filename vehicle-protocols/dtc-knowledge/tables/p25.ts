import {
  circuit,
  type DtcTable,
  decimalRun,
  driver,
  type Entry,
  erratic,
  fault,
  hexRun,
  high,
  low,
  part,
  range,
  requestsLamp,
  sensor,
  supplyOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

const request = (letter: string): readonly Entry[] => {
  const subject = part("air-conditioning", `A/C request ${letter}`, `空调请求${letter}`);
  return [circuit(subject), low(subject), high(subject)];
};
const ignitionSwitch = (en: string, zh: string): readonly Entry[] => {
  const subject = part("supply-voltage", `Ignition switch, ${en} position`, `点火开关${zh}位置`);
  return [circuit(subject), low(subject), high(subject)];
};
const torqueRequest = (letter: string): readonly Entry[] => {
  const subject = part("throttle", `Torque request input ${letter}`, `扭矩请求输入${letter}`);
  return [circuit(subject), range(subject), low(subject), high(subject)];
};
const boostPosition = (letter: string) =>
  part("turbo", `Boost control position sensor ${letter}`, `增压控制位置传感器${letter}`);

const GENERATOR_LAMP = part("generator", "Generator lamp (L terminal)", "发电机指示灯(L端子)");
const CHARGING = part("generator", "Charging system voltage", "充电系统电压");
const POWER_INPUT = part("supply-voltage", "Engine control unit supply", "发动机控制单元供电");
const RELAY_SENSE = part("supply-voltage", "Engine control unit power relay sense line", "主继电器检测线");
const RECORDER = part("output", "Event data recorder request", "事件数据记录请求");
const OIL_LEVEL_SENSOR = part("oil-level", "Oil level sensor", "机油液位传感器");
const OIL_QUALITY = part("oil-level", "Oil quality sensor", "机油品质传感器");
const OIL_LEVEL = part("oil-level", "Oil level", "机油液位");
const REFRIGERANT_B = part("air-conditioning", "Refrigerant pressure sensor B", "空调冷媒压力传感器B");
const VACUUM_TANK = part("brake-switch", "Vacuum reservoir pressure sensor", "真空罐压力传感器");
const LOW_SIDE_FUEL = part("fuel-pressure", "Low-pressure fuel sensor", "低压燃油压力传感器");
const INHIBIT = part("throttle", "Throttle or fuel inhibit line", "节气门/断油抑制信号");
const COOLANT_LEVEL_SENSOR = part("coolant-temperature", "Coolant level sensor or switch", "冷却液液位传感器/开关");

/** P25xx: auxiliary inputs. */
export const P25: DtcTable = {
  P2500: low(GENERATOR_LAMP),
  P2501: high(GENERATOR_LAMP),
  P2502: fault(CHARGING),
  P2503: tooLow(CHARGING),
  P2504: tooHigh(CHARGING),
  ...decimalRun("P2505", sensor(POWER_INPUT)),
  ...hexRun("P250A", sensor(OIL_LEVEL_SENSOR)),
  P250F: tooLow(OIL_LEVEL),
  P2510: range(RELAY_SENSE),
  P2511: erratic(RELAY_SENSE),
  P2512: supplyOpen(RECORDER),
  P2513: low(RECORDER),
  P2514: high(RECORDER),
  P2515: circuit(REFRIGERANT_B),
  P2516: range(REFRIGERANT_B),
  P2517: low(REFRIGERANT_B),
  P2518: high(REFRIGERANT_B),
  ...decimalRun("P2519", request("A")),
  ...decimalRun("P2522", request("B")),
  ...decimalRun("P2525", sensor(VACUUM_TANK)),
  ...hexRun("P252A", sensor(OIL_QUALITY)),
  P252F: tooHigh(OIL_LEVEL),
  ...decimalRun("P2530", ignitionSwitch("run", "运行")),
  ...decimalRun("P2533", ignitionSwitch("run/start", "运行/起动")),
  ...decimalRun("P2536", ignitionSwitch("accessory", "附件")),
  ...decimalRun("P2539", sensor(LOW_SIDE_FUEL)),
  P253F: part("oil-level", "Engine oil deteriorated", "机油变质"),
  ...decimalRun("P2544", torqueRequest("A")),
  ...decimalRun("P2548", torqueRequest("B")),
  P2552: driver(INHIBIT),
  P2553: range(INHIBIT),
  P2554: low(INHIBIT),
  P2555: high(INHIBIT),
  P2556: circuit(COOLANT_LEVEL_SENSOR),
  P2557: range(COOLANT_LEVEL_SENSOR),
  P2558: low(COOLANT_LEVEL_SENSOR),
  P2559: high(COOLANT_LEVEL_SENSOR),
  P2560: tooLow(part("overheating", "Coolant level", "冷却液液位")),
  P2561: requestsLamp(part("air-conditioning", "A/C control unit", "空调控制单元")),
  ...decimalRun("P2562", sensor(boostPosition("A"))),
  ...decimalRun("P2586", sensor(boostPosition("B"))),
};
