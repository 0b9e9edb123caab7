import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectPacket, PINGREQ, packet, publishPacket, remainingLength } from "./mqtt-bytes.ts";
import { PacketGuard, type Violation } from "./packet-guard.ts";

const CONNECT = connectPacket("a");

function admitted(limit = 100): PacketGuard {
  const guard = new PacketGuard();
  guard.feed(CONNECT);
  guard.admit(() => limit);
  return guard;
}

function verdict(guard: PacketGuard, bytes: Buffer, chunk = 1): Violation | undefined {
  for (let index = 0; index < bytes.length; index += chunk) {
    const { violation } = guard.feed(bytes.subarray(index, index + chunk));
    if (violation !== undefined) return violation;
  }
  return undefined;
}

describe("before the login", () => {
  it("lets one CONNECT through and holds what comes behind it", () => {
    const guard = new PacketGuard();
    const fed = guard.feed(Buffer.concat([CONNECT, PINGREQ, PINGREQ]));
    expect(fed.pass).toEqual(CONNECT);
    expect(fed.held).toEqual(Buffer.concat([PINGREQ, PINGREQ]));
    expect(guard.awaitsAdmission).toBe(true);
  });

  it.each<[string, Buffer, Violation]>([
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "not-mqtt"],
    ["a TLS hello on a plain port", Buffer.from([0x16, 3, 1, 2, 0]), "not-mqtt"],
    ["PUBLISH first", publishPacket("a", Buffer.alloc(1)), "not-mqtt"],
    ["CONNECT of 256 MB", Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), "connect-too-large"],
    ["CONNECT of 9 KiB", Buffer.from([0x10, ...remainingLength(9 * 1024)]), "connect-too-large"],
    ["a length that never ends", Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80]), "malformed-length"],
  ])("kills %s before its body arrives", (_name, bytes, violation) => {
    expect(verdict(new PacketGuard(), bytes)).toBe(violation);
    expect(verdict(new PacketGuard(), bytes, bytes.length)).toBe(violation);
  });
});

describe("after the login", () => {
  it("allows a payload of exactly the topic's limit, with and without a packet id", () => {
    expect(verdict(admitted(), publishPacket("t/x", Buffer.alloc(100)))).toBeUndefined();
    expect(verdict(admitted(), publishPacket("t/x", Buffer.alloc(100), 1))).toBeUndefined();
    expect(verdict(admitted(), publishPacket("t/x", Buffer.alloc(101)))).toBe("packet-too-large");
    expect(verdict(admitted(), publishPacket("t/x", Buffer.alloc(101), 1))).toBe("packet-too-large");
  });

  it("judges a 256 MB announcement by its header and topic alone", () => {
    const header = Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 3]), Buffer.from("t/x")]);
    expect(verdict(admitted(), header)).toBe("packet-too-large");
  });

  it.each<[string, Buffer, Violation]>([
    ["a second CONNECT", CONNECT, "unexpected-packet"],
    ["QoS 2", publishPacket("t", Buffer.alloc(1), 2), "qos-2"],
    ["QoS 3", publishPacket("t", Buffer.alloc(1), 3), "qos-2"],
    ["an empty topic", publishPacket("", Buffer.alloc(5)), "topic-invalid"],
    ["a topic longer than the packet", Buffer.from([0x30, 5, 0, 200, 97, 97, 97]), "topic-invalid"],
    ["a topic of 300 bytes", publishPacket("a".repeat(300), Buffer.alloc(1)), "topic-invalid"],
    ["a topic of 100 levels", publishPacket("a/".repeat(100), Buffer.alloc(1)), "topic-too-deep"],
    ["SUBSCRIBE of 1 MB", Buffer.from([0x82, ...remainingLength(1_000_000)]), "packet-too-large"],
    ["PINGREQ with a body", Buffer.from([0xc0, 9]), "unexpected-packet"],
    ["PUBACK of 1 MB", Buffer.from([0x40, ...remainingLength(1_000_000)]), "unexpected-packet"],
    ["a packet that only servers send", Buffer.from([0x20, 2, 0, 0]), "unexpected-packet"],
    ["AUTH, which MQTT 3.1.1 does not know", Buffer.from([0xf0, 0]), "unexpected-packet"],
  ])("kills %s", (_name, bytes, violation) => {
    expect(verdict(admitted(), bytes)).toBe(violation);
  });

  it("passes every honest stream whole, however it is cut into chunks", () => {
    const honest = fc.array(
      fc.oneof(
        fc
          .record({ size: fc.nat(100), qos: fc.constantFrom(0, 1) })
          .map(({ size, qos }) => publishPacket("baygate/1/x", Buffer.alloc(size, 7), qos)),
        fc.constant(PINGREQ),
        fc.constant(Buffer.from([0x40, 2, 0, 1])),
        fc.nat(500).map((size) => packet(0x82, Buffer.alloc(size + 3, 1))),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        honest,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        (packets, cuts) => {
          const stream = Buffer.concat(packets);
          const guard = admitted();
          const passed: Buffer[] = [];
          for (let index = 0, turn = 0; index < stream.length; turn++) {
            const next = index + (cuts[turn % cuts.length] ?? 1);
            const fed = guard.feed(stream.subarray(index, next));
            expect(fed.violation).toBeUndefined();
            if (fed.pass !== undefined) passed.push(fed.pass);
            index = next;
          }
          expect(Buffer.concat(passed).equals(stream)).toBe(true);
        },
      ),
    );
  });

  it("reaches one verdict on any bytes at all, and the same one however they are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 17 }), (bytes, chunk) => {
        const stream = Buffer.from(bytes);
        expect(verdict(admitted(), stream, chunk)).toBe(verdict(admitted(), stream, stream.length || 1));
      }),
      { numRuns: 1000 },
    );
  });
});
