import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { loadPageCertificate } from "../http/certificate.ts";
import { askOwnGateway } from "./own-gateway.ts";

const ANSWERS: RequestListener = (request, response) =>
  response.writeHead(request.url === "/readyz" ? 503 : 200).end(`${request.method} ${request.url}`);

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "own-gateway-"));
});

afterEach(() => rm(data, { recursive: true, force: true }));

describe("asking the gateway of this machine", () => {
  it("gives its status and body over plain HTTP on loopback", async () => {
    const page = `http://127.0.0.1:${await listen(createPlainServer(ANSWERS), "127.0.0.1")}`;
    expect(await askOwnGateway({ page }, data, "/metrics")).toEqual({ status: 200, body: "GET /metrics" });
    expect(await askOwnGateway({ page }, data, "/readyz")).toEqual({ status: 503, body: "GET /readyz" });
  });

  it("trusts the box's own certificate where the page is open to the shop's network", async () => {
    const port = await listen(createServer(await pair(data), ANSWERS), "0.0.0.0");
    expect(await askOwnGateway({ page: `https://0.0.0.0:${port}` }, data, "/metrics")).toEqual({
      status: 200,
      body: "GET /metrics",
    });
  });

  it("trusts no other certificate, and says when its own is not there", async () => {
    const other = await mkdtemp(join(tmpdir(), "own-gateway-other-"));
    onTestFinished(() => rm(other, { recursive: true, force: true }));
    const page = `https://0.0.0.0:${await listen(createServer(await pair(other), ANSWERS), "0.0.0.0")}`;
    await expect(askOwnGateway({ page }, data, "/metrics")).rejects.toMatchObject({ code: "ENOENT" });
    await pair(data);
    await expect(askOwnGateway({ page }, data, "/metrics")).rejects.toThrow(/self-signed|issuer|verify/);
    await writeFile(join(data, "page", "page.pem"), "nothing");
    await expect(askOwnGateway({ page }, data, "/metrics")).rejects.toThrow("holds no certificate");
  });

  it("ends when nobody answers", async () => {
    const server = createPlainServer(ANSWERS);
    const page = `http://127.0.0.1:${await listen(server, "127.0.0.1")}`;
    await new Promise((resolve) => server.close(resolve));
    await expect(askOwnGateway({ page }, data, "/metrics")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

async function pair(directory: string): Promise<{ readonly key: string; readonly cert: string }> {
  const { key, certificate } = await loadPageCertificate(join(directory, "page"), Date.now(), []);
  return { key, cert: certificate };
}

async function listen(server: Server, address: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => {
    server.close();
  });
  const bound = server.address();
  return typeof bound === "object" ? (bound?.port ?? 0) : 0;
}
