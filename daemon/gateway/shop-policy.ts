import { DIALECT_ROWS } from "../../contract/dialects/index.ts";
import type { BayId } from "../../contract/ids.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { DonglePlace } from "../diagnostics/decide.ts";
import { bayIds } from "../health/picture.ts";
import type { ShopPolicy } from "../shop/shop.ts";

/** What of `shop.yaml` the shop's decisions rest on. */
export function shopPolicyOf(configuration: Configuration): ShopPolicy {
  const bays = bayIds(configuration);
  const dongles: Partial<Record<BayId, DonglePlace>> = {};
  for (const bayId of bays) {
    const dongleId = configuration.bays[bayId]?.dongle;
    if (dongleId === undefined) continue;
    const bridge = Object.entries(configuration.bridges).find(([, each]) => each.dongles.includes(dongleId));
    const dialect = configuration.dongles[dongleId]?.dialect ?? "";
    // A dialect that the contract does not name is asked: its bridge will tell.
    const askable = DIALECT_ROWS.get(dialect)?.car !== "told";
    dongles[bayId] = { dongleId, bridgeId: bridge?.[0], askable };
  }
  return {
    bays,
    longestShiftMs: configuration.labour.longestShiftHours * 3_600_000,
    dongles,
    polling: configuration.diagnostics.polling,
    reviewThreshold: configuration.review.threshold,
  };
}
