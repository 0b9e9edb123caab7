import fc from "fast-check";
import { expect, it } from "vitest";
import { createUuidV7 } from "./uuid.ts";

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it("makes ids of version 7 that carry the millisecond", () => {
  const newId = createUuidV7({ now: () => 0x0123456789ab });
  const id = newId();
  expect(id).toMatch(VERSION_7);
  expect(id.replaceAll("-", "").slice(0, 12)).toBe("0123456789ab");
});

it("ascends strictly, whatever the clock does and whatever the random bytes are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 2, maxLength: 200 }),
      fc.integer({ min: 0, max: 255 }),
      (times, byte) => {
        let index = 0;
        const newId = createUuidV7({
          now: () => times[index++ % times.length] ?? 0,
          fill: (bytes) => bytes.fill(byte),
        });
        const ids = Array.from({ length: times.length * 2 }, newId);
        expect(ids.every((id) => VERSION_7.test(id))).toBe(true);
        expect(ids).toEqual([...ids].sort());
        expect(new Set(ids).size).toBe(ids.length);
      },
    ),
  );
});

it("makes more ids within one millisecond than its counter holds", () => {
  const newId = createUuidV7({ now: () => 5 });
  const ids = Array.from({ length: 10_000 }, newId);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(10_000);
});
