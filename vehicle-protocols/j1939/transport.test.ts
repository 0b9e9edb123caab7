import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import {
  abort,
  broadcast,
  clearToSend,
  dataPackets,
  endOfMessage,
  type LongMessage,
  requestToSend,
} from "./sender.fixture.ts";
import { J1939Receiver, type TransportStep } from "./transport.ts";

function bytes(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => (n * 7 + seed) & 0xff);
}

/** Frames one millisecond apart; everything that came of them. */
function feed(receiver: J1939Receiver, frames: readonly CanFrame[], fromMs = 0): TransportStep {
  const steps = frames.map((frame, n) => receiver.receive(frame, fromMs + n));
  return {
    messages: steps.flatMap(({ messages }) => messages),
    problems: steps.flatMap(({ problems }) => problems),
    send: steps.flatMap(({ send }) => send),
    wakeAtMs: steps.at(-1)?.wakeAtMs,
  };
}

const message: LongMessage = { pgn: 65226, source: 3, destination: 0, data: bytes(30) };

describe("broadcasts", () => {
  test("of every possible length arrive whole, from many sources at once", () => {
    const lengths = [9, 13, 14, 15, 100, 1784, 1785];
    const queues = lengths.map((length, source) => broadcast({ pgn: 65226, source, data: bytes(length, source) }));
    const mixed = Array.from({ length: 300 }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
    const { messages, problems } = feed(new J1939Receiver(), mixed);
    expect(problems).toEqual([]);
    expect(messages).toHaveLength(lengths.length);
    for (const { source, data } of messages) expect(toHex(data)).toBe(toHex(bytes(lengths[source]!, source)));
  });

  test("lose a packet and are given up at once", () => {
    const frames = broadcast({ pgn: 65226, source: 3, data: bytes(30) });
    const { messages, problems } = feed(new J1939Receiver(), frames.toSpliced(2, 1));
    expect(messages).toEqual([]);
    expect(problems).toEqual([{ code: "out-of-sequence", pgn: 65226, source: 3, destination: 255 }]);
  });

  test("may say a packet twice, if it is the same", () => {
    const frames = broadcast({ pgn: 65226, source: 3, data: bytes(30) });
    expect(feed(new J1939Receiver(), frames.toSpliced(2, 0, frames[1]!)).messages).toHaveLength(1);
    const other = { ...frames[1]!, data: frames[1]!.data.map((byte, n) => (n === 3 ? byte ^ 1 : byte)) };
    expect(feed(new J1939Receiver(), frames.toSpliced(2, 0, other)).problems[0]?.code).toBe("out-of-sequence");
  });

  test("end 750 ms after their last packet", () => {
    const receiver = new J1939Receiver();
    const { wakeAtMs } = feed(receiver, broadcast({ pgn: 65226, source: 3, data: bytes(30) }).slice(0, 3));
    expect(wakeAtMs).toBe(752);
    expect(receiver.tick(751).problems).toEqual([]);
    expect(receiver.tick(752)).toMatchObject({ problems: [{ code: "timeout" }], wakeAtMs: undefined });
  });

  test("begin anew, and the unfinished one is told", () => {
    const [first, second] = [bytes(30, 1), bytes(16, 2)].map((data) => broadcast({ pgn: 65226, source: 3, data }));
    const { messages, problems } = feed(new J1939Receiver(), [...first!.slice(0, 3), ...second!]);
    expect(problems.map(({ code }) => code)).toEqual(["replaced"]);
    expect(messages.map(({ data }) => toHex(data))).toEqual([toHex(bytes(16, 2))]);
  });

  test("must announce what can be", () => {
    const [announcement] = broadcast({ pgn: 65226, source: 3, data: bytes(30) });
    for (const [at, value] of [
      [1, 8],
      [3, 4],
      [2, 7],
    ] as const) {
      const wrong = { ...announcement!, data: announcement!.data.map((byte, n) => (n === at ? value : byte)) };
      expect(feed(new J1939Receiver(), [wrong]).problems.map(({ code }) => code)).toEqual(["invalid-announcement"]);
    }
    const toOne = { ...announcement!, id: 0x1cec0003 };
    expect(feed(new J1939Receiver(), [toOne]).problems.map(({ code }) => code)).toEqual(["invalid-announcement"]);
  });
});

describe("transfers between two others", () => {
  test("are overheard, with holds, several windows and a packet sent again", () => {
    const { messages, problems, send } = feed(new J1939Receiver({ address: 249 }), [
      requestToSend(message, 3),
      clearToSend(message, 0, 1),
      clearToSend(message, 3, 1),
      ...dataPackets(message, 1, 2),
      clearToSend(message, 3, 2),
      ...dataPackets(message, 2, 4),
      clearToSend(message, 1, 5),
      ...dataPackets(message, 5, 5),
      endOfMessage(message),
    ]);
    expect(messages).toEqual([{ pgn: 65226, priority: 7, source: 3, destination: 0, data: message.data }]);
    expect(problems).toEqual([]);
    expect(send).toEqual([]);
  });

  test("end by an abort, by an acknowledgement of what we did not hear, or by silence", () => {
    const begun = [requestToSend(message), clearToSend(message, 5, 1), ...dataPackets(message, 1, 3)];
    const outcome = (...frames: CanFrame[]) => {
      const { messages, problems } = feed(new J1939Receiver(), [...begun, ...frames]);
      expect(messages).toEqual([]);
      return problems.map(({ code }) => code);
    };
    expect(outcome(abort(message))).toEqual(["aborted"]);
    expect(outcome(...dataPackets(message, 5, 5), endOfMessage(message))).toEqual(["out-of-sequence"]);
    const receiver = new J1939Receiver();
    expect(feed(receiver, begun).wakeAtMs).toBe(4 + 1250);
    expect(receiver.tick(4 + 1250).problems.map(({ code }) => code)).toEqual(["timeout"]);
    const held = new J1939Receiver();
    expect(feed(held, [...begun, clearToSend(message, 0, 4)]).wakeAtMs).toBe(5 + 1050);
  });
});

describe("transfers to us", () => {
  const toUs: LongMessage = { ...message, destination: 249, data: bytes(200) };

  test("are asked for in windows and acknowledged", () => {
    const receiver = new J1939Receiver({ address: 249 });
    expect(feed(receiver, [requestToSend(toUs, 20)]).send).toEqual([clearToSend(toUs, 16, 1)]);
    expect(feed(receiver, dataPackets(toUs, 1, 16)).send).toEqual([clearToSend(toUs, 13, 17)]);
    const { messages, send } = feed(receiver, dataPackets(toUs, 17, 29));
    expect(toHex(messages[0]?.data ?? new Uint8Array())).toBe(toHex(toUs.data));
    expect(send).toEqual([endOfMessage(toUs)]);
  });

  test("have their lost packets asked for again", () => {
    const receiver = new J1939Receiver({ address: 249 });
    feed(receiver, [requestToSend(toUs, 5)]);
    feed(receiver, [...dataPackets(toUs, 1, 1), ...dataPackets(toUs, 3, 4)]);
    expect(receiver.tick(2000).send).toEqual([clearToSend(toUs, 5, 2)]);
    expect(feed(receiver, dataPackets(toUs, 2, 6), 2001).send).toEqual([clearToSend(toUs, 5, 7)]);
  });

  test("are given up after three silences, and the sender is told", () => {
    const receiver = new J1939Receiver({ address: 249 });
    feed(receiver, [requestToSend(toUs)]);
    const sent = [1250, 2500, 3750, 5000].map((at) => receiver.tick(at).send.map(({ data }) => data[0]));
    expect(sent).toEqual([[17], [17], [255], []]);
  });
});

describe("what is not put together", () => {
  test("single frames pass as they are, and what is not J1939 not at all", () => {
    const data = fromHex("00FFFFFFFFFFFFFF");
    const receiver = new J1939Receiver();
    expect(feed(receiver, [{ id: 0x0cf00400, extended: true, data }]).messages).toEqual([
      { pgn: 61444, priority: 3, source: 0, destination: 255, data },
    ]);
    expect(
      feed(receiver, [
        { id: 0x7e8, extended: false, data },
        { id: 0x1bda00f1, extended: true, data },
      ]),
    ).toMatchObject({ messages: [], problems: [] });
  });

  test("messages of more than 1785 bytes are recognised", () => {
    const request = { id: 0x1cc800f9, extended: true, data: fromHex("14 00100000 CAFE00") };
    const packet = { id: 0x1cc700f9, extended: true, data: fromHex("0100000000000000") };
    const { messages, problems } = feed(new J1939Receiver(), [request, packet]);
    expect(messages).toEqual([]);
    expect(problems).toEqual([{ code: "extended-transport", pgn: 65226, source: 249, destination: 0 }]);
  });

  test("more transfers than a bus can have do not fill the memory", () => {
    const starts = Array.from({ length: 200 }, (_, source) => broadcast({ pgn: 65226, source, data: bytes(1785) })[0]!);
    const { problems } = feed(new J1939Receiver(), starts);
    expect(problems).toHaveLength(72);
    expect(problems[0]?.code).toBe("too-many-at-once");
  });
});

test("over a channel that loses, doubles and moves packets a message arrives exactly or not at all, in bounded time", () => {
  const trouble = fc.record({
    length: fc.integer({ min: 9, max: 120 }),
    faults: fc.array(fc.record({ at: fc.nat(40), kind: fc.constantFrom("lose", "double", "swap") }), { maxLength: 4 }),
    addressed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(trouble, { minLength: 1, maxLength: 4 }), (sources) => {
      const queues = sources.map(({ length, faults, addressed }, source) => {
        const sent: LongMessage = { pgn: 65226, source, destination: 100, data: bytes(length, source) };
        const frames = addressed
          ? [requestToSend(sent), clearToSend(sent, 255, 1), ...dataPackets(sent), endOfMessage(sent)]
          : broadcast(sent);
        for (const { at, kind } of faults) {
          const index = at % frames.length;
          if (kind === "lose") frames.splice(index, 1);
          else if (kind === "double") frames.splice(index, 0, frames[index]!);
          else if (index + 1 < frames.length) frames.splice(index, 2, frames[index + 1]!, frames[index]!);
        }
        return frames;
      });
      const receiver = new J1939Receiver();
      const mixed = Array.from({ length: 40 }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
      const { messages } = feed(receiver, mixed);
      for (const { source, data } of messages) expect(toHex(data)).toBe(toHex(bytes(sources[source]!.length, source)));
      receiver.tick(10_000);
      expect(receiver.tick(10_000).wakeAtMs).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
