import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { Value } from "typebox/value";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BayId } from "../contract/ids.ts";
import type { BayStatePayload } from "../contract/payloads.ts";
import { TOPICS, topicOf } from "../contract/topics.ts";
import { DeviceCredentials } from "../daemon/broker/broker.ts";
import { placesIn } from "../daemon/gateway/places.ts";
import { verifyJournal } from "../daemon/journal/index.ts";
import { type Gateway, startGateway } from "../daemon/main.ts";
import { openPeople } from "../daemon/people/index.ts";
import { systemClock } from "../machine/clock.ts";
import { createUuidV7 } from "../machine/uuid.ts";
import { Visitor } from "../simulator/people/visitor.ts";

const SHOP = `
shop: { name: Corner Garage, gateway: shop-0042, timeZone: Asia/Shanghai }
bays: { bay1: { cameras: {}, readers: [bay1] } }
cameras: {}
readers: { bay1: {} }
broker: { listeners: [{ address: 127.0.0.1, port: 0, tls: false }] }
http: { address: 127.0.0.1, port: 0 }
`;
const PASSWORD = randomBytes(12).toString("base64url");
const BADGE = "04A1B2C3D4";
const BAY = Value.Parse(BayId, "bay1");

let folder: string;
let gateways: Gateway[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-gateway-"));
  gateways = [];
  await writeFile(join(folder, "shop.yaml"), SHOP);
});

afterEach(async () => {
  for (const gateway of gateways) await gateway.stop("test");
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<Gateway> {
  const gateway = await startGateway({
    configurationFile: join(folder, "shop.yaml"),
    dataDirectory: join(folder, "data"),
    version: "test",
    demo: true,
    print: () => undefined,
  });
  gateways.push(gateway);
  return gateway;
}

async function preparePeople(): Promise<void> {
  const clock = systemClock({ demo: true });
  const people = await openPeople({
    directory: placesIn(join(folder, "data")).people,
    clock,
    newId: createUuidV7(clock),
  });
  const by = { kind: "gateway", id: "test" } as const;
  await people.add({ login: "chen", name: "Chen", role: "manager", password: PASSWORD }, by);
  await people.add({ login: "wang", name: "Wang", role: "technician", password: PASSWORD, badge: BADGE }, by);
}

async function readerOf(gateway: Gateway) {
  const password = await new DeviceCredentials(join(folder, "data"), Date.now).add("reader", "bay1");
  return connectAsync(`mqtt://127.0.0.1:${gateway.running.brokers[0]?.port}`, {
    username: "reader/bay1",
    password,
    reconnectPeriod: 0,
  });
}

const tapOf = (messageId: string, action: "on" | "off") => JSON.stringify({ messageId, badge: BADGE, action });
const TAP_TOPIC = topicOf(TOPICS.readerTap, "bay1");

describe("the gateway as a whole", () => {
  it("takes a badge from the reader to the page, once, however often it is sent", async () => {
    const gateway = await start();
    await preparePeople();
    const manager = new Visitor(gateway.running.page);
    await manager.signIn("chen", PASSWORD);
    await manager.openJob({ number: "RO-1", work: "Brake pads", bay: BAY });
    const reader = await readerOf(gateway);
    for (let time = 0; time < 3; time += 1) await reader.publishAsync(TAP_TOPIC, tapOf("tap-1", "on"), { qos: 1 });
    const { jobs, bays } = await manager.today();
    expect(jobs.map(({ number, running }) => [number, running.map(({ technician }) => technician.name)])).toEqual([
      ["RO-1", ["Wang"]],
    ]);
    expect(bays[0]).toMatchObject({ id: "bay1", state: "unknown" });
    await reader.publishAsync(TAP_TOPIC, tapOf("tap-2", "off"), { qos: 1 });
    expect((await manager.today()).jobs[0]?.running).toEqual([]);
    await reader.endAsync();
  });

  it("goes on with running labour after a stop and a start, and leaves a journal that verifies", async () => {
    const first = await start();
    await preparePeople();
    const manager = new Visitor(first.running.page);
    await manager.signIn("chen", PASSWORD);
    await manager.openJob({ number: "RO-2", work: "Service", bay: BAY });
    const reader = await readerOf(first);
    await reader.publishAsync(TAP_TOPIC, tapOf("tap-1", "on"), { qos: 1 });
    await reader.endAsync();
    await first.stop("test");
    expect(verifyJournal(placesIn(join(folder, "data")).journal).ok).toBe(true);
    const second = await start();
    const again = new Visitor(second.running.page);
    await again.signIn("chen", PASSWORD);
    expect((await again.today()).jobs[0]?.running[0]).toMatchObject({ technician: { name: "Wang" }, flags: [] });
  });

  it("keeps what it cannot understand, acknowledges it, and says so on the page", async () => {
    const gateway = await start();
    await preparePeople();
    const manager = new Visitor(gateway.running.page);
    await manager.signIn("chen", PASSWORD);
    const reader = await readerOf(gateway);
    await reader.publishAsync(TAP_TOPIC, '{"badge":', { qos: 1 });
    await reader.publishAsync(TAP_TOPIC, JSON.stringify({ badge: "unknown-badge", action: "on", messageId: "m1" }), {
      qos: 1,
    });
    await reader.endAsync();
    await expect
      .poll(async () => (await manager.today()).attention.map(({ kind }) => kind), { timeout: 10_000 })
      .toEqual(expect.arrayContaining(["messages-quarantined", "unknown-badge"]));
  });

  it("tells a late observer the retained state of every bay", async () => {
    const gateway = await start();
    const password = await new DeviceCredentials(join(folder, "data"), Date.now).add("observer", "wall");
    const observer = await connectAsync(`mqtt://127.0.0.1:${gateway.running.brokers[0]?.port}`, {
      username: "observer/wall",
      password,
      reconnectPeriod: 0,
    });
    const heard = new Promise<BayStatePayload>((resolve) => {
      observer.on("message", (_topic, payload) => resolve(JSON.parse(payload.toString())));
    });
    await observer.subscribeAsync(topicOf(TOPICS.bayState, "bay1"));
    expect(await heard).toMatchObject({ bay: "bay1", state: "unknown", job: null, people: 0 });
    await observer.endAsync();
  });

  it("starts safe mode on a broken configuration, with the line to mend, and still knows which shop it is", async () => {
    await (await start()).stop("test");
    await writeFile(join(folder, "shop.yaml"), `${SHOP}camera: {}\n`);
    const gateway = await start();
    expect(gateway.running.safeMode).toBe(true);
    await preparePeople();
    const session: unknown = await (await fetch(`${gateway.running.page}/api/session`)).json();
    expect(session).toMatchObject({ safeMode: true, shopName: { en: "Corner Garage" } });
    const manager = new Visitor(gateway.running.page);
    await manager.signIn("chen", PASSWORD);
    const { safeMode, attention } = await manager.today();
    expect(safeMode?.problems[0]).toMatchObject({ line: 8, path: "camera" });
    expect(attention.map(({ kind }) => kind)).toContain("safe-mode");
    await manager.openJob({ number: "RO-3", work: "The labour clock runs in safe mode too" });
  });
});
