import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PacketGuard, type Violation } from "./packet-guard.ts";

/** MQTT 3.1.1 §2.2.3: seven bits a byte, least significant first. */
function length(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

function packet(first: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first, ...length(body.length)]), body]);
}

function publish(topic: string, payload: Buffer, qos = 0): Buffer {
  const name = Buffer.from(topic);
  const head = Buffer.from([name.length >> 8, name.length & 0xff]);
  return packet(
    0x30 | (qos << 1),
    Buffer.concat([head, name, qos > 0 ? Buffer.from([0, 7]) : Buffer.alloc(0), payload]),
  );
}

const CONNECT = packet(0x10, Buffer.from([0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 97]));
const PING = Buffer.from([0xc0, 0]);

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
    const fed = guard.feed(Buffer.concat([CONNECT, PING, PING]));
    expect(fed.pass).toEqual(CONNECT);
    expect(fed.held).toEqual(Buffer.concat([PING, PING]));
    expect(guard.awaitsAdmission).toBe(true);
  });

  it.each<[string, Buffer, Violation]>([
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "not-mqtt"],
    ["a TLS hello on a plain port", Buffer.from([0x16, 3, 1, 2, 0]), "not-mqtt"],
    ["PUBLISH first", publish("a", Buffer.alloc(1)), "not-mqtt"],
    ["CONNECT of 256 MB", Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), "connect-too-large"],
    ["CONNECT of 9 KiB", Buffer.from([0x10, ...length(9 * 1024)]), "connect-too-large"],
    ["a length that never ends", Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80]), "malformed-length"],
  ])("kills %s before its body arrives", (_name, bytes, violation) => {
    expect(verdict(new PacketGuard(), bytes)).toBe(violation);
    expect(verdict(new PacketGuard(), bytes, bytes.length)).toBe(violation);
  });
});

describe("after the login", () => {
  it("allows a payload of exactly the topic's limit, with and without a packet id", () => {
    expect(verdict(admitted(), publish("t/x", Buffer.alloc(100)))).toBeUndefined();
    expect(verdict(admitted(), publish("t/x", Buffer.alloc(100), 1))).toBeUndefined();
    expect(verdict(admitted(), publish("t/x", Buffer.alloc(101)))).toBe("packet-too-large");
    expect(verdict(admitted(), publish("t/x", Buffer.alloc(101), 1))).toBe("packet-too-large");
  });

  it("judges a 256 MB announcement by its header and topic alone", () => {
    const header = Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 3]), Buffer.from("t/x")]);
    expect(verdict(admitted(), header)).toBe("packet-too-large");
  });

  it.each<[string, Buffer, Violation]>([
    ["a second CONNECT", CONNECT, "unexpected-packet"],
    ["QoS 2", publish("t", Buffer.alloc(1), 2), "qos-2"],
    ["QoS 3", publish("t", Buffer.alloc(1), 3), "qos-2"],
    ["an empty topic", publish("", Buffer.alloc(5)), "topic-invalid"],
    ["a topic longer than the packet", Buffer.from([0x30, 5, 0, 200, 97, 97, 97]), "topic-invalid"],
    ["a topic of 300 bytes", publish("a".repeat(300), Buffer.alloc(1)), "topic-invalid"],
    ["a topic of 100 levels", publish("a/".repeat(100), Buffer.alloc(1)), "topic-too-deep"],
    ["SUBSCRIBE of 1 MB", Buffer.from([0x82, ...length(1_000_000)]), "packet-too-large"],
    ["PINGREQ with a body", Buffer.from([0xc0, 9]), "unexpected-packet"],
    ["PUBACK of 1 MB", Buffer.from([0x40, ...length(1_000_000)]), "unexpected-packet"],
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
          .map(({ size, qos }) => publish("baygate/1/x", Buffer.alloc(size, 7), qos)),
        fc.constant(PING),
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
