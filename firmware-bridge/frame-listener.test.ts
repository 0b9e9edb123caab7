import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { DongleFrames } from "../contract/payloads.ts";
import { TOPICS } from "../contract/topics.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import { FrameListener } from "./frame-listener.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("traffic of any weight fits the messages that it travels in", async () => {
  const told: DongleFrames[] = [];
  const listener = new FrameListener(new ManualClock(), (frames) => told.push(frames));
  const id = 0x1fffffff;
  listener.listen({ kind: "listen", transaction: "t", ids: [{ id, extended: true }], leaseMs: 60_000 });
  const frame = { id, extended: true, fd: true, data: new Uint8Array(64).fill(0xff) };
  for (let n = 0; n < 60; n++) listener.hear(Array.from({ length: 100 }, () => frame));
  await vi.advanceTimersByTimeAsync(200);
  expect(told.length).toBeGreaterThan(0);
  for (const message of told)
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThanOrEqual(TOPICS.dongleFrames.maxBytes);
});
