import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SocketCanOptions } from "../../contract/dialects/socketcan.ts";
import { type CanFrame, fromHex, toHex } from "../../vehicle-protocols/index.ts";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { EgressRefusal } from "../egress/index.ts";
import { kernelBytesOf, kernelFrameOf } from "../egress/socketcan.ts";
import { openSocketCan } from "../egress/socketcan-line.ts";
import { fitsOptions } from "../options.ts";
import { CanMachineFake } from "./can-machine.fixture.ts";
import { readKernelFrame, writeKernelFrame } from "./frames.ts";
import { socketcan } from "./index.ts";

const IDENTIFY = { kind: "functional", idBits: 11 } as const;

const anyFrame: fc.Arbitrary<CanFrame> = fc
  .record({ extended: fc.boolean(), fd: fc.boolean(), id: fc.nat({ max: 0x1fffffff }), seed: fc.nat() })
  .chain(({ extended, fd, id, seed }) => {
    const lengths = fd ? [0, 1, 8, 12, 16, 20, 24, 32, 48, 64] : [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const length = lengths[seed % lengths.length] ?? 0;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => {
      const frame = { id: extended ? id : id & 0x7ff, extended, data };
      return fd ? { ...frame, fd } : frame;
    });
  });

describe("a frame of the kernel", () => {
  it("is written, guarded and read as the same frame", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = writeKernelFrame(frame);
        expect(kernelFrameOf(bytes)).toEqual(frame);
        expect(readKernelFrame(bytes)).toEqual({ kind: "data", frame });
      }),
    );
  });

  it("is CAN FD by its length when it was heard", () => {
    const heard = (data: string) => readKernelFrame(kernelBytesOf({ id: 0x7e8, data: fromHex(data) }));
    expect(heard("0341050A")).toEqual({
      kind: "data",
      frame: { id: 0x7e8, extended: false, data: fromHex("0341050A") },
    });
    expect(heard("00".repeat(12))).toMatchObject({ frame: { fd: true } });
    expect(toHex(writeKernelFrame({ id: 0x18db33f1, extended: true, data: fromHex("0101") }))).toBe(
      "F133DB98020000000101000000000000",
    );
  });

  it("survives anything, and nothing but a data frame passes the guard", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }),
          fc.uint8Array({ minLength: 16, maxLength: 16 }),
          fc.uint8Array({ minLength: 72, maxLength: 72 }),
        ),
        (bytes) => {
          const heard = readKernelFrame(bytes);
          try {
            const frame = kernelFrameOf(bytes);
            expect(heard).toEqual({ kind: "data", frame });
          } catch (error) {
            expect(error).toBeInstanceOf(EgressRefusal);
          }
        },
      ),
    );
    for (const wrong of [
      { id: 0x7e0, rtr: true, data: fromHex("00") },
      { id: 0x7e0, err: true, data: fromHex("00") },
    ])
      expect(() => kernelFrameOf(kernelBytesOf(wrong))).toThrow(EgressRefusal);
  });
});

describe("a CAN interface", () => {
  let machine: CanMachineFake;
  let under: AdapterUnderTest;

  beforeEach(() => {
    machine = new CanMachineFake();
  });

  afterEach(() => {
    under?.adapter.stop();
    under?.egress.close();
    machine.remove();
  });

  function start(options: object = {}): void {
    under = new AdapterUnderTest(
      socketcan,
      { nativeId: "bay3", options: { interface: "can0", ...options } },
      {
        open: (place, events) => {
          if (place.kind !== "socketcan") throw new Error("another place");
          return openSocketCan(place, events, machine);
        },
      },
    );
    under.adapter.start();
  }

  async function becomes(state: string): Promise<void> {
    await vi.waitFor(() => expect(under.state).toBe(state), { timeout: 20_000, interval: 2 });
  }

  const ask = () => under.adapter.car?.ask({ target: IDENTIFY, request: fromHex("0100"), overallMs: 2_000 });

  it("that is up is there, however quiet its bus is", async () => {
    machine.set("can0", "up");
    start();
    await becomes("online");
    under.clock.advance(3_600_000);
    expect(under.statuses).toHaveLength(1);
    expect(under.adapter.topics).toEqual([]);
    expect(await under.adapter.batteryVolts()).toBeUndefined();
  });

  it("is only listened to unless told otherwise, and the line itself refuses then", async () => {
    machine.set("can0", "up");
    start();
    await becomes("online");
    expect(under.adapter.car).toBeUndefined();
    under.egress.approve({ target: IDENTIFY, request: fromHex("0100") });
    const line = under.egress.open(
      "socketcan",
      { kind: "socketcan", interface: "can0", listenOnly: true },
      { opened: () => undefined, received: () => undefined, closed: () => undefined },
    );
    await vi.waitFor(() => expect(machine.channels.at(1)?.running).toBe(true));
    const frame = { id: 0x7df, extended: false, data: fromHex("0201000000000000") };
    expect(() => line.write(writeKernelFrame(frame))).toThrow("can0 is only listened to");
    expect(machine.channels.flatMap(({ sent }) => sent)).toEqual([]);
  });

  it("passes on what is listened to: classic, extended and CAN FD, and no remote requests", async () => {
    machine.set("can0", "up");
    start();
    await becomes("online");
    machine.bus.hear({ id: 1, data: Buffer.from("00", "hex") });
    expect(under.frames).toEqual([]);
    under.framesWanted = true;
    machine.bus.hear({ id: 0x123, data: Buffer.from("0102", "hex") });
    machine.bus.hear({ id: 0x18fee900, ext: true, data: Buffer.alloc(8, 1) });
    machine.bus.hear({ id: 0x124, data: Buffer.alloc(24, 2) });
    machine.bus.hear({ id: 0x125, rtr: true, data: Buffer.alloc(0) });
    expect(under.frames.map(({ id, extended, fd, data }) => [id, extended, fd ?? false, data.length])).toEqual([
      [0x123, false, false, 2],
      [0x18fee900, true, false, 8],
      [0x124, false, true, 24],
    ]);
  });

  it("sends nothing until somebody asks, and then what was approved", async () => {
    machine.set("can0", "up");
    start({ listenOnly: false });
    await becomes("online");
    machine.bus.hear({ id: 0x7e8, data: Buffer.from("0641000000000000", "hex") });
    expect(machine.bus.sent).toEqual([]);
    const answer = ask();
    await vi.waitFor(() => expect(machine.bus.sent).toHaveLength(1));
    machine.bus.hear({ id: 0x7e8, data: Buffer.from("06410098180001AA", "hex") });
    const outcome = await answer;
    expect(outcome?.answers).toMatchObject([{ ecuId: 0x7e8, kind: "positive", payload: fromHex("410098180001") }]);
    expect(machine.bus.sent[0]).toMatchObject({ id: 0x7df, ext: false, fd: false });
    expect(machine.bus.sent[0]?.data.subarray(0, 3).toString("hex")).toBe("020100");
    await expect(under.adapter.car?.ask({ target: IDENTIFY, request: fromHex("2E F190 00") })).rejects.toThrow(
      EgressRefusal,
    );
    expect(machine.bus.sent).toHaveLength(1);
  });

  it("sends CAN FD frames as such", async () => {
    machine.set("can0", "up");
    start({ listenOnly: false });
    await becomes("online");
    under.egress.approve({ target: IDENTIFY, request: fromHex("0100") });
    const line = under.egress.open(
      "socketcan",
      { kind: "socketcan", interface: "can0", listenOnly: false },
      { opened: () => undefined, received: () => undefined, closed: () => undefined },
    );
    await vi.waitFor(() => expect(machine.channels.at(1)?.running).toBe(true));
    line.write(writeKernelFrame({ id: 0x7df, extended: false, data: fromHex("0201000000000000"), fd: true }));
    expect(machine.bus.sent).toMatchObject([{ id: 0x7df, fd: true, fd_brs: true }]);
    line.close();
  });

  it("without the package is a fault that says so, and is tried again for ever", async () => {
    machine.installed = false;
    machine.set("can0", "up");
    start({ listenOnly: false });
    await becomes("fault can-package-missing");
    await expect(ask()).rejects.toMatchObject({ code: "link-lost" });
    machine.installed = true;
    under.clock.advance(5_000);
    await becomes("online");
  });

  it("without a stand-in is a fault where the package is not installed", async () => {
    const installed = await import("socketcan").then(
      () => true,
      () => false,
    );
    const reasons: string[] = [];
    const line = openSocketCan(
      { kind: "socketcan", interface: "nocan9", listenOnly: true },
      { opened: () => reasons.push("opened"), received: () => undefined, closed: (reason) => reasons.push(reason) },
    );
    await vi.waitFor(() => expect(reasons).toEqual([installed ? "can-interface-missing" : "can-package-missing"]));
    line.close();
    expect(reasons).toHaveLength(1);
  });

  it("that does not exist, is down, is none of CAN or is refused is told apart", async () => {
    start();
    await becomes("offline can-interface-missing");
    const next = async (state: string) => {
      under.clock.advance(5_000);
      await becomes(state);
    };
    machine.set("can0", "down");
    await next("offline can-interface-down");
    machine.set("can0", "up", 1);
    await next("offline can-interface-missing");
    machine.refuses = true;
    machine.set("can0", "up");
    await next("fault can-not-opened");
    machine.refuses = false;
    await next("online");
    expect(machine.channels).toHaveLength(1);
  });

  it("that goes down or is unplugged ends the question and comes back", async () => {
    machine.set("can0", "up");
    start({ listenOnly: false });
    for (const [gone, state] of [
      [() => machine.set("can0", "down"), "offline can-interface-down"],
      [() => machine.unplug("can0"), "offline can-interface-missing"],
    ] as const) {
      await becomes("online");
      const question = under.adapter.car?.ask({ target: IDENTIFY, request: fromHex("0100"), overallMs: 9_000 });
      const sent = machine.bus;
      await vi.waitFor(() => expect(sent.sent).toHaveLength(1));
      gone();
      await expect(question).rejects.toMatchObject({ code: "link-lost" });
      await becomes(state);
      expect(sent.running).toBe(false);
      machine.set("can0", "up");
      under.clock.advance(5_000);
    }
    await becomes("online");
    expect(machine.channels).toHaveLength(3);
  });

  it("whose frames nobody takes ends the question and opens again", async () => {
    machine.set("can0", "up");
    start({ listenOnly: false });
    await becomes("online");
    machine.takes = false;
    await expect(ask()).rejects.toMatchObject({ code: "link-lost" });
    expect(under.state).toBe("fault can-frame-not-taken");
    machine.takes = true;
    under.clock.advance(5_000);
    await becomes("online");
  });

  it("counts error frames, and is a fault while its controller is off the bus", async () => {
    machine.set("can0", "up");
    start({ listenOnly: false });
    await becomes("online");
    const error = (classes: number) => machine.bus.hear({ id: classes, err: true, data: Buffer.alloc(8) });
    for (let n = 0; n < 300; n++) error(0x04);
    expect(under.state).toBe("online");
    expect(under.values()).toEqual({ "can-error-frames": 300 });
    error(0x40);
    expect(under.state).toBe("fault can-bus-off");
    await expect(ask()).rejects.toMatchObject({ code: "link-lost" });
    error(0x100);
    expect(under.state).toBe("online");
    expect(under.values()).toEqual({ "can-error-frames": 302 });
    expect(under.frames).toEqual([]);
  });

  it("that is stopped leaves nothing running, also while it is being opened", async () => {
    machine.set("can0", "up");
    start();
    under.adapter.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(machine.channels.every(({ running }) => !running)).toBe(true);
    expect(under.statuses).toEqual([]);
    start();
    await becomes("online");
    under.adapter.stop();
    expect(machine.bus.running).toBe(false);
    under.clock.advance(60_000);
    expect(machine.channels.filter(({ running }) => running)).toEqual([]);
  });
});

describe("the options of a CAN interface", () => {
  it("name an interface and no path", () => {
    expect(fitsOptions(SocketCanOptions, { interface: "can0" })).toBe(true);
    expect(fitsOptions(SocketCanOptions, { interface: "vcan0", listenOnly: false })).toBe(true);
    for (const wrong of [
      {},
      { interface: "" },
      { interface: "../lo" },
      { interface: "a-name-too-long-for-it" },
      { interface: "can0", bitrate: 500_000 },
    ])
      expect(fitsOptions(SocketCanOptions, wrong), JSON.stringify(wrong)).toBe(false);
  });
});
