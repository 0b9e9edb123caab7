import { networkInterfaces } from "node:os";

/**
 * Where a browser finds the page: the address it listens on, or those of this machine in the shop's network where it listens on all of them.
 * @param page URL with the address it listens on
 */
export function pageAddresses(page: string, interfaces = networkInterfaces()): readonly string[] {
  const url = new URL(page);
  if (url.hostname !== "0.0.0.0" && url.hostname !== "[::]") return [page];
  const families = url.hostname === "[::]" ? ["IPv4", "IPv6"] : ["IPv4"];
  const found = Object.values(interfaces)
    .flatMap((each) => each ?? [])
    // Link-local v6 addresses mean nothing without the zone, which a browser does not take.
    .filter(({ internal, family, address }) => !internal && families.includes(family) && !address.startsWith("fe80:"))
    .map(({ family, address }) => `${url.protocol}//${family === "IPv6" ? `[${address}]` : address}:${url.port}`);
  return found.length > 0 ? found : [`${url.protocol}//localhost:${url.port}`];
}
