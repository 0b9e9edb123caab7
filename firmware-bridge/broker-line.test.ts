import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
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

/** A broker that answers connections with these codes, one after the other, and hangs up where it refuses. */
async function brokerThatSays(codes: readonly number[]): Promise<string> {
  const sockets = new Set<Socket>();
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
  return `mqtt://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

describe("the line to the gateway's broker", () => {
  it("is tried again after the broker has refused it", async () => {
    let connected = 0;
    const line = new BrokerLine(
      {
        id: "main",
        brokerUrl: await brokerThatSays([UNAVAILABLE, BAD_PASSWORD]),
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
    open.push({ stop: () => void line.stop() });
    line.start();
    await vi.waitUntil(() => line.isUp, { timeout: 20_000 });
    expect(connected).toBe(1);
  });
});
