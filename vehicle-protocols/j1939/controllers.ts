import type { Words } from "./failure-modes.ts";
import { GLOBAL_ADDRESS, NULL_ADDRESS } from "./identifier.ts";

// SAE J1939 preferred addresses of the controllers that vans and trucks have.
const CONTROLLERS: Readonly<Record<number, readonly [en: string, zh: string]>> = {
  0: ["Engine 1", "发动机 1"],
  1: ["Engine 2", "发动机 2"],
  3: ["Transmission", "变速器"],
  5: ["Shift console", "换挡控制台"],
  7: ["Power take-off", "取力器"],
  8: ["Steering axle", "转向桥"],
  9: ["Drive axle", "驱动桥"],
  11: ["Brakes", "制动系统"],
  15: ["Engine retarder", "发动机缓速器"],
  16: ["Driveline retarder", "传动系缓速器"],
  17: ["Cruise control", "巡航控制"],
  18: ["Fuel system", "燃油系统"],
  19: ["Steering", "转向控制"],
  23: ["Instrument cluster", "组合仪表"],
  24: ["Trip recorder", "行程记录仪"],
  25: ["Climate control", "空调控制"],
  33: ["Body controller", "车身控制器"],
  37: ["Gateway", "车外网关"],
  39: ["Management computer", "管理计算机"],
  42: ["Distance control", "车距控制"],
  47: ["Suspension", "悬架系统"],
  49: ["Cab controller", "驾驶室控制器"],
  51: ["Tyre pressure", "胎压监测"],
  61: ["Exhaust aftertreatment", "排放后处理"],
  62: ["Stability control", "车身稳定控制"],
  249: ["Service tool 1", "诊断工具 1"],
  250: ["Service tool 2", "诊断工具 2"],
  [NULL_ADDRESS]: ["No address", "无地址"],
  [GLOBAL_ADDRESS]: ["All controllers", "全部控制器"],
};

/** Who usually has this address. Makers may use others, so it is a hint; addresses without a usual owner show their number. */
export function describeController(address: number): Words {
  const [en, zh] = CONTROLLERS[address] ?? [`Controller ${address}`, `控制器 ${address}`];
  return { en, "zh-CN": zh };
}
