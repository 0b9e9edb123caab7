import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { loadBrokerCertificate } from "../broker/certificate.ts";
import { placesIn } from "../gateway/places.ts";
import { IdentityStore } from "../sync/uplink.ts";
import { BOX_CHECKS } from "./doctor-checks.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "doctor-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the look at headquarters", () => {
  it("says that a box is not enrolled before it is, and until when its certificate is good afterwards", async () => {
    const { key, certificate } = await startHeadquarters();
    expect(await lookAtHeadquarters()).toMatchObject({
      state: "warning",
      what: { en: "Headquarters answers; this box is not enrolled yet" },
    });
    const { notAfterMs } = await new IdentityStore(placesIn(folder).headquarters).save("x", key, certificate);
    const until = new Date(notAfterMs).toISOString().slice(0, 10);
    expect(await lookAtHeadquarters()).toMatchObject({
      state: "ok",
      what: {
        en: `Headquarters answers; certificate good until ${until}`,
        "zh-CN": `总部可达;证书有效期至 ${until}`,
      },
    });
  });

  it("does not take a damaged identity for a box that is not enrolled", async () => {
    const { key, certificate } = await startHeadquarters();
    await new IdentityStore(placesIn(folder).headquarters).save("x", key, certificate);
    await writeFile(join(placesIn(folder).headquarters, "identity.json"), '{"gateway":"x"');
    await expect(lookAtHeadquarters()).rejects.toMatchObject({ code: "HEADQUARTERS_IDENTITY_UNREADABLE" });
  });
});

async function lookAtHeadquarters() {
  const check = BOX_CHECKS.find(({ name }) => name === "headquarters");
  return await check?.examine({ config: join(folder, "shop.yaml"), data: folder });
}

/** Something that speaks TLS with a certificate of its own, and a shop that trusts it. */
async function startHeadquarters() {
  const pair = await loadBrokerCertificate(join(folder, "there"), []);
  const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await writeFile(join(folder, "authority.pem"), pair.certificate);
  await writeFile(
    join(folder, "shop.yaml"),
    `shop: { name: X, gateway: x, timeZone: UTC }\nbays: {}\ncameras: {}\nheadquarters: { url: "https://127.0.0.1:${port}", authorityFile: authority.pem }\n`,
  );
  return pair;
}
