import { beforeEach, describe, expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { EgressRefusal } from "../egress/index.ts";
import { ovms } from "./index.ts";

const BASE = "ovms/baygate/DEMO";
const metric = (name: string) => `${BASE}/metric/${name.replaceAll(".", "/")}`;
let module: AdapterUnderTest;

beforeEach(() => {
  module = new AdapterUnderTest(ovms, { nativeId: "DEMO" });
  module.adapter.start();
});

describe("an OVMS module", () => {
  it("sends metrics as plain text, arrays with commas, and yes or no", () => {
    module.say(metric("v.b.soc"), "96.3");
    module.say(metric("v.b.c.voltage"), "4.105,4.095,,4.1");
    module.say(metric("v.c.charging"), "yes");
    module.say(metric("v.tp.pressure"), "240,241,238.5,239");
    module.say(metric("v.b.current"), "-12.5");
    module.say(metric("v.type"), "BYDA3");
    module.say(metric("v.b.power"), "");
    module.say(metric("m.freeram"), "4232852");
    expect(module.values()).toEqual({
      "state-of-charge": 96.3,
      "cell-voltage.1": 4.105,
      "cell-voltage.2": 4.095,
      "cell-voltage.4": 4.1,
      charging: true,
      "tyre-pressure.front-left": 240,
      "tyre-pressure.front-right": 241,
      "tyre-pressure.rear-left": 238.5,
      "tyre-pressure.rear-right": 239,
      "pack-current": -12.5,
      "v.type": "BYDA3",
    });
  });

  it("is there while it says so, and silence says nothing", () => {
    module.say(metric("s.v3.connected"), "yes", true);
    expect(module.state).toBeUndefined();
    module.say(metric("s.v3.connected"), "yes");
    module.clock.advance(24 * 3_600_000);
    expect(module.state).toBe("online");
    module.say(metric("s.v3.connected"), "no");
    expect(module.state).toBe("offline");
  });

  it("was gone when the broker remembers its will", () => {
    module.say(metric("s.v3.connected"), "no", true);
    expect(module.state).toBe("offline");
  });

  it("gives retained values as stale ones", () => {
    module.say(metric("v.b.soc"), "50", true);
    expect(module.sample("state-of-charge")).toMatchObject({ stale: true });
  });

  it("hears that somebody looks, once a minute and once for its values, and that nobody looks any more", () => {
    module.adapter.lookedAt?.(30_000);
    expect(module.published).toEqual([]);
    module.say(metric("v.b.soc"), "50", true);
    for (let second = 0; second < 90; second += 5) {
      module.adapter.lookedAt?.(10_000);
      module.clock.advance(5_000);
    }
    expect(module.published).toEqual([
      { topic: `${BASE}/client/baygate/active`, payload: "1" },
      { topic: `${BASE}/client/baygate/request/metric`, payload: "v.*" },
      { topic: `${BASE}/client/baygate/active`, payload: "1" },
    ]);
    module.clock.advance(20_000);
    expect(module.published.at(-1)).toEqual({ topic: `${BASE}/client/baygate/active`, payload: "0" });
  });

  it("is left in peace where the options say so", () => {
    const quiet = new AdapterUnderTest(ovms, { nativeId: "DEMO", options: { askWhenLookedAt: false } });
    quiet.say(metric("v.b.soc"), "50");
    quiet.adapter.lookedAt?.(30_000);
    expect(quiet.published).toEqual([]);
  });

  it("tells its voltage from memory when asked for it", async () => {
    expect(await module.adapter.batteryVolts()).toBeUndefined();
    module.say(metric("v.b.12v.voltage"), "12.4", true);
    const asked = module.adapter.batteryVolts();
    await Promise.resolve();
    expect(module.published.at(-1)).toEqual({
      topic: `${BASE}/client/baygate/request/metric`,
      payload: "v.b.12v.voltage",
    });
    module.say(metric("v.b.12v.voltage"), "12.7");
    expect(await asked).toBe(12.7);
    expect(await module.adapter.batteryVolts()).toBe(12.7);
  });

  it("passes alerts on as text", () => {
    module.say(`${BASE}/notify/alert/batt.12v/alert`, "12V Battery critical");
    module.say(`${BASE}/notify/data/x/1/-5`, "a,b,c");
    expect(module.values()).toEqual({ "alert.batt.12v.alert": "12V Battery critical" });
  });

  it.each([
    ["client/baygate/command/1", "reboot"],
    ["client/baygate/active", "2"],
    ["client/other/active", "1"],
    ["client/baygate/request/metric", "*"],
    ["client/baygate/request/metric", "m.freeram"],
    ["metric/v/b/soc", "50"],
  ])("is never told %s %s", (what, payload) => {
    expect(() => module.egress.publish(`${BASE}/${what}`, payload)).toThrow(EgressRefusal);
    expect(() => module.egress.publish(`ovms/baygate/OTHER/client/baygate/active`, "1")).toThrow(EgressRefusal);
  });
});
