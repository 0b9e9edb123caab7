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
  erratic,
  fault,
  hexRun,
  high,
  injector,
  low,
  numbers,
  part,
  performance,
  range,
  stuckClosed,
  stuckOpen,
  tooHigh,
  tooLow,
} from "../wording.ts";

type Letter = "A" | "B" | "C";

const throttlePosition = (letter: Letter) =>
  part("throttle", `Throttle or pedal position sensor ${letter}`, `节气门/踏板位置传感器${letter}`);
const coolerBypass = (letter: Letter) =>
  part("charge-cooling", `Charge air cooler bypass ${letter}`, `中冷器旁通阀${letter}`);
const boostSensor = (letter: Letter) => part("turbo", `Boost pressure sensor ${letter}`, `增压压力传感器${letter}`);
const boostPressure = (letter: Letter) => part("turbo", `Boost pressure ${letter}`, `增压压力${letter}`);
const wastegate = (letter: Letter) => part("turbo", `Wastegate solenoid ${letter}`, `废气旁通电磁阀${letter}`);
const metering = (letter: Letter) =>
  part("fuel-pressure", `Injection pump metering control ${letter}`, `喷油泵油量控制${letter}`);
const timing = (n: number) => part("injector", `Cylinder ${n}: injection timing`, `${n}缸:喷油正时异常`);
const balance = (n: number) => part("injector", `Cylinder ${n}: contribution or balance`, `${n}缸:做功平衡异常`);

const INJECTOR = part("injector", "Injectors", "喷油器");
const FUEL_PUMP_PRIMARY = part("fuel-pump", "Fuel pump primary circuit", "燃油泵初级电路");
const FUEL_PUMP_SECONDARY = part("fuel-pump", "Fuel pump secondary circuit", "燃油泵次级电路");
const FUEL_PUMP_MODULE = part("fuel-pump", "Fuel pump module", "燃油泵控制模块");
const COOLER_PUMP = part("charge-cooling", "Charge air cooler coolant pump", "中冷器冷却液泵");
const COOLER_BYPASS_POSITION = part(
  "charge-cooling",
  "Charge air cooler bypass position sensor A",
  "中冷器旁通阀位置传感器A",
);
const DIESEL_AIR = part("intake-flap", "Diesel intake air flow control", "柴油机进气流量控制阀");
const DIESEL_AIR_POSITION = part("intake-flap", "Diesel intake air flow position sensor", "柴油机进气流量阀位置传感器");

function ofEachCylinder(count: number, entries: (n: number) => readonly Entry[]): readonly Entry[] {
  return numbers(count).flatMap(entries);
}

/** P02xx: fuel and air metering, injectors, turbocharger. */
export const P02: DtcTable = {
  P0200: circuit(INJECTOR),
  ...decimalRun(
    "P0201",
    numbers(12).map((n) => circuit(injector(n))),
  ),
  P0213: circuit(part("injector", "Cold start injector 1", "冷起动喷油器1")),
  P0214: circuit(part("injector", "Cold start injector 2", "冷起动喷油器2")),
  P0215: driver(part("fuel-pump", "Engine shut-off solenoid", "发动机断油电磁阀")),
  P0216: driver(part("injector", "Injection timing control", "喷油正时控制")),
  P0217: part("overheating", "Engine overheated", "发动机过热"),
  P0218: part("transmission-hot", "Transmission overheated", "变速器过热"),
  P0219: part("overspeed", "Engine overspeed", "发动机超速"),
  ...hexRun("P020A", numbers(6).map(timing)),
  ...hexRun(
    "P021A",
    numbers(6).map((n) => timing(n + 6)),
  ),
  P0220: circuit(throttlePosition("B")),
  P0221: range(throttlePosition("B")),
  P0222: low(throttlePosition("B")),
  P0223: high(throttlePosition("B")),
  P0224: erratic(throttlePosition("B")),
  P0225: circuit(throttlePosition("C")),
  P0226: range(throttlePosition("C")),
  P0227: low(throttlePosition("C")),
  P0228: high(throttlePosition("C")),
  P0229: erratic(throttlePosition("C")),
  P022A: driver(coolerBypass("A")),
  P022B: driverLow(coolerBypass("A")),
  P022C: driverHigh(coolerBypass("A")),
  P022D: driver(coolerBypass("B")),
  P022E: driverLow(coolerBypass("B")),
  P022F: driverHigh(coolerBypass("B")),
  P0230: fault(FUEL_PUMP_PRIMARY),
  P0231: low(FUEL_PUMP_SECONDARY),
  P0232: high(FUEL_PUMP_SECONDARY),
  P0233: erratic(FUEL_PUMP_SECONDARY),
  P0234: tooHigh(boostPressure("A")),
  P0235: circuit(boostSensor("A")),
  P0236: range(boostSensor("A")),
  P0237: low(boostSensor("A")),
  P0238: high(boostSensor("A")),
  P0239: circuit(boostSensor("B")),
  P023A: driver(COOLER_PUMP),
  P023B: driverLow(COOLER_PUMP),
  P023C: driverHigh(COOLER_PUMP),
  P023D: disagree("turbo", "Manifold pressure and boost pressure sensor A", "进气歧管压力与增压压力传感器A"),
  P023E: disagree("turbo", "Manifold pressure and boost pressure sensor B", "进气歧管压力与增压压力传感器B"),
  P023F: part("fuel-pump", "Fuel pump secondary circuit: open", "燃油泵次级电路:断路"),
  P0240: range(boostSensor("B")),
  P0241: low(boostSensor("B")),
  P0242: high(boostSensor("B")),
  P0243: driver(wastegate("A")),
  P0244: driverRange(wastegate("A")),
  P0245: driverLow(wastegate("A")),
  P0246: driverHigh(wastegate("A")),
  P0247: driver(wastegate("B")),
  P0248: driverRange(wastegate("B")),
  P0249: driverLow(wastegate("B")),
  P024A: driverRange(coolerBypass("A")),
  P024B: part("charge-cooling", "Charge air cooler bypass A: stuck", "中冷器旁通阀A:卡滞"),
  P024C: circuit(COOLER_BYPASS_POSITION),
  P024D: range(COOLER_BYPASS_POSITION),
  P024E: low(COOLER_BYPASS_POSITION),
  P024F: high(COOLER_BYPASS_POSITION),
  P0250: driverHigh(wastegate("B")),
  P0251: fault(metering("A")),
  P0252: driverRange(metering("A")),
  P0253: driverLow(metering("A")),
  P0254: driverHigh(metering("A")),
  P0255: erratic(metering("A")),
  P0256: fault(metering("B")),
  P0257: driverRange(metering("B")),
  P0258: driverLow(metering("B")),
  P0259: driverHigh(metering("B")),
  P025A: driver(FUEL_PUMP_MODULE),
  P025B: driverRange(FUEL_PUMP_MODULE),
  P025C: driverLow(FUEL_PUMP_MODULE),
  P025D: driverHigh(FUEL_PUMP_MODULE),
  P0260: erratic(metering("B")),
  // P0261 to P0296: three codes for each of twelve cylinders.
  ...decimalRun(
    "P0261",
    ofEachCylinder(12, (n) => [driverLow(injector(n)), driverHigh(injector(n)), balance(n)]),
  ),
  P0297: part("overspeed", "Vehicle overspeed", "车辆超速"),
  P0298: part("overheating", "Engine oil overheated", "机油过热"),
  P0299: tooLow(boostPressure("A")),
  // P029A to P02C9: four codes for each of twelve cylinders.
  ...hexRun(
    "P029A",
    ofEachCylinder(12, (n) => [
      part("injector", `Cylinder ${n}: fuel trim at maximum`, `${n}缸:燃油修正达上限`),
      part("injector", `Cylinder ${n}: fuel trim at minimum`, `${n}缸:燃油修正达下限`),
      part("injector", `Injector, cylinder ${n}: restricted`, `${n}缸喷油器:堵塞`),
      part("injector", `Injector, cylinder ${n}: leaking`, `${n}缸喷油器:滴漏`),
    ]),
  ),
  P02CA: tooHigh(boostPressure("B")),
  P02CB: tooLow(boostPressure("B")),
  // P02CC to P02DF: two codes for each of ten cylinders.
  ...hexRun(
    "P02CC",
    ofEachCylinder(10, (n) => [
      part("injector", `Injector, cylinder ${n}: learnt offset at minimum`, `${n}缸喷油器:自学习偏差达下限`),
      part("injector", `Injector, cylinder ${n}: learnt offset at maximum`, `${n}缸喷油器:自学习偏差达上限`),
    ]),
  ),
  P02E0: driver(DIESEL_AIR),
  P02E1: performance(DIESEL_AIR),
  P02E2: driverLow(DIESEL_AIR),
  P02E3: driverHigh(DIESEL_AIR),
  P02E4: stuckOpen(DIESEL_AIR),
  P02E5: stuckClosed(DIESEL_AIR),
  P02E6: circuit(DIESEL_AIR_POSITION),
  P02E7: range(DIESEL_AIR_POSITION),
  P02E8: low(DIESEL_AIR_POSITION),
  P02E9: high(DIESEL_AIR_POSITION),
  P02EA: erratic(DIESEL_AIR_POSITION),
  P02EB: range(part("intake-flap", "Diesel intake air flow control motor current", "柴油机进气流量阀电机电流")),
  P02EC: tooHigh(part("intake-flap", "Diesel intake air flow", "柴油机进气流量")),
  P02ED: tooLow(part("intake-flap", "Diesel intake air flow", "柴油机进气流量")),
  ...hexRun(
    "P02EE",
    numbers(12).map((n) => driverRange(injector(n))),
  ),
  P02FA: part(
    "intake-flap",
    "Diesel intake air flow position sensor: end stop not reached",
    "柴油机进气流量阀位置传感器:未到止点",
  ),
};
