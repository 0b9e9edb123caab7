import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClearAuthority, DongleRequest, ReadCommand } from "../../contract/payloads.ts";
import { createLog } from "../../machine/log.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { fromHex } from "../../vehicle-protocols/index.ts";
import { Device } from "../device.ts";
import type { DongleSettings } from "../dialect.ts";
import { DIALECTS } from "../dialects.ts";
import { CarMemory } from "../scan/car-memory.ts";
import type { DatagramEvents, LineEvents, Place } from "./index.ts";

/**
 * Every adapter, driven by random wishes, messages and replies; every byte that it sends is read here, by other code than the egress', and must be one that only
 * reads. A dialect without an entry in `DRIVEN` fails the test.
 */

/** Something that left for a device. */
type Sent =
  | { readonly road: "broker"; readonly topic: string; readonly text: string }
  | { readonly road: "line"; readonly place: Place; readonly bytes: Uint8Array }
  | { readonly road: "datagram"; readonly bytes: Uint8Array };

/** What a device says: over the broker, or on its line. */
type Said = { readonly topic: string; readonly payload: Uint8Array } | { readonly bytes: Uint8Array };

/** What it was meant to be, as far as a car is concerned. */
type Meant =
  | { readonly kind: "frame"; readonly id: number; readonly extended: boolean; readonly data: readonly number[] }
  | { readonly kind: "request"; readonly bytes: readonly number[] }
  /** It concerns the device alone. */
  | { readonly kind: "device" };

interface Driven {
  readonly settings: Partial<DongleSettings> & { readonly nativeId: string };
  /** Topics and payloads that the device may send. */
  readonly messages: fc.Arbitrary<{ readonly topic: string; readonly payload: Uint8Array }>;
  /** What a device that is well answers about itself, so that the conversation with the car goes on. */
  readonly reply?: (sent: Sent, frame: Frame | undefined) => Said | undefined;
  /** A frame of the car as the device passes it on. */
  readonly pass?: (frame: Frame) => Said;
  /** Reads what left; throws on anything that it does not know to be harmless. */
  readonly read: (sent: Sent) => readonly Meant[];
  /** A line was opened: what its device was told before is forgotten. */
  readonly reset?: () => void;
}

interface Frame {
  readonly id: number;
  readonly extended: boolean;
  readonly data: readonly number[];
}

const plausible = fc.constantFrom(
  "064100BE3FA813",
  "037F0112",
  "037F2221",
  "037F1978",
  "300000",
  "310000",
  "320000",
  "1014490201314434",
  "2147503030523535",
  "037F1934",
  "0462F19041",
  "0259",
  "00",
  "",
);
const carFrame: fc.Arbitrary<Frame> = fc
  .record({
    id: fc.oneof(fc.constantFrom(0x7e8, 0x7e9, 0x768, 0x640), fc.integer({ min: 0, max: 0x7ff })),
    data: fc.oneof(
      plausible.map((hex) => [...fromHex(hex)]),
      fc.array(fc.nat({ max: 255 }), { maxLength: 8 }),
    ),
  })
  .chain(({ id, data }) =>
    fc.constantFrom(
      { id, extended: false, data },
      { id: 0x18daf110, extended: true, data },
      { id: 0x18feca00, extended: true, data },
    ),
  );
const text = (value: string): Uint8Array => Buffer.from(value);
const junk = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json().map(text), fc.string({ maxLength: 40 }).map(text));

function onTopics(topics: readonly string[], payloads: fc.Arbitrary<Uint8Array>): Driven["messages"] {
  return fc.record({ topic: fc.constantFrom(...topics), payload: fc.oneof(payloads, junk) });
}

function nothing(sent: Sent): never {
  throw new Error(`said ${JSON.stringify(sent)}`);
}

const MAC = "a1b2c3d4e5f6";

function wicanBatch(frames: readonly Frame[]): Uint8Array {
  const list = frames.map(({ id, extended, data }) => ({
    id,
    dlc: data.length,
    rtr: false,
    extd: extended,
    data: [...data, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 8),
  }));
  return text(JSON.stringify({ bus: "0", type: "rx", frame: list }));
}

/** Where a chip of the ELM327 family would send a request, followed by the test's own few lines. */
class ChipReader {
  #protocol = "";
  #header = "";
  #priority = "18";
  #addressByte = "";

  reset(): void {
    this.#protocol = "";
    this.#header = "";
    this.#priority = "18";
    this.#addressByte = "";
  }

  read(sent: Sent): readonly Meant[] {
    if (sent.road !== "line") return nothing(sent);
    const written = Buffer.from(sent.bytes).toString("latin1");
    if (written === " ") return [{ kind: "device" }];
    expect(written).toMatch(/^[0-9A-Z]+\r$/);
    const said = written.slice(0, -1);
    if (!/^[0-9A-F]+$/.test(said)) {
      this.#obey(said);
      return [{ kind: "device" }];
    }
    const bytes = [...Buffer.from(said.length % 2 === 1 ? said.slice(0, -1) : said, "hex")];
    if (/^[1-5]$/.test(this.#protocol) || this.#header === "") {
      // The chip asks all units: by J1979, or to keep listening.
      expect(this.#header).toMatch(/^(616AF1|686AF1|C233F1)?$/);
      return [{ kind: "request", bytes }];
    }
    const isLong = this.#header.length === 6;
    const id = Number.parseInt(isLong ? this.#priority + this.#header : this.#header, 16);
    const address = this.#addressByte === "" ? [] : [Number.parseInt(this.#addressByte, 16)];
    return [{ kind: "frame", id, extended: isLong, data: [...address, bytes.length, ...bytes] }];
  }

  /** Where a unit that is asked now answers. */
  get answerId(): string {
    if (this.#header.length === 3)
      return this.#header === "7DF" ? "7E8" : hexOf(Number.parseInt(this.#header, 16) + 8, 3);
    if (/^DA..F1$/.test(this.#header)) return `18DAF1${this.#header.slice(2, 4)}`;
    return this.#protocol === "7" || this.#protocol === "9" ? "18DAF110" : "7E8";
  }

  #obey(said: string): void {
    expect(said).toMatch(
      /^(AT(Z|I|E0|L0|S0|H1|CAF1|AL|M0|AT0|RV|DPN|PC|AR|ST..|SP[0-9]|CRA.*|TA..|SH.*|CP..|CEA(..)?|FCSH.*|FCSD(..)?300000|FCSM[01])|STI)$/,
    );
    const [, word = "", value = ""] = /^AT(SP|SH|CP|CEA)(.*)$/.exec(said) ?? [];
    if (said === "ATZ") this.reset();
    if (word === "SP") [this.#protocol, this.#header] = [value, ""];
    if (word === "SH") this.#header = value;
    if (word === "CP") this.#priority = value;
    if (word === "CEA") this.#addressByte = value;
  }
}

const chip = new ChipReader();

function hexOf(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** A chip that is well: settings are taken, a question is answered as asked for, or with one frame of the car, or with nothing. */
function elmAnswer(sent: Sent, frame: Frame | undefined): string {
  if (sent.road !== "line") return "";
  const said = Buffer.from(sent.bytes).toString("latin1").trim();
  if (said === "") return "STOPPED\r\r>";
  if (said === "ATZ") return "\r\rELM327 v1.5\r\r>";
  if (said === "ATRV") return "12.6V\r\r>";
  if (said === "STI") return "?\r\r>";
  if (/^(AT|ST)/.test(said)) return "OK\r\r>";
  if (frame === undefined) {
    const service = Number.parseInt(said.slice(0, 2), 16) + 0x40;
    const rest = said.slice(2, said.length - (said.length % 2));
    return `${chip.answerId}${hexOf(1 + rest.length / 2, 2)}${hexOf(service % 256, 2)}${rest}\r\r>`;
  }
  if (frame.data.length === 0) return "NO DATA\r\r>";
  const id = hexOf(frame.id, frame.extended ? 8 : 3);
  return `${id}${frame.data.map((byte) => hexOf(byte, 2)).join("")}\r\r>`;
}

const DRIVEN: Readonly<Record<string, Driven>> = {
  wican: {
    settings: { nativeId: MAC, options: { alertTopic: "CAR1/voltage" } },
    messages: onTopics(
      ["can/rx", "can/status", "cmd", "rsp", "battery", "elm327", "values/SOC"].map((name) => `wican/${MAC}/${name}`),
      fc.oneof(
        fc.array(carFrame, { maxLength: 4 }).map(wicanBatch),
        fc
          .constantFrom('{"battery_voltage": 12.6}', '{"status": "online"}', '{"SOC":50}', '{"cmd":"reboot"}')
          .map(text),
      ),
    ),
    reply: (sent) =>
      sent.road === "broker" && sent.topic.endsWith("/cmd")
        ? { topic: sent.topic, payload: text('{"battery_voltage": 12.600000}') }
        : undefined,
    pass: (frame) => ({ topic: `wican/${MAC}/can/rx`, payload: wicanBatch([frame]) }),
    read: (sent) => {
      if (sent.road !== "broker") return nothing(sent);
      const message = JSON.parse(sent.text);
      if (sent.topic === `wican/${MAC}/cmd`) {
        expect(message).toEqual({ cmd: "get_vbatt" });
        return [{ kind: "device" }];
      }
      expect(sent.topic).toBe(`wican/${MAC}/can/tx`);
      expect(Object.keys(message).sort()).toEqual(["bus", "frame", "type"]);
      return message.frame.map((frame: { id: number; extd: boolean; rtr: boolean; dlc: number; data: number[] }) => {
        expect(frame.rtr).toBe(false);
        return { kind: "frame", id: frame.id, extended: frame.extd, data: frame.data.slice(0, frame.dlc) };
      });
    },
  },
  ovms: {
    settings: { nativeId: "DEMO" },
    messages: onTopics(
      ["metric/v/b/soc", "metric/v/b/12v/voltage", "metric/s/v3/connected", "notify/alert/x"].map(
        (name) => `ovms/me/DEMO/${name}`,
      ),
      fc.constantFrom("yes", "no", "12.5", "1,2,3", "").map(text),
    ),
    read: (sent) => {
      if (sent.road !== "broker") return nothing(sent);
      expect(sent.topic).toMatch(/^ovms\/me\/DEMO\/client\/baygate\/(active|request\/metric)$/);
      expect(sent.text).toMatch(/^(0|1|v\.\*|v\.b\.12v\.voltage)$/);
      return [{ kind: "device" }];
    },
  },
  autopi: {
    settings: { nativeId: "van" },
    messages: onTopics(["autopi/van/x"], fc.constant(text('{"_type":"dtc","values":[{"code":"P0420"}]}'))),
    read: nothing,
  },
  "obd2-mqtt": {
    settings: { nativeId: "obd2mqtt-1" },
    messages: onTopics(["obd2mqtt-1/x_rpm", "obd2mqtt-1/x_DTC/attributes"], fc.constant(text('{"dtc":["P0420"]}'))),
    read: nothing,
  },
  generic: {
    settings: { nativeId: "any", options: { values: [{ topic: "a/b", name: "x" }] } },
    messages: onTopics(["a/b"], fc.constant(text("1"))),
    read: nothing,
  },
  teltonika: {
    settings: { nativeId: "350000000000001" },
    messages: onTopics(["teltonika/350000000000001/data"], fc.constant(text('{"state":{"reported":{"281":"P0420"}}}'))),
    read: nothing,
  },
  freematics: {
    settings: { nativeId: "ABC12345", options: { udp: { address: "127.0.0.1", port: 8081 } } },
    messages: onTopics(
      ["datagram"],
      fc
        .constantFrom("ABC12345#EV=1,ID=ABC12345", "ABC12345#10C:900", "ABC12345#EV=5,CMD=X", "ABC12345#EV=7")
        .map((body) => text(`${body}*${([...text(body)].reduce((sum, byte) => sum + byte, 0) % 256).toString(16)}`)),
    ),
    read: (sent) => {
      if (sent.road !== "datagram") return nothing(sent);
      expect(Buffer.from(sent.bytes).toString()).toMatch(/^[0-9A-F]+#EV=[12347],RX=\d+,TM=\d+\*[0-9A-F]+$/);
      return [{ kind: "device" }];
    },
  },
  elm327: {
    settings: { nativeId: "elm", options: { address: "tcp://127.0.0.1:35000" } },
    messages: onTopics(["none"], junk),
    reply: (sent, frame) => ({ bytes: text(elmAnswer(sent, frame)) }),
    read: (sent) => chip.read(sent),
    reset: () => chip.reset(),
  },
  slcan: {
    settings: { nativeId: "slcan", options: { address: "tcp://127.0.0.1:3333" } },
    messages: onTopics(["none"], junk),
    pass: ({ id, extended, data }) => {
      const head = extended ? `T${hexOf(id, 8)}` : `t${hexOf(id, 3)}`;
      return { bytes: text(`\r${head}${data.length}${data.map((byte) => hexOf(byte, 2)).join("")}\r`) };
    },
    read: (sent) => {
      if (sent.road !== "line") return nothing(sent);
      const said = Buffer.from(sent.bytes).toString("latin1");
      // One command for each write: closing, opening, listening, rates and questions to the adapter itself.
      if (/^(C|O|L|M[01]|S[0-8]|V|N|F)\r$/.test(said)) return [{ kind: "device" }];
      const [, short, long, length, hex = ""] = /^(?:t(.{3})|T(.{8}))([0-8])([0-9A-F]*)\r$/.exec(said) ?? nothing(sent);
      expect(hex).toHaveLength(2 * Number(length));
      const id = Number.parseInt(short ?? long ?? "", 16);
      return [{ kind: "frame", id, extended: long !== undefined, data: [...Buffer.from(hex, "hex")] }];
    },
  },
  gvret: {
    settings: { nativeId: "gvret", options: { address: "tcp://127.0.0.1:23" } },
    messages: onTopics(["none"], junk),
    pass: (frame) => ({
      bytes: Uint8Array.of(0xf1, 0x00, 1, 0, 0, 0, ...gvretId(frame), frame.data.length, ...frame.data, 0),
    }),
    read: (sent) => {
      if (sent.road !== "line") return nothing(sent);
      const bytes = [...sent.bytes];
      const [start, command, a = 0, b = 0, c = 0, d = 0, bus, length = 0, ...rest] = bytes;
      const isOwn =
        (start === 0xe7 && command === 0xe7 && bytes.length === 2) ||
        (start === 0xf1 && [0x01, 0x06, 0x07, 0x09, 0x0c].includes(command ?? -1) && bytes.length === 2) ||
        (start === 0xf1 && command === 0x05 && bytes.length === 10);
      if (isOwn) return [{ kind: "device" }];
      expect([start, command, bus, rest.length]).toEqual([0xf1, 0x00, 0, length + 1]);
      const id = a + b * 0x100 + c * 0x10000 + (d & 0x1f) * 0x1000000;
      return [{ kind: "frame", id, extended: d >= 0x80, data: rest.slice(0, length) }];
    },
  },
  socketcan: {
    settings: { nativeId: "can0", options: { interface: "can0", listenOnly: false } },
    messages: onTopics(["none"], junk),
    pass: (frame) => ({ bytes: kernelFrame(frame) }),
    read: (sent) =>
      sent.road === "line" && sent.place.kind === "socketcan" ? [fromKernel(sent.bytes)] : nothing(sent),
  },
  replay: {
    settings: { nativeId: "log", options: { file: "/nowhere/at-all.log" } },
    messages: onTopics(["none"], junk),
    read: nothing,
  },
};

/** Identifier of a GVRET packet: little end first, the highest bit for 29 bits. */
function gvretId({ id, extended }: Frame): number[] {
  return [id & 0xff, (id >> 8) & 0xff, (id >> 16) & 0xff, (id >>> 24) | (extended ? 0x80 : 0)];
}

/** linux/can.h, written and read here by hand: id and flags, length, three bytes of nothing, data. */
function kernelFrame({ id, extended, data }: Frame): Uint8Array {
  const flags = extended ? 0x80 : 0;
  const eight = [...data, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 8);
  return Uint8Array.of(
    id & 0xff,
    (id >> 8) & 0xff,
    (id >> 16) & 0xff,
    (id >>> 24) | flags,
    data.length,
    0,
    0,
    0,
    ...eight,
  );
}

function fromKernel(bytes: Uint8Array): Meant {
  expect(bytes).toHaveLength(16);
  const [a = 0, b = 0, c = 0, d = 0, length = 0] = bytes;
  // Neither a remote frame nor one that stands for an error.
  expect(d & 0x60).toBe(0);
  const id = a | (b << 8) | (c << 16) | ((d & 0x1f) << 24);
  return { kind: "frame", id, extended: (d & 0x80) !== 0, data: [...bytes.subarray(8, 8 + length)] };
}

/** Services that only read, written down here a second time (SAE J1979; ISO 14229-1; ISO 14230-3 service 21). */
const READING = new Set([0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x0a, 0x10, 0x19, 0x21, 0x22, 0x3e]);
const CLEARING = new Set([0x04, 0x14]);

function requireHarmless([service = -1, first = -1]: readonly number[], mayClear: boolean): void {
  if (CLEARING.has(service)) expect(mayClear).toBe(true);
  else expect(READING.has(service), `service ${service.toString(16)}`).toBe(true);
  if (service === 0x10) expect([0x01, 0x03]).toContain(first & 0x7f);
  if (service === 0x3e) expect(first & 0x7f).toBe(0);
}

/** Reads frames as ISO 15765-2 and SAE J1939 have it; knows by itself which of them carry an address byte. */
class BusReader {
  readonly #begun = new Map<string, { readonly length: number; readonly bytes: number[] }>();

  read({ id, extended, data }: Extract<Meant, { kind: "frame" }>, mayClear: boolean): void {
    if (extended && id === 0x18eafff9) {
      expect([0xfecc, 0xfed3]).not.toContain((data[0] ?? 0) | ((data[1] ?? 0) << 8));
      expect(data).toHaveLength(3);
      return;
    }
    expect(extended ? isTester29(id) : id >= 0x600 && id <= 0x7ff, `CAN id ${id.toString(16)}`).toBe(true);
    const transport = hasAddressByte(id) ? data.slice(1) : data;
    const [pci = 0xff, ...body] = transport;
    const isToAll = id === 0x7df || id === 0x18db33f1;
    if (pci >> 4 === 3) {
      expect(isToAll).toBe(false);
      return;
    }
    if (pci >> 4 === 0) {
      const request = body.slice(0, pci);
      expect(request).toHaveLength(pci);
      requireHarmless(request, mayClear);
      return;
    }
    expect(isToAll).toBe(false);
    const key = `${id} ${hasAddressByte(id) ? data[0] : ""}`;
    if (pci >> 4 === 1) {
      const [low = 0, ...rest] = body;
      this.#begun.set(key, { length: ((pci & 0x0f) << 8) | low, bytes: rest });
      requireHarmless(rest, mayClear);
      return;
    }
    expect(pci >> 4).toBe(2);
    const begun = this.#begun.get(key);
    expect(begun).toBeDefined();
    begun?.bytes.push(...body);
    requireHarmless(begun?.bytes ?? [], mayClear);
  }
}

const isTester29 = (id: number) => id === 0x18db33f1 || (id & 0x1fff00ff) === 0x18da00f1 || id >>> 8 === 0x17fc00;
const hasAddressByte = (id: number) => id === 0x6f1 || id === 0x750;

const reading = ["0100", "03", "0902", "22F190", "22F190F18CF197F187", "2101", "1902FF", "3E00", "1003"];
const forbidden = [
  "04",
  "14FFFFFF",
  "2EF19001",
  "1101",
  "2701",
  "3101FF00",
  "2F000103",
  "1002",
  "850200",
  "280301",
  "08",
  "05",
];
const command: fc.Arbitrary<ReadCommand> = fc.record({
  key: fc.constant("k"),
  request: fc.oneof(
    fc.constantFrom(...reading),
    fc.constantFrom(...forbidden),
    fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("hex").toUpperCase()),
  ),
  address: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        { requestId: 0x7df, extended: false, functional: true },
        { requestId: 0x7e0, extended: false },
        { requestId: 0x760, extended: false },
        { requestId: 0x6f1, responseId: 0x640, extended: false, requestByte: 0x40, responseByte: 0xf1 },
        { requestId: 0x750, responseId: 0x758, extended: false, requestByte: 0x2a, responseByte: 0x2a },
        { requestId: 0x18da10f1, extended: true },
        { requestId: 0x17fc007b, responseId: 0x17fe007b, extended: true },
      ),
    },
    { weight: 1, arbitrary: fc.record({ requestId: fc.integer({ min: 0, max: 0x5ff }), extended: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        requestId: fc.integer({ min: 0, max: 0x1fffffff }),
        extended: fc.constant(true),
        responseId: fc.constant(0x18daf110),
      }),
    },
  ),
});
const commands = fc.array(command, { minLength: 1, maxLength: 3 });
type MakeWish = (transaction: string, now: number) => DongleRequest;
const wish: fc.Arbitrary<MakeWish> = fc.oneof(
  fc.constant<MakeWish>((transaction) => ({
    transaction,
    kind: "scan",
    deadlineMs: 5_000,
    addresses: [{ requestId: 0x760, extended: false }],
  })),
  fc.constant<MakeWish>((transaction) => ({ transaction, kind: "battery-voltage" })),
  {
    weight: 5,
    arbitrary: commands.map(
      (list): MakeWish =>
        (transaction) => ({ transaction, kind: "read", commands: list }),
    ),
  },
  commands.map(
    (list): MakeWish =>
      (transaction) => ({ transaction, kind: "live", commands: list, everyMs: 50, leaseMs: 5_000 }),
  ),
  fc.integer({ min: -100_000, max: 400_000 }).map(
    (ageMs): MakeWish =>
      (transaction, now) => ({
        transaction,
        kind: "clear-codes",
        authority: { jobId: "job-1", technicianId: "p", preScan: "m", grantedAt: now - ageMs } as ClearAuthority,
      }),
  ),
);

type Step =
  | { readonly kind: "message"; readonly message: { topic: string; payload: Uint8Array }; readonly retained: boolean }
  | { readonly kind: "wish"; readonly make: (transaction: string, now: number) => DongleRequest }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "polling"; readonly enabled: boolean }
  | { readonly kind: "line"; readonly what: "opened" | "received" | "closed"; readonly bytes: Uint8Array };

function stepsOf(driven: Driven): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant("message" as const),
          message: driven.messages,
          retained: fc.constantFrom(false, false, true),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("wish" as const), make: wish }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 20, 200, 1_500, 40_000) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("polling" as const), enabled: fc.constantFrom(true, true, false) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("line" as const),
          what: fc.constantFrom("opened" as const, "received" as const, "received" as const, "closed" as const),
          bytes: junk,
        }),
      },
    ),
    { minLength: 1, maxLength: 25 },
  );
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("every byte that leaves for a device", () => {
  it("is looked at for every dialect that there is", () => {
    expect(Object.keys(DRIVEN).sort()).toEqual([...DIALECTS.keys()].sort());
  });

  it.each(Object.entries(DRIVEN))("only reads: %s", async (name, driven) => {
    const dialect = DIALECTS.get(name);
    if (dialect === undefined) throw new Error(`no dialect ${name}`);
    let left = 0;
    await fc.assert(
      fc.asyncProperty(stepsOf(driven), fc.array(carFrame, { minLength: 1, maxLength: 20 }), async (steps, car) => {
        const clock = new ManualClock();
        const bus = new BusReader();
        const lines: LineEvents[] = [];
        const ports: DatagramEvents[] = [];
        /** Requests to clear that have not been answered yet, with an authority that is not too old. */
        const clearing = new Set<string>();
        const watch = (sent: Sent) => {
          left += 1;
          for (const meant of driven.read(sent)) {
            if (meant.kind === "frame") bus.read(meant, clearing.size > 0);
            else if (meant.kind === "request") requireHarmless(meant.bytes, clearing.size > 0);
          }
        };
        const problems: unknown[] = [];
        const guardedWatch = (sent: Sent) => {
          try {
            watch(sent);
          } catch (error) {
            problems.push(error);
          }
          const frame = car[left % car.length];
          const back =
            driven.reply?.(sent, left % 3 === 0 ? frame : undefined) ??
            (frame === undefined ? undefined : driven.pass?.(frame));
          if (back === undefined) return;
          setTimeout(() => {
            if ("bytes" in back) lines.at(-1)?.received(back.bytes);
            else device.receive({ ...back, retained: false });
          }, 3);
        };
        const device: Device = new Device({
          settings: {
            id: "d1" as DongleSettings["id"],
            dialect: name,
            minimumBatteryVolts: 11.8,
            silentAfterMs: 30_000,
            ...driven.settings,
          },
          dialect,
          clock,
          memory: new CarMemory(),
          log: createLog("test"),
          newId: () => "m",
          toDevice: (topic, payload) => guardedWatch({ road: "broker", topic, text: payload }),
          transports: {
            open: (place, events) => {
              lines.push(events);
              driven.reset?.();
              setTimeout(() => events.opened(), 2);
              return {
                write: (bytes) => guardedWatch({ road: "line", place, bytes }),
                close: () => events.closed("closed"),
              };
            },
            listen: (_port, events) => {
              ports.push(events);
              return { send: (bytes) => guardedWatch({ road: "datagram", bytes }), close: () => undefined };
            },
          },
          outlets: {
            status: () => undefined,
            signals: () => undefined,
            frames: () => undefined,
            readings: () => undefined,
            respond: ({ transaction }) => void clearing.delete(transaction),
            scan: () => undefined,
          },
        });
        device.start();
        for (const [index, step] of steps.entries()) {
          if (step.kind === "message") {
            device.receive({ ...step.message, retained: step.retained });
            ports.at(-1)?.received(step.message.payload, "10.0.0.1 1");
          } else if (step.kind === "wish") {
            const request = step.make(`t${index}`, clock.now());
            const ageMs = request.kind === "clear-codes" ? clock.now() - request.authority.grantedAt : Number.NaN;
            // One from the future may have come of age when its turn comes.
            if (ageMs <= 120_000) clearing.add(request.transaction);
            device.request(request);
          } else if (step.kind === "polling") device.setPolling(step.enabled);
          else if (step.kind === "line") {
            const line = lines.at(-1);
            if (step.what === "opened") line?.opened();
            else if (step.what === "received") line?.received(step.bytes);
            else line?.closed("gone");
          }
          const ms = step.kind === "wait" ? step.ms : 5;
          clock.advance(ms);
          await vi.advanceTimersByTimeAsync(ms);
        }
        await vi.advanceTimersByTimeAsync(20_000);
        device.stop();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(problems).toEqual([]);
      }),
      { numRuns: 250 },
    );
    // Driven, and not asleep: what can speak has spoken.
    if (driven.read !== nothing) expect(left).toBeGreaterThan(100);
  });
});
