import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWicanMessage, writeWicanFrame } from "./messages.ts";

const read = (text: string) => readWicanMessage(Buffer.from(text));

describe("what WiCAN firmware prints", () => {
  it("cuts the eight data bytes to the DLC and keeps the id", () => {
    const message = read(
      '{"bus":"0","type":"rx","ts":34610,"frame":[{"id":2024,"dlc":4,"rtr":false,"extd":false,"data":[3,65,91,170,9,9,9,9]}]}',
    );
    expect(message).toEqual({
      kind: "frames",
      frames: [{ id: 2024, extended: false, data: Uint8Array.of(3, 65, 91, 170) }],
    });
  });

  it("accepts the bus as a number, as the documentation has it", () => {
    expect(read('{"bus":0,"type":"rx","ts":1,"frame":[]}')).toEqual({ kind: "frames", frames: [] });
  });

  it("does not take what it transmitted itself for traffic", () => {
    expect(read('{"bus":"0","type":"tx","frame":[{"id":2015,"dlc":2,"rtr":false,"extd":false,"data":[1,3]}]}')).toEqual(
      { kind: "frames", frames: [] },
    );
  });

  it("calls a batch whose bracket the firmware cut off malformed", () => {
    expect(read('{"bus":"0","type":"rx","ts":1,"frame":]}').kind).toBe("malformed");
  });

  it("reads a documented example that ends in a semicolon", () => {
    expect(read('{"status": "online"};')).toEqual({ kind: "status", online: true });
  });

  it("tells the three families of one topic apart", () => {
    expect(read('{"VehicleSpeed": 23.000000}')).toMatchObject({ kind: "values", values: { VehicleSpeed: 23 } });
    expect(read('{"SOC":63.5,"CHARGING":"on","timestamp":1790000000}')).toEqual({
      kind: "values",
      values: { SOC: 63.5, CHARGING: "on" },
    });
  });

  it("knows a command that comes back on its own topic", () => {
    expect(read('{"cmd":"get_vbatt"}').kind).toBe("command-echo");
    expect(read('{"rsp": "ok"}').kind).toBe("command-echo");
  });

  it("reads the dongle's voltage and its alert", () => {
    expect(read('{"battery_voltage": 12.600000}')).toEqual({ kind: "battery", volts: 12.6, low: false });
    expect(read('{"alert": "low_battery", "battery_voltage": 11.4}')).toEqual({
      kind: "battery",
      volts: 11.4,
      low: true,
    });
  });

  it("drops a remote frame, which carries nothing", () => {
    expect(read('{"type":"rx","frame":[{"id":5,"dlc":8,"rtr":true,"extd":false,"data":[0,0,0,0,0,0,0,0]}]}')).toEqual({
      kind: "frames",
      frames: [],
    });
  });

  it("survives anything", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readWicanMessage(bytes).kind).toBeTypeOf("string");
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(read(text).kind).toBeTypeOf("string");
      }),
    );
  });

  it("reads back every frame that it writes, once the type says it was received", () => {
    const frame = fc.record({ id: fc.integer({ min: 0, max: 0x7ff }), data: fc.uint8Array({ maxLength: 8 }) });
    fc.assert(
      fc.property(frame, ({ id, data }) => {
        const text = writeWicanFrame({ id, extended: false, data }).replace('"tx"', '"rx"');
        expect(read(text)).toEqual({ kind: "frames", frames: [{ id, extended: false, data }] });
      }),
    );
  });
});
