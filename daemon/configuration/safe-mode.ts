import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../machine/durable-file.ts";
import { checkConfiguration, type LoadedConfiguration } from "./load.ts";
import type { Configuration } from "./resolved.ts";

const FILE = "shop.last-good.yaml";

/** Keeps the text of a configuration that was accepted, so that safe mode still knows which shop this is. */
export async function keepLastGood(dataDirectory: string, loaded: LoadedConfiguration): Promise<void> {
  await writeDurably(join(dataDirectory, FILE), loaded.text, { mode: 0o600 });
}

/**
 * What the daemon runs on when `shop.yaml` is missing or broken: no devices and no line to headquarters, but the page answers where people know it,
 * in their language and time zone, and says what is wrong. The journal stays the gateway's own.
 * Where no good configuration was ever kept, the gateway has no name yet.
 */
export async function safeModeConfiguration(
  dataDirectory: string,
): Promise<{ readonly configuration: Configuration; readonly gatewayKnown: boolean }> {
  const lastGood = await readLastGood(dataDirectory);
  const bare = await checkConfiguration(BARE, dataDirectory);
  if (!bare.ok) throw new Error("the built-in safe mode configuration does not fit the schema");
  if (lastGood === undefined) return { configuration: bare.configuration, gatewayKnown: false };
  const { shop, locale, http, labour, retention, privacy } = lastGood;
  return {
    configuration: Object.freeze({ ...bare.configuration, shop, locale, http, labour, retention, privacy }),
    gatewayKnown: true,
  };
}

/** No bay, no camera, and an MQTT listener for nobody but this machine. */
const BARE = `
shop: { name: { en: Safe mode, zh-CN: 安全模式 }, gateway: unnamed, timeZone: UTC }
bays: {}
cameras: {}
`;

async function readLastGood(dataDirectory: string): Promise<Configuration | undefined> {
  try {
    const checked = await checkConfiguration(await readFile(join(dataDirectory, FILE), "utf8"), dataDirectory);
    return checked.ok ? checked.configuration : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
