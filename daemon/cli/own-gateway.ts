import { readFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { placesIn } from "../gateway/places.ts";
import type { Running } from "../gateway/running.ts";

const PATIENCE_MS = 5_000;

/**
 * Asks the gateway that runs on this machine for a page of its own. Beyond loopback that is HTTPS, and the certificate must be the very one that this data
 * directory holds.
 * @throws what reading the certificate or the connection throws
 */
export async function askOwnGateway(
  { page }: Pick<Running, "page">,
  data: string,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const url = new URL(path, page);
  // Where all addresses are listened to, loopback is one that the certificate names.
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.hostname === "[::]") url.hostname = "[::1]";
  const options = { agent: false as const, timeout: PATIENCE_MS };
  const asked =
    url.protocol === "https:"
      ? requestHttps(url, { ...options, ca: await ownCertificate(data), allowPartialTrustChain: true })
      : requestHttp(url, options);
  return await new Promise((resolve, reject) => {
    asked.on("response", (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.on("timeout", () => asked.destroy(new Error(`${page} does not answer`)));
    asked.on("error", reject);
    asked.end();
  });
}

/** `page.pem` holds the key, too, which has no place in a connection to ourselves. */
async function ownCertificate(data: string): Promise<string> {
  const file = join(placesIn(data).page, "page.pem");
  const [certificate] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(await readFile(file, "utf8")) ?? [];
  if (certificate === undefined) throw new Error(`${file} holds no certificate`);
  return certificate;
}
