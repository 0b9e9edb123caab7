/**
 * What the `obd` measurement reads: a DBC file, a signal set and a candump log that belong together, with the value that each
 * frame must give. Everything is made here, bit by bit and with arithmetic that one can follow, so that it shares nothing with
 * the decoders that are measured.
 */
export interface ObdInput {
  readonly dbc: string;
  readonly signalSet: object;
  /** As candump writes it. */
  readonly log: string;
  readonly frames: readonly LoggedFrame[];
  /** Ids of the messages that a decoder without multiplexing, floats, CAN FD and Motorola can read. */
  readonly plainIntelIds: ReadonlySet<number>;
}

export interface LoggedFrame {
  readonly id: number;
  readonly fd: boolean;
  readonly data: Uint8Array;
  /** Values that are known once this frame has come, by name: of a long answer those of the whole, at its last frame. */
  readonly expected: ReadonlyMap<string, number>;
}

interface Signal {
  readonly name: string;
  readonly order: "intel" | "motorola";
  /** Bits from the beginning of the data: from its lowest bit up for Intel, in the order of transmission for Motorola. */
  readonly at: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly factor: number;
  readonly offset: number;
  readonly kind: "integer" | "float" | "multiplexor";
  /** There only when the multiplexor has this value. */
  readonly page?: number;
}

interface Message {
  readonly id: number;
  readonly length: number;
  readonly signals: readonly Signal[];
}

/** Two 11-bit ids of diagnostics that no broadcast uses. */
const ENGINE = 0x7e8;
const BATTERY = 0x7ec;

const SHAPES: readonly (readonly number[])[] = [
  [12, 4, 16, 8, 10, 6, 5, 3],
  [8, 8, 8, 8, 8, 8, 8, 8],
  [1, 1, 2, 12, 16, 32],
  [40, 24],
  [10, 10, 11, 13, 20],
];
const FACTORS = [1, 0.5, 0.1, 0.25, 2, 0.01];
const OFFSETS = [0, -40, 100, 0];
const PAGES = 8;
const LONG_ANSWER_SIGNALS = 30;

/** The same input for the same numbers. */
export function obdInput(frameCount: number, random: (limit: number) => number): ObdInput {
  const messages = [
    ...plain("intel", 0x100, 40),
    ...plain("motorola", 0x180, 40),
    ...paged(0x200, 4),
    ...floats(0x210, 4),
    ...long(0x220, 4),
  ];
  const frames: LoggedFrame[] = [];
  while (frames.length < frameCount) {
    const kind = random(20);
    if (kind === 0) frames.push(...shortAnswer(random));
    else if (kind === 1) frames.push(...between(longAnswer(random), messages, random));
    else frames.push(broadcast(messages[random(messages.length)]!, random));
  }
  return {
    dbc: dbcText(messages),
    signalSet: signalSet(),
    log: frames.map(logLine).join(""),
    frames,
    plainIntelIds: new Set(messages.slice(0, 40).map(({ id }) => id)),
  };
}

function plain(order: "intel" | "motorola", firstId: number, count: number): Message[] {
  return Array.from({ length: count }, (_, m) => {
    let at = 0;
    const signals = SHAPES[m % SHAPES.length]!.map((bits, n): Signal => {
      const signal: Signal = {
        name: `${order}_${m}_${n}`,
        order,
        at,
        bits,
        signed: (m + n) % 3 === 0 && bits > 1,
        factor: FACTORS[(m + n) % FACTORS.length]!,
        offset: OFFSETS[(m + 2 * n) % OFFSETS.length]!,
        kind: "integer",
      };
      at += bits;
      return signal;
    });
    return { id: firstId + m, length: 8, signals };
  });
}

function paged(firstId: number, count: number): Message[] {
  const common = { order: "intel", signed: false, factor: 0.5, offset: 0 } as const;
  return Array.from({ length: count }, (_, m) => ({
    id: firstId + m,
    length: 8,
    signals: [
      { ...common, name: `page_${m}`, at: 0, bits: 8, factor: 1, kind: "multiplexor" },
      ...Array.from({ length: PAGES }, (_, page) =>
        [8, 22, 36, 50].map(
          (at, n) => ({ ...common, name: `paged_${m}_${page}_${n}`, at, bits: 14, kind: "integer", page }) as const,
        ),
      ).flat(),
    ],
  }));
}

function floats(firstId: number, count: number): Message[] {
  return Array.from({ length: count }, (_, m) => ({
    id: firstId + m,
    length: 8,
    signals: [0, 32].map((at) => ({
      name: `float_${m}_${at}`,
      order: m % 2 === 0 ? "intel" : "motorola",
      at,
      bits: 32,
      signed: true,
      factor: 1,
      offset: 0,
      kind: "float",
    })),
  }));
}

function long(firstId: number, count: number): Message[] {
  return Array.from({ length: count }, (_, m) => ({
    id: firstId + m,
    length: 64,
    signals: Array.from({ length: 32 }, (_, n) => ({
      name: `long_${m}_${n}`,
      order: m % 2 === 0 ? "intel" : "motorola",
      at: 16 * n,
      bits: 16,
      signed: n % 2 === 0,
      factor: FACTORS[n % FACTORS.length]!,
      offset: 0,
      kind: "integer",
    })),
  }));
}

function broadcast({ id, length, signals }: Message, random: (limit: number) => number): LoggedFrame {
  const data = new Uint8Array(length);
  const expected = new Map<string, number>();
  const page = random(PAGES);
  for (const signal of signals) {
    if (signal.page !== undefined && signal.page !== page) continue;
    // Two draws of 20 bits are room for 40.
    const drawn = (random(2 ** 20) * 2 ** 20 + random(2 ** 20)) % 2 ** signal.bits;
    const stored = signal.kind === "multiplexor" ? page : signal.kind === "float" ? storedFloat(random) : drawn;
    place(data, signal, stored);
    expected.set(signal.name, physicalValue(signal, stored));
  }
  return { id, fd: length > 8, data, expected };
}

/** The bits of a number that single precision holds exactly. */
function storedFloat(random: (limit: number) => number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, (random(20_001) - 10_000) / 8);
  return view.getUint32(0);
}

function physicalValue({ kind, bits, signed, factor, offset }: Signal, stored: number): number {
  if (kind === "float") {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, stored);
    return view.getFloat32(0);
  }
  const raw = signed && stored >= 2 ** (bits - 1) ? stored - 2 ** bits : stored;
  return raw * factor + offset;
}

/** One bit after the other. */
function place(data: Uint8Array, { order, at, bits }: Signal, stored: number): void {
  for (let n = 0; n < bits; n++) {
    // The nth bit from below for Intel, from above for Motorola.
    const weight = order === "intel" ? n : bits - 1 - n;
    const bit = Math.floor(stored / 2 ** weight) % 2;
    const position = at + n;
    const inByte = order === "intel" ? position % 8 : 7 - (position % 8);
    data[Math.floor(position / 8)]! += bit * 2 ** inByte;
  }
}

/** Engine speed and vehicle speed, as SAE J1979 has them. */
function shortAnswer(random: (limit: number) => number): LoggedFrame[] {
  const quarters = random(65_536);
  const speed = random(256);
  const answer = (bytes: readonly number[], name: string, value: number): LoggedFrame => ({
    id: ENGINE,
    fd: false,
    data: Uint8Array.from({ length: 8 }, (_, n) => (n === 0 ? bytes.length : (bytes[n - 1] ?? 0))),
    expected: new Map([[name, value]]),
  });
  return [
    answer([0x41, 0x0c, Math.floor(quarters / 256), quarters % 256], "ENGINE_SPEED", quarters / 4),
    answer([0x41, 0x0d, speed], "VEHICLE_SPEED", speed),
  ];
}

/** Service 22 with an answer over ten frames: sixteen-bit values, most significant byte first, in tenths. */
function longAnswer(random: (limit: number) => number): LoggedFrame[] {
  const payload = [0x62, 0xd0, 0x01];
  const expected = new Map<string, number>();
  for (let n = 0; n < LONG_ANSWER_SIGNALS; n++) {
    const raw = random(65_536);
    payload.push(Math.floor(raw / 256), raw % 256);
    expected.set(`CELL_${n}`, raw / 10);
  }
  const frame = (bytes: readonly number[], known: ReadonlyMap<string, number>): LoggedFrame => ({
    id: BATTERY,
    fd: false,
    data: Uint8Array.from({ length: 8 }, (_, n) => bytes[n] ?? 0),
    expected: known,
  });
  const none: ReadonlyMap<string, number> = new Map();
  const frames = [frame([0x10, payload.length, ...payload.slice(0, 6)], none)];
  for (let at = 6; at < payload.length; at += 7) {
    const last = at + 7 >= payload.length;
    frames.push(frame([0x20 + (frames.length % 16), ...payload.slice(at, at + 7)], last ? expected : none));
  }
  return frames;
}

/** The bus does not wait for a long answer. */
function between(
  answer: readonly LoggedFrame[],
  messages: readonly Message[],
  random: (limit: number) => number,
): LoggedFrame[] {
  return answer.flatMap((frame) => [frame, broadcast(messages[random(messages.length)]!, random)]);
}

function dbcText(messages: readonly Message[]): string {
  const lines = ['VERSION ""', "NS_ :", "BS_:", "BU_: Car"];
  const types: string[] = [];
  for (const { id, length, signals } of messages) {
    lines.push(`BO_ ${id} M${id}: ${length} Car`);
    for (const { name, order, at, bits, signed, factor, offset, kind, page } of signals) {
      const start = order === "intel" ? at : 8 * Math.floor(at / 8) + 7 - (at % 8);
      const mark = kind === "multiplexor" ? " M" : page === undefined ? "" : ` m${page}`;
      lines.push(
        ` SG_ ${name}${mark} : ${start}|${bits}@${order === "intel" ? 1 : 0}${signed ? "-" : "+"} (${factor},${offset}) [0|0] "" Car`,
      );
      if (kind === "float") types.push(`SIG_VALTYPE_ ${id} ${name} : 1;`);
    }
    lines.push("");
  }
  return `${[...lines, ...types].join("\n")}\n`;
}

function signalSet(): object {
  const command = (hdr: string, rax: string, service: string, parameter: string, signals: readonly object[]) => ({
    hdr,
    rax,
    cmd: { [service]: parameter },
    freq: 1,
    signals,
  });
  const signal = (id: string, bix: number, len: number, div: number, unit: string) => ({
    id,
    name: id,
    fmt: { bix, len, div, max: 100_000, unit },
  });
  return {
    commands: [
      command("7E0", "7E8", "01", "0C", [signal("ENGINE_SPEED", 0, 16, 4, "rpm")]),
      command("7E0", "7E8", "01", "0D", [signal("VEHICLE_SPEED", 0, 8, 1, "kilometersPerHour")]),
      command(
        "7E4",
        "7EC",
        "22",
        "D001",
        Array.from({ length: LONG_ANSWER_SIGNALS }, (_, n) => signal(`CELL_${n}`, 16 * n, 16, 10, "volts")),
      ),
    ],
  };
}

/** 4,000 frames a second. */
function logLine({ id, fd, data }: LoggedFrame, n: number): string {
  const digits = Array.from(data, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
  return `(${(1_795_000_000 + n / 4000).toFixed(6)}) can0 ${id.toString(16).toUpperCase().padStart(3, "0")}${fd ? "##1" : "#"}${digits}\n`;
}
