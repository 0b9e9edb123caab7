import { expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import {
  addressWithByte,
  mixedFixedAddress,
  normalAddress,
  normalFixedAddress,
  physicalAddressOf,
} from "./addressing.ts";
import { IsoTpReceiver, type IsoTpReceiverStep } from "./receiver.ts";

const ENGINE = normalAddress(0x7e0, 0x7e8);

function frame(hex: string, id = 0x7e8, extended = false): CanFrame {
  return { id, extended, data: fromHex(hex) };
}

function say(step: IsoTpReceiverStep): string[] {
  return [
    ...step.frames.map((sent) => `${sent.id.toString(16).toUpperCase()}#${toHex(sent.data)}`),
    ...step.events.map((event) =>
      event.kind === "message"
        ? toHex(event.payload)
        : event.kind === "started"
          ? `started ${event.length}`
          : event.error.code,
    ),
  ];
}

const VIN_FRAMES = ["1014490201314434", "2147503030523535", "2242313233343536"] as const;
const VIN_PAYLOAD = "4902013144344750303052353542313233343536";

test("a VIN in a first frame and two consecutive frames is put together, with flow control to 7E0", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  expect(say(receiver.receive(frame(VIN_FRAMES[0]), 0))).toEqual(["7E0#300000CCCCCCCCCC", "started 20"]);
  expect(say(receiver.receive(frame(VIN_FRAMES[1]), 5))).toEqual([]);
  expect(say(receiver.receive(frame(VIN_FRAMES[2]), 10))).toEqual([VIN_PAYLOAD]);
  expect(receiver.deadlineMs).toBeUndefined();
});

test("padding of any value and frames cut to their content are both taken", () => {
  for (const last of ["215556AAAAAAAAAA", "215556"]) {
    const receiver = new IsoTpReceiver(ENGINE);
    receiver.receive(frame("100862F190414243"), 0);
    expect(say(receiver.receive(frame(last), 1))).toEqual(["62F1904142435556"]);
  }
  expect(say(new IsoTpReceiver(ENGINE).receive(frame("03410D30"), 0))).toEqual(["410D30"]);
});

test("with a block size a flow control follows each block", () => {
  const receiver = new IsoTpReceiver(ENGINE, { blockSize: 2, separationMs: 0.5, paddingByte: 0 });
  expect(say(receiver.receive(frame("1024000102030405"), 0))).toEqual(["7E0#3002F50000000000", "started 36"]);
  expect(say(receiver.receive(frame("2106070809101112"), 1))).toEqual([]);
  expect(say(receiver.receive(frame("2213141516171819"), 2))).toEqual(["7E0#3002F50000000000"]);
  expect(say(receiver.receive(frame("2320212223242526"), 3))).toEqual([]);
  expect(say(receiver.receive(frame("2427282930313233"), 4))).toEqual(["7E0#3002F50000000000"]);
  expect(say(receiver.receive(frame("2534350000000000"), 5))).toHaveLength(1);
});

test("the sequence number wraps from 15 to 0", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  const payload = Uint8Array.from({ length: 6 + 7 * 20 }, (_, n) => n);
  receiver.receive(frame(`1092${toHex(payload.subarray(0, 6))}`), 0);
  let last: IsoTpReceiverStep | undefined;
  for (let n = 1; n <= 20; n++) {
    const pci = (0x20 | (n & 15)).toString(16);
    last = receiver.receive(frame(pci + toHex(payload.subarray(6 + 7 * (n - 1), 6 + 7 * n))), n);
  }
  expect(last && say(last)).toEqual([toHex(payload)]);
});

test("a wrong sequence number, also a repeated one, aborts, and what follows is ignored", () => {
  for (const wrong of ["2247503030523535", "2047503030523535"]) {
    const receiver = new IsoTpReceiver(ENGINE);
    receiver.receive(frame(VIN_FRAMES[0]), 0);
    expect(say(receiver.receive(frame(wrong), 1))).toEqual(["iso-tp-wrong-sequence"]);
    expect(say(receiver.receive(frame(VIN_FRAMES[2]), 2))).toEqual([]);
  }
  const receiver = new IsoTpReceiver(ENGINE);
  receiver.receive(frame(VIN_FRAMES[0]), 0);
  receiver.receive(frame(VIN_FRAMES[1]), 1);
  expect(say(receiver.receive(frame(VIN_FRAMES[1]), 2))).toEqual(["iso-tp-wrong-sequence"]);
});

test("an unexpected first frame restarts, an unexpected single frame is delivered", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  receiver.receive(frame(VIN_FRAMES[0]), 0);
  expect(say(receiver.receive(frame(VIN_FRAMES[0]), 1))).toEqual([
    "7E0#300000CCCCCCCCCC",
    "iso-tp-unexpected-frame",
    "started 20",
  ]);
  expect(say(receiver.receive(frame("03410C1A"), 2))).toEqual(["iso-tp-unexpected-frame", "410C1A"]);
});

test("a zero-length single frame and a flow control do not disturb a reception", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  receiver.receive(frame(VIN_FRAMES[0]), 0);
  expect(say(receiver.receive(frame("0000000000000000"), 1))).toEqual([]);
  expect(say(receiver.receive(frame("300000"), 1))).toEqual([]);
  receiver.receive(frame(VIN_FRAMES[1]), 2);
  expect(say(receiver.receive(frame(VIN_FRAMES[2]), 3))).toEqual([VIN_PAYLOAD]);
});

test("silence longer than N_Cr aborts, by tick as by the frame that comes too late", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  receiver.receive(frame(VIN_FRAMES[0]), 0);
  expect(receiver.deadlineMs).toBe(1000);
  expect(say(receiver.tick(999))).toEqual([]);
  expect(say(receiver.tick(1000))).toEqual(["iso-tp-timeout-cr"]);
  receiver.receive(frame(VIN_FRAMES[0]), 2000);
  expect(say(receiver.receive(frame(VIN_FRAMES[1]), 3001))).toEqual(["iso-tp-timeout-cr"]);
});

test("a message longer than wanted is refused with overflow, also by the 32-bit escape", () => {
  const receiver = new IsoTpReceiver(ENGINE, { maxLength: 16 });
  expect(say(receiver.receive(frame(VIN_FRAMES[0]), 0))).toEqual(["7E0#320000CCCCCCCCCC", "iso-tp-overflow"]);
  expect(say(receiver.receive(frame(VIN_FRAMES[1]), 1))).toEqual([]);
  expect(say(new IsoTpReceiver(ENGINE).receive(frame("1000FFFFFFFF1122"), 0))).toEqual([
    "7E0#320000CCCCCCCCCC",
    "iso-tp-overflow",
  ]);
});

test("a torn consecutive frame is ignored and ends by time-out, never in a shifted payload", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  receiver.receive(frame(VIN_FRAMES[0]), 0);
  expect(say(receiver.receive(frame("214750"), 1))).toEqual([]);
  expect(say(receiver.receive(frame(VIN_FRAMES[2]), 2))).toEqual(["iso-tp-wrong-sequence"]);
});

test("extended addressing carries the target byte in both directions and ignores other targets", () => {
  const receiver = new IsoTpReceiver(addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1));
  expect(say(receiver.receive(frame("F110086240010203", 0x607), 0))).toEqual(["6F1#07300000CCCCCCCC", "started 8"]);
  expect(say(receiver.receive(frame("F221040506", 0x607), 1))).toEqual([]);
  expect(say(receiver.receive(frame("F121040506", 0x607), 1))).toEqual(["6240010203040506"]);
});

test("CAN FD: single frames with the length escape, segmented messages and their flow control", () => {
  const receiver = new IsoTpReceiver(ENGINE, { canFd: true });
  expect(say(receiver.receive(frame(`0009${"62F190414243444546"}CC`), 0))).toEqual(["62F190414243444546"]);
  const first = receiver.receive(frame(`1048${"11".repeat(62)}`), 1);
  expect(say(first)).toEqual(["7E0#300000CCCCCCCCCC", "started 72"]);
  expect(first.frames[0]?.fd).toBe(true);
  expect(say(receiver.receive(frame(`21${"22".repeat(10)}CC`), 2))).toEqual(["11".repeat(62) + "22".repeat(10)]);
});

test("consecutive frames longer than the first frame are not of this message; the last one may be shorter", () => {
  const receiver = new IsoTpReceiver(ENGINE);
  receiver.receive(frame(`1017${"11".repeat(18)}`), 0);
  expect(say(receiver.receive(frame(`21${"99".repeat(23)}`), 1))).toEqual([]);
  expect(say(receiver.receive(frame(`21${"22".repeat(5)}`), 2))).toEqual(["11".repeat(18) + "22".repeat(5)]);
});

test("a message with a 32-bit length comes whole", () => {
  const receiver = new IsoTpReceiver(ENGINE, { maxLength: 100_000 });
  const payload = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 31) & 0xff);
  receiver.receive(frame(`100000011170${toHex(payload.subarray(0, 2))}`), 0);
  let last: IsoTpReceiverStep | undefined;
  for (let sent = 2, n = 1; sent < payload.length; sent += 7, n++) {
    last = receiver.receive(frame((0x20 | (n & 15)).toString(16) + toHex(payload.subarray(sent, sent + 7))), n);
  }
  expect(last && say(last)).toEqual([toHex(payload)]);
});

test("on hold the ECU is asked to wait, again and again, and goes on at the release", () => {
  const receiver = new IsoTpReceiver(ENGINE, { blockSize: 1, waitEveryMs: 300, maxWaits: 3 });
  receiver.hold();
  expect(say(receiver.receive(frame(VIN_FRAMES[0]), 0))).toEqual(["7E0#310100CCCCCCCCCC", "started 20"]);
  expect(receiver.deadlineMs).toBe(300);
  expect(say(receiver.tick(300))).toEqual(["7E0#310100CCCCCCCCCC"]);
  expect(say(receiver.receive(frame(VIN_FRAMES[1]), 350))).toEqual([]);
  expect(say(receiver.release(400))).toEqual(["7E0#300100CCCCCCCCCC"]);
  expect(say(receiver.receive(frame(VIN_FRAMES[1]), 410))).toEqual(["7E0#300100CCCCCCCCCC"]);
  expect(say(receiver.receive(frame(VIN_FRAMES[2]), 420))).toEqual([VIN_PAYLOAD]);
  expect(say(receiver.release(430))).toEqual([]);
});

test("a hold that outlasts the allowed waits aborts the reception", () => {
  const receiver = new IsoTpReceiver(ENGINE, { waitEveryMs: 300, maxWaits: 2 });
  receiver.hold();
  receiver.receive(frame(VIN_FRAMES[0]), 0);
  expect(say(receiver.tick(300))).toEqual(["7E0#310000CCCCCCCCCC"]);
  expect(say(receiver.tick(600))).toEqual(["iso-tp-wait-overrun"]);
  expect(receiver.deadlineMs).toBeUndefined();
});

test("mixed addressing on 29 bits answers at 18CEF1xx with the same extension", () => {
  const receiver = new IsoTpReceiver(mixedFixedAddress(0x40, 0x99));
  const step = receiver.receive(frame("99100862F1904142", 0x18cef140, true), 0);
  expect(say(step)).toEqual(["18CE40F1#99300000CCCCCCCC", "started 8"]);
  expect(say(receiver.receive(frame("982143444546", 0x18cef140, true), 1))).toEqual([]);
  expect(say(receiver.receive(frame("9921434445", 0x18cef140, true), 2))).toEqual(["62F1904142434445"]);
});

test("the physical conversation of an answering id: 7E0 for 7E8, 18DAxxF1 for 18DAF1xx, nothing for others", () => {
  expect(physicalAddressOf(0x7e8, false)).toEqual(ENGINE);
  expect(physicalAddressOf(0x7ef, false)).toEqual(normalAddress(0x7e7, 0x7ef));
  expect(physicalAddressOf(0x18daf10e, true)).toEqual(normalFixedAddress(0x0e));
  expect(physicalAddressOf(0x18daf10e, true)?.transmitId).toBe(0x18da0ef1);
  for (const [id, extended] of [
    [0x7e7, false],
    [0x7f0, false],
    [0x7e8, true],
    [0x18dbf10e, true],
    [0x18daf20e, true],
  ] as const) {
    expect(physicalAddressOf(id, extended)).toBeUndefined();
  }
});

test("ids and addresses out of range are refused", () => {
  expect(() => normalAddress(0x800, 0x7e8)).toThrow(/11 bits/);
  expect(() => normalAddress(0x700, 0x2000_0000, true)).toThrow(/29 bits/);
  expect(() => normalFixedAddress(256)).toThrow(/one byte/);
});
