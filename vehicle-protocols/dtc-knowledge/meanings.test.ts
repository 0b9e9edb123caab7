import { describe, expect, test } from "vitest";
import { knowDtc } from "./index.ts";

/**
 * Codes whose meaning every scan tool agrees on. Each word after the first bar must stand in the English text, each after the
 * second in the Chinese one; a word that begins with "!" must not.
 */
const MEANINGS = `
P0001 | fuel volume regulator, control circuit | 燃油量调节阀
P0010 | camshaft a, actuator, bank 1 | 凸轮轴A, 1排
P0011 | camshaft a, bank 1, advanced | 凸轮轴A, 1排, 提前
P0012 | camshaft a, bank 1, retarded | 凸轮轴A, 1排, 滞后
P0013 | camshaft b, actuator, bank 1 | 凸轮轴B, 1排
P0014 | camshaft b, bank 1, advanced | 凸轮轴B, 1排, 提前
P0016 | crankshaft, camshaft, bank 1 sensor a | 曲轴, 凸轮轴, 1排
P0017 | crankshaft, camshaft, bank 1 sensor b | 曲轴, 凸轮轴, 1排
P0021 | camshaft a, bank 2, advanced | 凸轮轴A, 2排, 提前
P0030 | oxygen sensor heater, bank 1 sensor 1 | 氧传感器加热器, 1排1号
P0031 | oxygen sensor heater, bank 1 sensor 1, low | 加热器, 1排1号, 低
P0032 | oxygen sensor heater, bank 1 sensor 1, high | 加热器, 1排1号, 高
P0037 | heater, bank 1 sensor 2, low | 加热器, 1排2号, 低
P0051 | heater, bank 2 sensor 1, low | 加热器, 2排1号, 低
P0068 | manifold pressure, throttle, agree | 进气压力, 节气门, 不相符
P0087 | fuel rail pressure, too low | 燃油轨压力, 过低
P0088 | fuel rail pressure, too high | 燃油轨压力, 过高
P0093 | fuel, large leak | 燃油, 大泄漏
P0100 | air flow sensor a, circuit | 空气流量传感器A, 电路
P0101 | air flow sensor a, range | 空气流量传感器A, 超范围
P0102 | air flow sensor a, low | 空气流量传感器A, 低
P0103 | air flow sensor a, high | 空气流量传感器A, 高
P0106 | manifold, pressure sensor, range | 压力传感器, 超范围
P0107 | manifold, pressure sensor, low | 压力传感器, 低
P0108 | manifold, pressure sensor, high | 压力传感器, 高
P0112 | intake air temperature sensor 1, low | 进气温度传感器1, 低
P0113 | intake air temperature sensor 1, high | 进气温度传感器1, 高
P0116 | coolant temperature sensor 1, range | 冷却液温度传感器1, 超范围
P0117 | coolant temperature sensor 1, low | 冷却液温度传感器1, 低
P0118 | coolant temperature sensor 1, high | 冷却液温度传感器1, 高
P0121 | throttle, sensor a, range | 节气门, 传感器A, 超范围
P0122 | throttle, sensor a, low | 节气门, 传感器A, 低
P0123 | throttle, sensor a, high | 节气门, 传感器A, 高
P0125 | coolant temperature, closed-loop, low | 冷却液温度, 闭环, 低
P0128 | thermostat, below | 节温器, 低
P0130 | oxygen sensor, bank 1 sensor 1, circuit, !heater | 氧传感器, 1排1号, 电路, !加热
P0131 | oxygen sensor, bank 1 sensor 1, voltage, low | 氧传感器, 1排1号, 电压过低
P0132 | oxygen sensor, bank 1 sensor 1, voltage, high | 氧传感器, 1排1号, 电压过高
P0133 | oxygen sensor, bank 1 sensor 1, slow | 氧传感器, 1排1号, 慢
P0134 | oxygen sensor, bank 1 sensor 1, no activity | 氧传感器, 1排1号, 无变化
P0135 | oxygen sensor heater, bank 1 sensor 1 | 加热器, 1排1号
P0137 | oxygen sensor, bank 1 sensor 2, low | 1排2号, 低
P0138 | oxygen sensor, bank 1 sensor 2, high | 1排2号, 高
P0140 | oxygen sensor, bank 1 sensor 2, no activity | 1排2号, 无变化
P0141 | oxygen sensor heater, bank 1 sensor 2 | 加热器, 1排2号
P0151 | oxygen sensor, bank 2 sensor 1, low | 2排1号, 低
P0155 | oxygen sensor heater, bank 2 sensor 1 | 加热器, 2排1号
P0157 | oxygen sensor, bank 2 sensor 2, low | 2排2号, 低
P0161 | oxygen sensor heater, bank 2 sensor 2 | 加热器, 2排2号
P0171 | mixture, bank 1, lean | 混合气, 1排, 过稀
P0172 | mixture, bank 1, rich | 混合气, 1排, 过浓
P0174 | mixture, bank 2, lean | 混合气, 2排, 过稀
P0175 | mixture, bank 2, rich | 混合气, 2排, 过浓
P0190 | fuel rail pressure sensor, circuit | 燃油轨压力传感器, 电路
P0192 | fuel rail pressure sensor, low | 燃油轨压力传感器, 低
P0193 | fuel rail pressure sensor, high | 燃油轨压力传感器, 高
P0201 | injector, cylinder 1, circuit | 1缸喷油器, 电路
P0204 | injector, cylinder 4, circuit | 4缸喷油器, 电路
P0212 | injector, cylinder 12, circuit | 12缸喷油器, 电路
P0217 | engine overheated | 发动机过热
P0218 | transmission overheated | 变速器过热
P0222 | throttle, sensor b, low | 传感器B, 低
P0230 | fuel pump primary | 燃油泵初级
P0234 | boost pressure, high | 增压压力, 高
P0236 | boost pressure sensor a, range | 增压压力传感器A, 超范围
P0243 | wastegate solenoid a | 废气旁通电磁阀A
P0261 | injector, cylinder 1, low | 1缸喷油器, 低
P0262 | injector, cylinder 1, high | 1缸喷油器, 高
P0263 | cylinder 1, balance | 1缸, 平衡
P0264 | injector, cylinder 2, low | 2缸喷油器, 低
P0273 | injector, cylinder 5, low | 5缸喷油器, 低
P0296 | cylinder 12, balance | 12缸, 平衡
P0299 | boost pressure, low | 增压压力, 低
P0300 | random, misfire | 随机, 失火
P0301 | cylinder 1, misfire, !random | 1缸, 失火, !随机
P0302 | cylinder 2, misfire | 2缸, 失火
P0303 | cylinder 3, misfire | 3缸, 失火
P0304 | cylinder 4, misfire | 4缸, 失火
P0308 | cylinder 8, misfire | 8缸, 失火
P0310 | cylinder 10, misfire | 10缸, 失火
P0312 | cylinder 12, misfire | 12缸, 失火
P0316 | misfire, 1000 revolutions | 失火, 起动
P0325 | knock sensor 1, circuit | 爆震传感器1, 电路
P0327 | knock sensor 1, low | 爆震传感器1, 低
P0332 | knock sensor 2, bank 2, low | 爆震传感器2, 2排, 低
P0335 | crankshaft position sensor a, circuit | 曲轴位置传感器A, 电路
P0336 | crankshaft position sensor a, range | 曲轴位置传感器A, 超范围
P0340 | camshaft position sensor a, bank 1, circuit | 凸轮轴位置传感器A, 1排, 电路
P0341 | camshaft position sensor a, bank 1, range | 凸轮轴位置传感器A, 1排, 超范围
P0345 | camshaft position sensor a, bank 2, circuit | 凸轮轴位置传感器A, 2排, 电路
P0351 | ignition coil a | 点火线圈A
P0354 | ignition coil d | 点火线圈D
P0365 | camshaft position sensor b, bank 1 | 凸轮轴位置传感器B, 1排
P0390 | camshaft position sensor b, bank 2 | 凸轮轴位置传感器B, 2排
P0401 | egr flow, not sufficient | EGR流量, 不足
P0402 | egr flow, excessive | EGR流量, 过大
P0411 | secondary air, flow incorrect | 二次空气, 流量不正确
P0420 | catalyst, bank 1, efficiency below | 三元催化器, 1排, 效率低
P0421 | warm-up catalyst, bank 1 | 前级催化器, 1排
P0430 | catalyst, bank 2, efficiency below | 三元催化器, 2排, 效率低
P0440 | evap, fault | EVAP, 故障
P0441 | evap, purge flow incorrect | EVAP, 净化流量不正确
P0442 | evap, small leak, !very | EVAP, 小泄漏, !微小
P0443 | evap purge valve, circuit | 炭罐电磁阀, 电路
P0446 | evap vent | 通风阀
P0455 | evap, large leak | EVAP, 大泄漏
P0456 | evap, very small leak | EVAP, 微小泄漏
P0457 | evap, fuel cap | EVAP, 油箱盖
P0462 | fuel level sensor a, low | 油位传感器A, 低
P0480 | cooling fan 1 | 冷却风扇1
P0500 | vehicle speed sensor a | 车速传感器A
P0505 | idle control | 怠速控制
P0506 | idle, lower | 怠速, 过低
P0507 | idle, higher | 怠速, 过高
P0520 | oil pressure sensor, circuit | 机油压力传感器, 电路
P0522 | oil pressure sensor, low | 机油压力传感器, 低
P0524 | engine oil pressure, too low, !sensor | 机油压力, 过低, !传感器
P0562 | system voltage, low | 系统电压, 低
P0563 | system voltage, high | 系统电压, 高
P0571 | brake switch a | 制动开关A
P0601 | control unit, checksum | 控制单元, 校验和
P0606 | processor | 处理器
P0627 | fuel pump a | 燃油泵A
P0641 | reference voltage a | 参考电压A
P0671 | glow plug, cylinder 1 | 1缸预热塞
P0680 | glow plug, cylinder 10 | 10缸预热塞
P0700 | transmission control system | 变速器控制系统
P0705 | transmission range sensor a, circuit | 挡位传感器A, 电路
P0711 | transmission fluid temperature sensor a, range | 变速器油温传感器A, 超范围
P0715 | input, turbine, speed sensor a | 输入轴, 涡轮转速传感器A
P0717 | input, speed sensor a, no signal | 输入轴, 无信号
P0720 | output speed sensor | 输出轴转速传感器
P0730 | ratio incorrect | 传动比不正确
P0731 | gear 1, ratio | 1挡, 传动比
P0734 | gear 4, ratio | 4挡, 传动比
P0740 | torque converter clutch | 变矩器锁止离合器
P0741 | torque converter clutch, stuck off | 变矩器锁止离合器, 断开
P0742 | torque converter clutch, stuck on | 变矩器锁止离合器, 接通
P0750 | shift solenoid a | 换挡电磁阀A
P0755 | shift solenoid b | 换挡电磁阀B
P0770 | shift solenoid e | 换挡电磁阀E
P0776 | pressure control solenoid b, stuck off | 压力控制电磁阀B
P0841 | fluid pressure, switch a, range | 油压传感器, A, 超范围
P0868 | transmission fluid pressure, low | 变速器油压, 低
P0A0A | interlock, circuit | 高压互锁, 电路
P0A0D | interlock, high | 高压互锁, 高
P0A1F | battery energy control unit | 电池能量控制单元
P0A2F | drive motor a, overheated | 驱动电机A, 过热
P0A3F | drive motor a position sensor | 驱动电机A位置传感器
P0A78 | drive motor a inverter | 驱动电机A逆变器
P0A7D | hv battery state of charge, low | 荷电状态, 低
P0A7E | hv battery pack, overheated | 动力电池包, 过热
P0A7F | hv battery pack, deteriorated | 动力电池包, 衰减
P0A80 | hv battery pack, replace | 动力电池包, 更换
P0A93 | inverter cooling | 逆变器冷却
P0A94 | dc/dc converter | DC/DC变换器
P0AA1 | positive contactor, stuck closed | 正极接触器, 关闭
P0AA4 | negative contactor, stuck closed | 负极接触器, 关闭
P0AA6 | isolation fault | 绝缘故障
P0ABF | hv battery current sensor a | 动力电池电流传感器A
P0AFA | hv battery system voltage, low | 动力电池系统电压, 低
P0BBD | hv battery pack, voltage spread | 动力电池包, 电压差异
P2002 | particulate filter, bank 1, efficiency below | 颗粒捕集器, 1排, 效率低
P2004 | intake manifold runner, bank 1, stuck open | 进气歧管翻板, 1排, 打开
P2015 | intake manifold runner position sensor, bank 1, range | 翻板位置传感器, 1排, 超范围
P203F | reductant level, too low | 尿素液位, 过低
P2096 | behind catalyst, bank 1, lean | 催化器后, 1排, 过稀
P20EE | scr catalyst, bank 1, efficiency below | SCR催化器, 1排, 效率低
P2101 | throttle actuator motor, range | 节气门执行电机, 超范围
P2111 | throttle control, stuck open | 节气门, 打开
P2112 | throttle control, stuck closed | 节气门, 关闭
P2122 | pedal position sensor d, low | 踏板位置传感器D, 低
P2127 | pedal position sensor e, low | 踏板位置传感器E, 低
P2135 | sensors a and b, agree | A与B, 不相符
P2138 | sensors d and e, agree | D与E, 不相符
P2177 | mixture, bank 1, lean off idle | 1排, 非怠速过稀
P2187 | mixture, bank 1, lean at idle | 1排, 怠速过稀, !非怠速
P2195 | oxygen sensor, bank 1 sensor 1, stuck lean | 1排1号, 偏稀
P2196 | oxygen sensor, bank 1 sensor 1, stuck rich | 1排1号, 偏浓
P2200 | nox sensor, bank 1 | 氮氧传感器, 1排
P2263 | boost system | 增压系统
P2270 | oxygen sensor, bank 1 sensor 2, stuck lean | 1排2号, 偏稀
P2300 | ignition coil a primary, low | 点火线圈A初级, 低
P2413 | egr system | EGR系统
P2452 | particulate filter pressure sensor a, circuit | 颗粒捕集器压差传感器A, 电路
P2463 | particulate filter, soot | 颗粒捕集器, 碳烟
P2610 | engine-off timer | 熄火计时器
P2646 | rocker arm actuator a, bank 1, stuck off | 摇臂执行器A, 1排
P2714 | pressure control solenoid d, stuck off | 压力控制电磁阀D
P2763 | torque converter clutch pressure, high, !low | 变矩器锁止压力, 高, !低
P2764 | torque converter clutch pressure, low, !high | 变矩器锁止压力, 低, !高
P2A00 | oxygen sensor, bank 1 sensor 1, range | 1排1号, 超范围
P3400 | cylinder deactivation, bank 1 | 停缸, 1排
P3401 | cylinder 1, deactivation | 1缸, 停缸
C0031 | left front wheel speed sensor | 左前轮速传感器
C0034 | right front wheel speed sensor | 右前轮速传感器
C0035 | left front wheel speed sensor | 左前轮速传感器
C0037 | left rear wheel speed sensor | 左后轮速传感器
C003A | right rear wheel speed sensor | 右后轮速传感器
C0040 | right front wheel speed sensor | 右前轮速传感器
C0045 | left rear wheel speed sensor | 左后轮速传感器
C0050 | right rear wheel speed sensor | 右后轮速传感器
C0051 | steering wheel position sensor | 方向盘位置传感器
B0001 | driver front airbag, stage 1 | 驾驶员正面气囊, 1级
B0010 | passenger front airbag, stage 1 | 副驾驶正面气囊, 1级
B0028 | right side airbag | 右侧气囊
B0053 | second row left seat belt | 第二排左安全带
B0081 | first row centre belt load limiter | 前排中间安全带限力器
U0001 | high-speed can bus | 高速CAN总线
U0073 | bus a, off | 总线A, 关闭
U0100 | lost communication, engine control unit a | 失去通信, 发动机控制单元A
U0101 | lost communication, transmission control unit | 失去通信, 变速器控制单元
U0121 | lost communication, anti-lock brake | 失去通信, 防抱死制动
U0126 | lost communication, steering angle | 失去通信, 转角传感器
U0131 | lost communication, power steering | 失去通信, 助力转向
U0140 | lost communication, body control unit (bcm) | 失去通信, 车身控制单元(BCM)
U0151 | lost communication, restraints | 失去通信, 安全气囊
U0155 | lost communication, instrument cluster | 失去通信, 组合仪表
U0164 | lost communication, climate | 失去通信, 空调
U0184 | lost communication, radio | 失去通信, 收音机
U0199 | lost communication, door control unit a | 失去通信, 车门控制单元A
U0293 | lost communication, hybrid powertrain | 失去通信, 混动动力总成
U0401 | invalid data, engine control unit a | 无效数据, 发动机控制单元A
U0405 | invalid data, cruise control unit | 无效数据, 定速巡航控制单元
U0415 | invalid data, anti-lock brake | 无效数据, 防抱死制动
U0428 | invalid data, steering angle | 无效数据, 转角传感器
U3003 | battery voltage | 蓄电池电压
`;

const rows = MEANINGS.trim()
  .split("\n")
  .map((row) => {
    const [code = "", en = "", zh = ""] = row.split("|").map((cell) => cell.trim());
    return { code, en: en.split(", "), zh: zh.split(", ") };
  });

describe("the meaning of codes that every scan tool agrees on", () => {
  test("is tried on more than 150 of them", () => {
    expect(new Set(rows.map(({ code }) => code)).size).toBeGreaterThan(150);
  });

  test.each(rows)("$code", ({ code, en, zh }) => {
    const known = knowDtc(code);
    if (!known.ok || known.value.text === null) throw new Error(`${code} is not known`);
    expectWords(known.value.text.en.toLowerCase(), en);
    expectWords(known.value.text["zh-CN"], zh);
  });
});

function expectWords(text: string, words: readonly string[]): void {
  for (const word of words) {
    if (word.startsWith("!")) expect(text).not.toContain(word.slice(1));
    else expect(standsIn(word, text), `"${word}" in "${text}"`).toBe(true);
  }
}

/** A number at either end counts as the whole number: "cylinder 1" does not stand in "cylinder 12". */
function standsIn(word: string, text: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (
      !/\d\d/.test(text.slice(at - 1, at + 1)) &&
      !/\d\d/.test(text.slice(at + word.length - 1, at + word.length + 1))
    )
      return true;
  }
  return false;
}
