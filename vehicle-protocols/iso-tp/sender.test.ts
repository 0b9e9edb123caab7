import { expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import { addressWithByte, mixedFixedAddress, normalAddress } from "./addressing.ts";
import type { FrameLength } from "./pci.ts";
import { IsoTpSender } from "./sender.ts";

const ENGINE = normalAddress(0x7e0, 0x7e8);

function hex(frames: readonly CanFrame[]): string[] {
  return frames.map((frame) => toHex(frame.data));
}

function flow(text: string): CanFrame {
  return { id: 0x7e8, extended: false, data: fromHex(text) };
}

function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => n);
}

test("up to seven bytes go out as one padded single frame", () => {
  const sender = new IsoTpSender(ENGINE, fromHex("010C"));
  expect(hex(sender.start(0))).toEqual(["02010CCCCCCCCCCC"]);
  expect(sender.state.kind).toBe("sent");
  expect(hex(new IsoTpSender(ENGINE, counting(7)).start(0))).toEqual(["0700010203040506"]);
});

test("a first frame waits for flow control, then the whole rest follows at block size 0", () => {
  const sender = new IsoTpSender(ENGINE, counting(20));
  expect(hex(sender.start(0))).toEqual(["1014000102030405"]);
  expect(sender.deadlineMs).toBe(1000);
  expect(hex(sender.receive(flow("300000"), 10))).toEqual(["21060708090A0B0C", "220D0E0F10111213"]);
  expect(sender.state.kind).toBe("sent");
});

test("blocks wait for the next flow control and gaps keep STmin, also in microseconds", () => {
  const sender = new IsoTpSender(ENGINE, counting(6 + 7 * 4));
  sender.start(0);
  expect(hex(sender.receive(flow("3002F5"), 10))).toHaveLength(1);
  expect(sender.deadlineMs).toBe(10.5);
  expect(sender.tick(10.4)).toEqual([]);
  expect(sender.tick(10.5)).toHaveLength(1);
  expect(sender.state.kind).toBe("waiting-for-flow-control");
  expect(sender.receive(flow("300080"), 20)).toHaveLength(1);
  // 80 is reserved: 127 ms. A late call sends one frame, not all that were missed.
  expect(sender.tick(146)).toEqual([]);
  expect(sender.tick(5000)).toHaveLength(1);
  expect(sender.state.kind).toBe("sent");
});

test("wait prolongs, but only so often", () => {
  const sender = new IsoTpSender(ENGINE, counting(20), { maxWaits: 2 });
  sender.start(0);
  expect(sender.receive(flow("310000"), 900)).toEqual([]);
  expect(sender.deadlineMs).toBe(1900);
  sender.receive(flow("310000"), 1800);
  sender.receive(flow("310000"), 2700);
  expect(sender.state).toMatchObject({ kind: "failed", error: { code: "iso-tp-wait-overrun" } });
});

test("overflow, a reserved flow status and silence each end with their own error", () => {
  const end = (text: string | undefined) => {
    const sender = new IsoTpSender(ENGINE, counting(20));
    sender.start(0);
    if (text === undefined) sender.tick(1000);
    else sender.receive(flow(text), 10);
    return sender.state;
  };
  expect(end("320000")).toMatchObject({ kind: "failed", error: { code: "iso-tp-overflow" } });
  expect(end("330000")).toMatchObject({ kind: "failed", error: { code: "iso-tp-invalid-flow-status" } });
  expect(end(undefined)).toMatchObject({ kind: "failed", error: { code: "iso-tp-timeout-bs" } });
});

test("flow controls that are late, torn, of another ECU or not awaited change nothing", () => {
  const sender = new IsoTpSender(ENGINE, counting(20));
  expect(sender.receive(flow("300000"), 0)).toEqual([]);
  sender.start(0);
  expect(sender.receive(flow("3000"), 1)).toEqual([]);
  expect(sender.receive({ ...flow("300000"), id: 0x7e9 }, 1)).toEqual([]);
  expect(sender.receive({ ...flow("300000"), extended: true }, 1)).toEqual([]);
  expect(sender.receive(flow("300000"), 1000)).toEqual([]);
  expect(sender.state).toMatchObject({ kind: "failed", error: { code: "iso-tp-timeout-bs" } });
});

test("extended addressing leaves six bytes for a single frame and puts the target first", () => {
  const address = addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1);
  expect(hex(new IsoTpSender(address, counting(6)).start(0))).toEqual(["0706000102030405"]);
  expect(hex(new IsoTpSender(address, counting(7)).start(0))).toEqual(["0710070001020304"]);
});

test("4095 bytes use the short length, 4096 the escape", () => {
  expect(hex(new IsoTpSender(ENGINE, counting(4095)).start(0))[0]).toMatch(/^1FFF0001/);
  expect(hex(new IsoTpSender(ENGINE, counting(4096)).start(0))[0]).toBe("1000000010000001");
});

test("CAN FD takes longer single frames and rounds each frame up to a length that exists", () => {
  const lengthsOf = (length: number, frameLength: FrameLength) => {
    const sender = new IsoTpSender(ENGINE, counting(length), { frameLength, paddingByte: 0x55 });
    const frames = [...sender.start(0), ...sender.receive(flow("300000"), 1)];
    expect(sender.state.kind).toBe("sent");
    expect(frames.every((frame) => frame.fd === true)).toBe(true);
    return hex(frames).map((text) => `${text.slice(0, 4)}/${text.length / 2}`);
  };
  // The single frame keeps its short form as long as it fits a classic frame.
  expect(lengthsOf(7, 64)).toEqual(["0700/8"]);
  expect(lengthsOf(8, 64)).toEqual(["0008/12"]);
  expect(lengthsOf(11, 64)).toEqual(["000B/16"]);
  expect(lengthsOf(62, 64)).toEqual(["003E/64"]);
  expect(lengthsOf(63, 64)).toEqual(["103F/64", "213E/8"]);
  expect(lengthsOf(62 + 63 + 9, 64)).toEqual(["1086/64", "213E/64", "227D/12"]);
  expect(lengthsOf(11, 12)).toEqual(["100B/12", "210A/8"]);
  expect(lengthsOf(47, 48)).toEqual(["102F/48", "212E/8"]);
});

test("a short single frame on CAN FD looks like a classic one, extended addressing leaves one byte less", () => {
  const address = addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1);
  expect(hex(new IsoTpSender(address, counting(6), { frameLength: 64 }).start(0))).toEqual(["0706000102030405"]);
  expect(hex(new IsoTpSender(address, counting(7), { frameLength: 64 }).start(0))).toEqual([
    "07000700010203040506CCCC",
  ]);
  expect(hex(new IsoTpSender(address, counting(62), { frameLength: 64 }).start(0))[0]).toMatch(/^07103E00/);
});

test("mixed addressing puts its extension before the PCI, on 11 and on 29 bits", () => {
  const mixed11 = addressWithByte(normalAddress(0x700, 0x708), 0x99, 0x99);
  expect(hex(new IsoTpSender(mixed11, fromHex("22F190")).start(0))).toEqual(["990322F190CCCCCC"]);
  const [frame] = new IsoTpSender(mixedFixedAddress(0x40, 0x99), fromHex("22F190")).start(0);
  expect(frame).toMatchObject({ id: 0x18ce40f1, extended: true, data: fromHex("990322F190CCCCCC") });
  expect(mixedFixedAddress(0x40, 0x99).receiveId).toBe(0x18cef140);
});

test("with confirmations one frame is out at a time and times run from its confirmation", () => {
  const sender = new IsoTpSender(ENGINE, counting(20), { confirmTimeoutMs: 100 });
  expect(sender.start(0)).toHaveLength(1);
  expect(sender.deadlineMs).toBe(100);
  expect(sender.tick(50)).toEqual([]);
  expect(sender.confirm(60)).toEqual([]);
  expect(sender.deadlineMs).toBe(1060);
  expect(sender.receive(flow("30000A"), 70)).toHaveLength(1);
  expect(sender.receive(flow("30000A"), 71)).toEqual([]);
  expect(sender.confirm(80)).toEqual([]);
  expect(sender.deadlineMs).toBe(90);
  expect(sender.tick(90)).toHaveLength(1);
  expect(sender.state.kind).toBe("waiting-for-confirmation");
  expect(sender.confirm(95)).toEqual([]);
  expect(sender.state.kind).toBe("sent");
  expect(sender.confirm(96)).toEqual([]);
});

test("a flow control that overtakes the confirmation counts as one, a frame that never goes out ends in N_As", () => {
  const early = new IsoTpSender(ENGINE, counting(20), { confirmTimeoutMs: 100 });
  early.start(0);
  expect(early.receive(flow("300000"), 10)).toHaveLength(1);
  const stuck = new IsoTpSender(ENGINE, counting(3), { confirmTimeoutMs: 100 });
  stuck.start(0);
  expect(stuck.confirm(100)).toEqual([]);
  expect(stuck.state).toMatchObject({ kind: "failed", error: { code: "iso-tp-timeout-as" } });
});

test("an empty message is refused, and the payload is the caller's no longer", () => {
  expect(() => new IsoTpSender(ENGINE, new Uint8Array())).toThrow(/at least one byte/);
  const payload = counting(3);
  const sender = new IsoTpSender(ENGINE, payload);
  payload.fill(9);
  expect(hex(sender.start(0))).toEqual(["03000102CCCCCCCC"]);
});
