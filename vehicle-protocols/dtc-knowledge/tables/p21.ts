import {
  cylinder,
  type DtcTable,
  decimalRun,
  disagree,
  driver,
  driverHigh,
  driverLow,
  driverRange,
  type Entry,
  fault,
  hexRun,
  low,
  numbers,
  oxygenSensor,
  part,
  performance,
  range,
  sensor,
  supplyOpen,
  tooHigh,
  tooLow,
  voltageHigh,
  voltageLow,
} from "../wording.ts";

const position = (letter: string) =>
  part("throttle", `Throttle or pedal position sensor ${letter}`, `节气门/踏板位置传感器${letter}`);
const positions = (first: string, second: string) =>
  disagree(
    "throttle",
    `Throttle or pedal position sensors ${first} and ${second}`,
    `节气门/踏板位置传感器${first}与${second}`,
  );
const minimumStop = (letter: string) =>
  part("throttle", `${position(letter).en}: minimum stop not learned or wrong`, `${position(letter).zh}:下止点异常`);
const maximumStop = (letter: string) =>
  part("throttle", `${position(letter).en}: maximum stop not learned or wrong`, `${position(letter).zh}:上止点异常`);
const system = (en: string, zh: string) => part("throttle", `Throttle control: ${en}`, `电子节气门:${zh}`);
const injectorSupply = (group: string): readonly Entry[] => {
  const supply = part("injector", `Injector group ${group} supply`, `喷油器组${group}供电`);
  return [supplyOpen(supply), voltageLow(supply), voltageHigh(supply)];
};
const mixture = (bank: number, rich: boolean, en: string, zh: string) =>
  part(
    "mixture",
    `Mixture, bank ${bank}: too ${rich ? "rich" : "lean"} ${en}`,
    `混合气 ${bank}排:${zh}${rich ? "过浓" : "过稀"}`,
  );
const stuck = (bank: number, rich: boolean) => {
  const subject = oxygenSensor(bank, 1);
  const [en, zh] = rich ? ["rich", "偏浓"] : ["lean", "偏稀"];
  return part("mixture", `${subject.en}: signal stuck ${en}`, `${subject.zh}:信号持续${zh}`);
};

const OFF_IDLE = ["off idle", "非怠速"] as const;
const AT_IDLE = ["at idle", "怠速"] as const;
const HIGHER_LOAD = ["at higher load", "较高负荷"] as const;

const THROTTLE_MOTOR = part("throttle", "Throttle actuator motor A", "节气门执行电机A");
const THROTTLE_MOTOR_B = part("throttle", "Throttle actuator motor B", "节气门执行电机B");
const THROTTLE_MODULE = part("throttle", "Throttle actuator control unit", "节气门控制模块");
const EGR_THROTTLE = part("egr", "EGR throttle A", "EGR节流阀A");
const EGR_VENT = part("egr", "EGR vent", "EGR通气阀");
const SPEED_B = part("vehicle-speed", "Vehicle speed sensor B", "车速传感器B");
const EXHAUST_VENT = part("exhaust-temperature", "Exhaust pressure regulator vent solenoid", "排气压力调节通气电磁阀");
const COOLANT_2 = part("coolant-temperature", "Coolant temperature sensor 2", "冷却液温度传感器2");
const THROTTLE_AIR = part("throttle", "Throttle control: air flow", "电子节气门:空气流量");

/** P21xx: fuel and air metering, electronic throttle. */
export const P21: DtcTable = {
  P2100: driver(THROTTLE_MOTOR),
  P2101: driverRange(THROTTLE_MOTOR),
  P2102: driverLow(THROTTLE_MOTOR),
  P2103: driverHigh(THROTTLE_MOTOR),
  P2104: system("forced idle", "强制怠速"),
  P2105: system("forced engine shutdown", "强制熄火"),
  P2106: system("power limited by force", "强制限功率"),
  P2107: fault(part("throttle", "Throttle actuator control unit processor", "节气门控制模块处理器")),
  P2108: performance(THROTTLE_MODULE),
  P2109: minimumStop("A"),
  P210A: driver(THROTTLE_MOTOR_B),
  P210C: driverLow(THROTTLE_MOTOR_B),
  P210D: driverHigh(THROTTLE_MOTOR_B),
  P210E: positions("C", "F"),
  P2110: system("engine speed limited by force", "强制限转速"),
  P2111: part("throttle-stuck", "Throttle control: stuck open", "电子节气门:卡滞在打开位置"),
  P2112: part("throttle-stuck", "Throttle control: stuck closed", "电子节气门:卡滞在关闭位置"),
  ...decimalRun("P2113", [..."BCDEF"].map(minimumStop)),
  P2118: range(part("throttle", "Throttle actuator motor current", "节气门执行电机电流")),
  P2119: range(part("throttle", "Throttle body", "节气门体")),
  ...decimalRun("P2120", sensor(position("D"))),
  ...decimalRun("P2125", sensor(position("E"))),
  ...hexRun("P212A", sensor(position("G"))),
  ...decimalRun("P2130", sensor(position("F"))),
  P2135: positions("A", "B"),
  P2136: positions("A", "C"),
  P2137: positions("B", "C"),
  P2138: positions("D", "E"),
  P2139: positions("D", "F"),
  P2140: positions("E", "F"),
  P2141: driverLow(EGR_THROTTLE),
  P2142: driverHigh(EGR_THROTTLE),
  P2143: driver(EGR_VENT),
  P2144: driverLow(EGR_VENT),
  P2145: driverHigh(EGR_VENT),
  // P2146 to P2157: supply of the injector groups A to D.
  ...decimalRun("P2146", [..."ABCD"].flatMap(injectorSupply)),
  P2158: fault(SPEED_B),
  P2159: range(SPEED_B),
  P215B: disagree("vehicle-speed", "Vehicle speed and output shaft speed", "车速与输出轴转速"),
  P2160: low(SPEED_B),
  P2161: part(
    "vehicle-speed",
    "Vehicle speed sensor B: signal intermittent or erratic",
    "车速传感器B:信号间断或不稳定",
  ),
  P2162: disagree("vehicle-speed", "Vehicle speed sensors A and B", "车速传感器A与B"),
  ...decimalRun("P2163", [..."ABCDEF"].map(maximumStop)),
  P2169: driver(EXHAUST_VENT),
  ...hexRun("P216A", injectorSupply("E")),
  ...hexRun("P216D", injectorSupply("F")),
  P2170: driverLow(EXHAUST_VENT),
  P2171: driverHigh(EXHAUST_VENT),
  P2172: part("throttle", `${THROTTLE_AIR.en} suddenly too high`, `${THROTTLE_AIR.zh}突然过高`),
  P2173: tooHigh(THROTTLE_AIR),
  P2174: part("throttle", `${THROTTLE_AIR.en} suddenly too low`, `${THROTTLE_AIR.zh}突然过低`),
  P2175: tooLow(THROTTLE_AIR),
  P2176: system("idle position not learned", "怠速位置未学习"),
  P2177: mixture(1, false, ...OFF_IDLE),
  P2178: mixture(1, true, ...OFF_IDLE),
  P2179: mixture(2, false, ...OFF_IDLE),
  ...hexRun("P217A", injectorSupply("G")),
  ...hexRun("P217D", injectorSupply("H")),
  P2180: mixture(2, true, ...OFF_IDLE),
  P2181: performance(part("coolant-temperature", "Cooling system", "冷却系统")),
  ...decimalRun("P2182", sensor(COOLANT_2)),
  P2187: mixture(1, false, ...AT_IDLE),
  P2188: mixture(1, true, ...AT_IDLE),
  P2189: mixture(2, false, ...AT_IDLE),
  P2190: mixture(2, true, ...AT_IDLE),
  P2191: mixture(1, false, ...HIGHER_LOAD),
  P2192: mixture(1, true, ...HIGHER_LOAD),
  P2193: mixture(2, false, ...HIGHER_LOAD),
  P2194: mixture(2, true, ...HIGHER_LOAD),
  P2195: stuck(1, false),
  P2196: stuck(1, true),
  P2197: stuck(2, false),
  P2198: stuck(2, true),
  P2199: disagree("air-temperature", "Intake air temperature sensors 1 and 2", "进气温度传感器1与2"),
  P219A: part("mixture", "Air-fuel ratio of the cylinders uneven, bank 1", "1排各缸空燃比不均衡"),
  P219B: part("mixture", "Air-fuel ratio of the cylinders uneven, bank 2", "2排各缸空燃比不均衡"),
  ...hexRun(
    "P219C",
    numbers(4).map((n) => {
      const subject = cylinder("mixture", n);
      return part(
        "mixture",
        `${subject.en}: air-fuel ratio differs from the others`,
        `${subject.zh}:空燃比与其他缸不一致`,
      );
    }),
  ),
};
