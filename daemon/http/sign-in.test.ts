import { expect, test } from "vitest";
import { PERMISSIONS, PERSON_ROLES } from "../../contract/http-api.ts";
import { headersOf, PASSWORD, testServer } from "./shop.fixture.ts";
import { addressKey } from "./sign-in-pacing.ts";

const REQUEST_ID = "request-0001";

test("a person signs in, is known by his cookie, and signs out", async () => {
  await using server = await testServer();
  const { http } = server;
  const before = await http.inject({ url: "/api/session" });
  expect(before.json()).toMatchObject({ person: null, csrfToken: null, setupNeeded: false, shopName: { en: "Shop" } });
  const signedIn = await http.inject({
    method: "POST",
    url: "/api/session",
    payload: { login: "Manager", password: PASSWORD },
  });
  expect(signedIn.statusCode).toBe(200);
  expect(signedIn.cookies[0]).toMatchObject({ name: "baygate", httpOnly: true, sameSite: "Strict", path: "/" });
  expect(signedIn.cookies[0]?.value).toHaveLength(43);
  const headers = headersOf(signedIn);
  expect((await http.inject({ url: "/api/session", headers })).json()).toMatchObject({
    person: { name: "manager", role: "manager" },
  });
  expect((await http.inject({ url: "/api/today", headers })).statusCode).toBe(200);
  expect(server.records.map((record) => record.type)).toEqual(["session.signed-in"]);

  expect((await http.inject({ method: "DELETE", url: "/api/session", headers })).json()).toMatchObject({
    person: null,
  });
  expect((await http.inject({ url: "/api/today", headers })).json()).toMatchObject({ code: "SIGN_IN_NEEDED" });
});

test("signing in again makes a new session id and ends the old one", async () => {
  await using server = await testServer();
  const first = await server.signIn("manager");
  const again = await server.http.inject({
    method: "POST",
    url: "/api/session",
    headers: { cookie: first.cookie ?? "" },
    payload: { login: "manager", password: PASSWORD },
  });
  expect(headersOf(again).cookie).not.toBe(first.cookie);
  expect((await server.http.inject({ url: "/api/today", headers: first })).statusCode).toBe(401);
});

test("a session id that the gateway did not make is worth nothing", async () => {
  await using server = await testServer();
  for (const cookie of ["baygate=x", `baygate=${"A".repeat(43)}`, `baygate=${"A".repeat(5000)}`, "baygate", "=;=;="]) {
    expect((await server.http.inject({ url: "/api/today", headers: { cookie } })).statusCode).toBe(401);
  }
});

test("a session ends after idle time, after its longest time, when the person is disabled, and when his password changes", async () => {
  await using server = await testServer({ idleMinutes: 10, requestsPerTenSeconds: 10_000 });
  const get = async (headers: Record<string, string>) =>
    (await server.http.inject({ url: "/api/today", headers })).statusCode;
  const by = { kind: "gateway", id: "test" } as const;

  const idle = await server.signIn("manager");
  server.advance(9 * 60_000);
  expect(await get(idle)).toBe(200);
  server.advance(9 * 60_000);
  expect(await get(idle)).toBe(200);
  server.advance(10 * 60_000);
  expect(await get(idle)).toBe(401);

  const long = await server.signIn("manager");
  for (let passed = 0; passed < 7 * 24 * 60 - 9; passed += 9) {
    server.advance(9 * 60_000);
    if (passed % 900 === 0 || passed > 7 * 24 * 60 - 30)
      expect(await get(long)).toBe(passed + 9 < 7 * 24 * 60 ? 200 : 401);
    else await get(long);
  }
  server.advance(9 * 60_000);
  expect(await get(long)).toBe(401);

  const advisor = await server.signIn("advisor");
  await server.people.setPassword(server.people.byLogin("advisor")?.id ?? "", "another password", by);
  expect(await get(advisor)).toBe(401);
  const technician = await server.signIn("technician");
  await server.people.disable(server.people.byLogin("technician")?.id ?? "", by);
  expect(await get(technician)).toBe(401);
});

test("every route is for somebody named, and every role gets exactly what the table gives it", async () => {
  await using server = await testServer({ requestsPerTenSeconds: 10_000 });
  const everyone = ["/api/session", "/api/setup", "/livez", "/readyz", "/metrics", "/*"];
  expect(
    server.http.routes
      .filter((route) => route.access === "everyone")
      .map((route) => route.url)
      .filter((url) => !everyone.includes(url)),
  ).toEqual([]);
  const guarded = server.http.routes.filter((route) => route.access !== "everyone");
  expect(guarded.map((route) => `${route.method} ${route.url}`).sort()).toEqual(Object.keys(PERMISSIONS).sort());
  for (const route of guarded) expect(route.access).toBe(`${route.method} ${route.url}`);

  const send = async (key: string, headers: Record<string, string>): Promise<number> => {
    const [method, path] = key.split(" ");
    const url = (path ?? "").replace(":id", "x1");
    return (
      await server.http.inject({
        method: method === "POST" ? "POST" : "GET",
        url,
        headers,
        ...(method === "POST" ? { payload: {} } : {}),
      })
    ).statusCode;
  };
  for (const role of PERSON_ROLES) {
    const headers = await server.signIn(role);
    for (const [key, allowed] of Object.entries(PERMISSIONS)) {
      if (key === "GET /api/events" && allowed.some((each) => each === role)) continue;
      const status = await send(key, headers);
      if (allowed.some((each) => each === role)) expect([200, 400, 404], `${role} ${key}`).toContain(status);
      else expect(status, `${role} ${key}`).toBe(403);
    }
  }
  for (const key of Object.keys(PERMISSIONS)) expect(await send(key, {}), key).toBe(401);
  expect(server.shop.requests).toEqual([]);
});

test("a change without the session's token, or from a foreign origin, is refused", async () => {
  await using server = await testServer();
  const good = await server.signIn("technician");
  const other = await server.signIn("manager");
  const post = async (headers: Record<string, string>) =>
    (
      await server.http.inject({ method: "POST", url: "/api/labour/off", headers, payload: { requestId: REQUEST_ID } })
    ).json<{ code?: string }>().code ?? "done";
  const cookie = good.cookie ?? "";
  expect(await post({ cookie })).toBe("HTTP_FORGED_REQUEST");
  expect(await post({ cookie, "x-csrf-token": "" })).toBe("HTTP_FORGED_REQUEST");
  expect(await post({ cookie, "x-csrf-token": other["x-csrf-token"] ?? "" })).toBe("HTTP_FORGED_REQUEST");
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost:81",
    "https://localhost:80",
    "http://localhost:80.evil.example",
  ]) {
    expect(await post({ ...good, origin })).toBe("HTTP_FORGED_REQUEST");
  }
  expect(await post({ ...good, "sec-fetch-site": "cross-site" })).toBe("HTTP_FORGED_REQUEST");
  expect(await post({ ...good, "sec-fetch-site": "same-site" })).toBe("HTTP_FORGED_REQUEST");
  expect(server.shop.requests).toEqual([]);
  expect(await post({ ...good, origin: "http://localhost:80", "sec-fetch-site": "same-origin" })).toBe("done");
  expect(await post(good)).toBe("done");
  const foreign = await server.http.inject({
    method: "POST",
    url: "/api/session",
    headers: { origin: "https://evil.example" },
    payload: { login: "manager", password: PASSWORD },
  });
  expect(foreign.json()).toMatchObject({ code: "HTTP_FORGED_REQUEST" });
  expect((await server.http.inject({ method: "DELETE", url: "/api/session", headers: { cookie } })).statusCode).toBe(
    403,
  );
});

test("guessing at a login is slowed twice as long each time, also with many attempts at once", async () => {
  await using server = await testServer();
  const attempt = (password: string, remoteAddress = "192.168.1.66") =>
    server.http.inject({ method: "POST", url: "/api/session", remoteAddress, payload: { login: "manager", password } });
  const wrong = await Promise.all(Array.from({ length: 12 }, (_, n) => attempt(`wrong ${n}`)));
  expect(wrong.filter((response) => response.statusCode === 401)).toHaveLength(5);
  const paused = wrong.filter((response) => response.statusCode === 429);
  expect(paused).toHaveLength(7);
  expect(paused[0]?.json()).toMatchObject({ code: "SIGN_IN_PAUSED", retryAfterSeconds: 30 });
  expect(paused[0]?.headers["retry-after"]).toBe("30");
  expect((await attempt(PASSWORD)).statusCode).toBe(429);
  server.advance(30_000);
  expect((await attempt("wrong again")).statusCode).toBe(401);
  expect((await attempt(PASSWORD)).json()).toMatchObject({ retryAfterSeconds: 60 });
  server.advance(60_000);
  expect((await attempt(PASSWORD)).statusCode).toBe(200);
  expect(server.records.filter((record) => record.type === "session.refused")).toHaveLength(6);
});

test("a stranger who guesses cannot lock a person out of the device he has used before", async () => {
  await using server = await testServer();
  const attempt = async (password: string, remoteAddress: string) =>
    (
      await server.http.inject({
        method: "POST",
        url: "/api/session",
        remoteAddress,
        payload: { login: "manager", password },
      })
    ).statusCode;
  expect(await attempt(PASSWORD, "192.168.1.10")).toBe(200);
  for (let n = 0; n < 8; n += 1) await attempt("guess", "192.168.1.66");
  expect(await attempt(PASSWORD, "192.168.1.66")).toBe(429);
  expect(await attempt(PASSWORD, "192.168.1.10")).toBe(200);
});

test("an address that tries one login after the other is slowed as well", async () => {
  await using server = await testServer();
  const statuses: number[] = [];
  for (let n = 0; n < 22; n += 1) {
    statuses.push(
      (
        await server.http.inject({
          method: "POST",
          url: "/api/session",
          remoteAddress: "192.168.1.66",
          payload: { login: `user${n}`, password: "x" },
        })
      ).statusCode,
    );
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(20);
  expect(statuses.slice(20)).toEqual([429, 429]);
});

test("refused sign-ins do not fill the journal", async () => {
  await using server = await testServer({ requestsPerTenSeconds: 10_000 });
  for (let n = 0; n < 80; n += 1) {
    await server.http.inject({
      method: "POST",
      url: "/api/session",
      remoteAddress: `10.0.0.${n}`,
      payload: { login: `user${n}`, password: "x" },
    });
  }
  expect(server.records).toHaveLength(60);
});

test("the setup code makes the first manager once, signed in, and then sets nothing up again", async () => {
  await using server = await testServer({ empty: true });
  const { http } = server;
  expect((await http.inject({ url: "/api/session" })).json()).toMatchObject({ setupNeeded: true });
  const setup = (setupCode: string) =>
    http.inject({
      method: "POST",
      url: "/api/setup",
      payload: { setupCode, login: "boss", name: "店长", password: PASSWORD },
    });
  expect((await setup("WRONG-CODE-1")).json()).toMatchObject({ code: "SETUP_CODE_WRONG" });
  const done = await setup(server.setupCode);
  expect(done.json()).toMatchObject({ person: { name: "店长", role: "manager" }, setupNeeded: false });
  expect(server.records.map((record) => record.type)).toEqual(["person.changed"]);
  expect((await http.inject({ url: "/api/people", headers: headersOf(done) })).json()).toMatchObject({
    people: [{ name: "店长" }],
  });
  expect((await setup(server.setupCode)).json()).toMatchObject({ code: "SETUP_ALREADY_DONE" });
});

test("one machine's many IPv6 addresses count as one", () => {
  expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe(addressKey("2001:db8:1:2::9"));
  expect(addressKey("2001:db8::1")).toBe("2001:db8:0:0");
  expect(addressKey("::ffff:192.168.1.9")).toBe("192.168.1.9");
});
