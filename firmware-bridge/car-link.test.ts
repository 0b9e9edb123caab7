import { describe, expect, it } from "vitest";
import type { CanFrame } from "../vehicle-protocols/index.ts";
import { CarLink } from "./car-link.ts";
import { ConversationFailure } from "./dialect.ts";
import { EgressGate } from "./egress/approvals.ts";

const everybody = { kind: "functional", idBits: 11 } as const;

function recordingLink() {
  const sent: CanFrame[] = [];
  return { sent, link: new CarLink(new EgressGate(() => 0), { send: (frame) => sent.push(frame) }) };
}

describe("a car behind raw frames", () => {
  it("refuses to clear codes before a byte leaves", async () => {
    const { sent, link } = recordingLink();
    await expect(link.ask({ target: everybody, request: Uint8Array.of(0x04) })).rejects.toThrow(RangeError);
    expect(sent).toEqual([]);
  });

  it("asks one question after another", async () => {
    const { sent, link } = recordingLink();
    const first = link.ask({ target: everybody, request: Uint8Array.of(0x03), p2Ms: 20 });
    const second = link.ask({ target: everybody, request: Uint8Array.of(0x07), p2Ms: 20 });
    await first;
    expect(sent.map((frame) => frame.data[1])).toEqual([0x03]);
    await second;
    expect(sent.map((frame) => frame.data[1])).toEqual([0x03, 0x07]);
  });

  it("goes on after a refused question", async () => {
    const { link } = recordingLink();
    await expect(link.ask({ target: everybody, request: Uint8Array.of(0x11) })).rejects.toThrow();
    const outcome = await link.ask({ target: everybody, request: Uint8Array.of(0x03), p2Ms: 10 });
    expect(outcome.error?.code).toBe("no-answer");
  });

  it("ends what is under way when it is closed", async () => {
    const { link } = recordingLink();
    const asked = link.ask({ target: everybody, request: Uint8Array.of(0x03), p2Ms: 60_000 });
    await Promise.resolve();
    setImmediate(() => link.close());
    await expect(asked).rejects.toThrow(ConversationFailure);
  });
});
