import type { FamilyName } from "../families.ts";
import { type DtcTable, decimalRun, type Entry, fault, part, performance, supplyOpen } from "../wording.ts";

/** A control unit as the network codes name it. */
type Unit = readonly [family: "lost-drive" | "lost-safety" | "lost-comfort", en: string, zh: string];

const drive = (en: string, zh: string): Unit => ["lost-drive", en, zh];
const safety = (en: string, zh: string): Unit => ["lost-safety", en, zh];
const comfort = (en: string, zh: string): Unit => ["lost-comfort", en, zh];

const lost = ([family, en, zh]: Unit) => part(family, `Lost communication with ${en}`, `与${zh}失去通信`);
const incompatible = ([, en, zh]: Unit) => part("coding", `Software not compatible with ${en}`, `软件与${zh}不兼容`);
const invalid = ([, en, zh]: Unit) => part("bad-data", `Invalid data received from ${en}`, `收到${zh}的无效数据`);

const lettered = (letters: string, unit: (letter: string) => Unit): readonly Unit[] => [...letters].map(unit);

const ENGINE = drive("engine control unit A (ECM)", "发动机控制单元A(ECM)");
const TRANSMISSION = drive("transmission control unit (TCM)", "变速器控制单元(TCM)");
const TRANSFER_CASE = drive("transfer case control unit", "分动器控制单元");
const GEAR_SHIFT = drive("gear shift control unit", "换挡控制单元");
const CRUISE = comfort("cruise control unit", "定速巡航控制单元");
const INJECTION = drive("injector control unit", "喷油器控制单元");
const GLOW_PLUG = drive("glow plug control unit", "预热塞控制单元");
const THROTTLE = drive("throttle actuator control unit", "节气门控制单元");
const ALTERNATIVE_FUEL = drive("alternative fuel control unit", "替代燃料控制单元");
const FUEL_PUMP = drive("fuel pump control unit", "燃油泵控制单元");
const DRIVE_MOTOR = drive("drive motor control unit", "驱动电机控制单元");
const BATTERY_A = drive("battery energy control unit A", "电池能量控制单元A");
const BATTERY_B = drive("battery energy control unit B", "电池能量控制单元B");
const FOUR_WHEEL = drive("four-wheel drive clutch control unit", "四驱离合器控制单元");
const ABS = safety("anti-lock brake control unit (ABS)", "防抱死制动控制单元(ABS)");
const STABILITY = safety("vehicle dynamics control unit", "车身稳定控制单元");
const STEERING_ANGLE = safety("steering angle sensor", "方向盘转角传感器");
const TYRE_PRESSURE = comfort("tyre pressure monitor", "胎压监测单元");
const PARKING_BRAKE = safety("parking brake control unit", "驻车制动控制单元");
const BRAKE_SYSTEM = safety("brake system control unit", "制动系统控制单元");
const STEERING_EFFORT = safety("steering effort control unit", "转向力控制单元");
const POWER_STEERING = safety("power steering control unit", "助力转向控制单元");
const RIDE_LEVEL = comfort("ride level control unit", "车身水平调节控制单元");
const BODY = comfort("body control unit (BCM)", "车身控制单元(BCM)");
const INSTRUMENTS = comfort("instrument cluster", "组合仪表");
const CLIMATE = comfort("climate control unit", "空调控制单元");
const AUXILIARY_HEATER = comfort("auxiliary heater control unit", "辅助加热器控制单元");
const IMMOBILISER = drive("immobiliser control unit", "防盗控制单元");
const SECURITY = comfort("vehicle security control unit", "车辆安防控制单元");
const STEERING_COLUMN = safety("steering column control unit", "转向柱控制单元");
const RESTRAINTS = safety("restraints control unit (airbag)", "安全气囊控制单元");
const OCCUPANT = safety("occupant sensing control unit", "乘员识别控制单元");
const bodyUnit = (letter: string) => comfort(`body control unit ${letter}`, `车身控制单元${letter}`);
const gateway = (letter: string) => drive(`gateway ${letter}`, `网关${letter}`);

/** Nine codes of one bus: the whole, its performance, then its two lines. */
function bus(en: string, zh: string): readonly Entry[] {
  const whole = part("bus", en, zh);
  const line = (sign: string) => part("bus", `${en}, line (${sign})`, `${zh}(${sign})线`);
  const state = (sign: string, enState: string, zhState: string) =>
    part("bus", `${line(sign).en}: ${enState}`, `${line(sign).zh}:${zhState}`);
  const lineCodes = (sign: string) => [
    state(sign, "open", "断路"),
    state(sign, "voltage too low", "电压过低"),
    state(sign, "voltage too high", "电压过高"),
  ];
  return [
    fault(whole),
    performance(whole),
    ...lineCodes("+"),
    ...lineCodes("-"),
    part("bus", `${en}: lines (-) and (+) shorted together`, `${zh}:(-)线与(+)线短路`),
  ];
}

/** U00xx: the buses themselves. */
const BUSES: DtcTable = decimalRun("U0001", [
  ...bus("High-speed CAN bus", "高速CAN总线"),
  ...bus("Medium-speed CAN bus", "中速CAN总线"),
  ...bus("Low-speed CAN bus", "低速CAN总线"),
  ...[..."ABCDE"].flatMap((letter) => bus(`Vehicle bus ${letter}`, `车辆总线${letter}`)),
]);

/** U01xx and U02xx: a unit that is silent. */
const LOST: DtcTable = {
  ...decimalRun(
    "U0100",
    [
      ENGINE,
      TRANSMISSION,
      TRANSFER_CASE,
      GEAR_SHIFT,
      CRUISE,
      INJECTION,
      GLOW_PLUG,
      THROTTLE,
      ALTERNATIVE_FUEL,
      FUEL_PUMP,
      DRIVE_MOTOR,
      BATTERY_A,
      BATTERY_B,
      drive("emissions-critical control information", "排放关键控制信息"),
      FOUR_WHEEL,
      drive("engine control unit B", "发动机控制单元B"),
    ].map(lost),
  ),
  U0117: lost(comfort("power take-off control unit", "取力器控制单元")),
  U0120: lost(drive("starter/generator control unit", "起动发电一体机控制单元")),
  ...decimalRun(
    "U0121",
    [
      ABS,
      STABILITY,
      safety("yaw rate sensor", "横摆率传感器"),
      safety("lateral acceleration sensor", "横向加速度传感器"),
      safety("multi-axis acceleration sensor", "多轴加速度传感器"),
      STEERING_ANGLE,
      TYRE_PRESSURE,
      PARKING_BRAKE,
      BRAKE_SYSTEM,
      STEERING_EFFORT,
      POWER_STEERING,
      RIDE_LEVEL,
    ].map(lost),
  ),
  U012A: lost(safety("chassis control unit A", "底盘控制单元A")),
  U012B: lost(safety("chassis control unit B", "底盘控制单元B")),
  U0135: lost(drive("front differential control unit", "前差速器控制单元")),
  U0136: lost(drive("rear differential control unit", "后差速器控制单元")),
  U0137: lost(safety("trailer brake control unit", "挂车制动控制单元")),
  U0138: lost(drive("all-terrain control unit", "全地形控制单元")),
  U0139: lost(comfort("suspension control unit B", "悬架控制单元B")),
  ...decimalRun(
    "U0140",
    [
      BODY,
      ...lettered("ABCDE", bodyUnit),
      ...lettered("ABCDE", gateway),
      RESTRAINTS,
      safety("left side restraints control unit", "左侧气囊控制单元"),
      safety("right side restraints control unit", "右侧气囊控制单元"),
      OCCUPANT,
      INSTRUMENTS,
      comfort("information centre A", "信息中心A"),
      comfort("information centre B", "信息中心B"),
      comfort("head-up display", "抬头显示"),
      comfort("parking assist control unit", "泊车辅助控制单元"),
      comfort("audible alert control unit", "声音提示控制单元"),
      comfort("compass", "指南针"),
      comfort("navigation display", "导航显示屏"),
      comfort("navigation control unit", "导航控制单元"),
      CLIMATE,
      comfort("rear climate control unit", "后空调控制单元"),
      AUXILIARY_HEATER,
      IMMOBILISER,
      SECURITY,
      comfort("sunroof control unit", "天窗控制单元"),
      ...lettered("ABCDEFGHIJ", (letter) => safety(`restraint sensor ${letter}`, `碰撞传感器${letter}`)),
      comfort("automatic lighting control unit", "自动灯光控制单元"),
      comfort("headlamp levelling control unit", "大灯水平调节控制单元"),
      comfort("front lighting control unit", "前灯控制单元"),
      comfort("rear lighting control unit", "后灯控制单元"),
      comfort("radio", "收音机"),
      comfort("antenna control unit", "天线控制单元"),
      comfort("audio amplifier", "音响功放"),
      ...lettered("ABCD", (letter) => comfort(`disc player ${letter}`, `光盘机${letter}`)),
      comfort("television", "电视"),
      comfort("personal computer", "车载电脑"),
      comfort("digital audio control unit A", "数字音频控制单元A"),
      comfort("digital audio control unit B", "数字音频控制单元B"),
      comfort("subscription entertainment receiver", "订阅娱乐接收机"),
      comfort("rear seat entertainment control unit", "后排娱乐控制单元"),
      comfort("telephone control unit", "车载电话控制单元"),
      comfort("telematics control unit", "车联网控制单元"),
      ...lettered("ABCDEFG", (letter) => comfort(`door control unit ${letter}`, `车门控制单元${letter}`)),
      comfort("folding top control unit", "软顶控制单元"),
      comfort("movable roof control unit", "活动车顶控制单元"),
      ...lettered("ABCD", (letter) => comfort(`seat control unit ${letter}`, `座椅控制单元${letter}`)),
      STEERING_COLUMN,
      comfort("mirror control unit", "后视镜控制单元"),
      comfort("remote function actuation", "遥控功能单元"),
      ...lettered("ABCDEFG", (letter) => comfort(`door switch ${letter}`, `车门开关${letter}`)),
      ...lettered("ABCDEFG", (letter) => comfort(`window motor ${letter}`, `车窗电机${letter}`)),
      comfort("heated steering wheel", "方向盘加热单元"),
      comfort("rear gate control unit", "后尾门控制单元"),
      comfort("rain sensor", "雨量传感器"),
      comfort("left side obstacle detection", "左侧障碍物探测单元"),
      comfort("right side obstacle detection", "右侧障碍物探测单元"),
      comfort("convenience recall control unit", "记忆功能控制单元"),
      comfort("front distance sensor of the cruise control", "巡航前向测距传感器"),
      safety("steering column lock", "转向柱锁"),
    ].map(lost),
  ),
  U0241: lost(comfort("headlamp control unit A", "大灯控制单元A")),
  U0242: lost(comfort("headlamp control unit B", "大灯控制单元B")),
  U0264: lost(comfort("rear camera", "后视摄像头")),
  U0291: lost(drive("gear shift control unit B", "换挡控制单元B")),
  U0293: lost(drive("hybrid powertrain control unit", "混动动力总成控制单元")),
  U0298: lost(drive("DC/DC converter control unit A", "DC/DC变换器控制单元A")),
  U029D: lost(drive("NOx sensor A", "氮氧传感器A")),
  U029E: lost(drive("NOx sensor B", "氮氧传感器B")),
};

/** The order in which both software and data codes name the units: U0301 and U0401 are of the engine, and so on. */
const NAMED_UNITS: readonly Unit[] = [
  ENGINE,
  TRANSMISSION,
  TRANSFER_CASE,
  GEAR_SHIFT,
  CRUISE,
  INJECTION,
  GLOW_PLUG,
  THROTTLE,
  ALTERNATIVE_FUEL,
  FUEL_PUMP,
  DRIVE_MOTOR,
  BATTERY_A,
  BATTERY_B,
  FOUR_WHEEL,
  ABS,
  STABILITY,
  PARKING_BRAKE,
  BRAKE_SYSTEM,
  STEERING_EFFORT,
  POWER_STEERING,
  RIDE_LEVEL,
  BODY,
  INSTRUMENTS,
  CLIMATE,
  AUXILIARY_HEATER,
  IMMOBILISER,
  SECURITY,
  STEERING_ANGLE,
  STEERING_COLUMN,
  TYRE_PRESSURE,
  bodyUnit("A"),
];

const supply = (family: FamilyName, en: string, zh: string) => supplyOpen(part(family, en, zh));

/** U0xxx, and those of U30xx that are in common use. */
export const NETWORK: DtcTable = {
  ...BUSES,
  U0073: part("bus", "Control unit communication bus A: off", "控制单元通信总线A:关闭(Bus Off)"),
  U0074: part("bus", "Control unit communication bus B: off", "控制单元通信总线B:关闭(Bus Off)"),
  ...LOST,
  U0300: part("coding", "Internal software incompatibility of the control unit", "控制单元内部软件不兼容"),
  ...decimalRun("U0301", NAMED_UNITS.map(incompatible)),
  U0400: part("bad-data", "Invalid data received", "收到无效数据"),
  ...decimalRun("U0401", NAMED_UNITS.map(invalid)),
  U0433: invalid(comfort("front distance sensor of the cruise control", "巡航前向测距传感器")),
  U0437: invalid(drive("rear differential control unit", "后差速器控制单元")),
  U0443: invalid(bodyUnit("B")),
  U0447: invalid(gateway("A")),
  U0452: invalid(RESTRAINTS),
  U0455: invalid(OCCUPANT),
  U0592: invalid(drive("gear shift control unit B", "换挡控制单元B")),
  U0594: invalid(drive("hybrid powertrain control unit", "混动动力总成控制单元")),
  U3000: fault(part("control-unit", "Control unit", "控制单元")),
  U3001: part("control-unit", "Control unit: improper shutdown", "控制单元:非正常关闭"),
  U3002: part("coding", "Vehicle identification number", "车辆识别代号(VIN)异常"),
  U3003: fault(part("supply-voltage", "Battery voltage", "蓄电池电压")),
  U3006: supply("supply-voltage", "Control unit supply A", "控制单元供电A"),
  U3007: supply("supply-voltage", "Control unit supply B", "控制单元供电B"),
  U3008: supply("supply-voltage", "Control unit ground A", "控制单元搭铁A"),
  U3009: supply("supply-voltage", "Control unit ground B", "控制单元搭铁B"),
  U300A: fault(part("supply-voltage", "Ignition switch", "点火开关")),
};
