import "reflect-metadata";
import { randomUUID, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SystemClock } from "../machine/clock.ts";
import { Authority } from "./authority.ts";
import { type Headquarters, startHeadquarters } from "./headquarters.ts";
import { Load } from "./load.ts";
import { nesting } from "./request-body.ts";
import { ask, type Credentials, enrolled, keyAndRequest, requestWithRsaKey } from "./test-gateway.ts";
import { TestChain } from "./test-records.ts";

// PGlite takes seconds to start, and much longer on a loaded machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });
const log = pino({ level: "silent" });
const DAY_MS = 86_400_000;
const clock = new SystemClock({ scale: 1, originMs: 0 });
let nowMs = Date.now();
let directory: string;
let headquarters: Headquarters;
let credentials: Credentials;
const epoch = randomUUID();
const none = { seq: 0, hash: "" };
const greeting = {
  version: "1",
  heads: { labour: none, work: none, diagnostics: none, findings: none, operations: none },
};
const batches = (gateway: string) => `/v1/gateways/${gateway}/epochs/${epoch}/streams/operations`;

const start = () =>
  startHeadquarters({
    log,
    clock,
    directory,
    machineNowMs: () => nowMs,
    graceMs: 100 * DAY_MS,
    limits: { strangerBurst: 1000, gatewayBurst: 1000 },
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "headquarters-"));
  headquarters = await start();
  credentials = await enrolled(headquarters, "gw-1");
  await ask(headquarters, `/v1/gateways/gw-1/epochs/${epoch}/hello`, greeting, { credentials });
});
afterAll(async () => {
  await headquarters.stop();
  await rm(directory, { recursive: true, force: true });
});

describe("who may speak", () => {
  test("the gateway's name comes from the claim, not from the request", async () => {
    const subject = new X509Certificate(credentials.cert).subject;
    expect(subject).toContain("CN=gw-1");
    expect(subject).not.toContain("whatever");
  });

  test("a claim code is good for one key, once, and for a time", async () => {
    const code = await headquarters.createClaim("gw-2");
    const first = await keyAndRequest();
    const second = await keyAndRequest();
    const enrol = (claimCode: string, csr: string) => ask(headquarters, "/v1/enrol", { claimCode, csr });
    expect(await enrol(code.toLowerCase().replaceAll("-", " "), first.csr)).toMatchObject({ status: 200 });
    // The answer was lost on the way: the same box asks again.
    expect(await enrol(code, first.csr)).toMatchObject({ status: 200, body: { gateway: "gw-2" } });
    expect(await enrol(code, second.csr)).toMatchObject({ status: 401, body: { code: "claim-refused" } });
    expect(await enrol("0000-0000-0000-0000", second.csr)).toMatchObject({
      status: 401,
      body: { code: "claim-refused" },
    });
    expect(await enrol(await headquarters.createClaim("gw-2", -1), second.csr)).toMatchObject({ status: 401 });
  });

  test("a signing request that is damaged, foreign or of another kind of key is refused before the code is used", async () => {
    const claimCode = await headquarters.createClaim("gw-3");
    const good = await keyAndRequest();
    const lines = good.csr.split("\n");
    const middle = lines[2] ?? "";
    lines[2] = `${middle.startsWith("A") ? "B" : "A"}${middle.slice(1)}`;
    for (const csr of ["", "nonsense", lines.join("\n"), await requestWithRsaKey(), good.csr.slice(0, 200)])
      expect(await ask(headquarters, "/v1/enrol", { claimCode, csr })).toMatchObject({
        status: 422,
        body: { code: "csr-invalid" },
      });
    expect(await ask(headquarters, "/v1/enrol", { claimCode, csr: good.csr })).toMatchObject({ status: 200 });
  });

  test("without a certificate, with a stranger's, or under another gateway's name nothing is taken", async () => {
    const records = new TestChain().addMany(1).records;
    expect(await ask(headquarters, batches("gw-1"), { records })).toMatchObject({
      status: 401,
      body: { code: "certificate-missing" },
    });
    const stranger = await Authority.open(undefined, Date.now);
    const { key, csr } = await keyAndRequest();
    const forged = { key, cert: (await stranger.signGateway("gw-1", csr, DAY_MS)).pem };
    expect(await ask(headquarters, batches("gw-1"), { records }, { credentials: forged })).toMatchObject({
      status: 401,
      body: { code: "certificate-refused" },
    });
    for (const http2 of [true, false])
      expect(await ask(headquarters, batches("gw-2"), { records }, { credentials, http2 })).toMatchObject({
        status: 403,
        body: { code: "other-gateway" },
      });
    expect(await headquarters.store.records({ gateway: "gw-1", stream: "operations" })).toEqual([]);
  });

  test("a certificate that ran out is good for renewal alone, and not for ever; a revoked one for nothing", async () => {
    const mine = await enrolled(headquarters, "gw-4");
    const path = `/v1/gateways/gw-4/epochs/${epoch}/hello`;
    const { key, csr } = await keyAndRequest();
    const renewal = () => ask(headquarters, "/v1/gateways/gw-4/renew", { csr }, { credentials: mine });
    const startedMs = nowMs;
    try {
      nowMs = startedMs + 150 * DAY_MS;
      expect(await ask(headquarters, path, greeting, { credentials: mine })).toMatchObject({ status: 401 });
      const renewed = await renewal();
      expect(renewed).toMatchObject({ status: 200, body: { gateway: "gw-4" } });
      const cert = JSON.parse(JSON.stringify(renewed.body)).certificate;
      expect(await ask(headquarters, path, greeting, { credentials: { key, cert } })).toMatchObject({ status: 200 });
      nowMs = startedMs + 191 * DAY_MS;
      expect(await renewal()).toMatchObject({ status: 401, body: { code: "certificate-refused" } });
      nowMs = startedMs + 160 * DAY_MS;
      expect(await headquarters.registry.revoke("gw-4")).toBe(true);
      expect(await ask(headquarters, path, greeting, { credentials: { key, cert } })).toMatchObject({ status: 401 });
      expect(await renewal()).toMatchObject({ status: 401 });
      expect(await headquarters.registry.reinstate("gw-4")).toBe(true);
      expect(await ask(headquarters, path, greeting, { credentials: { key, cert } })).toMatchObject({ status: 401 });
    } finally {
      nowMs = startedMs;
    }
  });

  test("the operator's routes want the operator's token", async () => {
    const read = (token: string) =>
      ask(headquarters, "/v1/gateways/gw-1/records?stream=operations", undefined, {
        method: "GET",
        headers: { authorization: `Bearer ${token}` },
      });
    expect(await read("wrong")).toMatchObject({ status: 401, body: { code: "operator-refused" } });
    expect(await read(headquarters.operatorToken)).toMatchObject({ status: 200, body: { records: [] } });
  });
});

describe("what is taken in", () => {
  const chain = new TestChain();
  const post = (body: unknown, encoding?: string) =>
    ask(headquarters, batches("gw-1"), body, {
      credentials,
      ...(encoding === undefined ? {} : { headers: { "content-encoding": encoding } }),
    });

  test("batches in zstd, gzip and plain, over HTTP/2 and HTTP/1.1", async () => {
    chain.addMany(4);
    const text = (from: number, to: number) => Buffer.from(JSON.stringify({ records: chain.between(from, to) }));
    expect(await post(zstdCompressSync(text(1, 1)), "zstd")).toMatchObject({ status: 200, body: { highWaterMark: 1 } });
    expect(await post(gzipSync(text(2, 2)), "gzip")).toMatchObject({ status: 200, body: { highWaterMark: 2 } });
    expect(await post(text(3, 3))).toMatchObject({ status: 200, body: { highWaterMark: 3, hash: chain.at(3).hash } });
    expect(await ask(headquarters, batches("gw-1"), text(4, 4), { credentials, http2: false })).toMatchObject({
      status: 200,
    });
  });

  test("a bomb, a cut, a foreign encoding, a deep nest and nonsense are refused with a reason", async () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    expect(await post(gzipSync(zeros), "gzip")).toMatchObject({ status: 413, body: { code: "too-large" } });
    expect(await post(zstdCompressSync(zeros), "zstd")).toMatchObject({ status: 413, body: { code: "too-large" } });
    expect(await post(Buffer.alloc(2 * 1024 * 1024, "a"))).toMatchObject({ status: 413 });
    expect(await post(gzipSync(Buffer.from("{}")).subarray(0, 12), "gzip")).toMatchObject({
      status: 400,
      body: { code: "body-unreadable" },
    });
    expect(await post(zstdCompressSync(Buffer.from("{}")).subarray(0, 6), "zstd")).toMatchObject({ status: 400 });
    expect(await post(Buffer.from("{}"), "br")).toMatchObject({ status: 415, body: { code: "encoding-unknown" } });
    expect(await post(Buffer.from("[".repeat(200_000)))).toMatchObject({ status: 400 });
    for (const body of ["", "null", "{", "[]", '{"records":[]}', '{"records":[1]}', '{"records":{},"x":1}', "\xff"])
      expect(await post(Buffer.from(body, "latin1"))).toMatchObject({ status: 400 });
    expect(await post({ records: new TestChain().addMany(501).records })).toMatchObject({ status: 400 });
    const bad = new TestChain().addMany(1).records.map((record) => ({ ...record, seq: 1.5 }));
    expect(await post({ records: bad })).toMatchObject({ status: 400 });
    expect((await headquarters.store.marks("gw-1", epoch)).operations.seq).toBe(4);
  });

  test("paths that are not ours are refused, never guessed", async () => {
    for (const path of [
      "/v1/gateways/gw-1/epochs/../x/streams/labour",
      `/v1/gateways/gw-1/epochs/${epoch}/streams/secrets`,
      "/v1/gateways/GW%00/renew",
      "/nothing",
    ])
      expect([403, 404]).toContain((await ask(headquarters, path, { records: [] }, { credentials })).status);
  });

  test("nothing that arrives ends the server", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom("zstd", "gzip", "identity"),
        async (bytes, encoding) => {
          const { status } = await post(bytes, encoding);
          return status >= 400 && status < 500;
        },
      ),
      { numRuns: 30 },
    );
    expect(await ask(headquarters, "/healthz", undefined, { method: "GET" })).toMatchObject({ status: 200 });
  });

  test("nesting is counted as a parser would, whatever stands in strings", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const depthOf = (value: unknown): number =>
          typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
        expect(nesting(Buffer.from(text))).toBe(depthOf(JSON.parse(text)));
      }),
    );
  });
});

describe("under load", () => {
  test("one gateway that asks too much is told to wait, the others are not", () => {
    let ms = 0;
    const load = new Load(
      { concurrentBatches: 1, gatewayBurst: 3, gatewayPerSecond: 2, strangerBurst: 1, strangerPerSecond: 1 },
      () => ms,
    );
    for (let i = 0; i < 3; i++) load.admit("a");
    expect(() => load.admit("a")).toThrow(expect.objectContaining({ status: 429, retryAfterMs: 500 }));
    load.admit("b");
    ms += 500;
    load.admit("a");
    expect(() => load.admit("a")).toThrow();
  });

  test("a full node says 503 and when to come back", async () => {
    const load = new Load(
      { concurrentBatches: 1, gatewayBurst: 3, gatewayPerSecond: 2, strangerBurst: 1, strangerPerSecond: 1 },
      () => 0,
    );
    let finish: (value: number) => void = () => undefined;
    const first = load.carry(
      () =>
        new Promise<number>((resolve) => {
          finish = resolve;
        }),
    );
    await expect(load.carry(async () => 2)).rejects.toMatchObject({ status: 503, retryAfterMs: 1000 });
    finish(1);
    expect(await first).toBe(1);
    expect(await load.carry(async () => 3)).toBe(3);
  });
});

describe("a node's life", () => {
  test("keys and token are kept for the owner's eyes, and a restart keeps authority, port-independent data and certificates", async () => {
    for (const file of ["keys/authority.pem", "keys/server.pem", "operator.token"])
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    const { authorityPem, operatorToken } = headquarters;
    await headquarters.pause("hang");
    await headquarters.resume();
    await headquarters.stop();
    headquarters = await start();
    expect(headquarters.authorityPem).toBe(authorityPem);
    expect(headquarters.operatorToken).toBe(operatorToken);
    expect((await headquarters.store.marks("gw-1", epoch)).operations.seq).toBe(4);
    expect(
      await ask(
        headquarters,
        `/v1/gateways/gw-1/epochs/${epoch}/hello`,
        { ...greeting, heads: { ...greeting.heads, operations: { seq: 4, hash: "e".repeat(64) } } },
        { credentials },
      ),
    ).toMatchObject({ status: 200, body: { verdict: "ok" } });
    expect(await readFile(join(directory, "node.json"), "utf8")).toContain(headquarters.url);
  });

  test("the server's certificate is made anew before it runs out or when its names change", async () => {
    let at = Date.now();
    const authority = await Authority.open(undefined, () => at);
    const first = await authority.server(["localhost"]);
    expect(await authority.server(["localhost"])).toEqual(first);
    expect(await authority.server(["localhost", "127.0.0.1"])).not.toEqual(first);
    const second = await authority.server(["localhost"]);
    at += 300 * DAY_MS;
    expect(await authority.server(["localhost"])).not.toEqual(second);
  });
});
