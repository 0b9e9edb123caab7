import { expect, it } from "vitest";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { gvret } from "./index.ts";

const ENABLED = 0x40000000;
const LISTEN_ONLY = 0x20000000;

it("the bus that the car is not on is off, and has the bit rate all the same, since ESP32RET opens the other one with it", () => {
  for (const bus of [0, 1]) {
    const options = { address: "tcp://127.0.0.1:23", bus, bitRateKbit: 250 };
    const device = new AdapterUnderTest(gvret, { nativeId: "ret", options });
    device.adapter.start();
    device.lines[0]?.events.opened();
    const setUp = device.lines[0]?.written.find(([start, command]) => start === 0xf1 && command === 0x05);
    if (setUp === undefined) throw new Error("the buses were not set up");
    const view = new DataView(setUp.buffer, setUp.byteOffset);
    const buses = [2, 6].map((at) => view.getUint32(at, true));
    expect(buses.map((word) => word & 0xfffff)).toEqual([250_000, 250_000]);
    expect(buses.map((word) => (word & ENABLED) !== 0)).toEqual([bus === 0, bus === 1]);
    expect(buses.every((word) => (word & LISTEN_ONLY) !== 0)).toBe(true);
    device.adapter.stop();
  }
});
