import { beforeEach, describe, expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { obd2Mqtt } from "./index.ts";

const VIN = "LSVAB2BR2HN000017";
let dongle: AdapterUnderTest;
const say = (field: string, text: string, retained = false) => dongle.say(`obd2mqtt-1/${VIN}_${field}`, text, retained);

beforeEach(() => {
  dongle = new AdapterUnderTest(obd2Mqtt, { nativeId: "obd2mqtt-1" });
  dongle.adapter.start();
});

describe("obd2-mqtt", () => {
  it("writes one bare value per topic behind the car's number", () => {
    say("rpm", "850");
    say("engineCoolantTemp", "91");
    say("batteryVoltage", "14.12");
    say("engineRunning", "on");
    say("supportedPids_1_20", "10111110000111111010100000010011");
    expect(dongle.values()).toEqual({
      "engine-speed": 850,
      "coolant-temperature": 91,
      "low-voltage-battery": 14.12,
      engineRunning: true,
      supportedPids_1_20: "10111110000111111010100000010011",
    });
  });

  it("is there while its connection topic says so, live", () => {
    say("connection", "connected", true);
    expect(dongle.state).toBeUndefined();
    say("connection", "connected");
    expect(dongle.state).toBe("online");
    say("connection", "connection lost");
    expect(dongle.state).toBe("offline");
  });

  it("has retained everything, which is stale until it comes again", () => {
    say("rpm", "850", true);
    expect(dongle.sample("engine-speed")).toMatchObject({ stale: true });
    expect(dongle.state).toBeUndefined();
  });

  it("counts its codes wrongly when the lamp is off: that number, and where the car is, are left out", () => {
    say("numDTCs", "-125");
    dongle.say(`obd2mqtt-1/${VIN}_gpsLocation/attributes`, '{"latitude":31.2,"longitude":121.4}');
    expect(dongle.values()).toEqual({});
  });

  it("answers a scan with the list that it reads, and the car's number from its topic", async () => {
    const asked = dongle.adapter.reportedCodes?.(1000);
    dongle.say(`obd2mqtt-1/${VIN}_DTC/attributes`, '{"dtc":["P2030","P0299"]}', true);
    dongle.say(`obd2mqtt-1/${VIN}_DTC/attributes`, '{"dtc":["P2030"]}');
    expect(await asked).toEqual({ codes: ["P2030"], vin: VIN });
  });

  it("does not take a car whose number it cannot read for the one before", async () => {
    say("rpm", "850", true);
    say("rpm", "850");
    const asked = dongle.adapter.reportedCodes?.(1000);
    dongle.say("obd2mqtt-1/aabbccddeeff_DTC/attributes", '{"dtc":["P0420"]}');
    expect(await asked).toEqual({ codes: ["P0420"] });
  });

  it("may have its main topic or a Bluetooth address before the field", async () => {
    dongle.say("obd2mqtt-1/obd2mqtt-1_fuelLevel", "40");
    dongle.say("obd2mqtt-1/aabbccddeeff_speed", "0");
    expect(dongle.values()).toEqual({ "fuel-level": 40, "vehicle-speed": 0 });
  });
});
