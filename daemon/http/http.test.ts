import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ERRORS, type ErrorCode, type ErrorRow, GatewayError } from "../../contract/errors.ts";
import { languageOf } from "./language.ts";
import { testServer } from "./shop.fixture.ts";

const REQUEST_ID = "request-0001";

test("a host name that is not the box's own is refused, addresses and configured names are not", async () => {
  await using server = await testServer({ names: ["gateway.shop.example"] });
  const get = async (host: string) => (await server.http.inject({ url: "/api/session", headers: { host } })).statusCode;
  expect(await get("evil.example:8443")).toBe(421);
  expect(await get("localhost.evil.example")).toBe(421);
  expect(await get("192.168.1.5:8443, evil.example")).toBe(421);
  expect(await get("192.168.1.5:8443")).toBe(200);
  expect(await get("[::1]:8443")).toBe(200);
  expect(await get("GATEWAY.shop.example:8443")).toBe(200);
});

test("an address that asks too fast gets 429 with the time to wait", async () => {
  await using server = await testServer({ requestsPerTenSeconds: 5 });
  const responses = [];
  for (let n = 0; n < 6; n += 1) responses.push(await server.http.inject({ url: "/api/session" }));
  expect(responses.map((response) => response.statusCode)).toEqual([200, 200, 200, 200, 200, 429]);
  expect(responses[5]?.json()).toMatchObject({ code: "HTTP_RATE_LIMITED", title: "请求过于频繁" });
  expect(Number(responses[5]?.headers["retry-after"])).toBeGreaterThan(0);
  expect((await server.http.inject({ url: "/api/session", remoteAddress: "192.168.1.9" })).statusCode).toBe(200);
});

test("what a person asks for goes down with his name and request id, and a refusal comes back in his language", async () => {
  await using server = await testServer();
  const headers = await server.signIn("advisor");
  const job = { requestId: REQUEST_ID, number: "RO-7", work: "刹车片", bay: "bay-1", flatRateHours: 1.5 };
  const opened = await server.http.inject({ method: "POST", url: "/api/jobs", headers, payload: job });
  expect(opened.json()).toEqual({ committed: true, duplicate: false, ids: {} });
  expect(server.shop.requests).toEqual([
    {
      person: { id: "person-2", name: "advisor", role: "advisor" },
      requestId: REQUEST_ID,
      action: { kind: "open-job", job: { number: "RO-7", work: "刹车片", bay: "bay-1", flatRateHours: 1.5 } },
    },
  ]);
  server.shop.answer = async () => {
    throw new GatewayError("PERMISSION_DENIED", { detail: "inner words", details: { secret: "x" } });
  };
  for (const [language, title] of [
    ["en-GB", "Your role may not do this"],
    ["zh-TW,zh;q=0.9", "您的角色无权执行此操作"],
    ["fr", "您的角色无权执行此操作"],
  ] as const) {
    const refused = await server.http.inject({
      method: "POST",
      url: "/api/jobs",
      headers: { ...headers, "accept-language": language },
      payload: job,
    });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: "PERMISSION_DENIED", title });
    expect(refused.body).not.toContain("inner words");
  }
});

test("a fault of our own tells its code and nothing of its inside", async () => {
  await using server = await testServer();
  const headers = await server.signIn("technician");
  server.shop.answer = async () => {
    throw new Error("SELECT * FROM secrets");
  };
  const failed = await server.http.inject({
    method: "POST",
    url: "/api/labour/off",
    headers,
    payload: { requestId: REQUEST_ID },
  });
  expect(failed.statusCode).toBe(500);
  expect(failed.json()).toMatchObject({ code: "HTTP_INTERNAL" });
  expect(failed.body).not.toContain("SELECT");
});

test("an answer with more in it than its schema allows never leaves", async () => {
  await using server = await testServer();
  const headers = await server.signIn("technician");
  const leaky = { committed: true, duplicate: false, ids: {}, plate: "沪A12345" } as const;
  server.shop.answer = async () => leaky;
  const response = await server.http.inject({
    method: "POST",
    url: "/api/labour/off",
    headers,
    payload: { requestId: REQUEST_ID },
  });
  expect(response.json()).toMatchObject({ code: "HTTP_ANSWER_INVALID" });
  expect(response.body).not.toContain("沪A12345");
});

test("hostile bodies are refused with a code and reach nobody", async () => {
  await using server = await testServer({ requestsPerTenSeconds: 10_000 });
  const headers = await server.signIn("advisor");
  const post = (payload: string, type = "application/json") =>
    server.http.inject({ method: "POST", url: "/api/jobs", headers: { ...headers, "content-type": type }, payload });
  const cases: readonly (readonly [string, string, ErrorCode])[] = [
    ["", "application/json", "HTTP_REQUEST_INVALID"],
    ["{", "application/json", "HTTP_REQUEST_INVALID"],
    ["null", "application/json", "HTTP_REQUEST_INVALID"],
    ["[]", "application/json", "HTTP_REQUEST_INVALID"],
    [`{"requestId":"request-1","number":"1","work":"x","role":"manager"}`, "application/json", "HTTP_REQUEST_INVALID"],
    [
      `{"requestId":"request-1","number":"1","work":"x","flatRateHours":"2"}`,
      "application/json",
      "HTTP_REQUEST_INVALID",
    ],
    [`{"requestId":"with space","number":"1","work":"x"}`, "application/json", "HTTP_REQUEST_INVALID"],
    [
      `{"__proto__":{"a":1},"requestId":"request-1","number":"1","work":"x"}`,
      "application/json",
      "HTTP_REQUEST_INVALID",
    ],
    [
      `{"constructor":{"prototype":{"a":1}},"requestId":"request-1","number":"1","work":"x"}`,
      "application/json",
      "HTTP_REQUEST_INVALID",
    ],
    [
      JSON.stringify({ requestId: "request-1", number: "1", work: "x".repeat(70_000) }),
      "application/json",
      "HTTP_REQUEST_TOO_LARGE",
    ],
    ["requestId=request-1&number=1&work=x", "application/x-www-form-urlencoded", "HTTP_MEDIA_TYPE_REFUSED"],
    [`{"requestId":"request-1","number":"1","work":"x"}`, "text/plain", "HTTP_MEDIA_TYPE_REFUSED"],
  ];
  for (const [payload, type, code] of cases) {
    const response = await post(payload, type);
    expect(response.json<{ code: string }>().code, payload.slice(0, 80)).toBe(code);
    const row: ErrorRow = ERRORS[code];
    expect(response.statusCode).toBe(row.status);
  }
  await fc.assert(
    fc.asyncProperty(fc.json(), async (payload) => {
      expect((await post(payload)).json()).toMatchObject({ code: "HTTP_REQUEST_INVALID" });
    }),
    { numRuns: 60 },
  );
  expect(server.shop.requests).toEqual([]);
});

test("hostile addresses are refused with a code", async () => {
  await using server = await testServer();
  const headers = await server.signIn("advisor");
  for (const url of [
    "/api/nothing",
    "/api/jobs/%00/close",
    "/api/jobs/..%2f..%2fetc/close",
    `/api/cameras/${"a".repeat(300)}/thumbnail`,
    "/api/cameras/BAY_1/thumbnail",
    "/%E0%A4%A",
    "/api/%ff",
  ]) {
    const response = await server.http.inject({ url, headers });
    expect([400, 404], url).toContain(response.statusCode);
    expect(Object.keys(ERRORS), url).toContain(response.json<{ code: string }>().code);
  }
});

test("every answer carries the security headers, and style elements need the response's own nonce", async () => {
  await using server = await testServer();
  await mkdir(join(server.directory, "dist", "assets"), { recursive: true });
  await writeFile(
    join(server.directory, "dist", "index.html"),
    `<script type="module" src="/assets/a.js" nonce="__CSP_NONCE__"></script>`,
  );
  await writeFile(join(server.directory, "dist", "assets", "a.js"), "1");
  for (const url of ["/", "/api/session", "/api/nothing", "/assets/a.js", "/livez"]) {
    const { headers } = await server.http.inject({ url });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toMatch(/style-src 'self' 'nonce-[A-Za-z0-9+/]{22}=='/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    });
    expect(headers["strict-transport-security"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  }
  const first = await server.http.inject({ url: "/" });
  const second = await server.http.inject({ url: "/my-job" });
  const nonce = /nonce="([^"]+)"/.exec(first.body)?.[1];
  expect(first.headers["content-security-policy"]).toContain(`'nonce-${nonce}'`);
  expect(second.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(second.body).not.toContain(nonce);
  expect((await server.http.inject({ url: "/api/session" })).headers["cache-control"]).toBe("no-store");
  expect((await server.http.inject({ url: "/assets/a.js" })).headers["cache-control"]).toContain("immutable");
});

test("only the built page's files are served, and a page that is not built says so in plain words", async () => {
  await using server = await testServer();
  const missing = await server.http.inject({ url: "/", headers: { "accept-language": "en" } });
  expect(missing.statusCode).toBe(503);
  expect(missing.body).toContain("The page has not been built");
  expect((await server.http.inject({ url: "/" })).body).toContain("页面尚未构建");
  await mkdir(join(server.directory, "dist"), { recursive: true });
  await writeFile(join(server.directory, "dist", "index.html"), "<p>page</p>");
  await writeFile(join(server.directory, "dist", ".env.local"), "secret");
  expect((await server.http.inject({ url: "/" })).body).toBe("<p>page</p>");
  for (const url of [
    "/people.json",
    "/../people.json",
    "/..%2fpeople.json",
    "/%2e%2e/people.json",
    "/.env.local",
    "/assets/none.js",
    "/people.json/.",
  ]) {
    const response = await server.http.inject({ url });
    expect(response.body, url).not.toContain("argon2id");
    expect(response.body, url).not.toContain("secret");
    expect([200, 400, 403, 404], url).toContain(response.statusCode);
  }
  expect((await server.http.inject({ url: "/assets/none.js" })).json()).toMatchObject({ code: "HTTP_NOT_FOUND" });
});

test("a camera's thumbnail is shown to who is signed in and never cached", async () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);
  await using server = await testServer({
    thumbnail: (camera) => (camera === "bay1-north" ? { jpeg, at: 1_700_000_000_000 } : undefined),
  });
  const headers = await server.signIn("technician");
  const shown = await server.http.inject({ url: "/api/cameras/bay1-north/thumbnail?at=1700000000000", headers });
  expect(shown.statusCode).toBe(200);
  expect(shown.headers).toMatchObject({ "content-type": "image/jpeg", "cache-control": "no-store" });
  expect(new Uint8Array(shown.rawPayload)).toEqual(jpeg);
  expect((await server.http.inject({ url: "/api/cameras/other/thumbnail", headers })).json()).toMatchObject({
    code: "THUMBNAIL_ABSENT",
  });
  expect((await server.http.inject({ url: "/api/cameras/bay1-north/thumbnail" })).statusCode).toBe(401);
});

test("watchdogs need no session, and metrics are told to this machine alone", async () => {
  await using server = await testServer({
    live: () => false,
    ready: () => ({ ready: false, parts: { journal: "failed" } }),
  });
  expect((await server.http.inject({ url: "/livez" })).statusCode).toBe(503);
  expect((await server.http.inject({ url: "/readyz" })).json()).toEqual({ ready: false, parts: { journal: "failed" } });
  const metrics = await server.http.inject({ url: "/metrics" });
  expect(metrics.body).toContain("baygate_http_request_seconds_count");
  expect((await server.http.inject({ url: "/metrics", remoteAddress: "192.168.1.9" })).statusCode).toBe(404);
});

test("accept-language is read as browsers write it, and nonsense is the shop's language", () => {
  expect(languageOf("zh-CN,zh;q=0.9,en;q=0.8", "en")).toBe("zh-CN");
  expect(languageOf("de, en;q=0.7, zh;q=0.8", "en")).toBe("zh-CN");
  expect(languageOf("zh;q=0, en;q=0.1", "zh-CN")).toBe("en");
  expect(languageOf(undefined, "en")).toBe("en");
  fc.assert(fc.property(fc.string(), (header) => ["en", "zh-CN"].includes(languageOf(header, "en"))));
});
