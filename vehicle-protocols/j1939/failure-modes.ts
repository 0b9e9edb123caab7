/** A text in both languages of the house. */
export type Words = { readonly en: string; readonly "zh-CN": string };

// SAE J1939-73, failure mode identifiers, in words of our own.
const FAILURE_MODES: Readonly<Record<number, readonly [en: string, zh: string]>> = {
  0: ["too high (most severe)", "数值过高(最严重)"],
  1: ["too low (most severe)", "数值过低(最严重)"],
  2: ["erratic, intermittent or implausible", "数据不稳定、间断或不合理"],
  3: ["voltage too high or short to supply", "电压过高或对电源短路"],
  4: ["voltage too low or short to ground", "电压过低或对地短路"],
  5: ["current too low or open circuit", "电流过低或开路"],
  6: ["current too high or short to ground", "电流过高或对地短路"],
  7: ["mechanical part does not respond or is out of adjustment", "机械部件无响应或失调"],
  8: ["frequency, pulse width or period abnormal", "频率、脉宽或周期异常"],
  9: ["updated too seldom", "更新速率异常"],
  10: ["changes too fast", "变化率异常"],
  11: ["cause unknown", "原因不明"],
  12: ["component or control unit faulty", "部件或控制单元故障"],
  13: ["out of calibration", "标定超差"],
  14: ["special instructions: see the maker's manual", "特殊说明:请查厂家手册"],
  15: ["too high (least severe)", "数值过高(最轻)"],
  16: ["too high (moderately severe)", "数值过高(中等)"],
  17: ["too low (least severe)", "数值过低(最轻)"],
  18: ["too low (moderately severe)", "数值过低(中等)"],
  19: ["data received over the network is wrong", "网络接收的数据有误"],
  20: ["drifted high", "数据向上漂移"],
  21: ["drifted low", "数据向下漂移"],
  31: ["condition exists", "状态存在"],
};

/** What went wrong with the parameter; 22 to 30 are reserved. */
export function describeFailureMode(fmi: number): Words {
  const [en, zh] = FAILURE_MODES[fmi] ?? [`reserved (FMI ${fmi})`, `保留(FMI ${fmi})`];
  return { en, "zh-CN": zh };
}
