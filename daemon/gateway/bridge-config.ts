import type { BridgeConfig } from "../../contract/payloads.ts";
import type { Configuration } from "../configuration/configuration.ts";

/** What a bridge is to know of its devices, from `shop.yaml`, and whether it may ask cars. */
export function bridgeConfigOf(configuration: Configuration, bridgeId: string, pollingEnabled: boolean): BridgeConfig {
  const own = new Set<string>(configuration.bridges[bridgeId]?.dongles);
  const dongles = Object.entries(configuration.dongles)
    .filter(([id]) => own.has(id))
    .map(([id, { dialect, nativeId, minimumBatteryVolts, silentAfterSeconds, options }]) => ({
      id: id as BridgeConfig["dongles"][number]["id"],
      dialect,
      nativeId,
      minimumBatteryVolts,
      silentAfterMs: silentAfterSeconds * 1000,
      ...(options === undefined ? {} : { options }),
    }));
  return { version: 1, dongles, pollingEnabled };
}
