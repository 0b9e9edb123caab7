import { join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { BatchResponse, HelloResponse } from "../../contract/headquarters.ts";
import { STREAMS, type Stream } from "../../contract/records.ts";
import { BackOff } from "./back-off.ts";
import { nextBatch } from "./batch.ts";
import { Connection } from "./connection.ts";
import { refusalError } from "./enrolment.ts";
import { FairShare } from "./fair-share.ts";
import { compareMarks, greeting } from "./hand-shake.ts";
import { type Consequence, Lane } from "./lane.ts";
import { answers } from "./line.ts";
import { DEFAULT_TIMING, type UplinkOptions, type UplinkTiming } from "./options.ts";
import { sendRemainders } from "./remainder.ts";
import { SentToday } from "./sent-today.ts";
import { ServerTime } from "./server-time.ts";
import { sameStatus, type UplinkState, type UplinkStatus } from "./status.ts";
import { Wake } from "./wake.ts";

export { IdentityStore } from "./identity.ts";
export type { UplinkOptions, UplinkTiming } from "./options.ts";
export type { UplinkState, UplinkStatus } from "./status.ts";

const readHello = answers(HelloResponse);
const readBatchAnswer = answers(BatchResponse);

const DEFAULT_LONGEST_PAUSE_SECONDS = 300;
/** Longer than this nobody may tell us to keep quiet. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** Clocks of two machines differ: headquarters' time raises our floor only this far below itself. */
const FLOOR_TOLERANCE_MS = 5 * 60_000;
const STATUS_EVERY_MS = 250;

/** The line to headquarters. */
export interface Uplink {
  /** Returns at once; tries for ever from then on. */
  start(): void;
  /** Ends what is under way and forgets nothing. */
  stop(): Promise<void>;
  /** There is something new in the journal. */
  nudge(): void;
  status(): UplinkStatus;
  /** Calls the listener whenever the status has changed; the result ends it. */
  onChange(listener: (status: UplinkStatus) => void): () => void;
}

/** Builds the uplink; nothing happens before `start`. */
export function createUplink(options: UplinkOptions): Uplink {
  return new RunningUplink(options);
}

class RunningUplink implements Uplink {
  readonly #options: UplinkOptions;
  readonly #timing: UplinkTiming;
  readonly #connection: Connection;
  readonly #backOff: BackOff;
  readonly #share = new FairShare();
  readonly #serverTime = new ServerTime();
  readonly #sentToday: SentToday;
  readonly #lanes: Readonly<Record<Stream, Lane>>;
  readonly #wake = new Wake();
  readonly #listeners = new Set<(status: UplinkStatus) => void>();
  #running: Promise<void> | undefined;
  #statusTimer: NodeJS.Timeout | undefined;
  #stopping = false;
  #state: UplinkState = "offline";
  #since: number;
  #lastContactAt: number | undefined;
  #lastError: UplinkStatus["lastError"];
  #told: UplinkStatus | undefined;
  /** A new epoch was begun and nothing has been confirmed in it yet. */
  #freshEpoch = false;
  /** Something was confirmed since the last hand-shake. */
  #progress = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#sentToday = new SentToday(join(options.directory, "sent-today.json"), options.timeZone);
    const machineNowMs = options.machineNowMs ?? Date.now;
    this.#connection = new Connection({
      ...options.config,
      gateway: options.gateway,
      directory: options.directory,
      timeoutMs: this.#timing.requestTimeoutMs,
      clockTrusted: () => options.clock.trusted(),
      // Certificates live by real time; in a demo the shop's clock runs ahead of it and headquarters' with it.
      nowMs: () => machineNowMs() + (options.clock.scale === 1 ? (this.#serverTime.offsetMs ?? 0) : 0),
      onServerTime: (serverMs) => this.#hear(serverMs),
      log: options.log,
    });
    this.#since = options.clock.now();
    this.#backOff = this.#newBackOff();
    const lane = (stream: Stream): Lane =>
      new Lane(stream, options.journal, this.#newBackOff(), () => performance.now(), options.log);
    this.#lanes = {
      labour: lane("labour"),
      work: lane("work"),
      diagnostics: lane("diagnostics"),
      findings: lane("findings"),
      operations: lane("operations"),
    };
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#statusTimer = setInterval(() => this.#tell(), STATUS_EVERY_MS);
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#statusTimer);
    this.#wake.call();
    await this.#connection.close();
    await this.#running;
    await this.#sentToday.save();
  }

  nudge(): void {
    this.#wake.call();
  }

  onChange(listener: (status: UplinkStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): UplinkStatus {
    const { journal, clock } = this.#options;
    const heads = journal.heads();
    let recordsWaiting = 0;
    let oldestWaitingAt: number | undefined;
    for (const stream of STREAMS) {
      const first = this.#firstUnsent(stream);
      if (first === undefined) continue;
      recordsWaiting += heads[stream].seq - first.seq + 1;
      oldestWaitingAt = Math.min(oldestWaitingAt ?? first.recordedAt, first.recordedAt);
    }
    const connected = this.#state === "all-sent" || this.#state === "sending";
    const clockOffsetMs = this.#serverTime.offsetMs;
    return {
      state: connected ? (recordsWaiting === 0 ? "all-sent" : "sending") : this.#state,
      since: this.#since,
      recordsWaiting,
      ...(oldestWaitingAt === undefined ? {} : { oldestWaitingAt }),
      sentToday: this.#sentToday.at(clock.now()),
      lost: journal.statistics().lossRecords,
      ...(this.#lastContactAt === undefined ? {} : { lastContactAt: this.#lastContactAt }),
      ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  #firstUnsent(stream: Stream): { readonly seq: number; readonly recordedAt: number } | undefined {
    const { journal } = this.#options;
    const mark = journal.highWaterMarks()[stream];
    return journal.heads()[stream].seq > mark ? journal.read(stream, mark, 1)[0] : undefined;
  }

  #newBackOff(): BackOff {
    const longestMs = (this.#options.config.longestPauseSeconds ?? DEFAULT_LONGEST_PAUSE_SECONDS) * 1000;
    return new BackOff(Math.min(this.#timing.firstPauseMs, longestMs), longestMs, this.#options.random ?? Math.random);
  }

  async #run(): Promise<void> {
    await this.#sentToday.load();
    await this.#wake.wait((this.#options.random ?? Math.random)() * this.#timing.startJitterMs);
    while (!this.#stopping) {
      try {
        await this.#open();
        await this.#sayHello();
        await this.#sendRemainders();
        await this.#drain();
      } catch (error) {
        if (!this.#stopping) await this.#pauseAfter(error);
      }
    }
    await this.#connection.close();
  }

  async #open(): Promise<void> {
    if (!this.#connection.enrolled && this.#state === "offline") this.#setState("not-enrolled");
    await this.#connection.open();
  }

  /** Compares marks and hashes; ends with every lane at the place where it goes on. */
  async #sayHello(): Promise<void> {
    const { journal, version, gateway, clock, log } = this.#options;
    const sentMs = clock.now();
    const path = `/v1/gateways/${gateway}/epochs/${journal.epoch}/hello`;
    const answer = await this.#connection.line.post(path, JSON.stringify(greeting(journal, version)), readHello);
    if (answer.kind === "refused") throw refusalError(answer);
    this.#hear(answer.value.serverTime, sentMs);
    const shake = answer.value.verdict === "ok" ? compareMarks(journal, answer.value.marks) : undefined;
    if (shake?.verdict !== "ok") {
      log.warn({ epoch: journal.epoch, stream: shake?.stream }, "headquarters knows this disk as an older copy");
      await this.#beginEpoch();
      return this.#sayHello();
    }
    for (const [stream, seq] of shake.proved) {
      // Confirmed by an answer that was lost on the way.
      this.#sentToday.add(seq - journal.highWaterMarks()[stream], clock.now());
      await journal.setHighWaterMark(stream, seq);
    }
    for (const stream of STREAMS) this.#lanes[stream].resume(shake.resumeAt[stream]);
    if (this.#state !== "sending" && this.#state !== "all-sent") {
      log.info({ url: this.#options.config.url }, "the line to headquarters is open");
      this.#setState("sending");
    }
  }

  /** What is amiss with an earlier epoch must not hold up the present one: it is tried again at the next hand-shake. */
  async #sendRemainders(): Promise<void> {
    const { journal, gateway, version, log, clock } = this.#options;
    try {
      const confirmed = await sendRemainders(journal, { line: this.#connection.line, gateway, version, log });
      if (confirmed > 0) this.#sentToday.add(confirmed, clock.now());
    } catch (error) {
      log.warn({ err: error }, "the remainder of an earlier epoch could not be sent yet");
    }
  }

  async #beginEpoch(): Promise<void> {
    // Headquarters cannot know a fresh epoch: one that calls it an older copy is not to be believed, and would make us begin epochs for ever.
    if (this.#freshEpoch)
      throw new GatewayError("HEADQUARTERS_ANSWER_INVALID", { detail: "a fresh epoch is called an older copy" });
    const epoch = await this.#options.journal.beginEpoch("older-copy");
    this.#freshEpoch = true;
    this.#options.log.warn({ epoch }, "a new epoch begins");
  }

  /** Sends until something is amiss, the hand-shake is due again, or the uplink stops. */
  async #drain(): Promise<void> {
    const inFlight = new Map<Stream, Promise<void>>();
    const outcome: { failure?: unknown; handShake?: boolean; newEpoch?: boolean } = {};
    const until = performance.now() + this.#timing.heartbeatMs;
    this.#progress = false;
    while (!this.#stopping && outcome.failure === undefined && outcome.handShake !== true) {
      const ready = STREAMS.filter((stream) => !inFlight.has(stream) && this.#lanes[stream].ready);
      const stream = inFlight.size < this.#timing.inFlight ? this.#share.pick(ready) : undefined;
      if (stream === undefined) {
        const idle = inFlight.size === 0;
        if (idle && ready.length === 0 && !STREAMS.some((name) => this.#lanes[name].waiting)) this.#settled();
        if (performance.now() >= until) break;
        await this.#wake.wait(this.#timing.pollMs);
        continue;
      }
      const sending = this.#send(this.#lanes[stream])
        .then((consequence) => {
          if (consequence !== "again") outcome.handShake = true;
          if (consequence === "new-epoch") outcome.newEpoch = true;
        })
        .catch((error: unknown) => {
          outcome.failure ??= error;
        })
        .finally(() => {
          inFlight.delete(stream);
          this.#wake.call();
        });
      inFlight.set(stream, sending);
    }
    await Promise.all(inFlight.values());
    if (outcome.failure !== undefined) throw outcome.failure;
    // Only now: an answer for the old epoch must not move a mark of the new one.
    if (outcome.newEpoch === true) await this.#beginEpoch();
    if (outcome.handShake === true && !this.#progress) await this.#pause(this.#backOff.next());
  }

  /** Everything is at headquarters: whatever was wrong before is over. */
  #settled(): void {
    this.#backOff.reset();
    this.#lastError = undefined;
    this.#setState("all-sent");
  }

  /** Sends one batch of one stream. */
  async #send(lane: Lane): Promise<Consequence> {
    const { journal, gateway, clock } = this.#options;
    const { stream } = lane;
    const batch = nextBatch(journal, stream, lane.cursor, lane.maxRecords);
    if (batch.kind === "oversized") {
      return lane.giveUp(batch.seq, "larger than headquarters takes");
    }
    if (batch.kind !== "batch") {
      if (batch.kind === "hole")
        this.#note(
          new GatewayError("HEADQUARTERS_ANSWER_INVALID", {
            detail: `${stream} ${batch.seq} is missing and no tombstone says why`,
          }),
        );
      lane.hold();
      return "again";
    }
    this.#share.charge(stream, batch.body.length);
    const sentMs = clock.now();
    const answer = await this.#connection.line.post(
      `/v1/gateways/${gateway}/epochs/${journal.epoch}/streams/${stream}`,
      batch.body,
      readBatchAnswer,
    );
    if (answer.kind === "ok") {
      const confirmed = await lane.accepted(batch, answer.value);
      this.#hear(answer.value.serverTime, sentMs);
      this.#sentToday.add(confirmed, clock.now());
      this.#backOff.reset();
      this.#freshEpoch = false;
      this.#progress = true;
      return "again";
    }
    const { status } = answer;
    if (status === 401 || status === 403 || status === 404 || status === 429 || status === 503)
      throw refusalError(answer);
    this.#note(refusalError(answer));
    return lane.refused(batch, status, answer.refusal);
  }

  /** Takes headquarters' word on the time. */
  #hear(serverMs: number, sentMs?: number): void {
    const { clock, raiseFloor } = this.#options;
    const nowMs = clock.now();
    if (sentMs !== undefined) this.#serverTime.add(sentMs, nowMs, serverMs);
    this.#lastContactAt = nowMs;
    raiseFloor?.(serverMs - FLOOR_TOLERANCE_MS * clock.scale);
  }

  async #pauseAfter(error: unknown): Promise<void> {
    const known =
      error instanceof GatewayError ? error : new GatewayError("HEADQUARTERS_UNREACHABLE", { cause: error });
    const before = this.#state;
    this.#note(known);
    this.#setState(stateAfter(known, this.#connection.enrolled));
    // One line when it is lost; the repeats are for those who look closer.
    const level = before === this.#state ? "debug" : "warn";
    this.#options.log[level]({ err: known, code: known.code }, "the line to headquarters is interrupted");
    if (known.code === "HEADQUARTERS_REFUSES_GATEWAY") this.#connection.refused();
    await this.#connection.close();
    const asked = known.details.retryAfterMs;
    await this.#sentToday.save();
    const pauseMs = this.#backOff.next(typeof asked === "number" ? Math.min(asked, LONGEST_RETRY_AFTER_MS) : 0);
    await this.#pause(pauseMs);
  }

  /** New records do not shorten a pause. */
  async #pause(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (!this.#stopping && performance.now() < end) await this.#wake.wait(end - performance.now());
  }

  #note(error: GatewayError): void {
    this.#lastError = { code: error.code, detail: error.message, at: this.#options.clock.now() };
  }

  #setState(state: UplinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#options.clock.now();
    this.#tell();
  }

  #tell(): void {
    const status = this.status();
    if (this.#told !== undefined && sameStatus(this.#told, status)) return;
    this.#told = status;
    for (const listener of this.#listeners) listener(status);
  }
}

function stateAfter(error: GatewayError, enrolled: boolean): UplinkState {
  switch (error.code) {
    case "HEADQUARTERS_NOT_ENROLLED":
      return "not-enrolled";
    case "HEADQUARTERS_CLAIM_REFUSED":
    case "HEADQUARTERS_REFUSES_GATEWAY":
    case "HEADQUARTERS_OTHER_GATEWAY":
      return "refused";
    default:
      return enrolled ? "offline" : "not-enrolled";
  }
}
