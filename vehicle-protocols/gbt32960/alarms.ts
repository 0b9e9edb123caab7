import type { Edition } from "./packet.ts";

/** One of the standard's general alarms. */
export type GeneralAlarm = {
  /** Its bit in the report's `general` field; in 2025 also its number in `levels`. */
  readonly bit: number;
  readonly word: string;
  readonly en: string;
  readonly "zh-CN": string;
};

const ALARMS: readonly GeneralAlarm[] = [
  alarm(0, "temperature-spread", "Battery temperatures too far apart", "电池温差过大"),
  alarm(1, "battery-hot", "Battery too hot", "电池温度过高"),
  alarm(2, "pack-over-voltage", "Pack voltage too high", "电池包电压过高"),
  alarm(3, "pack-under-voltage", "Pack voltage too low", "电池包电压过低"),
  alarm(4, "charge-low", "State of charge low", "荷电状态过低"),
  alarm(5, "cell-over-voltage", "Cell voltage too high", "单体电压过高"),
  alarm(6, "cell-under-voltage", "Cell voltage too low", "单体电压过低"),
  alarm(7, "charge-high", "State of charge too high", "荷电状态过高"),
  alarm(8, "charge-jump", "State of charge jumped", "荷电状态跳变"),
  alarm(9, "battery-mismatch", "Battery does not match the vehicle", "电池系统与车辆不匹配"),
  alarm(10, "cells-inconsistent", "Cells differ too much", "单体一致性差"),
  alarm(11, "insulation", "Insulation fault", "绝缘故障"),
  alarm(12, "dc-dc-hot", "DC-DC converter temperature", "DC-DC 温度异常"),
  alarm(13, "brakes", "Brake system fault", "制动系统故障"),
  alarm(14, "dc-dc-state", "DC-DC converter fault", "DC-DC 工作异常"),
  alarm(15, "inverter-hot", "Motor controller temperature", "电机控制器温度异常"),
  alarm(16, "high-voltage-interlock", "High-voltage interlock open", "高压互锁断开"),
  alarm(17, "motor-hot", "Motor temperature", "电机温度异常"),
  alarm(18, "overcharged", "Battery overcharged", "电池过充"),
];
const ALARMS_SINCE_2025: readonly GeneralAlarm[] = [
  alarm(19, "motor-overspeed", "Motor too fast", "电机超速"),
  alarm(20, "motor-overcurrent", "Motor current too high", "电机过流"),
  alarm(21, "super-capacitor-hot", "Super-capacitor too hot", "超级电容温度过高"),
  alarm(22, "super-capacitor-over-voltage", "Super-capacitor voltage too high", "超级电容电压过高"),
  alarm(23, "thermal-event", "Thermal event in the battery", "电池发生热事件"),
  alarm(24, "hydrogen-leak", "Hydrogen leak", "氢气泄漏"),
  alarm(25, "hydrogen-pressure", "Hydrogen pressure abnormal", "氢系统压力异常"),
  alarm(26, "hydrogen-temperature", "Hydrogen system temperature abnormal", "氢系统温度异常"),
  alarm(27, "fuel-cell-hot", "Fuel-cell stack too hot", "燃料电池堆温度过高"),
];

/** The alarms whose bits are set, and the set bits that stand for none. */
export function generalAlarms(
  edition: Edition,
  general: number,
): { readonly alarms: readonly GeneralAlarm[]; readonly unknownBits: readonly number[] } {
  const table = edition === 2016 ? ALARMS : [...ALARMS, ...ALARMS_SINCE_2025];
  const bits = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((general >>> bit) & 1) === 1);
  const known = new Set(table.map(({ bit }) => bit));
  return {
    alarms: table.filter(({ bit }) => bits.includes(bit)),
    unknownBits: bits.filter((bit) => !known.has(bit)),
  };
}

function alarm(bit: number, word: string, en: string, zhCN: string): GeneralAlarm {
  return { bit, word, en, "zh-CN": zhCN };
}
