import {
  circuit,
  cylinder,
  type DtcTable,
  decimalRun,
  driverHigh,
  driverLow,
  type Entry,
  erratic,
  fault,
  high,
  low,
  noSignal,
  numbers,
  part,
  range,
  supplyOpen,
} from "../wording.ts";

/** Ignition coils and hydraulic parts are counted by letters. */
const COILS = "ABCDEFGHIJKL";

const misfire = (where: Entry) => part("misfire", `${where.en}: misfire detected`, `${where.zh}:检测到失火`);
const coil = (letter: string) => part("ignition", `Ignition coil ${letter}`, `点火线圈${letter}`);
const primarySecondary = (subject: Entry) =>
  part("ignition", `${subject.en}: primary or secondary circuit fault`, `${subject.zh}:初级或次级电路故障`);
const knock = (n: number, bank: number) => part("knock", `Knock sensor ${n}, bank ${bank}`, `爆震传感器${n} ${bank}排`);
const crankshaft = (letter: "A" | "B") =>
  part("crank-cam-sensor", `Crankshaft position sensor ${letter}`, `曲轴位置传感器${letter}`);
const camshaft = (letter: "A" | "B", bank: number) =>
  part("crank-cam-sensor", `Camshaft position sensor ${letter}, bank ${bank}`, `凸轮轴位置传感器${letter} ${bank}排`);
const reference = (letter: "A" | "B", en: string, zh: string) =>
  part("crank-cam-sensor", `Timing reference signal ${letter}: ${en}`, `正时参考信号${letter}:${zh}`);

const ENGINE_SPEED = part("crank-cam-sensor", "Ignition engine speed input", "点火发动机转速输入");
const GLOW_MODULE = part("glow-plug", "Glow plug control module", "预热塞控制模块");
const GLOW_SENSE = part("glow-plug", "Glow plug sense line", "预热塞检测线");

/** P03xx: ignition and misfire. */
export const P03: DtcTable = {
  P0300: misfire(part("misfire", "Random or several cylinders", "随机或多缸")),
  ...decimalRun(
    "P0301",
    numbers(12).map((n) => misfire(cylinder("misfire", n))),
  ),
  P0313: part("misfire", "Misfire with little fuel in the tank", "油量不足时失火"),
  P0314: part("misfire", "Misfire in one cylinder, which one is not said", "单缸失火(未指明哪一缸)"),
  P0315: part("crank-cam-sensor", "Crankshaft variation not learned", "曲轴位置偏差未学习"),
  P0316: part("misfire", "Misfire in the first 1000 revolutions after start", "起动后最初1000转内失火"),
  P0317: part("misfire", "Rough road hardware not present", "无坏路识别硬件"),
  P0318: circuit(part("wheel-speed", "Rough road sensor A", "坏路传感器A")),
  P0319: circuit(part("wheel-speed", "Rough road sensor B", "坏路传感器B")),
  P0320: circuit(ENGINE_SPEED),
  P0321: range(ENGINE_SPEED),
  P0322: noSignal(ENGINE_SPEED),
  P0323: erratic(ENGINE_SPEED),
  P0324: fault(part("knock", "Knock control", "爆震控制系统")),
  P0325: circuit(knock(1, 1)),
  P0326: range(knock(1, 1)),
  P0327: low(knock(1, 1)),
  P0328: high(knock(1, 1)),
  P0329: erratic(knock(1, 1)),
  P032A: circuit(knock(3, 1)),
  P032B: range(knock(3, 1)),
  P032C: low(knock(3, 1)),
  P032D: high(knock(3, 1)),
  P032E: erratic(knock(3, 1)),
  P0330: circuit(knock(2, 2)),
  P0331: range(knock(2, 2)),
  P0332: low(knock(2, 2)),
  P0333: high(knock(2, 2)),
  P0334: erratic(knock(2, 2)),
  P0335: circuit(crankshaft("A")),
  P0336: range(crankshaft("A")),
  P0337: low(crankshaft("A")),
  P0338: high(crankshaft("A")),
  P0339: erratic(crankshaft("A")),
  P033A: circuit(knock(4, 2)),
  P033B: range(knock(4, 2)),
  P033C: low(knock(4, 2)),
  P033D: high(knock(4, 2)),
  P033E: erratic(knock(4, 2)),
  P0340: circuit(camshaft("A", 1)),
  P0341: range(camshaft("A", 1)),
  P0342: low(camshaft("A", 1)),
  P0343: high(camshaft("A", 1)),
  P0344: erratic(camshaft("A", 1)),
  P0345: circuit(camshaft("A", 2)),
  P0346: range(camshaft("A", 2)),
  P0347: low(camshaft("A", 2)),
  P0348: high(camshaft("A", 2)),
  P0349: erratic(camshaft("A", 2)),
  P0350: primarySecondary(part("ignition", "Ignition coils", "点火线圈")),
  ...decimalRun(
    "P0351",
    [...COILS].map((letter) => primarySecondary(coil(letter))),
  ),
  P0363: part("misfire", "Misfire detected: fuel of the cylinder cut off", "检测到失火:已切断该缸供油"),
  P0365: circuit(camshaft("B", 1)),
  P0366: range(camshaft("B", 1)),
  P0367: low(camshaft("B", 1)),
  P0368: high(camshaft("B", 1)),
  P0369: erratic(camshaft("B", 1)),
  P0370: reference("A", "fault", "故障"),
  P0371: reference("A", "more pulses than expected", "脉冲过多"),
  P0372: reference("A", "fewer pulses than expected", "脉冲过少"),
  P0373: reference("A", "intermittent or erratic", "间断或不稳定"),
  P0374: reference("A", "no pulses", "无脉冲"),
  P0375: reference("B", "fault", "故障"),
  P0376: reference("B", "more pulses than expected", "脉冲过多"),
  P0377: reference("B", "fewer pulses than expected", "脉冲过少"),
  P0378: reference("B", "intermittent or erratic", "间断或不稳定"),
  P0379: reference("B", "no pulses", "无脉冲"),
  P037D: supplyOpen(GLOW_SENSE),
  P037E: low(GLOW_SENSE),
  P037F: high(GLOW_SENSE),
  P0380: circuit(part("glow-plug", "Glow plug or heater A", "预热塞/加热器A")),
  P0381: circuit(part("glow-plug", "Glow plug indicator lamp", "预热指示灯")),
  P0382: circuit(part("glow-plug", "Glow plug or heater B", "预热塞/加热器B")),
  P0383: driverLow(GLOW_MODULE),
  P0384: driverHigh(GLOW_MODULE),
  P0385: circuit(crankshaft("B")),
  P0386: range(crankshaft("B")),
  P0387: low(crankshaft("B")),
  P0388: high(crankshaft("B")),
  P0389: erratic(crankshaft("B")),
  P0390: circuit(camshaft("B", 2)),
  P0391: range(camshaft("B", 2)),
  P0392: low(camshaft("B", 2)),
  P0393: high(camshaft("B", 2)),
  P0394: erratic(camshaft("B", 2)),
};
