import { type DtcTable, fault, hexRun, part, performance, sensor, tooHigh, tooLow } from "../wording.ts";

const packVoltage = (letter: string) =>
  part("hv-battery-sensor", `HV battery pack voltage sense ${letter}`, `动力电池包电压采样${letter}`);
const cellVoltage = (letter: string) =>
  part("hv-battery-sensor", `HV battery voltage sense ${letter}`, `动力电池电压采样${letter}`);
const packTemperature = (letter: string) =>
  part("hv-battery-sensor", `HV battery temperature sensor ${letter}`, `动力电池温度传感器${letter}`);
const blockVoltage = (letter: string) => {
  const voltage = part("hv-battery", `HV battery ${letter} voltage`, `动力电池${letter}电压`);
  const unstable = part("hv-battery", `${voltage.en}: unstable`, `${voltage.zh}:不稳定`);
  return [fault(voltage), unstable, tooLow(voltage), tooHigh(voltage)];
};

/** P0Bxx and P0Cxx: hybrid and electric propulsion, as far as several makers read them alike. */
export const P0B_P0C: DtcTable = {
  // P0B14 to P0B22: pack voltage sense B to D. P0B3B to P0B94: voltage sense of the blocks A to R.
  ...hexRun(
    "P0B14",
    [..."BCD"].flatMap((letter) => sensor(packVoltage(letter))),
  ),
  ...hexRun("P0B23", blockVoltage("A")),
  ...hexRun("P0B27", blockVoltage("B")),
  ...hexRun(
    "P0B3B",
    [..."ABCDEFGHIJKLMNOPQR"].flatMap((letter) => sensor(cellVoltage(letter))),
  ),
  P0BBD: part("hv-battery", "HV battery pack: voltage spread beyond limit", "动力电池包:电压差异超限"),
  ...hexRun("P0BC2", sensor(packTemperature("E"))),
  ...hexRun("P0C33", sensor(packTemperature("F"))),
  P0C73: performance(part("hv-cooling", "Motor electronics coolant pump A", "电驱冷却水泵A")),
  P0C76: part("hv-contactor", "High-voltage system: discharge takes too long", "高压系统:放电时间过长"),
  P0C77: part("hv-contactor", "High-voltage system: precharge too short", "高压系统:预充时间过短"),
  P0C78: part("hv-contactor", "High-voltage system: precharge takes too long", "高压系统:预充时间过长"),
};
