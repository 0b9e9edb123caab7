import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import { type Mutator, mutateBytes, mutateList, surviveMutations } from "../mutations.fixture.ts";
import { normalAddress } from "./addressing.ts";
import { reassembleCapture } from "./capture.ts";
import type { FrameLength } from "./pci.ts";
import { IsoTpSender } from "./sender.ts";

const VECTORS = new URL("../../../shared/data/obd/vectors.jsonl", import.meta.url);

type Vector = {
  command: string;
  frames: string[];
  payloads: [string, string][];
  id29: boolean;
  extendedAddressing: boolean;
};

function isVector(value: unknown): value is Vector {
  return typeof value === "object" && value !== null && "frames" in value && "payloads" in value && "id29" in value;
}

function frameOf(hex: string, id29: boolean): CanFrame {
  const digits = id29 ? 8 : 3;
  return { id: Number.parseInt(hex.slice(0, digits), 16), extended: id29, data: fromHex(hex.slice(digits)) };
}

test("answers of two ECUs that interleave are kept apart by their ids", () => {
  const frames = ["7E81008419A07003779", "7E91008419A07003780", "7E92100010000000000", "7E82100095555555555"].map(
    (hex) => frameOf(hex, false),
  );
  const { messages, aborted } = reassembleCapture(frames);
  expect(messages.map((message) => [message.id, toHex(message.payload)])).toEqual([
    [0x7e8, "419A070037790009"],
    [0x7e9, "419A070037800001"],
  ]);
  expect(aborted).toEqual([]);
});

test("a capture that misses a frame yields no message", () => {
  const frames = ["7E81014490201314434", "7E82247503030523535"].map((hex) => frameOf(hex, false));
  const { messages, aborted } = reassembleCapture(frames);
  expect(messages).toEqual([]);
  expect(aborted).toMatchObject([{ id: 0x7e8, error: { code: "iso-tp-wrong-sequence" } }]);
});

test("a capture cut at both ends keeps what is whole and says what is not", () => {
  const frames = ["7E82242313233343536", "7E8037F0978", "7E81014490201314434", "7E82147503030523535"].map((hex) =>
    frameOf(hex, false),
  );
  const { messages, aborted, unfinished } = reassembleCapture(frames);
  expect(messages.map(({ payload }) => toHex(payload))).toEqual(["7F0978"]);
  expect(aborted).toEqual([]);
  expect(unfinished).toEqual([
    { id: 0x7e8, extended: false, length: 20, received: fromHex("49020131443447503030523535") },
  ]);
});

test("questions, flow controls and answers of one recording all come out, with their places in it", () => {
  const frames = [
    "7E0021003",
    "7E802500300",
    "7E0032 2F190",
    "7E81014 62F190313233",
    "7E0300000",
    "7E82134353637383941",
  ]
    .concat("7E8224243444546 4748")
    .map((hex) => frameOf(hex.replaceAll(" ", ""), false));
  const { messages } = reassembleCapture(frames);
  expect(messages.map(({ id, payload, firstFrame, lastFrame }) => [id, toHex(payload), firstFrame, lastFrame])).toEqual(
    [
      [0x7e0, "1003", 0, 0],
      [0x7e0, "22F190", 2, 2],
      [0x7e8, "5003", 1, 1],
      [0x7e8, "62F1903132333435363738394142434445464748", 3, 6],
    ],
  );
});

test("with extended addressing both directions are kept apart by id and byte", () => {
  const frames = ["6F1070322DDBC", "607F1100A62DDBC0102", "6F107300000", "607F1210304050607", "6F112033E0000"]
    .concat("612F1027E00")
    .map((hex) => frameOf(hex, false));
  const all = reassembleCapture(frames, { addressByte: "any" });
  expect(all.messages.map(({ id, addressByte, payload }) => [id, addressByte, toHex(payload)])).toEqual([
    [0x6f1, 0x07, "22DDBC"],
    [0x607, 0xf1, "62DDBC01020304050607"],
    [0x6f1, 0x12, "3E0000"],
    [0x612, 0xf1, "7E00"],
  ]);
  const tester = reassembleCapture(frames, { addressByte: 0xf1 });
  expect(tester.messages.map(({ id }) => id)).toEqual([0x607, 0x612]);
});

test("CAN FD recordings are read by the lengths of their frames", () => {
  const frames = [`7E8000A62F187414243444546CC`, `7E8104C${"11".repeat(62)}`, `7E821${"22".repeat(14)}CC`].map((hex) =>
    frameOf(hex, false),
  );
  expect(reassembleCapture(frames).messages.map(({ payload }) => toHex(payload))).toEqual([
    "62F187414243444546CC",
    "11".repeat(62) + "22".repeat(14),
  ]);
});

test("however the frames of several ECUs interleave, each one's messages come whole", () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 5 });
  const ecus = fc.array(payloads, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      ecus,
      fc.infiniteStream(fc.nat(1000)),
      fc.constantFrom<FrameLength>(8, 64),
      (talk, choices, frameLength) => {
        const queues = talk.map((list, n) => list.flatMap((payload) => framesOf(0x7e8 + n, payload, frameLength)));
        const frames: CanFrame[] = [];
        while (queues.some((queue) => queue.length > 0)) {
          const ready = queues.filter((queue) => queue.length > 0);
          const next = ready[(choices.next().value ?? 0) % ready.length]?.shift();
          if (next !== undefined) frames.push(next);
        }
        const { messages } = reassembleCapture(frames);
        for (const [n, list] of talk.entries()) {
          const got = messages.filter(({ id }) => id === 0x7e8 + n).map(({ payload }) => toHex(payload));
          expect(got).toEqual(list.map(toHex));
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** What an ECU sends that is never asked to wait. */
function framesOf(id: number, payload: Uint8Array, frameLength: FrameLength): CanFrame[] {
  const sender = new IsoTpSender(normalAddress(id, 0x700), payload, { frameLength });
  return [...sender.start(0), ...sender.receive({ id: 0x700, extended: false, data: fromHex("300000") }, 0)];
}

test("100,000 mutated captures neither throw nor hang nor grow", { timeout: 120_000 }, () => {
  const seed = (...hex: string[]): readonly CanFrame[] => hex.map((text) => frameOf(text, false));
  const seeds = [
    seed("7E81008419A07003779", "7E91008419A07003780", "7E92100010000000000", "7E82100095555555555"),
    seed("7E0021003", "7E802500300", "7E8101462F190313233", "7E0300000", "7E82134353637383941", "7E82242434445464748"),
    seed(`7E8104C${"11".repeat(62)}`, `7E821${"22".repeat(15)}`, "7E81000FFFFFFFF0102", "7E82101020304050607"),
  ];
  const mutateFrame: Mutator<CanFrame> = (frame, random) => ({
    id: random(20) === 0 ? random(0x800) : frame.id,
    extended: random(20) === 0,
    data: mutateBytes(frame.data, random, []),
  });
  for (const addressByte of [undefined, "any"] as const) {
    surviveMutations({
      seeds,
      mutate: mutateList(mutateFrame),
      runs: 50_000,
      parse: (frames) => reassembleCapture(frames, addressByte === undefined ? {} : { addressByte }),
    });
  }
});

// The captured vectors are not part of this repository; they lie beside it where BayGate is developed.
test.skipIf(!existsSync(VECTORS))(
  "every captured vector is put together as recorded (skipped without ../shared)",
  () => {
    let checked = 0;
    const wrong: string[] = [];
    for (const line of readFileSync(VECTORS, "utf8").split("\n").filter(Boolean)) {
      const vector: unknown = JSON.parse(line);
      if (!isVector(vector)) throw new Error(`a line of another shape: ${line.slice(0, 80)}`);
      const target = /[|,]e=([0-9A-F]{2})/.exec(vector.command)?.[1];
      const frames = vector.frames.map((hex) => frameOf(hex, vector.id29));
      const options = vector.extendedAddressing && target ? { addressByte: Number.parseInt(target, 16) } : {};
      const { messages } = reassembleCapture(frames, options);
      const got = messages.map(({ id, payload }) => [id, toHex(payload)]);
      const wanted = vector.payloads.map(([id, payload]) => [Number.parseInt(id, 16), payload]);
      checked += 1;
      if (JSON.stringify(got) !== JSON.stringify(wanted)) wrong.push(`${line}\n  got ${JSON.stringify(got)}`);
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(1000);
  },
);
