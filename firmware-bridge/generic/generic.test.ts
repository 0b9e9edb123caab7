import { beforeEach, describe, expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { generic } from "./index.ts";

let device: AdapterUnderTest;

beforeEach(() => {
  device = new AdapterUnderTest(generic, {
    nativeId: "meter",
    options: {
      values: [
        { topic: "meter/volts", name: "pack-voltage", scale: 0.1 },
        { topic: "meter/temp", name: "ambient-temperature", unit: "°F" },
        { topic: "meter/state", name: "state" },
        { topic: "meter/12v", name: "low-voltage-battery", unit: "mV" },
        { topic: "meter/all", path: "battery.cells[1].v", name: "cell-voltage.2", unit: "mV" },
        { topic: "meter/all", path: "battery.soc", name: "state-of-charge" },
        { topic: "meter/all", path: "constructor.name", name: "trap" },
      ],
      presence: { topic: "meter/there", online: "yes" },
    },
  });
  device.adapter.start();
});

describe("a device that the configuration describes", () => {
  it("has its values named, scaled, and converted to our units", () => {
    device.say("meter/volts", "3982");
    device.say("meter/temp", "77");
    device.say("meter/state", "idle");
    expect(device.values()).toEqual({ "pack-voltage": 398.20000000000005, "ambient-temperature": 25, state: "idle" });
  });

  it("tells the battery's voltage in volts, whatever unit it comes in", async () => {
    device.say("meter/12v", "12480");
    expect(device.values()).toEqual({ "low-voltage-battery": 12.48 });
    expect(await device.adapter.batteryVolts()).toBe(12.48);
  });

  it("may write a number as long as a computer does", () => {
    device.say("meter/volts", "3982.0000000000005");
    device.say("meter/state", "1234567890123456");
    expect(device.values()).toEqual({ "pack-voltage": 398.20000000000005, state: "1234567890123456" });
  });

  it("may send many values in one document", () => {
    device.say("meter/all", '{"battery":{"soc":"64","cells":[{"v":4101},{"v":4105}]}}');
    expect(device.values()).toEqual({ "cell-voltage.2": 4.105, "state-of-charge": 64 });
  });

  it("says nothing where the path leads nowhere, or the document is none", () => {
    for (const text of ["", "{", "null", "[]", '{"battery":{"cells":[{}]}}', '{"battery":null}'])
      device.say("meter/all", text);
    expect(device.values()).toEqual({});
  });

  it("is there by its own word", () => {
    device.say("meter/there", "no", true);
    expect(device.state).toBe("offline");
    device.say("meter/there", "yes");
    expect(device.state).toBe("online");
    device.say("meter/there", "bye");
    expect(device.state).toBe("offline");
    device.say("meter/volts", "1");
    expect(device.state).toBe("online");
  });

  it("listens to its topics and no others", () => {
    expect([...device.adapter.topics].sort()).toEqual([
      "meter/12v",
      "meter/all",
      "meter/state",
      "meter/temp",
      "meter/there",
      "meter/volts",
    ]);
  });
});
