import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guardEgress } from "./egress.ts";

const frame = (id: number, data: number[], extended = false) => ({ id, extended, data: Uint8Array.from(data) });

describe("the only way to a car", () => {
  it("lets reading requests and flow control through", () => {
    for (const service of [0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x0a])
      expect(() => guardEgress(frame(0x7df, [1, service]))).not.toThrow();
    expect(() => guardEgress(frame(0x7e0, [0x30, 0, 0]))).not.toThrow();
    expect(() => guardEgress(frame(0x18da10f1, [0x30, 0, 0], true))).not.toThrow();
  });

  it("refuses to clear codes, to write, and to leave the diagnostic identifiers", () => {
    for (const service of [0x04, 0x05, 0x08, 0x10, 0x11, 0x14, 0x27, 0x2e, 0x2f, 0x31, 0x34, 0x36]) {
      expect(() => guardEgress(frame(0x7df, [2, service, 0]))).toThrow(RangeError);
    }
    expect(() => guardEgress(frame(0x123, [1, 0x03]))).toThrow(RangeError);
    expect(() => guardEgress(frame(0x7df, [0x30, 0, 0]))).toThrow(RangeError);
    expect(() => guardEgress(frame(0x7e0, [0x10, 0x14, 0x2e, 0xf1, 0x90]))).toThrow(RangeError);
    expect(() => guardEgress(frame(0x7df, []))).toThrow(RangeError);
  });

  it("passes no service but the reading ones, whatever the bytes", () => {
    const reading = new Set([0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x0a]);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0x1fffffff }),
        fc.boolean(),
        fc.uint8Array({ maxLength: 8 }),
        (id, extended, data) => {
          let passed = true;
          try {
            guardEgress({ id, extended, data });
          } catch {
            passed = false;
          }
          const flowControl = (data[0] ?? 0) >> 4 === 3;
          if (passed && !flowControl) expect(reading.has(data[1] ?? -1)).toBe(true);
        },
      ),
    );
  });
});
