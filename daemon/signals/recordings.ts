import type { RecordingAnswer } from "../../contract/diagnostics-api.ts";
import { MOST_LIVE_SIGNALS } from "../../contract/diagnostics-api.ts";
import { GatewayError } from "../../contract/errors.ts";
import type { DongleId, JobId } from "../../contract/ids.ts";
import type { Actor, DraftOf } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { LiveCar, LiveDesk } from "./live-desk.ts";
import { Recording } from "./recording.ts";
import type { Telemetry } from "./telemetry.ts";

export interface RecordingsOptions {
  readonly live: Pick<LiveDesk, "looked">;
  readonly telemetry: Pick<Telemetry, "board">;
  readonly clock: Clock;
  readonly log: Logger;
  carOf(jobId: JobId): LiveCar | string;
  /**
   * Writes a recording to its job. @param requestId of the person who ended it; undefined where it ended by itself
   * @returns the record's id
   */
  keep(
    recording: Omit<DraftOf<"signals.recorded">["body"], "at">,
    requestId: string | undefined,
  ): Promise<string | null>;
  /** Machine milliseconds; for tests. */
  readonly lookEveryMs?: number;
  readonly graceMs?: number;
  readonly longestMs?: number;
}

export interface StartRequest {
  readonly jobId: JobId;
  readonly requestId: string;
  readonly by: Actor;
  readonly signals: readonly string[] | undefined;
}

interface Running {
  readonly recording: Recording;
  readonly dongleId: DongleId;
  readonly by: Actor;
  readonly requestId: string;
  /** Machine milliseconds. */
  readonly beganMs: number;
  lookedAtMs: number;
  /** The writing that ends it, under way. */
  ending: Promise<RecordingAnswer> | undefined;
}

const LOOK_EVERY_MS = 1_000;
/** A page that is loaded anew, or a tablet that changes its access point, is back within this. */
const GRACE_MS = 10_000;
const LONGEST_MS = 30 * 60_000;

/** Recordings that run: one per job at most, as long as somebody looks, and never longer than half an hour. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #running = new Map<JobId, Running>();
  /** How the last one ended, so that a stop whose answer was lost can be asked again. */
  readonly #ended = new Map<JobId, { readonly requestId: string; readonly answer: RecordingAnswer }>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RecordingsOptions) {
    this.#options = options;
    this.#unsubscribe = options.telemetry.board.subscribe((dongleId, samples, at) => {
      for (const { dongleId: own, recording } of this.#running.values())
        if (own === dongleId) for (const sample of samples) recording.take(sample, at);
    });
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#options.lookEveryMs ?? LOOK_EVERY_MS);
  }

  /** Writes down what runs. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await Promise.allSettled([...this.#running.keys()].map((jobId) => this.#end(jobId, undefined)));
  }

  /** When a job's recording began, by the wall; null when none runs. */
  since(jobId: JobId): number | null {
    return this.#running.get(jobId)?.recording.from.wallMs ?? null;
  }

  /** @throws GatewayError JOB_UNKNOWN, JOB_CLOSED, RECORDING_RUNNING, RECORDING_NEEDS_VIEWER, SIGNAL_UNKNOWN */
  begin({ jobId, requestId, by, signals }: StartRequest): RecordingAnswer {
    const { carOf, live, clock } = this.#options;
    const { dongleId } = openCar(carOf(jobId));
    const running = this.#running.get(jobId);
    if (running !== undefined && running.requestId !== requestId) throw new GatewayError("RECORDING_RUNNING");
    if (running !== undefined) return { since: running.recording.from.wallMs, recording: null };
    const looked = live.looked(jobId);
    if (looked.size === 0 || dongleId === undefined) throw new GatewayError("RECORDING_NEEDS_VIEWER");
    const names = signals ?? [...looked].slice(0, MOST_LIVE_SIGNALS);
    if (!names.every((name) => looked.has(name))) throw new GatewayError("SIGNAL_UNKNOWN");
    const now = performance.now();
    const recording = new Recording(names, clock.stamp());
    this.#running.set(jobId, { recording, dongleId, by, requestId, beganMs: now, lookedAtMs: now, ending: undefined });
    return { since: recording.from.wallMs, recording: null };
  }

  /** Resolves when it is committed. A second stop of the same request gets the same answer; a stop of nothing changes nothing. */
  async end(jobId: JobId, requestId: string): Promise<RecordingAnswer> {
    const ended = this.#ended.get(jobId);
    if (ended?.requestId === requestId) return ended.answer;
    const answer = await this.#end(jobId, requestId);
    this.#ended.set(jobId, { requestId, answer });
    return answer;
  }

  #look(): void {
    const { live, carOf, log, graceMs = GRACE_MS, longestMs = LONGEST_MS } = this.#options;
    const now = performance.now();
    for (const [jobId, running] of this.#running) {
      if (live.looked(jobId).size > 0) running.lookedAtMs = now;
      const car = carOf(jobId);
      const isGone = typeof car === "string" || car.dongleId !== running.dongleId;
      if (!isGone && now - running.lookedAtMs < graceMs && now - running.beganMs < longestMs) continue;
      this.#end(jobId, undefined).catch((error: unknown) => {
        // Nobody waits for it, and what the disk refuses now it would refuse a second later: it is told, not hoarded.
        this.#running.delete(jobId);
        log.error({ err: error, jobId }, "a recording could not be written to its job");
      });
    }
    for (const jobId of this.#ended.keys()) if (typeof carOf(jobId) === "string") this.#ended.delete(jobId);
  }

  /** What the disk refuses stays and may be ended again. */
  #end(jobId: JobId, requestId: string | undefined): Promise<RecordingAnswer> {
    const running = this.#running.get(jobId);
    if (running === undefined) return Promise.resolve({ since: null, recording: null });
    running.ending ??= this.#write(jobId, running, requestId).finally(() => {
      running.ending = undefined;
    });
    return running.ending;
  }

  async #write(jobId: JobId, running: Running, requestId: string | undefined): Promise<RecordingAnswer> {
    const { keep, clock } = this.#options;
    const { recording, dongleId, by } = running;
    const series = recording.series();
    const id =
      series.length === 0
        ? null
        : await keep({ jobId, dongleId, from: recording.from, to: clock.stamp(), series, by }, requestId);
    this.#running.delete(jobId);
    return { since: null, recording: id };
  }
}

function openCar(car: LiveCar | string): LiveCar {
  if (typeof car !== "string") return car;
  throw new GatewayError(car === "JOB_CLOSED" ? "JOB_CLOSED" : "JOB_UNKNOWN");
}
