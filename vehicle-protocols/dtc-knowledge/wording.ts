import type { FamilyName } from "./families.ts";

/** What one code says, in both languages, and the family that judges it. A part of a car has the same shape before its fault is added. */
export interface Entry {
  readonly en: string;
  readonly zh: string;
  readonly family: FamilyName;
  /** Where two public readings of one code are in use, what the other one is. */
  readonly otherReading?: { readonly en: string; readonly zh: string };
}

/** Codes with their entries, one a line. */
export type DtcTable = Readonly<Record<string, Entry>>;

/** A part of the car, or, where no part fits, the whole sentence of a code. */
export function part(family: FamilyName, en: string, zh: string): Entry {
  return { en, zh, family };
}

/** An entry with the other reading that some makers give to its code. */
export function alsoRead(entry: Entry, en: string, zh: string): Entry {
  return { ...entry, otherReading: { en, zh } };
}

function says(en: string, zh: string): (subject: Entry) => Entry {
  return (subject) => ({ en: `${subject.en}: ${en}`, zh: `${subject.zh}:${zh}`, family: subject.family });
}

// The qualifiers of SAE J2012. Sensors and other inputs: "circuit", "range/performance", "low", "high", "intermittent/erratic".
export const circuit = says("circuit fault", "电路故障");
export const range = says("signal out of range or implausible", "信号超范围或不合理");
export const low = says("signal too low", "信号过低");
export const high = says("signal too high", "信号过高");
export const erratic = says("signal intermittent or erratic", "信号间断或不稳定");
export const noSignal = says("no signal", "无信号");
export const stuckSignal = says("signal stuck", "信号卡滞不变");

// Voltages, as J2012 says them of oxygen sensors and supplies.
export const voltageLow = says("voltage too low", "电压过低");
export const voltageHigh = says("voltage too high", "电压过高");
export const supplyOpen = says("circuit fault or open", "电路故障或断路");

// Actuators and other outputs: "control circuit/open", "range/performance", "low", "high".
export const driver = says("control circuit fault or open", "控制电路故障或断路");
export const driverRange = says("control out of range or weak", "控制超范围或性能不良");
export const driverLow = says("control circuit voltage too low", "控制电路电压过低");
export const driverHigh = says("control circuit voltage too high", "控制电路电压过高");
export const driverErratic = says("control circuit intermittent", "控制电路间断");
export const shorted = says("control circuit shorted", "控制电路短路");
export const electrical = says("electrical fault", "电气故障");
export const stuckOff = says("weak or stuck off", "性能不良或卡滞在断开状态");
export const stuckOn = says("stuck on", "卡滞在接通状态");
export const stuckOpen = says("stuck open", "卡滞在打开位置");
export const stuckClosed = says("stuck closed", "卡滞在关闭位置");

export const fault = says("fault", "故障");
export const performance = says("does not perform as expected", "性能不良");
export const slow = says("slow response", "响应过慢");
export const learningLimit = says("learning limit exceeded", "自学习超限");
export const tooLow = says("too low", "过低");
export const tooHigh = says("too high", "过高");
export const requestsLamp = says("asks for the warning lamp", "请求点亮故障灯");

/** Two readings that should agree and do not. */
export function disagree(family: FamilyName, en: string, zh: string): Entry {
  return part(family, `${en}: do not agree`, `${zh}:不相符`);
}

/** The five codes that most sensors have: circuit, range/performance, low, high, intermittent. */
export function sensor(subject: Entry): readonly Entry[] {
  return [circuit(subject), range(subject), low(subject), high(subject), erratic(subject)];
}

/** The five codes of a hydraulic solenoid of a transmission. */
export function solenoid(subject: Entry): readonly Entry[] {
  return [fault(subject), stuckOff(subject), stuckOn(subject), electrical(subject), erratic(subject)];
}

/** Codes in a row, the last digits counted in decimal as in the older parts of the list: P0209 is followed by P0210. */
export function decimalRun(first: string, entries: readonly Entry[]): DtcTable {
  return run(first, entries, 10);
}

/** Codes in a row, counted in hexadecimal as in the younger parts of the list: P0ABF is followed by P0AC0. */
export function hexRun(first: string, entries: readonly Entry[]): DtcTable {
  return run(first, entries, 16);
}

function run(first: string, entries: readonly Entry[], base: 10 | 16): DtcTable {
  const start = Number.parseInt(first.slice(1), base);
  return Object.fromEntries(
    entries.map((entry, index) => {
      const digits = (start + index).toString(base).toUpperCase().padStart(4, "0");
      return [first.charAt(0) + digits, entry];
    }),
  );
}

/** 1, 2, … `count`. */
export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

export const cylinder = (family: FamilyName, n: number): Entry => part(family, `Cylinder ${n}`, `${n}缸`);

/** `injector(3)`: "Injector, cylinder 3". */
export const injector = (n: number): Entry => part("injector", `Injector, cylinder ${n}`, `${n}缸喷油器`);
export const oxygenSensor = (bank: number, sensor: number): Entry =>
  part("oxygen-sensor", `Oxygen sensor, bank ${bank} sensor ${sensor}`, `氧传感器 ${bank}排${sensor}号`);
export const oxygenHeater = (bank: number, sensor: number): Entry =>
  part("oxygen-heater", `Oxygen sensor heater, bank ${bank} sensor ${sensor}`, `氧传感器加热器 ${bank}排${sensor}号`);
