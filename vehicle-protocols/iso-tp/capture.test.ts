import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import { reassembleCapture } from "./capture.ts";

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

test("a capture that breaks off yields no message", () => {
  const frames = ["7E81014490201314434", "7E82247503030523535"].map((hex) => frameOf(hex, false));
  const { messages, aborted } = reassembleCapture(frames);
  expect(messages).toEqual([]);
  expect(aborted).toMatchObject([{ id: 0x7e8, error: { code: "iso-tp-wrong-sequence" } }]);
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
