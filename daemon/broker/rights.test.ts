import { describe, expect, it } from "vitest";
import { ALL_TOPICS, type Role, type TopicRow } from "../../contract/topics.ts";
import { configurationOf, SHOP } from "./broker.fixture.ts";
import { DEVICE_ROLES } from "./credentials.ts";
import { type DeviceRole, type Principal, rightsOf } from "./rights.ts";

const configuration = await configurationOf(SHOP);

/** Each role's device of the first bay, and what stands in a topic for it and for its neighbour. */
const OWN: Readonly<Record<DeviceRole, Principal>> = {
  camera: { role: "camera", id: "north" },
  dongle: { role: "dongle", id: "d1" },
  reader: { role: "reader", id: "r1" },
  equipment: { role: "equipment", id: "lift-1" },
  bridge: { role: "bridge", id: "main" },
  observer: { role: "observer", id: "wall" },
};
const IDS: Readonly<Record<string, { readonly mine: string; readonly others: string }>> = {
  camera: { mine: "north", others: "south" },
  dongle: { mine: "d1", others: "d2" },
  native: { mine: "a0b1c2d3e4f5", others: "ffffc2d3e4f5" },
  reader: { mine: "r1", others: "r2" },
  equipment: { mine: "lift-1", others: "lift-2" },
  bridge: { mine: "main", others: "other" },
  any: { mine: "bay-1", others: "bay-2" },
};
/** Devices that the test's bridge `main` speaks for: dongle d1 and camera north, no reader and no equipment. */
const BRIDGED = new Set(["camera", "dongle", "native", "bridge"]);

function levelOf(row: TopicRow): string | undefined {
  return /\{([a-z]+)\}/.exec(row.pattern)?.[1];
}

function topicFor(row: TopicRow, whose: "mine" | "others"): string {
  const level = levelOf(row);
  const concrete = row.pattern.replace("/+/", "/any/").replace(/\+$/, "any").replace(/#$/, "deep/below");
  return level === undefined ? concrete : concrete.replace(`{${level}}`, IDS[level]?.[whose] ?? "");
}

/** Whether the level of a row is this role's own matter; written down here apart from the code that decides it. */
function isOwnLevel(role: Role, level: string | undefined, dialect: string | undefined): boolean {
  // The test's dongles are WiCANs: other firmware's topics are not theirs.
  if (level === "native" && dialect !== "wican") return false;
  if (level === undefined || role === "observer") return true;
  if (role === "bridge") return BRIDGED.has(level) || level === "any";
  return role === level || (role === "dongle" && level === "native");
}

const matrix = DEVICE_ROLES.flatMap((role) =>
  ALL_TOPICS.map((row) => ({ role, row, name: `${role} and ${row.pattern}` })),
);

describe("the topic table", () => {
  it.each(matrix)("grants exactly what it says: $name", ({ role, row }) => {
    const rights = rightsOf(configuration, OWN[role]);
    const level = levelOf(row);
    const own = isOwnLevel(role, level, row.dialect);
    const foreign = level === undefined || role === "observer" || (level === "any" && own);

    expect(rights.publishes(topicFor(row, "mine")) !== undefined).toBe(row.publishers.includes(role) && own);
    expect(rights.publishes(topicFor(row, "others")) !== undefined).toBe(
      row.publishers.includes(role) && own && foreign,
    );
    expect(rights.reads(topicFor(row, "mine"))).toBe(row.readers.includes(role) && own);
    expect(rights.reads(topicFor(row, "others"))).toBe(row.readers.includes(role) && own && foreign);
    expect(rights.subscribes(topicFor(row, "mine"))).toBe(row.readers.includes(role) && own);
    expect(rights.subscribes(topicFor(row, "others"))).toBe(row.readers.includes(role) && own && foreign);
  });

  it("lets no device write to a car but the bridge, and nobody read another's frames", () => {
    const tx = ALL_TOPICS.filter((row) => row.pattern.endsWith("/can/tx"));
    expect(tx.map((row) => row.publishers)).toEqual([["bridge"]]);
    const read = ALL_TOPICS.filter((row) => row.readers.includes("dongle") && row.dialect !== undefined);
    const others = read.flatMap((row) => row.publishers).filter((role) => role !== "bridge" && role !== "dongle");
    expect(others).toEqual([]);
    for (const role of DEVICE_ROLES)
      expect(rightsOf(configuration, OWN[role]).subscribes("baygate/1/camera/north/frame")).toBe(false);
  });
});

describe("a wildcard", () => {
  it.each<[DeviceRole, string, boolean]>([
    ["observer", "baygate/1/+/+/status", true],
    ["observer", "baygate/1/bay/+/state", true],
    ["observer", "baygate/1/+/+/state", true],
    ["observer", "baygate/1/gateway/#", true],
    ["observer", "baygate/1/gateway/health/#", true],
    ["observer", "#", false],
    ["observer", "baygate/#", false],
    ["observer", "baygate/1/dongle/#", false],
    ["observer", "wican/#", false],
    ["observer", "$SYS/#", false],
    ["observer", "$SYS/broker/new/clients", false],
    ["observer", "+/#", false],
    ["camera", "baygate/1/gateway/health", true],
    ["camera", "baygate/1/gateway/+", false],
    ["camera", "#", false],
    ["dongle", "wican/a0b1c2d3e4f5/can/tx", true],
    ["dongle", "wican/a0b1c2d3e4f5/#", false],
    ["dongle", "wican/+/can/tx", false],
    ["bridge", "wican/a0b1c2d3e4f5/can/rx", true],
    ["bridge", "wican/+/can/rx", false],
    ["bridge", "baygate/1/dongle/+/request", false],
    ["bridge", "baygate/1/bay/+/state", true],
    ["bridge", "#", false],
  ])("%s may subscribe to %s: %s", (role, filter, allowed) => {
    expect(rightsOf(configuration, OWN[role]).subscribes(filter)).toBe(allowed);
  });

  it("reaches every dongle where one bridge speaks for them all", async () => {
    const all = await configurationOf(
      SHOP.replace("[d1], cameras: [north]", "[d1, d2], cameras: [north]").replace(
        "other: { dongles: [d2] }",
        "other: { dongles: [] }",
      ),
    );
    const rights = rightsOf(all, OWN.bridge);
    expect(rights.subscribes("wican/+/can/rx")).toBe(true);
    expect(rights.subscribes("baygate/1/dongle/+/request")).toBe(true);
    expect(rights.subscribes("baygate/1/dongle/#")).toBe(false);
  });
});

describe("firmware of several kinds", () => {
  const shop = `
shop: { name: Test, gateway: test-1, timeZone: Asia/Shanghai }
cameras: { north: {} }
dongles:
  car: { dialect: ovms, nativeId: "DEMO" }
  same: { dialect: autopi, nativeId: "DEMO" }
  esp: { dialect: obd2-mqtt, nativeId: "obd2mqtt-1" }
  plain: { dialect: wican, nativeId: "a0b1c2d3e4f5", options: { alertTopic: CAR1/voltage, valueTopics: [garage/soc] } }
  any: { dialect: generic, nativeId: any, options: { values: [{ topic: meter/1/volts, name: pack-voltage }] } }
bridges: { main: { dongles: [car, plain, any, esp] }, other: { dongles: [same] } }
bays:
  bay-1: { cameras: { north: { zone: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]] } }, dongle: car }
`;
  const rights = async (role: DeviceRole, id: string) => rightsOf(await configurationOf(shop), { role, id });

  it("reports under any depth of its own, and never as another of the same name", async () => {
    const car = await rights("dongle", "car");
    expect(car.publishes("ovms/someone/DEMO/metric/v/b/c/voltage")).toBeDefined();
    expect(car.publishes("ovms/someone/DEMO/metric")).toBeUndefined();
    expect(car.publishes("ovms/someone/OTHER/metric/v/b/soc")).toBeUndefined();
    expect(car.publishes("ovms/DEMO/x/metric/v/b/soc")).toBeUndefined();
    expect(car.publishes("autopi/DEMO/rpm")).toBeUndefined();
    expect((await rights("dongle", "same")).publishes("autopi/DEMO/rpm")).toBeDefined();
    expect((await rights("dongle", "esp")).publishes("obd2mqtt-1/LSV_speed")).toBeDefined();
    expect(car.publishes("DEMO/LSV_speed")).toBeUndefined();
  });

  it("is told only that somebody looks: its shell and its clearing of codes are nobody's", async () => {
    for (const [role, id] of [
      ["bridge", "main"],
      ["bridge", "other"],
      ["dongle", "car"],
      ["dongle", "plain"],
      ["observer", "wall"],
    ] as const) {
      const held = await rights(role, id);
      for (const topic of [
        "ovms/someone/DEMO/client/baygate/command/1",
        "ovms/someone/DEMO/client/x/active",
        "obd2mqtt-1/LSV_clearDTC/ctrl",
        "wican/a0b1c2d3e4f5/can/tx/x",
      ])
        expect(held.publishes(topic), `${role} ${topic}`).toBeUndefined();
    }
    const bridge = await rights("bridge", "main");
    expect(bridge.publishes("ovms/someone/DEMO/client/baygate/active")).toBeDefined();
    expect((await rights("bridge", "other")).publishes("ovms/someone/DEMO/client/baygate/active")).toBeUndefined();
    const car = await rights("dongle", "car");
    expect(car.subscribes("ovms/someone/DEMO/client/+/active")).toBe(true);
    expect(car.subscribes("ovms/someone/DEMO/client/+/command/+")).toBe(false);
    expect(car.subscribes("ovms/someone/DEMO/#")).toBe(false);
  });

  it("is heard by its own bridge with one filter, and not by another", async () => {
    const bridge = await rights("bridge", "main");
    expect(bridge.subscribes("ovms/+/DEMO/metric/#")).toBe(true);
    expect(bridge.subscribes("autopi/DEMO/#")).toBe(false);
    expect(bridge.subscribes("ovms/#")).toBe(false);
    expect(bridge.subscribes("ovms/+/DEMO/metric/#/x")).toBe(false);
    expect((await rights("bridge", "other")).subscribes("ovms/+/DEMO/metric/#")).toBe(false);
    expect((await rights("observer", "wall")).subscribes("ovms/+/DEMO/metric/#")).toBe(false);
  });

  it("uses topics that its options name, alone", async () => {
    const any = await rights("dongle", "any");
    expect(any.publishes("meter/1/volts")).toBeDefined();
    expect(any.publishes("CAR1/voltage")).toBeUndefined();
    expect(any.subscribes("meter/1/volts")).toBe(false);
    expect((await rights("dongle", "plain")).publishes("CAR1/voltage")).toBeDefined();
    const bridge = await rights("bridge", "main");
    expect(bridge.subscribes("meter/1/volts")).toBe(true);
    // Two levels, as obd2-mqtt has them under its own main topic.
    expect(bridge.subscribes("garage/soc")).toBe(true);
    expect(bridge.subscribes("garage/other")).toBe(false);
    expect((await rights("bridge", "other")).subscribes("autopi/DEMO")).toBe(true);
    expect(bridge.reads("garage/soc")).toBe(true);
    expect(bridge.publishes("meter/1/volts")).toBeUndefined();
    expect((await rights("bridge", "other")).subscribes("meter/1/volts")).toBe(false);
  });
});
