import { once } from "node:events";
import { PassThrough, Readable, Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerLines, TOO_LONG } from "./json-lines.ts";

async function answersTo(chunks: readonly Uint8Array[], mostLength = 100): Promise<string[]> {
  const output = new PassThrough();
  let text = "";
  output.on("data", (chunk) => {
    text += chunk;
  });
  await answerLines(Readable.from(chunks), output, mostLength, (line) =>
    line === TOO_LONG ? "too long" : `<${line.trim()}>`,
  );
  output.end();
  await once(output, "end");
  return text.split("\n").filter(Boolean);
}

describe("lines answered one by one", () => {
  it("are the same however the bytes come in pieces", async () => {
    const input = Buffer.from('{"车":1}\r\n\n  \nlast without an end');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 40, maxLength: 40 }), async (sizes) => {
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(input.subarray(at, at + size));
          at += size;
        }
        expect(await answersTo(chunks)).toEqual(['<{"车":1}>', "<last without an end>"]);
      }),
      { numRuns: 50 },
    );
  });

  it("say which line was too long, and go on", async () => {
    const long = Buffer.alloc(30, "x");
    const chunks = [
      Buffer.from("a\n"),
      ...Array.from({ length: 10 }, () => long),
      Buffer.from("\nb\n"),
      Buffer.alloc(101, "y"),
    ];
    expect(await answersTo(chunks)).toEqual(["<a>", "too long", "<b>", "too long"]);
  });

  it("wait for a slow reader", async () => {
    let read = 0;
    const input = Readable.from(
      (function* () {
        for (; read < 1000; read++) yield Buffer.from("line\n");
      })(),
    );
    const released: (() => void)[] = [];
    const output = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void released.push(done) });
    const done = answerLines(input, output, 100, () => "answer");
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeLessThan(50);
    const timer = setInterval(() => released.shift()?.(), 0);
    input.destroy();
    await done.catch(() => undefined);
    clearInterval(timer);
  });

  it("end when the reader goes away", async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("gone"), { code: "EPIPE" })),
    });
    const endless = Readable.from(
      (async function* () {
        for (;;) yield await Promise.resolve(Buffer.from("line\n"));
      })(),
    );
    await answerLines(endless, output, 100, () => "answer");
    expect(output.destroyed).toBe(true);
  });
});
