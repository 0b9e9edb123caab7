import type { AdapterSurroundings } from "./dialect.ts";

type State = "unknown" | "online" | "offline" | "silent";

/** Checks within one deadline of silence: two questions may be lost before a dongle is called silent. */
const CHECKS_PER_DEADLINE = 3;

export interface PresenceOptions {
  /** Asks the dongle itself, never the car, for a sign of life; without it the dongle is only listened to. */
  readonly probe?: () => void;
  /** False for firmware that says nothing while nothing changes: only its own word, or its will, says that it is gone. */
  readonly silenceIsFault?: boolean;
}

/** Whether a dongle is there, as far as its firmware lets one know; tells the gateway of every change, once. */
export class Presence {
  readonly #at: AdapterSurroundings;
  readonly #options: PresenceOptions;
  #state: State = "unknown";
  #lastHeardMs: number;
  #cancelChecks: () => void = () => {};

  constructor(surroundings: AdapterSurroundings, options: PresenceOptions = {}) {
    this.#at = surroundings;
    this.#options = options;
    this.#lastHeardMs = surroundings.clock.monotonicMs();
  }

  start(): void {
    this.#options.probe?.();
    this.#cancelChecks = this.#at.clock.every(this.#at.settings.silentAfterMs / CHECKS_PER_DEADLINE, () =>
      this.#check(),
    );
  }

  stop(): void {
    this.#cancelChecks();
  }

  /** Something came that only a living dongle can have sent now. */
  heard(): void {
    this.#lastHeardMs = this.#at.clock.monotonicMs();
    this.#become("online");
  }

  /** The firmware's last word, or the broker's in its place. */
  gone(): void {
    this.#become("offline");
  }

  /** What the broker kept: a dongle that was gone is believed to be gone, one that was there is not believed to be there. */
  wasGone(): void {
    if (this.#state === "unknown") this.#become("offline");
  }

  #check(): void {
    const quietMs = this.#at.clock.monotonicMs() - this.#lastHeardMs;
    const { silenceIsFault = true, probe } = this.#options;
    if (silenceIsFault && quietMs >= this.#at.settings.silentAfterMs && this.#state !== "offline")
      this.#become("silent");
    probe?.();
  }

  #become(state: State): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#at.reports.status({
      state: state === "silent" ? "fault" : state === "online" ? "online" : "offline",
      since: this.#at.clock.now(),
      ...(state === "silent" ? { detail: "silent" } : {}),
    });
  }
}
