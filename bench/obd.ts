import { Can, Dbc } from "candied";
import { readWicanMessage } from "../firmware-bridge/wican/messages.ts";
import {
  type CanFrame,
  candumpParser,
  DbcDatabase,
  IsoTpReceiver,
  parseDbc,
  physicalAddressOf,
} from "../vehicle-protocols/index.ts";
import { compileSignalSets, parseSignalSet, type SignalDecoder } from "../vehicle-protocols/signal-set/index.ts";
import { type LoggedFrame, type ObdInput, obdInput } from "./obd-input.ts";
import { measureRoad } from "./obd-road.ts";
import { type BenchCheck, type BenchOptions, type BenchResult, median } from "./result.ts";

const FRAMES = 20_000;
const ROUNDS = 7;
/** What takes a few milliseconds is done as often in each round, since the processor's clock is not finer. */
const REPEATS = 10;
/** As a socket or a file gives it. */
const CHUNK_BYTES = 64 * 1024;
const FULL_BUS_FRAMES_PER_SECOND = 4000;
const FRAMES_PER_WICAN_MESSAGE = 10;
const AIM_SIGNALS_PER_SECOND = 1_000_000;
const LEAST_SIGNALS_PER_SECOND = 500_000;
const LEAST_RATIO = 5;
const MOST_SHARE_OF_CORE = 0.1;

/**
 * A candump log of a busy car through its DBC file and its signal set: text in, values out. Beside it, on the frames that the
 * npm package `candied` decodes right, the same work by both; and the processor time of one dongle on a full bus.
 */
export async function bench(_options: BenchOptions): Promise<BenchResult> {
  const input = obdInput(FRAMES, seededRandom(20261121));
  const replay = openReplay(input);
  const log = Buffer.from(input.log);
  const wrong = compareValues(input, replay);
  const expectedSignals = input.frames.reduce((sum, { expected }) => sum + expected.size, 0);

  const yardstick = besideCandied(input, replay.database);
  const dongle = oneDongle(input, replay.database);
  const rounds: { replay: number; signals: number; ours: number; slots: number; candied: number; share: number }[] = [];
  // One round more than counts: the first is for the compiler.
  for (let round = 0; round <= ROUNDS; round++) {
    let signals = 0;
    const replayMs = processorMs(() => {
      signals = replay.run(log);
    });
    const measured = {
      replay: replayMs,
      signals,
      candied: processorMs(yardstick.candied),
      ours: processorMs(repeated(yardstick.ours)) / REPEATS,
      slots: processorMs(repeated(yardstick.slots)) / REPEATS,
      share: processorMs(repeated(dongle.second)) / REPEATS / 1000,
    };
    if (round > 0) rounds.push(measured);
  }
  const road = await measureRoad(dongle.texts, dongle.ids, replay.database);
  const middle = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
  const perSecond = expectedSignals / (middle(({ replay }) => replay) / 1000);
  const toCandied = middle(({ candied, ours }) => candied / ours);
  const decoding = middle(({ share }) => share);
  return {
    name: "obd",
    coreBudget:
      "one core: one thread does everything; its processor time counts, with what the runtime adds for itself",
    input: {
      frames: input.frames.length,
      logBytes: log.length,
      signals: expectedSignals,
      dbcBytes: input.dbc.length,
      rounds: ROUNDS,
      candiedFrames: yardstick.frames,
      candiedSignals: yardstick.signals,
      wicanMessagesPerSecond: dongle.messages,
    },
    figures: {
      signalsPerSecond: perSecond,
      framesPerSecond: input.frames.length / (middle(({ replay }) => replay) / 1000),
      dbcSignalsPerSecondIntoSlots: yardstick.signals / (middle(({ slots }) => slots) / 1000),
      dbcSignalsPerSecondAsObjects: yardstick.signals / (middle(({ ours }) => ours) / 1000),
      candiedSignalsPerSecond: yardstick.signals / (middle(({ candied }) => candied) / 1000),
      shareOfCoreToReadAndDecodeAFullBus: decoding,
      shareOfCoreFullBusEndToEnd: road.share,
      shareOfCoreFullBusUnheard: road.shareWhenNobodyListens,
      framesPerSecondEndToEnd: road.framesPerSecond,
      signalsPerSecondEndToEnd: road.signalsPerSecond,
    },
    ratios: { objectsToCandied: toCandied, slotsToCandied: middle(({ candied, slots }) => candied / slots) },
    checks: [
      ...wrong,
      {
        name: "every timed round gave every signal",
        ok: rounds.every(({ signals }) => signals === expectedSignals),
        detail: `${expectedSignals} in each of ${rounds.length} rounds`,
      },
      yardstick.check,
      dongle.check,
      {
        name: `at least ${LEAST_SIGNALS_PER_SECOND} signals a second`,
        ok: perSecond >= LEAST_SIGNALS_PER_SECOND,
        detail: `${Math.round(perSecond)}, ${perSecond >= AIM_SIGNALS_PER_SECOND ? "at or above" : "below"} the aim of ${AIM_SIGNALS_PER_SECOND}`,
      },
      {
        name: `at least ${LEAST_RATIO} times candied, names and words included`,
        ok: toCandied >= LEAST_RATIO,
        detail: `${toCandied.toFixed(1)} times`,
      },
      {
        name: `one dongle at ${FULL_BUS_FRAMES_PER_SECOND} frames a second costs less than ${100 * MOST_SHARE_OF_CORE} % of a core`,
        ok: road.share < MOST_SHARE_OF_CORE,
        detail: `${(100 * road.share).toFixed(1)} % end to end with every frame listened to and decoded, ${(100 * road.shareWhenNobodyListens).toFixed(1)} % when nobody listens; reading and decoding alone ${(100 * decoding).toFixed(2)} %`,
      },
      {
        name: "every frame arrives at the end of the road",
        ok: road.framesPerSecond > 0.97 * FULL_BUS_FRAMES_PER_SECOND,
        detail: `${Math.round(road.framesPerSecond)} frames and ${Math.round(road.signalsPerSecond)} signals a second of ${Math.round(road.messagesPerSecond)} messages a second`,
      },
    ],
  };
}

interface Replay {
  readonly database: DbcDatabase;
  /** Decodes a log and counts its signals. */
  run(log: Uint8Array): number;
  /** The signals that are known after a frame, by name; in order, since answers stretch over several. */
  valuesAfter(frame: CanFrame, timeMs: number): ReadonlyMap<string, number>;
}

function openReplay({ dbc, signalSet }: ObdInput): Replay {
  const file = parseDbc(dbc);
  if (!file.ok) throw file.error;
  const set = parseSignalSet(signalSet);
  if (!set.ok) throw set.error;
  const database = new DbcDatabase([file.value]);
  const slots = new Float64Array(Math.max(...file.value.messages.map(({ signals }) => signals.length)));
  const decoder = compileSignalSets([set.value]);
  const answers = openAnswers(decoder);
  return {
    database,
    run: (log) => {
      const parser = candumpParser();
      let signals = 0;
      for (let at = 0; at < log.length; at += CHUNK_BYTES)
        for (const record of parser.push(log.subarray(at, at + CHUNK_BYTES))) {
          if (record.kind !== "data") continue;
          const { frame } = record;
          const message = database.find(frame.id, frame.extended);
          if (message !== undefined) signals += message.decodeInto(frame.data, slots);
          else for (const { readings } of answers(frame, record.timeMs ?? 0)) signals += readings.length;
        }
      return signals;
    },
    valuesAfter: (frame, timeMs) => {
      const values = new Map<string, number>();
      const message = database.find(frame.id, frame.extended);
      message?.decodeInto(frame.data, slots);
      for (const { signal, value } of message?.decode(frame.data).signals ?? []) {
        const slot = slots[message?.message.signals.indexOf(signal) ?? -1];
        // Both ways of decoding must say the same.
        if (typeof value === "number" && value === slot) values.set(signal.name, value);
      }
      if (message === undefined)
        for (const { readings } of answers(frame, timeMs))
          for (const { signal, value } of readings) if (typeof value === "number") values.set(signal.id, value);
      return values;
    },
  };
}

/** Puts the answers of ECUs together and decodes them. */
function openAnswers(decoder: SignalDecoder): (frame: CanFrame, timeMs: number) => ReturnType<SignalDecoder["decode"]> {
  const receivers = new Map<number, IsoTpReceiver>();
  return (frame, timeMs) => {
    let receiver = receivers.get(frame.id);
    if (receiver === undefined) {
      const address = physicalAddressOf(frame.id, frame.extended);
      if (address === undefined) return [];
      receiver = new IsoTpReceiver(address);
      receivers.set(frame.id, receiver);
    }
    for (const event of receiver.receive(frame, timeMs).events)
      if (event.kind === "message") return decoder.decode({ id: frame.id, payload: event.payload });
    return [];
  };
}

/** The whole log once, frame by frame, against what the generator put in. */
function compareValues({ frames, log }: ObdInput, replay: Replay): BenchCheck[] {
  const records = candumpParser().push(Buffer.from(log));
  let values = 0;
  const wrong: string[] = [];
  frames.forEach((logged, n) => {
    const record = records[n];
    if (record?.kind !== "data" || !sameFrame(record.frame, logged)) {
      wrong.push(`frame ${n} of the log`);
      return;
    }
    const found = replay.valuesAfter(record.frame, record.timeMs ?? 0);
    for (const [name, value] of logged.expected) if (found.get(name) !== value) wrong.push(`${name} in frame ${n}`);
    if (found.size !== logged.expected.size) wrong.push(`frame ${n}: ${found.size} values`);
    values += found.size;
  });
  return [
    {
      name: "every value is the one that was put in",
      ok: wrong.length === 0 && records.length === frames.length,
      detail: wrong.length === 0 ? `${values} values, exactly` : `${wrong.length} wrong, first: ${wrong[0]}`,
    },
  ];
}

function sameFrame(frame: CanFrame, { id, fd, data }: LoggedFrame): boolean {
  return frame.id === id && (frame.fd ?? false) === fd && Buffer.compare(frame.data, data) === 0;
}

/** The same frames through candied and through ours: Intel, classic, without limits, multiplexing and floats. */
function besideCandied({ dbc, frames, plainIntelIds }: ObdInput, database: DbcDatabase) {
  const can = new Can();
  can.database = new Dbc().load(dbc);
  const candidates = frames.filter(({ id }) => plainIntelIds.has(id));
  const right = candidates.filter(({ id, data, expected }) => {
    const found = can.decode(can.createFrame(id, [...data]));
    return [...expected].every(([name, value]) => found?.boundSignals.get(name)?.value === value);
  });
  const theirs = right.map(({ id, data }) => can.createFrame(id, [...data]));
  const slots = new Float64Array(64);
  return {
    frames: right.length,
    signals: right.reduce((sum, { expected }) => sum + expected.size, 0),
    candied: () => {
      for (const frame of theirs) can.decode(frame);
    },
    ours: () => {
      for (const { id, data } of right) database.decode(id, false, data);
    },
    slots: () => {
      for (const { id, data } of right) database.find(id, false)?.decodeInto(data, slots);
    },
    check: {
      name: "candied is measured on frames that it decodes right",
      ok: right.length > candidates.length / 2,
      detail: `${right.length} of ${candidates.length} Intel frames`,
    } satisfies BenchCheck,
  };
}

/** One second of a full bus as a WiCAN dongle prints it. */
function oneDongle({ frames }: ObdInput, database: DbcDatabase) {
  const onBus = frames.filter(({ fd }) => !fd).slice(0, FULL_BUS_FRAMES_PER_SECOND);
  const messages: Buffer[] = [];
  for (let at = 0; at < onBus.length; at += FRAMES_PER_WICAN_MESSAGE) {
    const frame = onBus
      .slice(at, at + FRAMES_PER_WICAN_MESSAGE)
      .map(({ id, data }) => ({ id, dlc: data.length, rtr: false, extd: false, data: [...data] }));
    messages.push(Buffer.from(JSON.stringify({ bus: "0", type: "rx", ts: at % 60_000, frame })));
  }
  const slots = new Float64Array(64);
  const second = () => {
    let signals = 0;
    for (const message of messages) {
      const read = readWicanMessage(message);
      if (read.kind !== "frames") continue;
      for (const { id, extended, data } of read.frames)
        signals += database.find(id, extended)?.decodeInto(data, slots) ?? 0;
    }
    return signals;
  };
  const expected = onBus.reduce(
    (sum, { id, expected }) => sum + (database.find(id, false) === undefined ? 0 : expected.size),
    0,
  );
  const found = second();
  return {
    messages: messages.length,
    texts: messages,
    ids: [...new Set(onBus.map(({ id }) => id))],
    second,
    check: {
      name: "the dongle's second holds every signal",
      ok: onBus.length === FULL_BUS_FRAMES_PER_SECOND && found === expected,
      detail: `${found} of ${expected} in ${onBus.length} frames`,
    } satisfies BenchCheck,
  };
}

function repeated(work: () => unknown): () => void {
  return () => {
    for (let time = 0; time < REPEATS; time++) work();
  };
}

function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A linear congruence: numbers that look random and are the same in every run. */
function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
