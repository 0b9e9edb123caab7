/**
 * The names under which values of a vehicle travel (`dongle/<id>/signals`, scans, recordings, the page). Every dialect maps its firmware's
 * words to these where they mean the same; a value that has no name here keeps its own. The electric part follows the field list of
 * GB/T 32960.3-2016; a current out of the pack counts positive, as there.
 */
export interface VocabularyRow {
  /** As the value travels; conversions happen where it is decoded. */
  readonly unit: string;
  readonly en: string;
  readonly "zh-CN": string;
  /** What the page groups by. */
  readonly group: "vehicle" | "pack" | "cell" | "probe" | "motor" | "low-voltage" | "engine" | "tyre";
  /** Decimals that a person reads; more would claim more than a car measures. */
  readonly digits: number;
}

export const VOCABULARY = {
  // vehicle
  "vehicle-speed": row("vehicle", "km/h", 0, "Speed", "车速"),
  odometer: row("vehicle", "km", 0, "Odometer", "里程"),
  "ambient-temperature": row("vehicle", "°C", 0, "Outside temperature", "环境温度"),
  "range-left": row("vehicle", "km", 0, "Range left", "剩余续航"),
  charging: row("vehicle", "", 0, "Charging", "充电状态"),
  gear: row("vehicle", "", 0, "Gear", "挡位"),

  // traction battery, whole
  "pack-voltage": row("pack", "V", 1, "Pack voltage", "总电压"),
  "pack-current": row("pack", "A", 1, "Pack current", "总电流"),
  "pack-power": row("pack", "kW", 1, "Pack power", "电池功率"),
  "state-of-charge": row("pack", "%", 1, "State of charge", "荷电状态 SOC"),
  "state-of-health": row("pack", "%", 1, "State of health", "健康状态 SOH"),
  "pack-capacity": row("pack", "Ah", 1, "Capacity", "电池容量"),
  "charged-energy": row("pack", "kWh", 1, "Energy charged so far", "累计充电量"),
  "discharged-energy": row("pack", "kWh", 1, "Energy discharged so far", "累计放电量"),
  "insulation-resistance": row("pack", "kΩ", 0, "Insulation resistance", "绝缘电阻"),

  // cells: `cell-voltage.<n>` for the single ones, counted from 1
  "cell-voltage-max": row("cell", "V", 3, "Highest cell voltage", "单体最高电压"),
  "cell-voltage-min": row("cell", "V", 3, "Lowest cell voltage", "单体最低电压"),
  "cell-voltage-spread": row("cell", "V", 3, "Cell voltage spread", "单体压差"),
  "cell-voltage-max-number": row("cell", "", 0, "Cell with the highest voltage", "最高电压单体号"),
  "cell-voltage-min-number": row("cell", "", 0, "Cell with the lowest voltage", "最低电压单体号"),
  "cell-voltage": row("cell", "V", 3, "Cell voltage", "单体电压"),

  // probes: `probe-temperature.<n>`
  "probe-temperature-max": row("probe", "°C", 1, "Highest probe temperature", "探针最高温度"),
  "probe-temperature-min": row("probe", "°C", 1, "Lowest probe temperature", "探针最低温度"),
  "probe-temperature-spread": row("probe", "°C", 1, "Probe temperature spread", "探针温差"),
  "probe-temperature": row("probe", "°C", 1, "Probe temperature", "探针温度"),
  "coolant-inlet-temperature": row("probe", "°C", 1, "Battery coolant inlet", "电池冷却液入口温度"),

  // motors: `….<n>`
  "motor-speed": row("motor", "rpm", 0, "Motor speed", "电机转速"),
  "motor-torque": row("motor", "Nm", 1, "Motor torque", "电机转矩"),
  "motor-temperature": row("motor", "°C", 0, "Motor temperature", "电机温度"),
  "inverter-temperature": row("motor", "°C", 0, "Inverter temperature", "电机控制器温度"),

  // twelve volts
  "low-voltage-battery": row("low-voltage", "V", 2, "12 V battery", "12 V 蓄电池"),
  "low-voltage-current": row("low-voltage", "A", 1, "12 V battery current", "12 V 蓄电池电流"),

  // combustion engine
  "engine-speed": row("engine", "rpm", 0, "Engine speed", "发动机转速"),
  "engine-load": row("engine", "%", 0, "Engine load", "发动机负荷"),
  "coolant-temperature": row("engine", "°C", 0, "Coolant temperature", "冷却液温度"),
  "intake-air-temperature": row("engine", "°C", 0, "Intake air temperature", "进气温度"),
  "oil-temperature": row("engine", "°C", 0, "Oil temperature", "机油温度"),
  "fuel-level": row("engine", "%", 0, "Fuel level", "燃油液位"),
  "throttle-position": row("engine", "%", 0, "Throttle position", "节气门开度"),
  "mass-air-flow": row("engine", "g/s", 1, "Mass air flow", "空气流量"),
  "short-term-fuel-trim": row("engine", "%", 1, "Short-term fuel trim, bank 1", "短期燃油修正 1排"),
  "long-term-fuel-trim": row("engine", "%", 1, "Long-term fuel trim, bank 1", "长期燃油修正 1排"),

  // tyres: `….front-left`, `….front-right`, `….rear-left`, `….rear-right`
  "tyre-pressure": row("tyre", "kPa", 0, "Tyre pressure", "胎压"),
  "tyre-temperature": row("tyre", "°C", 0, "Tyre temperature", "胎温"),
} as const satisfies Record<string, VocabularyRow>;

export type SignalWord = keyof typeof VOCABULARY;

function row(group: VocabularyRow["group"], unit: string, digits: number, en: string, zhCN: string): VocabularyRow {
  return { group, unit, digits, en, "zh-CN": zhCN };
}

/** The row behind a name, with or without its `.<which>` part; undefined for a name of the firmware's own. */
export function vocabularyRow(name: string): VocabularyRow | undefined {
  const dot = name.indexOf(".");
  const word = dot < 0 ? name : name.slice(0, dot);
  return Object.hasOwn(VOCABULARY, word) ? VOCABULARY[word as SignalWord] : undefined;
}
