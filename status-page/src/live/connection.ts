import { Check } from "typebox/value";
import { MyJobView, TodayView } from "../../../contract/http-api.ts";
import { Beat } from "../api/calls.ts";
import type { ClockReading } from "./shop-clock.ts";
import {
  beginStream,
  evolveStream,
  isHopeless,
  isNews,
  reconnectAfterMs,
  type StreamEvent,
  type StreamState,
} from "./stream-state.ts";

export interface LiveSnapshot {
  readonly stream: StreamState;
  readonly clock: ClockReading | null;
  /** An event did not fit its schema: the gateway speaks a newer language than this page. */
  readonly outdated: boolean;
}

export interface LiveListener {
  onToday(view: TodayView): void;
  onMyJob(view: MyJobView): void;
  /** The stream was refused: perhaps the session has ended. */
  onRefused(): void;
}

/** Holds the event stream to the gateway, for ever, and says honestly how it is. */
export class LiveConnection {
  readonly #listener: LiveListener;
  readonly #subscribers = new Set<() => void>();
  #snapshot: LiveSnapshot;
  #source: EventSource | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #scale: number;

  constructor(listener: LiveListener, scale: number) {
    this.#listener = listener;
    this.#scale = scale;
    this.#snapshot = { stream: beginStream(performance.now()), clock: null, outdated: false };
  }

  start(): void {
    this.#connect();
    this.#ticker = setInterval(() => this.#tick(), 500);
    addEventListener("offline", this.#onOffline);
    addEventListener("online", this.#onOnline);
  }

  stop(): void {
    removeEventListener("offline", this.#onOffline);
    removeEventListener("online", this.#onOnline);
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  };

  readonly snapshot = (): LiveSnapshot => this.#snapshot;

  readonly #onOffline = (): void => this.#note({ kind: "failed", atMs: performance.now() });
  readonly #onOnline = (): void => this.#connect();

  #connect(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    const source = new EventSource("/api/events");
    this.#source = source;
    this.#note({ kind: "begun", atMs: performance.now() });
    source.addEventListener("today", (event) => {
      const view = this.#parsed(event.data);
      if (!Check(TodayView, view)) return this.#markOutdated();
      this.#scale = view.clockScale;
      this.#setClock(view.asOf);
      this.#takeView("today", view.revision, () => this.#listener.onToday(view));
    });
    source.addEventListener("my-job", (event) => {
      const view = this.#parsed(event.data);
      if (!Check(MyJobView, view)) return this.#markOutdated();
      this.#setClock(view.asOf);
      this.#takeView("my-job", view.revision, () => this.#listener.onMyJob(view));
    });
    source.addEventListener("beat", (event) => {
      const beat = this.#parsed(event.data);
      if (Check(Beat, beat)) this.#setClock(beat.asOf);
      this.#note({ kind: "beat", atMs: performance.now() });
    });
    source.addEventListener("error", () => this.#failed(source));
  }

  #failed(source: EventSource): void {
    if (source !== this.#source) return;
    // After a refusal the browser gives up; after a broken line it would come back by itself, but in step with every other tablet.
    const refused = source.readyState === EventSource.CLOSED;
    source.close();
    this.#source = undefined;
    this.#note({ kind: "failed", atMs: performance.now() });
    if (refused) this.#listener.onRefused();
    clearTimeout(this.#retry);
    const waitMs = reconnectAfterMs(this.#snapshot.stream.failures, Math.random());
    this.#retry = setTimeout(() => this.#connect(), waitMs);
  }

  #tick(): void {
    const atMs = performance.now();
    this.#note({ kind: "tick", atMs });
    if (this.#source !== undefined && isHopeless(this.#snapshot.stream, atMs)) this.#connect();
  }

  #takeView(name: string, revision: number, deliver: () => void): void {
    const isNew = isNews(this.#snapshot.stream, name, revision);
    this.#note({ kind: "view", atMs: performance.now(), name, revision });
    if (isNew) deliver();
  }

  #setClock(wallMs: number): void {
    const clock = { wallMs, takenAtMs: performance.now(), scale: this.#scale };
    this.#snapshot = { ...this.#snapshot, clock, outdated: false };
  }

  #markOutdated(): void {
    if (this.#snapshot.outdated) return;
    this.#snapshot = { ...this.#snapshot, outdated: true };
    this.#tell();
  }

  #parsed(data: unknown): unknown {
    try {
      return JSON.parse(String(data));
    } catch {
      return undefined; // Fails every schema, and is then shown as an outdated page.
    }
  }

  #note(event: StreamEvent): void {
    const stream = evolveStream(this.#snapshot.stream, event);
    if (stream === this.#snapshot.stream) return;
    this.#snapshot = { ...this.#snapshot, stream };
    this.#tell();
  }

  #tell(): void {
    for (const subscriber of this.#subscribers) subscriber();
  }
}
