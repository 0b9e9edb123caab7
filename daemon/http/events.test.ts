import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import { type Socket, connect as tcpConnect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { loadPageCertificate } from "./certificate.ts";
import { PASSWORD, type TestServer, testServer } from "./shop.fixture.ts";

interface ServerEvent {
  readonly name: string;
  readonly data: { readonly revision?: number };
}

/** Reads an event stream as a browser does, and waits for what a test wants of it. */
class Listener {
  readonly events: ServerEvent[] = [];
  readonly response: IncomingMessage;
  readonly ended: Promise<unknown>;
  #text = "";

  constructor(response: IncomingMessage) {
    this.response = response;
    this.ended = once(response, "close");
    response.setEncoding("utf8").on("data", (chunk: string) => this.#take(chunk));
    // A stream that the server drops is an error here; the tests look at its end.
    response.on("error", () => undefined);
  }

  async until(fits: (events: readonly ServerEvent[]) => boolean): Promise<void> {
    while (!fits(this.events)) await once(this.response, "data");
  }

  count(name: string): number {
    return this.events.filter((event) => event.name === name).length;
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const blocks = this.#text.split("\n\n");
    this.#text = blocks.pop() ?? "";
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (name !== undefined && data !== undefined) this.events.push({ name, data: JSON.parse(data) });
    }
  }
}

async function listen(server: TestServer, headers: Record<string, string>): Promise<Listener> {
  const request = get(`${server.http.address()?.url}/api/events`, { headers });
  const [response] = await once(request, "response");
  return new Listener(response);
}

test("a page gets the present state at once, every change after it, and beats in between", async () => {
  await using server = await testServer({ eventPacing: { beatMs: 30 } });
  await server.http.start();
  const technician = await listen(server, await server.signIn("technician"));
  expect(technician.response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  expect(technician.response.headers["content-security-policy"]).toBeDefined();
  await technician.until((events) => events.length >= 3);
  expect(technician.events.slice(0, 3).map((event) => event.name)).toEqual(["today", "my-job", "beat"]);
  const advisor = await listen(server, await server.signIn("advisor"));
  server.shop.change();
  await technician.until((events) => events.some((event) => event.name === "my-job" && event.data.revision === 2));
  await advisor.until((events) => events.filter((event) => event.name === "beat").length > 2);
  expect(advisor.count("my-job")).toBe(0);
  expect(advisor.count("today")).toBe(2);
});

test("many changes at once are one event", async () => {
  await using server = await testServer({ eventPacing: { beatMs: 30 } });
  await server.http.start();
  const page = await listen(server, await server.signIn("manager"));
  await page.until((events) => events.length > 0);
  for (let n = 0; n < 500; n += 1) server.shop.change();
  await page.until((events) => events.some((event) => event.name === "today" && event.data.revision === 501));
  // The first change may go at once; all others wait for the pause to end. Machine time stands still here.
  expect(page.count("today")).toBeLessThanOrEqual(3);
});

test("whoever comes back after a break has everything with the first event", async () => {
  await using server = await testServer();
  await server.http.start();
  const headers = await server.signIn("manager");
  const before = await listen(server, headers);
  await before.until((events) => events.length > 0);
  before.response.destroy();
  server.shop.change();
  const after = await listen(server, { ...headers, "last-event-id": "anything" });
  await after.until((events) => events.length > 0);
  expect(after.events[0]).toMatchObject({ name: "today", data: { revision: 2 } });
});

test("a stream ends with the session, however that ends, and counts as no activity", async () => {
  await using server = await testServer({ idleMinutes: 5, eventPacing: { beatMs: 20 } });
  await server.http.start();
  const out = await server.signIn("manager");
  const signedOut = await listen(server, out);
  await server.http.inject({ method: "DELETE", url: "/api/session", headers: out });
  await signedOut.ended;
  const disabled = await listen(server, await server.signIn("advisor"));
  await server.people.disable(server.people.byLogin("advisor")?.id ?? "", { kind: "gateway", id: "test" });
  await disabled.ended;
  const idle = await listen(server, await server.signIn("installer"));
  await idle.until((events) => events.some((event) => event.name === "beat"));
  server.advance(5 * 60_000);
  await idle.ended;
});

/** A page whose every event is 1.6 MB, and a socket that has asked for it and reads nothing. */
async function stuckPage(server: TestServer, headers: Record<string, string>): Promise<Socket> {
  const values = { text: "x".repeat(300) };
  const item = {
    kind: "dtc-found",
    urgency: "info",
    since: 1,
    values,
    action: "open-job",
    target: null,
    code: null,
  } as const;
  server.shop.attention = Array.from({ length: 4_000 }, (_, n) => ({ ...item, key: `k${n}` }));
  const stuck = tcpConnect(server.http.address()?.port ?? 0, "127.0.0.1");
  stuck.pause();
  stuck.on("error", () => undefined);
  stuck.write(`GET /api/events HTTP/1.1\r\nhost: localhost\r\ncookie: ${headers.cookie}\r\n\r\n`);
  return stuck;
}

async function changeTo(server: TestServer, listener: Listener, last: number): Promise<void> {
  for (let revision = 2; revision <= last; revision += 1) {
    server.shop.change();
    await listener.until((events) =>
      events.some((event) => event.name === "today" && event.data.revision === revision),
    );
  }
}

test("what a slow page has missed is replaced by the newest, not queued", async () => {
  await using server = await testServer({ eventPacing: { beatMs: 20, coalesceMs: 0 } });
  await server.http.start();
  const headers = await server.signIn("manager");
  const stuck = await stuckPage(server, headers);
  await changeTo(server, await listen(server, headers), 30);
  let revisions: number[] = [];
  let text = "";
  stuck.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const found = [...text.matchAll(/"revision":(\d+),/g)];
    revisions = [...revisions, ...found.map((match) => Number(match[1]))];
    const last = found.at(-1);
    // Keeps a number that two chunks share, and finds none twice.
    text = text.slice(last === undefined ? 0 : last.index + last[0].length).slice(-20);
  });
  stuck.resume();
  while (!revisions.includes(30)) await once(stuck, "data");
  // The sockets' buffers held some; of the rest only the last was sent.
  expect(new Set(revisions).size).toBeLessThan(20);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  stuck.destroy();
});

test("a page that takes nothing is dropped, and the others go on", async () => {
  await using server = await testServer({ eventPacing: { beatMs: 20, coalesceMs: 0, slowMs: 10_000 } });
  await server.http.start();
  const headers = await server.signIn("manager");
  const stuck = await stuckPage(server, headers);
  const healthy = await listen(server, headers);
  await changeTo(server, healthy, 30);
  server.advance(10_001);
  const closed = once(stuck, "close");
  const beats = healthy.count("beat");
  await healthy.until(() => healthy.count("beat") > beats + 1);
  stuck.resume();
  await closed;
  await healthy.until(() => healthy.count("beat") > beats + 3);
});

test("streams are bounded per session", async () => {
  await using server = await testServer({ eventPacing: { mostPerSession: 2 } });
  await server.http.start();
  const headers = await server.signIn("manager");
  for (const page of [await listen(server, headers), await listen(server, headers)])
    await page.until((events) => events.length > 0);
  const third = await listen(server, headers);
  expect(third.response.statusCode).toBe(503);
  expect(third.response.headers["retry-after"]).toBe("3");
});

test("beyond loopback the page is HTTPS with the box's own certificate, and the cookie is bound to it", async () => {
  await using server = await testServer({ listen: { address: "0.0.0.0", port: 0 } });
  await server.http.start();
  const { port, url } = server.http.address() ?? { port: 0, url: "" };
  expect(url).toMatch(/^https:/);
  const body = JSON.stringify({ login: "manager", password: PASSWORD });
  const request = secureRequest({
    host: "127.0.0.1",
    port,
    path: "/api/session",
    method: "POST",
    rejectUnauthorized: false,
    headers: { "content-type": "application/json", origin: `https://127.0.0.1:${port}` },
  });
  request.end(body);
  const [response] = await once(request, "response");
  expect(response.statusCode).toBe(200);
  expect(response.headers["set-cookie"]?.[0]).toMatch(
    /^__Host-baygate=.+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  expect(socket.getPeerCertificate().fingerprint256).toBe(server.http.fingerprint);
  expect(socket.getPeerCertificate().subjectaltname).toContain("IP Address:127.0.0.1");
  socket.destroy();
  const plain = get({ host: "127.0.0.1", port, path: "/api/session" });
  const [error] = await once(plain, "error");
  expect(error).toBeInstanceOf(Error);
});

const OWN_ADDRESS = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

test.skipIf(OWN_ADDRESS === undefined)(
  "metrics are told to this machine by its own address in the shop's network, too (skipped without a network)",
  async () => {
    await using server = await testServer({ listen: { address: OWN_ADDRESS ?? "", port: 0 } });
    await server.http.start();
    const url = `${server.http.address()?.url ?? ""}/metrics`;
    const [response] = await once(secureRequest(url, { rejectUnauthorized: false }).end(), "response");
    response.resume();
    expect(response.statusCode).toBe(200);
  },
);

test("what is not HTTP is answered shortly and closed", async () => {
  await using server = await testServer();
  await server.http.start();
  const port = server.http.address()?.port ?? 0;
  for (const bytes of [
    "\x16\x03\x01\x02\x00",
    `GET / HTTP/1.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`,
    "GET / HTTP/1.1\r\n\r\n",
    "\0\0\0\0\r\n\r\n",
  ]) {
    const socket = tcpConnect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.write(bytes, "latin1");
    await once(socket, "close");
    expect(answer).toMatch(/^(HTTP\/1.1 4\d\d|$)/);
  }
  expect((await server.http.inject({ url: "/livez" })).statusCode).toBe(200);
});

test("a port in use is an error with a code, and starting again later works", async () => {
  await using first = await testServer();
  await first.http.start();
  const port = first.http.address()?.port ?? 0;
  await using second = await testServer({ listen: { address: "127.0.0.1", port } });
  await expect(second.http.start()).rejects.toMatchObject({ code: "HTTP_LISTEN_FAILED" });
});

test("the certificate is kept while it is good, and made anew when it is damaged, runs out or lacks a name", async () => {
  const directory = await mkdtemp(join(tmpdir(), "certificate-"));
  try {
    const nowMs = Date.UTC(2026, 10, 21);
    const made = await loadPageCertificate(directory, nowMs, []);
    expect((await stat(join(directory, "page.pem"))).mode & 0o777).toBe(0o600);
    expect((await loadPageCertificate(directory, nowMs, [])).fingerprint).toBe(made.fingerprint);
    expect((await loadPageCertificate(directory, nowMs + 700 * 86_400_000, [])).fingerprint).toBe(made.fingerprint);
    const named = await loadPageCertificate(directory, nowMs, ["gateway.shop.example"]);
    expect(named.fingerprint).not.toBe(made.fingerprint);
    const renewed = await loadPageCertificate(directory, nowMs + 800 * 86_400_000, []);
    expect(renewed.fingerprint).not.toBe(named.fingerprint);
    await writeFile(join(directory, "page.pem"), renewed.certificate.slice(0, 300));
    expect((await loadPageCertificate(directory, nowMs, [])).fingerprint).not.toBe(renewed.fingerprint);
    await writeFile(
      join(directory, "page.pem"),
      `${renewed.key}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    );
    expect((await loadPageCertificate(directory, nowMs, [])).certificate).toContain("BEGIN CERTIFICATE");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
