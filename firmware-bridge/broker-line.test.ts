import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TOPICS, topicOf } from "../contract/topics.ts";
import { createLog } from "../machine/log.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import { BrokerLine } from "./broker-line.ts";

/** MQTT 3.1.1, CONNACK: return codes. */
const ACCEPTED = 0;
const UNAVAILABLE = 3;
const BAD_PASSWORD = 4;

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

/** A broker that answers connections with these codes, one after the other, hangs up where it refuses, and acknowledges nothing that it is told. */
async function brokerThatSays(codes: readonly number[]): Promise<{ readonly url: string; readonly heard: Buffer[] }> {
  const sockets = new Set<Socket>();
  const heard: Buffer[] = [];
  let connections = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      const code = codes[connections] ?? ACCEPTED;
      connections += 1;
      const connack = Buffer.of(0x20, 0x02, 0x00, code);
      if (code === ACCEPTED) socket.write(connack);
      else socket.end(connack);
      socket.on("data", (bytes) => heard.push(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const address = server.address();
  return { url: `mqtt://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, heard };
}

async function lineTo(brokerUrl: string): Promise<{ readonly line: BrokerLine; readonly connections: () => number }> {
  let connected = 0;
  const line = new BrokerLine(
    {
      id: "main",
      brokerUrl,
      password: "not yet",
      clock: new ManualClock(),
      log: createLog("test"),
      random: () => 0,
    },
    {
      connected: () => {
        connected += 1;
      },
      message: () => undefined,
    },
  );
  line.start();
  open.push({ stop: () => line.stop() });
  await vi.waitUntil(() => line.isUp, { timeout: 20_000 });
  return { line, connections: () => connected };
}

describe("the line to the gateway's broker", () => {
  it("is tried again after the broker has refused it", async () => {
    const { url } = await brokerThatSays([UNAVAILABLE, BAD_PASSWORD]);
    expect((await lineTo(url)).connections()).toBe(1);
  });

  it("carries nothing that is larger than the broker takes", async () => {
    const { url, heard } = await brokerThatSays([]);
    const { line } = await lineTo(url);
    const ended: unknown[] = [];
    const detail = "x".repeat(TOPICS.dongleStatus.maxBytes);
    line.say(topicOf(TOPICS.dongleStatus, "d1"), { state: "fault", detail }, {}, (error) => ended.push(error));
    line.say(topicOf(TOPICS.dongleStatus, "d1"), { state: "online" });
    const said = () => Buffer.concat(heard).toString("latin1");
    await vi.waitUntil(() => said().includes("dongle/d1/status"), { timeout: 20_000 });
    expect(said()).not.toContain("xxxx");
    expect(ended).toEqual([undefined]);
  });

  it("comes to an end although the broker acknowledges nothing", async () => {
    const { url } = await brokerThatSays([]);
    const { line } = await lineTo(url);
    line.say(topicOf(TOPICS.dongleStatus, "d1"), { state: "online" });
    await line.stop();
    await vi.waitUntil(() => !line.isUp, { timeout: 20_000 });
  });
});
