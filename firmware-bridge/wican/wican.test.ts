import { beforeEach, describe, expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { EgressRefusal } from "../egress/index.ts";
import { wican } from "./index.ts";

const ID = "a1b2c3d4e5f6";
const RX = `wican/${ID}/can/rx`;
const BATCH =
  '{"bus":"0","type":"rx","ts":34610,"frame":[{"id":2024,"dlc":4,"rtr":false,"extd":false,"data":[3,65,12,26,0,0,0,0]}]}';

let dongle: AdapterUnderTest;

beforeEach(() => {
  dongle = new AdapterUnderTest(wican, { nativeId: ID });
  dongle.adapter.start();
});

describe("a WiCAN dongle", () => {
  it("is asked for its own voltage, and nothing of the car, to see whether it lives", () => {
    expect(dongle.published).toEqual([{ topic: `wican/${ID}/cmd`, payload: '{"cmd":"get_vbatt"}' }]);
    dongle.clock.advance(120_000);
    expect(new Set(dongle.published.map(({ payload }) => payload))).toEqual(new Set(['{"cmd":"get_vbatt"}']));
  });

  it("is online by whatever it says, silent when it says nothing, and not by hearing our own command back", () => {
    dongle.say(`wican/${ID}/cmd`, '{"cmd":"get_vbatt"}');
    expect(dongle.state).toBeUndefined();
    dongle.say(`wican/${ID}/cmd`, '{"battery_voltage": 12.600000}');
    expect(dongle.state).toBe("online");
    dongle.clock.advance(119_000);
    expect(dongle.state).toBe("online");
    dongle.clock.advance(2_000);
    expect(dongle.state).toBe("fault silent");
    dongle.say(RX, BATCH);
    expect(dongle.state).toBe("online");
    expect(dongle.statuses).toHaveLength(3);
  });

  it("is not alive because the broker remembers that it was, and gone if the broker remembers that it went", () => {
    dongle.say(`wican/${ID}/can/status`, '{"status": "online"}', true);
    expect(dongle.state).toBeUndefined();
    dongle.say(`wican/${ID}/status`, '{"status": "offline"}', true);
    expect(dongle.state).toBe("offline");
    dongle.say(`wican/${ID}/can/status`, '{"status": "online"}');
    dongle.say(`wican/${ID}/can/status`, '{"status": "offline"}');
    expect(dongle.statuses.map(({ state }) => state)).toEqual(["offline", "online", "offline"]);
  });

  it("tells its voltage on whichever topic its model answers", async () => {
    for (const topic of ["cmd", "rsp"]) {
      const asked = dongle.adapter.batteryVolts();
      dongle.say(`wican/${ID}/${topic}`, '{"battery_voltage": 12.600000}');
      expect(await asked).toBe(12.6);
    }
  });

  it("sends the words of an AutoPID group in our words and units, binary sensors as yes or no", () => {
    dongle.say(
      RX,
      '{"SOC":63.5,"HV_W":-3500,"HV_C_V_001":4.105,"HV_T_2":31,"TYRE_P_FL":36,"CHARGING":"on","T_CAB":22,"timestamp":1790000000}',
    );
    const values = dongle.values();
    expect(values).toMatchObject({
      "state-of-charge": 63.5,
      "pack-power": -3.5,
      "cell-voltage.1": 4.105,
      "probe-temperature.2": 31,
      charging: true,
      T_CAB: 22,
    });
    expect(values["tyre-pressure.front-left"]).toBeCloseTo(248.211, 3);
    expect(Object.keys(values)).not.toContain("timestamp");
    expect(dongle.sample("pack-power")).toMatchObject({ unit: "kW", at: expect.any(Number) });
  });

  it("sends a filter's single value among them", () => {
    dongle.say(RX, '{"VehicleSpeed": 23.000000}');
    expect(dongle.values()).toEqual({ VehicleSpeed: 23 });
  });

  it("names a bare value by its topic, its own or one that the options name", () => {
    const other = new AdapterUnderTest(wican, {
      nativeId: ID,
      options: { valueTopics: ["wallbox/SOC"], alertTopic: "CAR1/voltage" },
    });
    expect(other.adapter.topics).toEqual(
      expect.arrayContaining(["wallbox/SOC", "CAR1/voltage", `wican/${ID}/values/#`]),
    );
    other.say("wallbox/SOC", "81.5");
    other.say(`wican/${ID}/values/garage/HV_V`, "398.2");
    other.say("CAR1/voltage", '{"alert": "low_battery", "battery_voltage": 11.4}');
    expect(other.values()).toEqual({ "state-of-charge": 81.5, "pack-voltage": 398.2, "low-voltage-battery": 11.4 });
  });

  it("marks what the broker kept as stale until it comes live", () => {
    dongle.say(RX, '{"SOC":80}', true);
    expect(dongle.sample("state-of-charge")).toMatchObject({ value: 80, stale: true });
    expect(dongle.state).toBeUndefined();
    dongle.say(RX, '{"SOC":63.5}');
    expect(dongle.sample("state-of-charge")).not.toHaveProperty("stale");
  });

  it("loses nothing but the message when its words are broken", () => {
    for (const text of [
      '{"bus":"0","type":"rx","ts":1,"frame":]}',
      "",
      "[",
      '{"error": "Data length exceeds the data size"}',
      "12.5.3",
    ])
      dongle.say(RX, text);
    dongle.say(RX, '{"SOC":1}');
    expect(dongle.values()).toEqual({ "state-of-charge": 1 });
  });
});

describe("raw traffic", () => {
  it("is not even parsed while nobody listens", () => {
    dongle.say(RX, BATCH);
    expect(dongle.frames).toEqual([]);
    expect(dongle.state).toBe("online");
    dongle.framesWanted = true;
    dongle.say(RX, BATCH);
    expect(dongle.frames).toEqual([{ id: 2024, extended: false, data: Uint8Array.of(3, 65, 12, 26) }]);
  });

  it("does not come from the log of the dongle's ELM session", () => {
    dongle.framesWanted = true;
    dongle.say(`wican/${ID}/elm327`, BATCH);
    expect(dongle.frames).toEqual([]);
  });
});

describe("what goes to a WiCAN dongle", () => {
  it("is an approved question in the form that the firmware accepts", async () => {
    const answer = dongle.adapter.car?.ask({
      target: { kind: "functional", idBits: 11 },
      request: Uint8Array.of(1, 12),
      expectedEcuIds: [2024],
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(dongle.published.at(-1)).toEqual({
      topic: `wican/${ID}/can/tx`,
      payload:
        '{"bus":"0","type":"tx","frame":[{"id":2015,"dlc":8,"rtr":false,"extd":false,"data":[2,1,12,204,204,204,204,204]}]}',
    });
    dongle.say(RX, BATCH);
    expect((await answer)?.answers[0]).toMatchObject({ ecuId: 0x7e8, kind: "positive" });
  });

  it.each([
    ["cmd", '{"cmd":"reboot"}'],
    ["cmd", '{"cmd":"get_vbatt","x":1}'],
    [
      "can/tx",
      '{"bus":"0","type":"tx","frame":[{"id":2015,"dlc":8,"rtr":false,"extd":false,"data":[2,1,12,0,0,0,0,0]}]}',
    ],
    ["can/rx", "{}"],
    ["../other/can/tx", "{}"],
  ])("is never %s %s out of the blue", (topic, payload) => {
    expect(() => dongle.egress.publish(`wican/${ID}/${topic}`, payload)).toThrow(EgressRefusal);
  });
});
