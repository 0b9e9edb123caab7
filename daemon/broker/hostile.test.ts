import type { Socket } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerUnderTest, closed, SHOP, until } from "./broker.fixture.ts";
import type { Principal } from "./broker.ts";
import { connectPacket, PINGREQ, packet, publishPacket, subscribePacket } from "./mqtt-bytes.ts";

const CAMERA: Principal = { role: "camera", id: "north" };
const OBSERVER: Principal = { role: "observer", id: "wall" };

let under: BrokerUnderTest;
beforeEach(async () => {
  under = await BrokerUnderTest.start();
});
afterEach(() => under.stop());

/** A bare socket that has logged in. */
async function intruder(principal: Principal): Promise<Socket> {
  const socket = await under.socket();
  const answer = new Promise<Buffer>((resolve) => socket.once("data", resolve));
  socket.write(
    connectPacket("x", { user: `${principal.role}/${principal.id}`, password: await under.passwordOf(principal) }),
  );
  expect([...(await answer)]).toEqual([0x20, 2, 0, 0]);
  await until(() => under.broker.connections().length > 0);
  return socket;
}

/** The broker still does its work for others. */
async function expectAlive(): Promise<void> {
  const reader = await under.connect({ role: "reader", id: "r1" });
  const before = under.durable.length;
  await reader.publishAsync(
    "baygate/1/reader/r1/tap",
    JSON.stringify({ messageId: `alive-${before}`, badge: "b", action: "on" }),
    { qos: 1 },
  );
  expect(under.durable).toHaveLength(before + 1);
  reader.end(true);
}

describe("a stranger", () => {
  it.each<[string, Buffer, string]>([
    ["who announces a CONNECT of 256 MB", Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), "connect-too-large"],
    ["whose length never ends", Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff]), "malformed-length"],
    ["who speaks HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "not-mqtt"],
    ["who publishes before logging in", publishPacket("baygate/1/camera/north/frame", Buffer.alloc(10)), "not-mqtt"],
  ])("%s is cut at once", async (_name, bytes, reason) => {
    const socket = await under.socket();
    socket.write(bytes);
    await closed(socket);
    expect(under.broker.statistics().guardKills).toEqual({ [reason]: 1 });
    await expectAlive();
  });

  it("who floods behind an unanswered CONNECT makes us read next to nothing", async () => {
    const socket = await under.socket();
    socket.write(connectPacket("x", { user: "camera/north", password: "guess" }));
    for (let index = 0; index < 400; index++) socket.write(Buffer.alloc(64 * 1024, 0x30));
    await closed(socket);
    expect(under.broker.statistics().bytesReceived).toBeLessThan(1_000_000);
    await expectAlive();
  });

  it("who sends a byte now and then is cut after ten seconds, and hinders nobody meanwhile", async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => under.socket()));
    const bytes = connectPacket("slow");
    let sent = 0;
    const timer = setInterval(() => {
      const next = bytes.subarray(sent, ++sent);
      if (sent < bytes.length) for (const socket of sockets) if (socket.writable) socket.write(next);
    }, 900);
    await expectAlive();
    await Promise.all(sockets.map(closed));
    clearInterval(timer);
    await expectAlive();
  });

  it("who sends any bytes at all brings nothing down", async () => {
    const malformed = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => packet(0x10, Buffer.from(bytes))),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([connectPacket("x"), Buffer.from(bytes)])),
    );
    await fc.assert(
      fc.asyncProperty(malformed, async (bytes) => {
        const socket = await under.socket();
        socket.end(bytes);
        socket.resume();
        await closed(socket);
      }),
      { numRuns: 60 },
    );
    await expectAlive();
  });
});

describe("a device gone bad", () => {
  it.each<[string, Buffer, string]>([
    [
      "announces a frame of 256 MB",
      Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 28]), Buffer.from("baygate/1/camera/north/frame")]),
      "packet-too-large",
    ],
    [
      "sends a status of 20 KiB",
      publishPacket("baygate/1/camera/north/status", Buffer.alloc(20 * 1024)),
      "packet-too-large",
    ],
    [
      "sends a big message where it has no right",
      publishPacket("baygate/1/camera/south/frame", Buffer.alloc(2000)),
      "packet-too-large",
    ],
    ["publishes to 150 levels", publishPacket("a/".repeat(120), Buffer.alloc(1)), "topic-too-deep"],
    ["logs in twice", connectPacket("again"), "unexpected-packet"],
    ["asks for QoS 2", publishPacket("baygate/1/camera/north/frame", Buffer.alloc(1), 2), "qos-2"],
  ])("that %s is cut, and the reason is told", async (_name, bytes, reason) => {
    const socket = await intruder(CAMERA);
    socket.write(bytes);
    await closed(socket);
    expect(under.broker.statistics().guardKills).toEqual({ [reason]: 1 });
    await until(() => under.presence.some((presence) => presence.reason === `guard ${reason}`));
    await expectAlive();
  });

  it.each(["#", "$SYS/#", `${"a/".repeat(130)}b`, "baygate/1/+/+/frame"])(
    "that subscribes to %s hears nothing",
    async (filter) => {
      const socket = await intruder(CAMERA);
      const heard: Buffer[] = [];
      socket.on("data", (chunk) => heard.push(chunk));
      socket.write(subscribePacket(filter));
      socket.write(PINGREQ);
      await until(() => socket.closed || Buffer.concat(heard).includes(Buffer.from([0xd0, 0])));
      if (!socket.closed) expect(Buffer.concat(heard).subarray(0, 5)).toEqual(Buffer.from([0x90, 3, 0, 1, 0x80]));
      await expectAlive();
    },
  );

  it("that floods its retained topic leaves one message behind", async () => {
    const camera = await under.connect(CAMERA);
    for (let index = 0; index < 2000; index++)
      camera.publish("baygate/1/camera/north/status", JSON.stringify({ state: "online", detail: `n${index}` }), {
        qos: 0,
        retain: true,
      });
    await camera.publishAsync("baygate/1/camera/north/status", '{"state":"fault"}', { qos: 1, retain: true });
    const observer = await under.connect(OBSERVER);
    const heard: string[] = [];
    observer.on("message", (_topic, payload) => heard.push(payload.toString()));
    await observer.subscribeAsync("baygate/1/camera/+/status");
    await observer.subscribeAsync("baygate/1/gateway/health");
    await until(() => heard.length > 0);
    expect(heard).toEqual(['{"state":"fault"}']);
  });

  it("that sends faster than its share is slowed down, not cut, and loses nothing", async () => {
    const slow = await BrokerUnderTest.start(
      {},
      SHOP.replace("broker: {", "broker: { maxBytesPerSecondPerAddress: 1000000,"),
    );
    const camera = await slow.connect(CAMERA);
    const startedAt = performance.now();
    for (let index = 0; index < 10; index++) camera.publish("baygate/1/camera/north/frame", Buffer.alloc(200_000));
    await until(() => slow.heard.length === 10);
    // 2 MB at 1 MB/s with one second of burst: one second at least.
    expect(performance.now() - startedAt).toBeGreaterThan(700);
    expect(camera.connected).toBe(true);
    await slow.stop();
  });

  it("that stops reading is cut after its drain time-out, and the others miss nothing", async () => {
    const frozen = await intruder({ role: "bridge", id: "main" });
    frozen.write(subscribePacket("wican/a0b1c2d3e4f5/elm327"));
    await new Promise((resolve) => frozen.once("data", resolve));
    frozen.pause();
    const dongle = await under.connect({ role: "dongle", id: "d1" });
    for (let index = 0; index < 400; index++) dongle.publish("wican/a0b1c2d3e4f5/elm327", Buffer.alloc(60_000));
    const observer = await under.connect(OBSERVER);
    let heard = 0;
    observer.on("message", () => heard++);
    await observer.subscribeAsync("baygate/1/gateway/attention", { qos: 1 });
    for (let index = 0; index < 40; index++) {
      void under.broker.publish("gatewayAttention", "", { count: index, kinds: [] });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => heard >= 40);
    await until(() =>
      under.presence.some(({ principal, reason }) => principal.role === "bridge" && reason === "drain timeout"),
    );
    await expectAlive();
  });
});
