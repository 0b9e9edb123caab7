import type { AdapterSurroundings } from "./dialect.ts";
import { type Outlet, type Place, SERIAL_PACKAGE_MISSING } from "./egress/index.ts";

/** What an adapter does with its line. */
export interface StreamLineEvents {
  opened(): void;
  received(bytes: Uint8Array): void;
  /** What was under way on the line is gone. */
  lost(): void;
}

export interface StreamLineOptions {
  readonly at: AdapterSurroundings;
  /** Name of the guard that reads what is written. */
  readonly protocol: string;
  readonly place: Place;
  readonly events: StreamLineEvents;
  /** 0 to 1, for the jitter of pauses. */
  readonly random?: () => number;
}

/** Pauses between two tries to open the line: doubled each time, jittered, for ever. Machine time. */
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** `silent` and what follows are faults, by the word that the gateway is told. */
type State = "unknown" | "online" | "offline" | "silent" | typeof SERIAL_PACKAGE_MISSING;

/**
 * A line to a device that the bridge dials: opened again for ever, and reported. A line that opens proves nothing (serial ports and radio modules open with
 * nobody behind them), so the device counts as online only once the adapter has understood something of it (`prove`).
 */
export class StreamLine {
  readonly #options: StreamLineOptions;
  #outlet: Outlet | undefined;
  /** Which of the lines opened so far is the present one; those before may still tell of their end. */
  #number = 0;
  #isOpen = false;
  #failures = 0;
  #state: State = "unknown";
  #lastHeardMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #cancelWatch: () => void = () => {};

  constructor(options: StreamLineOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Opens the line and keeps it open.
   * @param probe asks the device for a sign of life, never the car; called three times within the time after which silence is a fault. False where
   *   the device is in a conversation already, which has deadlines of its own
   */
  start(probe: () => boolean): void {
    const { clock, settings } = this.#options.at;
    this.#open();
    this.#cancelWatch = clock.every(settings.silentAfterMs / PROBES_PER_DEADLINE, () => {
      if (!this.#isOpen) return;
      const quietMs = clock.monotonicMs() - this.#lastHeardMs;
      if (!probe()) this.#lastHeardMs = clock.monotonicMs();
      else if (quietMs >= settings.silentAfterMs) this.drop();
    });
  }

  stop(): void {
    this.#number += 1;
    clearTimeout(this.#retry);
    this.#cancelWatch();
    this.#isOpen = false;
    this.#outlet?.close();
    this.#outlet = undefined;
  }

  /** What is written while the line is closed is lost, as on any line. @throws EgressRefusal when it may not leave */
  write(bytes: Uint8Array): void {
    if (this.#isOpen) this.#outlet?.write(bytes);
  }

  /** The device has said something that makes sense. */
  prove(): void {
    this.#lastHeardMs = this.#options.at.clock.monotonicMs();
    this.#failures = 0;
    this.#become("online");
  }

  /** The line is open and the device does not answer, or with nonsense only: closes it, to open it anew. */
  drop(): void {
    if (!this.#isOpen) return;
    this.#become("silent");
    const outlet = this.#outlet;
    this.#closed("dropped");
    // Some lines tell at once that they are closed; this one is no longer the present one.
    outlet?.close();
  }

  #open(): void {
    const { at, protocol, place, events } = this.#options;
    this.#number += 1;
    const number = this.#number;
    const isPresent = () => this.#number === number;
    this.#outlet = at.egress.open(protocol, place, {
      opened: () => {
        if (!isPresent()) return;
        this.#isOpen = true;
        this.#lastHeardMs = at.clock.monotonicMs();
        events.opened();
      },
      received: (bytes) => {
        if (isPresent()) events.received(bytes);
      },
      closed: (reason) => {
        if (isPresent()) this.#closed(reason);
      },
    });
  }

  #closed(reason: string): void {
    const wasOpen = this.#isOpen;
    this.#number += 1;
    this.#isOpen = false;
    this.#outlet = undefined;
    if (this.#failures === 0) this.#options.at.log.warn({ reason }, "the line to the dongle is down");
    this.#failures += 1;
    // A device that takes the line and says nothing is silent until it speaks or takes the line no more.
    if (reason === SERIAL_PACKAGE_MISSING) this.#become(reason);
    else if (this.#state !== "silent" || !wasOpen) this.#become("offline");
    if (wasOpen) this.#options.events.lost();
    const ceiling = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(this.#failures, 10));
    const pauseMs = SHORTEST_PAUSE_MS / 2 + (this.#options.random ?? Math.random)() * ceiling;
    this.#retry = setTimeout(() => this.#open(), pauseMs);
  }

  #become(state: Exclude<State, "unknown">): void {
    if (this.#state === state) return;
    const { reports, clock, log } = this.#options.at;
    if (state === "online" && this.#state !== "unknown") log.info("the line to the dongle is back");
    this.#state = state;
    const since = clock.now();
    reports.status(
      state === "online" || state === "offline" ? { state, since } : { state: "fault", since, detail: state },
    );
  }
}

/** Two probes may be lost before the device is called silent. */
const PROBES_PER_DEADLINE = 3;
