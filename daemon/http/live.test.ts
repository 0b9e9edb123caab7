import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import type { LiveUpdate } from "../../contract/diagnostics-api.ts";
import { type TestServer, testServer } from "./shop.fixture.ts";

const signal = (value: number, label = "Engine speed"): LiveUpdate["signals"][number] => ({
  name: "engine-speed",
  label: { en: label, "zh-CN": "发动机转速" },
  unit: "rpm",
  digits: 0,
  group: "engine",
  value,
  minimum: null,
  maximum: null,
  lastSeen: 1,
  stale: false,
});

function show(server: TestServer, value: number, label?: string): void {
  server.diagnostics.update = { at: 1, signals: [signal(value, label)], recordingSince: null, paused: null };
  for (const { onChange } of server.diagnostics.looks) onChange();
}

async function open(server: TestServer, headers: Record<string, string>): Promise<IncomingMessage> {
  const [response] = await once(
    get(`${server.http.address()?.url}/api/jobs/job-1/live?signals=engine-speed`, { headers }),
    "response",
  );
  response.setEncoding("utf8").on("error", () => undefined);
  return response;
}

/** The values of a stream so far, whatever its chunks. */
function valuesOf(response: IncomingMessage): number[] {
  const values: number[] = [];
  let text = "";
  response.on("data", (chunk: string) => {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks)
      if (block.startsWith("event: signals"))
        values.push(JSON.parse(block.slice(block.indexOf("data: ") + 6)).signals[0]?.value);
  });
  return values;
}

test("a live view gets the values at once, then what has changed, and many changes at once are one update", async () => {
  await using server = await testServer({ livePacing: { updateMs: 20, beatMs: 20 } });
  await server.http.start();
  show(server, 800);
  const response = await open(server, await server.signIn("technician"));
  expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  const values = valuesOf(response);
  await expect.poll(() => values).toEqual([800]);
  for (let value = 801; value <= 900; value += 1) show(server, value);
  await expect.poll(() => values.at(-1)).toBe(900);
  expect(values.length).toBeLessThanOrEqual(4);
});

test("closing the page ends the look, and so do signing out, a disabled person and the gateway's stop", async () => {
  await using server = await testServer({ livePacing: { updateMs: 20, beatMs: 20 } });
  await server.http.start();
  const { looks } = server.diagnostics;
  const closed = await open(server, await server.signIn("technician"));
  closed.destroy();
  await expect.poll(() => looks[0]?.isClosed).toBe(true);
  const headers = await server.signIn("advisor");
  await open(server, headers);
  await server.http.inject({ method: "DELETE", url: "/api/session", headers });
  await expect.poll(() => looks[1]?.isClosed).toBe(true);
  await open(server, await server.signIn("manager"));
  await server.people.disable(server.people.byLogin("manager")?.id ?? "", { kind: "gateway", id: "test" });
  await expect.poll(() => looks[2]?.isClosed).toBe(true);
  await open(server, await server.signIn("technician"));
  await server.http.stop();
  await expect.poll(() => looks[3]?.isClosed).toBe(true);
});

test("live views are bounded per session, and one too many asks no car", async () => {
  await using server = await testServer({ livePacing: { mostPerSession: 2 } });
  await server.http.start();
  const headers = await server.signIn("technician");
  await open(server, headers);
  await open(server, headers);
  const third = await open(server, headers);
  expect(third.statusCode).toBe(503);
  expect(server.diagnostics.looks).toHaveLength(2);
});

test("a page that takes nothing gets no queue, and is dropped after a while with its look", async () => {
  await using server = await testServer({ livePacing: { updateMs: 5, beatMs: 20, slowMs: 10_000 } });
  await server.http.start();
  const headers = await server.signIn("technician");
  const stuck = connect(server.http.address()?.port ?? 0, "127.0.0.1");
  stuck.pause();
  stuck.on("error", () => undefined);
  stuck.write(
    `GET /api/jobs/job-1/live?signals=engine-speed HTTP/1.1\r\nhost: localhost\r\ncookie: ${headers.cookie}\r\n\r\n`,
  );
  await expect.poll(() => server.diagnostics.looks.length).toBe(1);
  const healthy = await open(server, headers);
  const values = valuesOf(healthy);
  for (let value = 1; value <= 30; value += 1) {
    show(server, value, "x".repeat(400_000));
    await expect.poll(() => values.at(-1), { timeout: 20_000 }).toBe(value);
  }
  server.advance(10_001);
  await expect.poll(() => server.diagnostics.looks[0]?.isClosed, { timeout: 20_000 }).toBe(true);
  expect(server.diagnostics.looks[1]?.isClosed).toBe(false);
  show(server, 31);
  await expect.poll(() => values.at(-1)).toBe(31);
});

test("roles without a live view are refused, and so are names without an end", async () => {
  await using server = await testServer();
  const installer = await server.signIn("installer");
  const url = "/api/jobs/job-1/live?signals=engine-speed";
  expect((await server.http.inject({ url, headers: installer })).json()).toMatchObject({ code: "PERMISSION_DENIED" });
  expect((await server.http.inject({ url })).json()).toMatchObject({ code: "SIGN_IN_NEEDED" });
  const headers = await server.signIn("technician");
  const long = await server.http.inject({ url: `/api/jobs/job-1/live?signals=${"x".repeat(5_000)}`, headers });
  expect(long.json()).toMatchObject({ code: "HTTP_REQUEST_INVALID" });
});
