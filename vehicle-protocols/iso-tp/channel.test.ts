import fc from "fast-check";
import { expect, test } from "vitest";
import { type CanFrame, toHex } from "../can-frame.ts";
import {
  addressWithByte,
  type IsoTpAddress,
  mixedFixedAddress,
  normalAddress,
  normalFixedAddress,
} from "./addressing.ts";
import { FRAME_LENGTHS, type FrameLength } from "./pci.ts";
import { IsoTpReceiver, type IsoTpReceiverEvent } from "./receiver.ts";
import { IsoTpSender } from "./sender.ts";

// Shrinking a failed transfer takes minutes and tells little, so the first failure ends a run.

/** What the channel does to one frame: where each of its copies lands, in frame times after its turn. */
type Fate = readonly number[];

// ISO-TP counts modulo 16, so it can only see disorder below 16 frames; see the README.
const fateArbitrary: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fate>([0]) },
  { weight: 1, arbitrary: fc.constant<Fate>([]) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }).map((late) => [late]) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })) },
);

type Outcome = { readonly events: readonly IsoTpReceiverEvent[]; readonly senderEnd: string; readonly endMs: number };

// The receiving side sees the same conversation with the two directions exchanged.
function mirrored(address: IsoTpAddress): IsoTpAddress {
  const { transmitAddressByte, receiveAddressByte, transmitId, receiveId, extended } = address;
  const base = { transmitId: receiveId, receiveId: transmitId, extended };
  if (transmitAddressByte === undefined || receiveAddressByte === undefined) return base;
  return addressWithByte(base, receiveAddressByte, transmitAddressByte);
}

function transfer(
  address: IsoTpAddress,
  payload: Uint8Array,
  fates: readonly Fate[],
  flow: { blockSize: number; separationMs: number; frameLength: FrameLength },
): Outcome {
  const { frameLength, ...receiverOptions } = flow;
  const sender = new IsoTpSender(address, payload, { frameLength });
  const receiver = new IsoTpReceiver(mirrored(address), { ...receiverOptions, maxLength: 5000 });
  const wire: { atMs: number; order: number; to: "sender" | "receiver"; frame: CanFrame }[] = [];
  const busyUntil = { sender: 0, receiver: 0 };
  const events: IsoTpReceiverEvent[] = [];
  let order = 0;
  let nowMs = 0;
  const put = (to: "sender" | "receiver", frames: readonly CanFrame[]) => {
    for (const frame of frames) {
      busyUntil[to] = Math.max(busyUntil[to], nowMs) + 1;
      const fate = fates[order % Math.max(1, fates.length)] ?? [0];
      order += 1;
      for (const late of fate) wire.push({ atMs: busyUntil[to] + late, order: order * 2, to, frame });
    }
  };
  put("receiver", sender.start(nowMs));
  for (let steps = 0; steps < 20_000; steps++) {
    wire.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const next = wire[0];
    const times = [next?.atMs, sender.deadlineMs, receiver.deadlineMs].filter((at) => at !== undefined);
    if (times.length === 0) return { events, senderEnd: sender.state.kind, endMs: nowMs };
    nowMs = Math.max(nowMs, Math.min(...times));
    if (next !== undefined && next.atMs <= nowMs) {
      wire.shift();
      if (next.to === "sender") put("receiver", sender.receive(next.frame, nowMs));
      else {
        const step = receiver.receive(next.frame, nowMs);
        events.push(...step.events);
        put("sender", step.frames);
      }
    } else {
      put("receiver", sender.tick(nowMs));
      events.push(...receiver.tick(nowMs).events);
    }
  }
  throw new Error("the transfer did not end");
}

const addressArbitrary = fc.constantFrom(
  normalAddress(0x7e0, 0x7e8),
  normalFixedAddress(0x10),
  addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1),
  addressWithByte(normalAddress(0x700, 0x708), 0x99, 0x99),
  mixedFixedAddress(0x40, 0x99),
);
const flowArbitrary = fc.record({
  blockSize: fc.constantFrom(0, 1, 2, 8, 15),
  separationMs: fc.constantFrom(0, 0.3, 1, 5),
  // Half of them on classic CAN.
  frameLength: fc.constantFrom<FrameLength>(8, 8, 8, 8, 8, 8, 8, ...FRAME_LENGTHS),
});
const payloadArbitrary = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 64 }),
  fc.uint8Array({ minLength: 65, maxLength: 700, size: "max" }),
);

test("over a whole channel every payload arrives exactly once, whatever the addressing and the flow control", () => {
  fc.assert(
    fc.property(addressArbitrary, payloadArbitrary, flowArbitrary, (address, payload, flow) => {
      const { events, senderEnd } = transfer(address, payload, [], flow);
      expect(senderEnd).toBe("sent");
      const messages = events.filter((event) => event.kind === "message");
      expect(messages.map((event) => toHex(event.payload))).toEqual([toHex(payload)]);
    }),
    { numRuns: 500, endOnFailure: true },
  );
});

test("lengths around every boundary arrive whole on classic CAN and CAN FD", () => {
  const edges = [6, 7, 8, 9, 10, 11, 12, 61, 62, 63, 64, 65, 4094, 4095, 4096, 4097];
  for (const frameLength of FRAME_LENGTHS) {
    for (const address of [normalAddress(0x7e0, 0x7e8), addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1)]) {
      for (const length of edges) {
        const payload = Uint8Array.from({ length }, (_, n) => n * 7);
        const { events, senderEnd } = transfer(address, payload, [], { blockSize: 0, separationMs: 0, frameLength });
        const what = `${length} bytes in frames of ${frameLength}`;
        expect(senderEnd, what).toBe("sent");
        const messages = events.filter((event) => event.kind === "message");
        expect(
          messages.map((event) => toHex(event.payload)),
          what,
        ).toEqual([toHex(payload)]);
      }
    }
  }
});

test("over a lossy, reordering, duplicating channel the payload is exact or there is an error, in bounded time", () => {
  let exact = 0;
  let failed = 0;
  fc.assert(
    fc.property(
      addressArbitrary,
      payloadArbitrary,
      flowArbitrary,
      fc.array(fateArbitrary, { minLength: 1, maxLength: 120, size: "max" }),
      (address, payload, flow, fates) => {
        const { events, senderEnd, endMs } = transfer(address, payload, fates, flow);
        const messages = events.filter((event) => event.kind === "message");
        for (const message of messages) expect(toHex(message.payload)).toBe(toHex(payload));
        expect(["sent", "failed"]).toContain(senderEnd);
        // Every frame, its gap, and at most N_Bs and N_Cr at the end.
        expect(endMs).toBeLessThan(payload.length * 10 + 5000);
        if (messages.length > 0) exact += 1;
        else failed += 1;
      },
    ),
    { numRuns: 3000, seed: 20261121, endOnFailure: true },
  );
  // The channel is bad enough to matter and good enough to get through.
  expect(exact).toBeGreaterThan(300);
  expect(failed).toBeGreaterThan(300);
});

test("random frames never break a receiver or a sender", () => {
  const frameArbitrary = fc.record({
    id: fc.constantFrom(0x7e8, 0x7e0, 0x123),
    extended: fc.boolean(),
    data: fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc
        .tuple(fc.constantFrom(0x10, 0x21, 0x22, 0x30, 0x31, 0x32), fc.uint8Array({ minLength: 7, maxLength: 7 }))
        .map(([pci, rest]) => Uint8Array.from([pci, ...rest])),
    ),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(frameArbitrary, fc.integer({ min: 0, max: 1200 })), { maxLength: 60 }), (frames) => {
      const receiver = new IsoTpReceiver(normalAddress(0x7e0, 0x7e8), { blockSize: 3 });
      const sender = new IsoTpSender(normalAddress(0x7e0, 0x7e8), new Uint8Array(300));
      let nowMs = 0;
      sender.start(nowMs);
      for (const [frame, waitMs] of frames) {
        nowMs += waitMs;
        const step = receiver.receive(frame, nowMs);
        expect(step.frames.length).toBeLessThanOrEqual(1);
        sender.receive(frame, nowMs);
        sender.tick(nowMs);
        if (receiver.deadlineMs !== undefined) expect(receiver.deadlineMs).toBeGreaterThan(nowMs);
      }
    }),
    { numRuns: 2000 },
  );
});
