import { connectAsync } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { BrokerUnderTest, closed, SHOP, until } from "./broker.fixture.ts";
import type { BrokerOptions, Principal } from "./broker.ts";

const CAMERA: Principal = { role: "camera", id: "north" };
const READER: Principal = { role: "reader", id: "r1" };
const BRIDGE: Principal = { role: "bridge", id: "main" };
const DONGLE: Principal = { role: "dongle", id: "d1" };
const OBSERVER: Principal = { role: "observer", id: "wall" };
const TAP = "baygate/1/reader/r1/tap";

let under: BrokerUnderTest;
afterEach(() => under.stop());

async function start(overrides: Partial<BrokerOptions> = {}, shop?: string): Promise<BrokerUnderTest> {
  under = await BrokerUnderTest.start(overrides, shop);
  return under;
}

function tap(messageId: string): string {
  return JSON.stringify({ messageId, badge: "B-17", action: "on" });
}

/** What a subscriber has heard so far, as `topic payload`. */
async function listen(principal: Principal, filter: string | string[]) {
  const client = await under.connect(principal);
  const heard: { topic: string; text: string; retain: boolean }[] = [];
  client.on("message", (topic, payload, packet) =>
    heard.push({ topic, text: payload.toString(), retain: packet.retain }),
  );
  const granted = await client.subscribeAsync(filter, { qos: 1 }).catch((error: unknown) => error);
  return { client, heard, granted };
}

describe("a durable message", () => {
  it("is acknowledged only after the intake has committed it", async () => {
    let commit = () => {};
    const committed = new Promise<"accepted">((resolve) => {
      commit = () => resolve("accepted");
    });
    let arrived = false;
    await start({
      intake: () => {
        arrived = true;
        return committed;
      },
    });
    const reader = await under.connect(READER);
    let acknowledged = false;
    const sent = reader.publishAsync(TAP, tap("m1"), { qos: 1 }).then(() => {
      acknowledged = true;
    });
    await until(() => arrived);
    // Time for an acknowledgement that should not be on its way; a slow machine can only hide the fault, not invent one.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(acknowledged).toBe(false);
    commit();
    await sent;
    expect(under.broker.statistics().durableAccepted).toBe(1);
  });

  it("reaches the intake understood, with its source, whoever brought it", async () => {
    await start();
    const bridge = await under.connect(BRIDGE);
    const scan = {
      messageId: "s-1",
      takenAt: 1,
      protocol: "iso15765",
      vin: null,
      vinDoubts: [],
      ecus: [],
      readiness: null,
    };
    await bridge.publishAsync("baygate/1/dongle/d1/scan", JSON.stringify(scan), { qos: 1 });
    expect(under.durable).toMatchObject([
      { kind: "dongleScan", device: "d1", source: "dongle/d1", from: BRIDGE, payload: scan },
    ]);
    expect(under.durable[0]?.at).toEqual(under.clock.stamp());
  });

  it("is not acknowledged when storage fails: the sender loses its connection and may try again", async () => {
    let storageFails = true;
    await start({
      intake: async () => {
        if (storageFails) throw new GatewayError("JOURNAL_STORAGE_FAILED");
        return "accepted";
      },
    });
    const reader = await under.connect(READER);
    let acknowledged = false;
    reader.publish(TAP, tap("m1"), { qos: 1 }, (error) => {
      acknowledged = !error;
    });
    await until(() => !reader.connected);
    expect(acknowledged).toBe(false);
    expect(under.broker.statistics()).toMatchObject({ durableWithheld: 1, durableAccepted: 0, quarantined: 0 });

    storageFails = false;
    const again = await under.connect(READER);
    await again.publishAsync(TAP, tap("m1"), { qos: 1 });
    expect(under.broker.statistics().durableAccepted).toBe(1);
    expect(under.presence.some(({ reason }) => reason === "storage failed")).toBe(true);
  });

  it("is sent again by the client itself when the connection died between arrival and commit", async () => {
    const seen: string[] = [];
    let commitFirst = () => {};
    await start({
      intake: (message) => {
        seen.push(message.payload.messageId);
        if (seen.length > 1) return Promise.resolve("accepted");
        return new Promise((resolve) => {
          commitFirst = () => resolve("accepted");
        });
      },
    });
    const reader = await under.connect(READER, { reconnectPeriod: 20 });
    let acknowledgements = 0;
    const sent = reader.publishAsync(TAP, tap("m1"), { qos: 1 }).then(() => acknowledgements++);
    await until(() => seen.length === 1);
    expect(acknowledgements).toBe(0);
    reader.stream.destroy();
    await sent;
    expect(seen).toEqual(["m1", "m1"]);
    commitFirst();
    await until(() => under.broker.statistics().durableAccepted === 2);
    expect(acknowledgements).toBe(1);
  });

  it("that the journal knows already is acknowledged and counted as a repeat", async () => {
    const known = new Set<string>();
    await start({
      intake: async (message) => {
        const key = `${message.source} ${message.payload.messageId}`;
        if (known.has("throws")) throw new GatewayError("JOURNAL_DUPLICATE_MESSAGE");
        if (known.has(key)) return "duplicate";
        known.add(key);
        return "accepted";
      },
    });
    const reader = await under.connect(READER);
    for (let copy = 0; copy < 3; copy++) await reader.publishAsync(TAP, tap("m1"), { qos: 1 });
    known.add("throws");
    await reader.publishAsync(TAP, tap("m1"), { qos: 1 });
    expect(under.broker.statistics()).toMatchObject({ durableAccepted: 1, durableDuplicates: 3 });
  });

  it.each<[string, string | Buffer]>([
    ["not JSON", "{"],
    ["empty", ""],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["NaN", '{"messageId":"m","badge":"b","action":"on","at":NaN}'],
    ["a number out of range", '{"messageId":"m","badge":"b","action":"on","at":1e999}'],
    ["without a messageId", '{"badge":"b","action":"on"}'],
    ["a toggle, which is no word of ours", '{"messageId":"m","badge":"b","action":"toggle"}'],
    [
      "nested ten thousand deep",
      `{"messageId":"m","badge":"b","action":"on","x":${"[".repeat(7000)}${"]".repeat(7000)}}`,
    ],
    ["text that no database keeps", '{"messageId":"m","badge":"b","action":"on","note":"\\ud800"}'],
    ["a NUL in text", '{"messageId":"m","badge":"b","action":"on","note":"\\u0000"}'],
  ])("that cannot be understood (%s) is acknowledged and kept in quarantine", async (_name, payload) => {
    await start();
    const reader = await under.connect(READER);
    await reader.publishAsync(TAP, payload, { qos: 1 });
    expect(under.quarantined).toMatchObject([
      { code: "BROKER_PAYLOAD_INVALID", source: "reader/r1", topic: TAP, from: READER },
    ]);
    expect(Buffer.from(under.quarantined[0]?.payload ?? []).equals(Buffer.from(payload))).toBe(true);
    expect(under.durable).toEqual([]);
    // The same connection goes on.
    await reader.publishAsync(TAP, tap("m2"), { qos: 1 });
    expect(under.durable).toHaveLength(1);
  });

  it("that the gateway stumbles over is kept aside instead of being sent again for ever", async () => {
    await start({ intake: () => Promise.reject(new TypeError("a bug")) });
    const reader = await under.connect(READER);
    await reader.publishAsync(TAP, tap("m1"), { qos: 1 });
    expect(under.quarantined).toMatchObject([{ code: "BROKER_INTAKE_FAILED", reason: "a bug" }]);
  });

  it("is withheld when even the quarantine cannot be written", async () => {
    await start({ quarantine: () => Promise.reject(new GatewayError("JOURNAL_STORAGE_FAILED")) });
    const reader = await under.connect(READER);
    reader.publish(TAP, "{", { qos: 1 });
    await until(() => !reader.connected);
    expect(under.broker.statistics()).toMatchObject({ durableWithheld: 1, quarantined: 0 });
  });

  it("sent with QoS 0 is taken in all the same, and counted", async () => {
    await start();
    const reader = await under.connect(READER);
    await reader.publishAsync(TAP, tap("m1"), { qos: 0 });
    await until(() => under.durable.length === 1);
    expect(under.broker.statistics().durableAtQos0).toBe(1);
  });

  it("under way is still acknowledged when the gateway stops in an orderly way", async () => {
    let arrived = false;
    await start({
      intake: async () => {
        arrived = true;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return "accepted";
      },
    });
    const reader = await under.connect(READER);
    const sent = reader.publishAsync(TAP, tap("m1"), { qos: 1 });
    await until(() => arrived);
    await under.broker.stop();
    await sent;
  });
});

describe("telemetry", () => {
  it("goes to its listener: a frame byte for byte, values understood, what cannot be understood nowhere", async () => {
    await start();
    const camera = await under.connect(CAMERA);
    const jpeg = Buffer.alloc(250_000, 0xd8);
    await camera.publishAsync("baygate/1/camera/north/frame", jpeg);
    const bridge = await under.connect(BRIDGE);
    const signals = { signals: [{ name: "SPEED", value: 12, unit: "km/h", at: 5 }] };
    await bridge.publishAsync("baygate/1/dongle/d1/signals", JSON.stringify(signals));
    await bridge.publishAsync("baygate/1/dongle/d1/signals", "rubbish");
    const readings = {
      transaction: "t",
      readings: [{ key: "k", at: 5, answers: [{ ecu: "7E8", payload: "410D32" }] }],
    };
    await bridge.publishAsync("baygate/1/dongle/d1/readings", JSON.stringify(readings));
    await bridge.publishAsync("baygate/1/dongle/d1/readings", JSON.stringify({ ...readings, transaction: 1 }));
    await bridge.publishAsync("baygate/1/dongle/d1/response", JSON.stringify({ transaction: "t", status: "done" }), {
      qos: 1,
    });
    await until(() => under.heard.length === 4);
    expect(under.heard[0]).toMatchObject({ what: "frame", id: "north" });
    const frame = under.heard[0]?.value;
    expect(Buffer.isBuffer(frame) && frame.equals(jpeg)).toBe(true);
    expect(under.heard.slice(1)).toEqual([
      { what: "signals", id: "d1", value: signals },
      { what: "readings", id: "d1", value: readings },
      { what: "response", id: "d1", value: { transaction: "t", status: "done" } },
    ]);
    expect(under.broker.statistics()).toMatchObject({ cameraFrames: 1, invalidDropped: 2 });
  });

  it("does not cost the device its connection when a listener throws", async () => {
    await start({
      onCameraFrame: () => {
        throw new Error("a bug");
      },
    });
    const camera = await under.connect(CAMERA);
    await camera.publishAsync("baygate/1/camera/north/frame", "x", { qos: 1 });
    await camera.publishAsync("baygate/1/camera/north/frame", "x", { qos: 1 });
    expect(camera.connected).toBe(true);
    expect(under.broker.statistics().listenerErrors).toBe(2);
  });
});

describe("rights on the wire", () => {
  it("firmware talks with its bridge on native topics, and only the bridge writes to the car", async () => {
    await start();
    const bridge = await listen(BRIDGE, "wican/a0b1c2d3e4f5/can/rx");
    const dongle = await listen(DONGLE, "wican/a0b1c2d3e4f5/can/tx");
    await dongle.client.publishAsync("wican/a0b1c2d3e4f5/can/rx", "from the car", { qos: 1 });
    await bridge.client.publishAsync("wican/a0b1c2d3e4f5/can/tx", "to the car", { qos: 1 });
    await until(() => bridge.heard.length === 1 && dongle.heard.length === 1);
    expect([bridge.heard[0]?.text, dongle.heard[0]?.text]).toEqual(["from the car", "to the car"]);

    const camera = await under.connect(CAMERA);
    await camera.publishAsync("wican/a0b1c2d3e4f5/can/tx", "evil", { qos: 1 });
    await dongle.client.publishAsync("wican/a0b1c2d3e4f5/can/tx", "evil", { qos: 1 });
    await bridge.client.publishAsync("wican/a0b1c2d3e4f5/can/tx", "last", { qos: 1 });
    await until(() => dongle.heard.length >= 2);
    expect(dongle.heard.map(({ text }) => text)).toEqual(["to the car", "last"]);
    expect(under.broker.statistics().publishesDenied).toBe(2);
  });

  it("a publish without right is acknowledged and goes nowhere; a flood of them cuts the connection", async () => {
    await start();
    const observer = await listen(OBSERVER, "baygate/1/+/+/status");
    const camera = await under.connect(CAMERA);
    await camera.publishAsync("baygate/1/camera/south/status", '{"state":"online"}', { qos: 1, retain: true });
    await camera.publishAsync("baygate/1/camera/north/status", '{"state":"online"}', { qos: 1, retain: true });
    await until(() => observer.heard.length > 0);
    expect(observer.heard.map(({ topic }) => topic)).toEqual(["baygate/1/camera/north/status"]);
    for (let index = 0; index < 150; index++) camera.publish("homeassistant/x", "x", { qos: 0 });
    await until(() => !camera.connected);
  });

  it("a refused subscription is answered with 128 and hears nothing, also not under #", async () => {
    await start();
    for (const filter of ["#", "baygate/#", "$SYS/#", "baygate/1/camera/north/frame"]) {
      const { granted } = await listen(OBSERVER, filter);
      expect(granted, filter).toBeInstanceOf(Error);
    }
    expect(under.broker.statistics().subscriptionsDenied).toBe(4);
  });

  it("a retained message stays for late observers where the table grants it, and only there", async () => {
    await start();
    const camera = await under.connect(CAMERA);
    await camera.publishAsync("baygate/1/camera/north/status", '{"state":"online"}', { qos: 1 });
    const dongle = await under.connect(DONGLE);
    await dongle.publishAsync("wican/a0b1c2d3e4f5/elm327", "old log", { qos: 1, retain: true });
    await dongle.publishAsync("wican/a0b1c2d3e4f5/status", '{"status":"online"}', { qos: 1, retain: true });
    const bay = { bay: "bay-1", state: "empty", since: 1, job: null, people: 0 };
    await under.broker.publish("bayState", "bay-1", JSON.parse(JSON.stringify(bay)));

    const observer = await listen(OBSERVER, ["baygate/1/+/+/status", "baygate/1/bay/+/state"]);
    await until(() => observer.heard.length === 2);
    expect(observer.heard.map(({ topic, retain }) => `${topic} ${retain}`).sort()).toEqual([
      "baygate/1/bay/bay-1/state true",
      "baygate/1/camera/north/status true",
    ]);
    const bridge = await listen(BRIDGE, ["wican/a0b1c2d3e4f5/elm327", "wican/a0b1c2d3e4f5/status"]);
    await until(() => bridge.heard.length === 1);
    expect(bridge.heard[0]?.topic).toBe("wican/a0b1c2d3e4f5/status");
    expect(under.broker.statistics().retainsStripped).toBe(1);
  });

  it("what the gateway says in one breath all arrives, retained or not", async () => {
    await start();
    const bridge = await listen(BRIDGE, ["baygate/1/bridge/main/config", "baygate/1/dongle/d1/request"]);
    const config = { version: 1, dongles: [], pollingEnabled: true };
    await Promise.all([
      under.broker.publish("bridgeConfig", "main", config),
      under.broker.publish("dongleRequest", "d1", { transaction: "t", kind: "scan" }),
      under.broker.publish("bridgeConfig", "main", { ...config, pollingEnabled: false }),
    ]);
    await until(() => bridge.heard.length === 3);
    expect(bridge.heard.map(({ topic }) => topic.split("/").at(-1)).sort()).toEqual(["config", "config", "request"]);
  });

  it("the gateway takes a retained state back, and refuses to say what does not fit", async () => {
    await start();
    const job = { job: "j1", number: "42", state: "open", bay: null, waitReason: null, since: 1 };
    await under.broker.publish("jobState", "j1", JSON.parse(JSON.stringify(job)));
    await under.broker.publish("jobState", "j1", null);
    const observer = await listen(OBSERVER, ["baygate/1/job/+/state", "baygate/1/gateway/attention"]);
    await under.broker.publish("gatewayAttention", "", { count: 0, kinds: [] });
    await until(() => observer.heard.length > 0);
    expect(observer.heard.map(({ topic }) => topic)).toEqual(["baygate/1/gateway/attention"]);
    expect(() => under.broker.publish("gatewayAttention", "", { count: -1, kinds: [] })).toThrow(GatewayError);
  });
});

describe("a session", () => {
  it("is a clean one even where a persistent one was asked for", async () => {
    await start();
    const first = await under.connect(READER, { clean: false, clientId: "fixed" });
    await first.endAsync();
    let sessionPresent: boolean | undefined;
    const login = { username: "reader/r1", password: await under.passwordOf(READER) };
    const again = await connectAsync(`mqtt://127.0.0.1:${under.port}`, {
      ...login,
      clean: false,
      clientId: "fixed",
      reconnectPeriod: 0,
    });
    again.on("connect", (connack) => {
      sessionPresent = connack.sessionPresent;
    });
    expect(under.broker.statistics().sessionsDowngraded).toBe(2);
    expect(sessionPresent ?? false).toBe(false);
    again.end(true);
  });

  it("belongs to the credential: a second connection ends the first, whatever client id it shows", async () => {
    await start();
    const first = await under.connect(CAMERA, { clientId: "one" });
    const second = await under.connect(CAMERA, { clientId: "two" });
    await until(() => !first.connected);
    expect(second.connected).toBe(true);
    await until(() => under.presence.length === 3);
    expect(under.presence.map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual([
      "connected login",
      "connected login",
      "disconnected taken-over",
    ]);
    expect(under.broker.connections()).toMatchObject([{ principal: CAMERA }]);
  });

  it("of observers may be there several times", async () => {
    await start();
    const clients = [await under.connect(OBSERVER), await under.connect(OBSERVER)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(clients.map((client) => client.connected)).toEqual([true, true]);
  });

  it("that ends without a farewell says offline: by its will, or by the broker where it left none", async () => {
    await start();
    const observer = await listen(OBSERVER, "baygate/1/+/+/status");
    const will = {
      topic: "baygate/1/reader/r1/status",
      payload: Buffer.from('{"state":"offline","detail":"will"}'),
      qos: 1 as const,
      retain: true,
    };
    const reader = await under.connect(READER, { will });
    const camera = await under.connect(CAMERA);
    await camera.publishAsync("baygate/1/camera/north/status", '{"state":"online"}', { qos: 1 });
    reader.stream.destroy();
    camera.stream.destroy();
    await until(() => observer.heard.length === 3);
    expect(observer.heard.map(({ topic, text }) => `${topic} ${JSON.parse(text).state}`).sort()).toEqual([
      "baygate/1/camera/north/status offline",
      "baygate/1/camera/north/status online",
      "baygate/1/reader/r1/status offline",
    ]);
    expect(under.heard.filter(({ what }) => what.endsWith("status"))).toHaveLength(3);
  });

  it.each<[string, string]>([
    ["on another's topic", "baygate/1/reader/r2/status"],
    ["on a durable topic", TAP],
    ["on a topic that nobody knows", "somewhere/else"],
  ])("with a will %s does not begin", async (_name, topic) => {
    await start();
    await expect(
      under.connect(READER, { will: { topic, payload: Buffer.from("{}"), qos: 1, retain: true } }),
    ).rejects.toMatchObject({ code: 5 });
    expect(under.broker.statistics().loginsRefused).toEqual({ "will-denied": 1 });
  });

  it("needs a keepalive", async () => {
    await start();
    await expect(under.connect(READER, { keepalive: 0 })).rejects.toThrow();
    await expect(under.connect(READER, { keepalive: 600 })).rejects.toThrow();
  });

  it("ends within seconds when its credential is taken away or changed by another process", async () => {
    await start();
    const camera = await under.connect(CAMERA);
    const reader = await under.connect(READER);
    const { DeviceCredentials } = await import("./credentials.ts");
    const elsewhere = new DeviceCredentials(under.directory, () => 0);
    await elsewhere.remove("camera", "north");
    const fresh = await elsewhere.rotate("reader", "r1");
    await until(() => !camera.connected && !reader.connected);
    expect(under.presence.filter(({ reason }) => reason === "credential changed")).toHaveLength(2);
    await expect(under.connect(CAMERA)).rejects.toMatchObject({ code: 4 });
    const again = await under.connect(READER, { password: fresh });
    expect(again.connected).toBe(true);
  });

  it("retained state of the gateway is there again when its owner says it again after a restart", async () => {
    await start();
    await under.broker.publish("gatewayAttention", "", { count: 1, kinds: ["camera.silent"] });
    await under.restart();
    await under.broker.publish("gatewayAttention", "", { count: 1, kinds: ["camera.silent"] });
    const observer = await listen(OBSERVER, "baygate/1/gateway/attention");
    await until(() => observer.heard.length === 1);
    expect(observer.heard[0]?.retain).toBe(true);
  });
});

describe("a login", () => {
  it.each<[string, Record<string, string>, number]>([
    ["without a user name", {}, 4],
    ["as the gateway", { username: "gateway/main", password: "x" }, 4],
    ["as a device without a credential", { username: "camera/south", password: "x" }, 4],
    ["with a wrong password", { username: "camera/north", password: "x" }, 4],
    ["under a name of JavaScript's own", { username: "camera/constructor", password: "x" }, 4],
  ])("%s is refused", async (_name, login, code) => {
    await start();
    await under.passwordOf(CAMERA);
    await expect(
      connectAsync(`mqtt://127.0.0.1:${under.port}`, { reconnectPeriod: 0, ...login }, false),
    ).rejects.toMatchObject({ code });
  });

  it("of a device that the configuration does not know is refused", async () => {
    await start();
    await expect(under.connect({ role: "camera", id: "attic" })).rejects.toMatchObject({ code: 5 });
    expect(under.broker.statistics().loginsRefused).toEqual({ "not-configured": 1 });
  });

  it("is not looked at after five wrong passwords, but a device that is known keeps its way in", async () => {
    await start();
    const camera = await under.connect(CAMERA);
    const guess = (username: string) =>
      connectAsync(`mqtt://127.0.0.1:${under.port}`, { reconnectPeriod: 0, username, password: "guess" }, false).catch(
        (error: unknown) => error,
      );
    await under.passwordOf(READER);
    for (let attempt = 0; attempt < 6; attempt++) await guess("reader/r1");
    for (let attempt = 0; attempt < 6; attempt++) await guess("camera/north");
    expect(under.broker.statistics().loginsRefused).toEqual({ "wrong-password": 10, "too-many-failures": 2 });
    expect(camera.connected).toBe(true);
    await expect(under.connect(READER)).rejects.toMatchObject({ code: 3 });
    expect((await under.connect(CAMERA)).connected).toBe(true);
  });
});

describe("listeners", () => {
  const TLS_SHOP = SHOP.replace(
    "port: 0, tls: false }",
    "port: 0, tls: true }, { address: 127.0.0.1, port: 0, tls: false }",
  );

  it("speak TLS with a certificate made once and kept, whose fingerprint a device can pin", async () => {
    await start({}, TLS_SHOP);
    const fingerprint = under.broker.certificateFingerprint();
    const login = { username: "camera/north", password: await under.passwordOf(CAMERA) };
    const { readFile, stat } = await import("node:fs/promises");
    const ca = await readFile(`${under.directory}/broker-tls/certificate.pem`);
    expect((await stat(`${under.directory}/broker-tls/key.pem`)).mode & 0o777).toBe(0o600);
    const camera = await connectAsync(`mqtts://127.0.0.1:${under.port}`, {
      ...login,
      ca,
      rejectUnauthorized: true,
      reconnectPeriod: 0,
    });
    await camera.publishAsync("baygate/1/camera/north/frame", Buffer.alloc(300_000), { qos: 1 });
    expect(under.broker.statistics().cameraFrames).toBe(1);
    camera.end(true);
    await under.restart();
    expect(under.broker.certificateFingerprint()).toBe(fingerprint);
  });

  it("that cannot be opened do not keep the others shut", async () => {
    await start();
    const taken = under.port;
    const first = under;
    const second = await BrokerUnderTest.start(
      {},
      SHOP.replace(
        "port: 0, tls: false }",
        `port: ${taken}, tls: false }, { address: 127.0.0.1, port: 0, tls: false }`,
      ),
    );
    expect(second.broker.listeners()).toMatchObject([{ state: "failed", fault: "EADDRINUSE" }, { state: "listening" }]);
    await second.stop();
    const third = await BrokerUnderTest.start({}, SHOP.replace("port: 0", `port: ${taken}`));
    expect(third.broker.listeners()).toMatchObject([{ state: "failed", fault: "EADDRINUSE" }]);
    await third.stop();
    expect(first.broker.listeners()).toMatchObject([{ state: "listening" }]);
  });

  it("take no more connections than configured from one address", async () => {
    await start({}, SHOP.replace("broker: {", "broker: { maxConnectionsPerAddress: 2,"));
    const [one, two, three] = [await under.socket(), await under.socket(), await under.socket()];
    await closed(three);
    expect([one.destroyed, two.destroyed]).toEqual([false, false]);
    one.destroy();
    await closed(one);
    await until(() => under.broker.statistics().connectionsRefused === 1);
    const camera = await under.connect(CAMERA);
    expect(camera.connected).toBe(true);
  });
});
