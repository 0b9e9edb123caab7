import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import {
  decodeMessage,
  decodePacket,
  type Edition,
  encodePacket,
  Gb32960Stream,
  type Message,
  packetOf,
  type StreamEvent,
} from "./index.ts";
import { REPORT_2016, REPORT_2025 } from "./own-packets.fixture.ts";

const VIN = "LGXC16DF0A0000001";
const SESSION = { time: REPORT_2016.time, serial: 5 };
const MESSAGES_2016: readonly Message[] = [
  { kind: "login", value: { ...SESSION, iccid: "8986".padEnd(20, "0"), packs: { codeBytes: 3, codes: ["ABC", "D"] } } },
  { kind: "report", value: REPORT_2016 },
  { kind: "late-report", value: REPORT_2016 },
  { kind: "logout", value: SESSION },
  { kind: "platform-login", value: { ...SESSION, user: "bay", password: "not a secret", encryption: 1 } },
  { kind: "platform-logout", value: SESSION },
  { kind: "heartbeat" },
  { kind: "clock" },
  { kind: "answer", to: 1, outcome: 1, time: REPORT_2016.time, bytes: new Uint8Array() },
  { kind: "answer", to: 7, outcome: 1, bytes: new Uint8Array() },
  { kind: "other", command: 0x80, bytes: Uint8Array.of(1, 2) },
];
const MESSAGES_2025: readonly Message[] = [
  { kind: "login", value: { ...SESSION, iccid: "8986", packs: [["PACK-1", "PACK-2"], [], ["PACK-3"]] } },
  { kind: "report", value: REPORT_2025 },
];
const CASES = [
  ...MESSAGES_2016.map((message) => ({ edition: 2016 as Edition, message })),
  ...MESSAGES_2025.map((message) => ({ edition: 2025 as Edition, message })),
];
const PACKETS = CASES.map(({ edition, message }) => encodePacket(packetOf(VIN, edition, message)));

function messagesOf(events: readonly StreamEvent[]): readonly (Message | undefined)[] {
  return events.map((event) => {
    if (event.kind !== "packet") return undefined;
    const message = decodeMessage(event.packet);
    return message.ok ? message.value : undefined;
  });
}

describe("a packet of GB/T 32960.3", () => {
  it.each(CASES)("of $edition that says $message.kind is read as it was written", ({ edition, message }) => {
    const packet = packetOf(VIN, edition, message);
    expect(decodePacket(encodePacket(packet))).toEqual({ ok: true, value: packet });
    expect(decodeMessage(packet)).toEqual({ ok: true, value: message });
  });

  it("has two marks, command, answer, VIN, encryption, length, data and a check of all but the marks", () => {
    const hex = toHex(encodePacket(packetOf(VIN, 2016, { kind: "logout", value: SESSION })));
    expect(hex).toBe("232304FE4C475843313644463041303030303030310100081A03040506070005BA");
  });

  it("is refused when damaged, cut off, too long or not a packet", () => {
    const good = PACKETS[0] ?? new Uint8Array();
    const code = (bytes: Uint8Array) => {
      const packet = decodePacket(bytes);
      return packet.ok ? "ok" : packet.error.code;
    };
    expect(code(good.with(30, 0x77))).toBe("checksum-mismatch");
    expect(code(good.subarray(0, -1))).toBe("truncated");
    expect(code(Uint8Array.from([...good, 0]))).toBe("truncated");
    expect(code(good.subarray(0, 10))).toBe("truncated");
    expect(code(fromHex("2324"))).toBe("invalid-definition");
  });

  it("with encrypted data is not guessed at", () => {
    const packet = { ...packetOf(VIN, 2025, { kind: "report", value: REPORT_2025 }), encryption: 4 };
    expect(decodeMessage(packet)).toMatchObject({ ok: false, error: { code: "encrypted" } });
  });

  it("is not written with a VIN or data that do not fit", () => {
    expect(() => encodePacket(packetOf(`${VIN}X`, 2016, { kind: "heartbeat" }))).toThrow("does not fit");
    const bytes = new Uint8Array(65_532);
    expect(() => encodePacket(packetOf(VIN, 2016, { kind: "other", command: 0x82, bytes }))).toThrow("65532");
    expect(() => packetOf(VIN, 2016, { kind: "report", value: REPORT_2025 })).toThrow("another edition");
  });
});

describe("a stream of packets", () => {
  const all = Uint8Array.from(PACKETS.flatMap((packet) => [...packet]));

  it("gives every packet, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 })), (sizes) => {
        const stream = new Gb32960Stream();
        const events: StreamEvent[] = [];
        let at = 0;
        for (const size of [...sizes, all.length]) {
          events.push(...stream.push(all.subarray(at, at + size)));
          at += size;
        }
        expect(messagesOf(events)).toEqual(CASES.map(({ message }) => message));
        expect(stream.pending).toBe(0);
      }),
    );
  });

  it("finds the packets between noise, and tells how much was none", () => {
    const noise = fromHex("00 23 23 04 24 FF 23");
    const stream = new Gb32960Stream();
    const [first, second] = [PACKETS[1] ?? all, PACKETS[6] ?? all];
    const events = stream.push(Uint8Array.from([...noise, ...first, ...noise, ...second]));
    expect(events.map((event) => (event.kind === "packet" ? event.packet.command : event.bytes))).toEqual([7, 2, 7, 7]);
  });

  it("goes on with the packet behind a damaged one", () => {
    const stream = new Gb32960Stream();
    const [damaged, good] = [(PACKETS[1] ?? all).with(40, 0), PACKETS[3] ?? all];
    const events = stream.push(Uint8Array.from([...damaged, ...good]));
    expect(events[0]).toEqual({ kind: "skipped", bytes: damaged.length });
    expect(messagesOf(events)[1]).toEqual(MESSAGES_2016[3]);
  });

  it("survives 100,000 damaged streams and holds back no more than a packet", () => {
    surviveMutations({
      seeds: PACKETS,
      mutate: mutateBytes,
      parse: (bytes) => {
        const stream = new Gb32960Stream();
        const half = bytes.length >> 1;
        const events = [...stream.push(bytes.subarray(0, half)), ...stream.push(bytes.subarray(half))];
        const told = events.map((event) => (event.kind === "packet" ? encodePacket(event.packet).length : event.bytes));
        const sum = told.reduce((total, each) => total + each, stream.pending);
        if (sum !== bytes.length || stream.pending > 65_556) throw new Error("bytes were lost, made up or piled up");
        return messagesOf(events);
      },
    });
  }, 120_000);
});
