import { describeController } from "./controllers.ts";
import type { Words } from "./failure-modes.ts";
import { ENGINE_PARAMETERS } from "./parameters-engine.ts";
import { VEHICLE_PARAMETERS } from "./parameters-vehicle.ts";

const PARAMETERS: ReadonlyMap<number, Words> = new Map(
  [...ENGINE_PARAMETERS, ...VEHICLE_PARAMETERS].map(([spn, en, zh]) => [spn, { en, "zh-CN": zh }]),
);

// SPN 2000 to 2255 stand for the messages of the controllers 0 to 255.
const FIRST_CONTROLLER = 2000;
const LAST_CONTROLLER = 2255;
/** From here on makers number as they like. */
const FIRST_PROPRIETARY = 520_192;

/**
 * The name of a suspect parameter number, for those that vans and trucks show most. Others are shown as what they are: a
 * number of the standard that is not in this list, or one of the maker's own.
 */
export function describeParameter(spn: number): Words {
  const known = PARAMETERS.get(spn);
  if (known !== undefined) return known;
  if (spn >= FIRST_CONTROLLER && spn <= LAST_CONTROLLER) {
    const controller = describeController(spn - FIRST_CONTROLLER);
    return { en: `Messages of: ${controller.en}`, "zh-CN": `报文来源:${controller["zh-CN"]}` };
  }
  return spn >= FIRST_PROPRIETARY
    ? { en: `Maker's own parameter ${spn}`, "zh-CN": `厂家自定义参数 ${spn}` }
    : { en: `Parameter ${spn}`, "zh-CN": `参数 ${spn}` };
}
