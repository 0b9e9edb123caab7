import { ReplayOptions } from "../../contract/dialects/replay.ts";
import type { DeviceStatus } from "../../contract/payloads.ts";
import type { Adapter, AdapterSurroundings, Dialect } from "../dialect.ts";
import { optionsOf } from "../options.ts";
import { type LogSource, openLogFile } from "./log-file.ts";
import { type Playback, Player } from "./player.ts";

/** Between two rounds, so that a log of a single moment does not become a storm. */
const ROUND_PAUSE_MS = 1_000;
/** A log that is missing or holds nothing may be put there, or put right. */
const LOOK_AGAIN_MS = 30_000;

/** A recorded log in place of a dongle. */
export const replay: Dialect = { name: "replay", create: (surroundings) => new ReplayAdapter(surroundings) };

class ReplayAdapter implements Adapter {
  readonly topics = [];
  /** A recording cannot be asked. */
  readonly car = undefined;
  readonly fastestMs = 0;
  readonly #at: AdapterSurroundings;
  readonly #options: ReplayOptions;
  #player: Player | undefined;
  #cancelNext: () => void = () => {};
  #stopped = false;
  #state = "";

  constructor(surroundings: AdapterSurroundings) {
    this.#at = surroundings;
    this.#options = optionsOf(ReplayOptions, surroundings.settings.options);
  }

  start(): void {
    void this.#round();
  }

  /** The device is not on the broker. */
  receive(): void {}

  async batteryVolts(): Promise<undefined> {
    return undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelNext();
    this.#player?.stop();
  }

  /** One pass over the log, and what comes after it; never rejects. */
  async #round(): Promise<void> {
    const { file, loop = false } = this.#options;
    let source: LogSource | undefined;
    try {
      source = await openLogFile(file);
      const playback = await this.#play(source);
      if (this.#stopped) return;
      if (playback.frames === 0) this.#fail("recording-unreadable", playback);
      else {
        this.#at.log.info({ file, ...playback }, "the recording was played");
        if (loop) this.#startAfter(ROUND_PAUSE_MS);
        else this.#become("offline", "recording-ended");
      }
    } catch (error) {
      if (!this.#stopped)
        this.#fail(source === undefined ? "recording-missing" : "recording-unreadable", { err: error });
    } finally {
      await source?.close().catch(() => undefined);
    }
  }

  #play(source: LogSource): Promise<Playback> {
    const { format, bus, speed = 1, startAtSeconds = 0, longestGapSeconds } = this.#options;
    const { clock, reports } = this.#at;
    const player = new Player(
      {
        format,
        bus,
        speed,
        startAtMs: startAtSeconds * 1000,
        longestGapMs: longestGapSeconds === undefined ? undefined : longestGapSeconds * 1000,
      },
      clock,
      (frames) => {
        this.#become("online");
        reports.frames(frames);
      },
    );
    this.#player = player;
    if (this.#stopped) player.stop();
    return player.play(source);
  }

  #fail(detail: string, why: object): void {
    if (this.#become("fault", detail))
      this.#at.log.error(
        { file: this.#options.file, detail, ...why },
        "the recording cannot be played; it is tried again",
      );
    this.#startAfter(LOOK_AGAIN_MS);
  }

  #startAfter(ms: number): void {
    this.#cancelNext = this.#at.clock.after(ms, () => this.start());
  }

  /** @returns whether that is news */
  #become(state: DeviceStatus["state"], detail?: string): boolean {
    const word = `${state} ${detail ?? ""}`;
    if (this.#state === word) return false;
    this.#state = word;
    this.#at.reports.status({ state, since: this.#at.clock.now(), ...(detail === undefined ? {} : { detail }) });
    return true;
  }
}
