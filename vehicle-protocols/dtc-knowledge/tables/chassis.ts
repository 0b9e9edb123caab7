import { alsoRead, circuit, type DtcTable, disagree, driver, fault, part, performance, tooHigh } from "../wording.ts";

// Two lists of C0xxx are in use. Since 2007 SAE J2012 counts the wheels C0030 to C003B; General Motors and others keep their older
// numbers, of which C0035, C0040, C0045 and C0050 are the best known. Where both use one number, the entry names the other reading.

type Corner = readonly [en: string, zh: string];

const LEFT_FRONT: Corner = ["Left front", "左前"];
const RIGHT_FRONT: Corner = ["Right front", "右前"];
const LEFT_REAR: Corner = ["Left rear", "左后"];
const RIGHT_REAR: Corner = ["Right rear", "右后"];
const REAR: Corner = ["Rear", "后"];

const speedSensor = ([en, zh]: Corner) => circuit(part("wheel-speed", `${en} wheel speed sensor`, `${zh}轮速传感器`));
const speedSupply = ([en, zh]: Corner) =>
  fault(part("wheel-speed", `${en} wheel speed sensor supply`, `${zh}轮速传感器供电`));
const toneWheel = ([en, zh]: Corner) => fault(part("wheel-speed", `${en} tone wheel`, `${zh}轮速齿圈`));
const inlet = ([en, zh]: Corner) => driver(part("abs", `${en} inlet valve`, `${zh}进油阀`));
const outlet = ([en, zh]: Corner) => driver(part("abs", `${en} outlet valve`, `${zh}出油阀`));
const release = ([en, zh]: Corner) =>
  part("abs", `${en} brake: pressure release takes too long`, `${zh}制动:泄压时间过长`);
const traction = (channel: string, valve: number) =>
  driver(part("abs", `Traction control channel ${channel} valve ${valve}`, `牵引力控制通道${channel}阀${valve}`));
const lamp = (en: string, zh: string) => fault(part("warning-lamp", en, zh));
const safetyLamp = (en: string, zh: string) => fault(part("safety-lamp", en, zh));
const sensed = (en: string, zh: string) => fault(part("stability", en, zh));
const angle = (letter: string) =>
  fault(part("steering", `Steering wheel position sensor, signal ${letter}`, `方向盘位置传感器 信号${letter}`));

const NEWER_EN = "SAE J2012 since 2007";
const NEWER_ZH = "2007年起的SAE J2012";

/** C00xx and C01xx: brakes, stability, steering. */
export const CHASSIS: DtcTable = {
  C0001: traction("A", 1),
  C0002: traction("A", 2),
  C0003: traction("B", 1),
  C0004: traction("B", 2),
  C0010: inlet(LEFT_FRONT),
  C0011: outlet(LEFT_FRONT),
  C0012: release(LEFT_FRONT),
  C0014: inlet(RIGHT_FRONT),
  C0015: outlet(RIGHT_FRONT),
  C0016: release(RIGHT_FRONT),
  C0018: inlet(LEFT_REAR),
  C0019: outlet(LEFT_REAR),
  C001A: release(LEFT_REAR),
  C001C: inlet(RIGHT_REAR),
  C001D: outlet(RIGHT_REAR),
  C001E: release(RIGHT_REAR),
  C0020: driver(part("abs", "ABS pump motor", "ABS泵电机")),
  C0021: performance(part("brake-system", "Brake booster", "制动助力器")),
  C0022: driver(part("brake-system", "Brake booster solenoid", "制动助力器电磁阀")),
  C0023: driver(part("brake-switch", "Stop lamp", "制动灯")),
  C0030: toneWheel(LEFT_FRONT),
  C0031: speedSensor(LEFT_FRONT),
  C0032: speedSupply(LEFT_FRONT),
  C0033: toneWheel(RIGHT_FRONT),
  C0034: speedSensor(RIGHT_FRONT),
  C0035: alsoRead(
    speedSensor(LEFT_FRONT),
    `${NEWER_EN}: right front wheel speed sensor supply`,
    `${NEWER_ZH}:右前轮速传感器供电`,
  ),
  C0036: toneWheel(LEFT_REAR),
  C0037: speedSensor(LEFT_REAR),
  C0038: speedSupply(LEFT_REAR),
  C0039: toneWheel(RIGHT_REAR),
  C003A: speedSensor(RIGHT_REAR),
  C003B: speedSupply(RIGHT_REAR),
  C003C: toneWheel(REAR),
  C003D: speedSensor(REAR),
  C003E: speedSupply(REAR),
  C0040: alsoRead(speedSensor(RIGHT_FRONT), `${NEWER_EN}: brake pedal switch A`, `${NEWER_ZH}:制动踏板开关A`),
  C0041: fault(part("brake-switch", "Brake pedal switch B", "制动踏板开关B")),
  C0042: circuit(part("brake-switch", "Brake pedal position sensor A", "制动踏板位置传感器A")),
  C0043: circuit(part("brake-switch", "Brake pedal position sensor B", "制动踏板位置传感器B")),
  C0044: fault(part("abs", "Brake pressure sensor A", "制动压力传感器A")),
  C0045: alsoRead(speedSensor(LEFT_REAR), `${NEWER_EN}: brake pressure sensor B`, `${NEWER_ZH}:制动压力传感器B`),
  C0046: disagree("abs", "Brake pressure sensors A and B", "制动压力传感器A与B"),
  C0047: fault(part("brake-system", "Brake booster pressure sensor", "制动助力器压力传感器")),
  C0048: fault(part("brake-system", "Brake booster travel sensor", "制动助力器行程传感器")),
  C0049: part("brake-system", "Brake fluid", "制动液异常"),
  C004A: fault(part("brake-wear", "Brake lining wear sensor", "制动片磨损传感器")),
  C0050: speedSensor(RIGHT_REAR),
  C0051: fault(part("steering", "Steering wheel position sensor", "方向盘位置传感器")),
  C0052: angle("A"),
  C0053: angle("B"),
  C0054: angle("C"),
  C0055: angle("D"),
  C0061: sensed("Lateral acceleration sensor", "横向加速度传感器"),
  C0062: sensed("Longitudinal acceleration sensor", "纵向加速度传感器"),
  C0063: sensed("Yaw rate sensor", "横摆率传感器"),
  C0064: sensed("Roll rate sensor", "侧倾率传感器"),
  C0069: sensed("Yaw rate and longitudinal sensors", "横摆率与纵向传感器"),
  C006A: sensed("Multi-axis acceleration sensor", "多轴加速度传感器"),
  C006B: part("stability", "Stability control active for too long", "车身稳定系统工作时间过长"),
  C006C: sensed("Stability control", "车身稳定系统"),
  C0071: fault(part("four-wheel-drive", "Two/four-wheel drive status input", "两驱/四驱状态输入")),
  C0072: tooHigh(part("brake-system", "Brake temperature", "制动器温度")),
  C0073: sensed("Delivered drive torque signal", "实际驱动扭矩信号"),
  C0074: sensed("Requested drive torque signal", "请求驱动扭矩信号"),
  C0075: part("brake-system", "Brake pedal travel is too long", "制动踏板行程过长"),
  C0076: sensed("Traction control PWM signal", "牵引力控制PWM信号"),
  C0077: part("tyre-pressure", "Tyre pressure low", "胎压过低"),
  C0078: part("tyre-pressure", "Tyre diameter implausible", "轮胎直径不合理"),
  C0079: fault(part("steering", "Variable effort steering", "可变助力转向")),
  C0081: safetyLamp("ABS warning lamp", "ABS故障灯"),
  C0082: safetyLamp("Brake warning lamp", "制动系统故障灯"),
  C0083: safetyLamp("Tyre pressure warning lamp", "胎压故障灯"),
  C0084: lamp("Traction control active lamp", "牵引力控制工作灯"),
  C0085: lamp("Traction control off lamp", "牵引力控制关闭灯"),
  C0086: lamp("Vehicle dynamics lamp", "车身稳定指示灯"),
  C0089: fault(part("output", "Traction control off switch", "牵引力控制关闭开关")),
  C008A: sensed("Traction control mode", "牵引力控制模式"),
  C0110: circuit(part("abs", "ABS pump motor", "ABS泵电机")),
  C0121: circuit(part("abs", "ABS valve relay", "ABS阀继电器")),
  C0161: circuit(part("brake-switch", "ABS brake switch", "ABS制动开关")),
};
