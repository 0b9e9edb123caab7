import type { ServerResponse } from "node:http";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { MyJobView, TodayView } from "../../contract/http-api.ts";
import type { PersonId } from "../../contract/ids.ts";
import type { Logger } from "../../machine/log.ts";
import { checked, EventStream, eventText } from "./event-stream.ts";
import type { ShopApi } from "./shop-api.ts";

export interface EventPacing {
  /** At least this between two sendings of views, however much happens. */
  readonly coalesceMs: number;
  /** Between two beats; the page calls itself not live after 5 s without one. */
  readonly beatMs: number;
  /** A client whose socket has taken nothing for this long is dropped; it will come back if it lives. */
  readonly slowMs: number;
  readonly mostStreams: number;
  readonly mostPerSession: number;
}

const EVENT_PACING: EventPacing = {
  coalesceMs: 250,
  beatMs: 1_500,
  slowMs: 10_000,
  mostStreams: 200,
  mostPerSession: 8,
};

export interface StreamOwner {
  readonly sessionKey: string;
  /** Whose `my-job` goes along; undefined for roles that have none. */
  readonly technician: PersonId | undefined;
  /** Whether session and person still stand; asked before everything that is sent. */
  isEntitled(): boolean;
}

export interface EventStreamsOptions {
  readonly shop: ShopApi;
  readonly log: Logger;
  /** Wall clock of the shop, for beats. */
  now(): number;
  /** Monotonic milliseconds of the machine. */
  machineMs(): number;
  readonly pacing?: Partial<EventPacing>;
}

const todayView = Compile(TodayView);
const myJobView = Compile(MyJobView);

/**
 * The open event streams. A view is whole in every event, so whoever reconnects has everything with the first one. Per client at most one
 * event is on its way and one newer one per name waits: what a slow client misses is replaced, not queued.
 */
export class EventStreams {
  readonly #shop: ShopApi;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #machineMs: () => number;
  readonly #pacing: EventPacing;
  readonly #streams = new Set<EventStream<StreamOwner>>();
  #unsubscribe: (() => void) | undefined;
  #beatTimer: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #saidInvalid = false;

  constructor(options: EventStreamsOptions) {
    this.#shop = options.shop;
    this.#log = options.log;
    this.#now = () => options.now();
    this.#machineMs = () => options.machineMs();
    this.#pacing = { ...EVENT_PACING, ...options.pacing };
  }

  start(): void {
    this.#unsubscribe = this.#shop.subscribe(() => this.#changed());
    this.#beatTimer = setInterval(() => this.#beat(), this.#pacing.beatMs);
  }

  stop(): void {
    this.#unsubscribe?.();
    clearInterval(this.#beatTimer);
    clearTimeout(this.#flushTimer);
    for (const stream of this.#streams) stream.end();
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Refuses before anything is written. @throws GatewayError HTTP_BUSY */
  checkRoom(sessionKey: string): void {
    const own = [...this.#streams].filter((stream) => stream.owner.sessionKey === sessionKey).length;
    if (this.#streams.size >= this.#pacing.mostStreams || own >= this.#pacing.mostPerSession)
      throw new GatewayError("HTTP_BUSY");
  }

  /** Takes over a response whose head has been written, and sends the present state. */
  open(response: ServerResponse, owner: StreamOwner): void {
    const stream = new EventStream(response, owner, this.#machineMs);
    this.#streams.add(stream);
    response.once("close", () => this.#streams.delete(stream));
    response.on("error", () => stream.drop());
    stream.begin();
    this.#deliver([stream]);
    stream.beat(this.#beatText());
  }

  /** Ends what belongs to a session that has ended. */
  endSession(sessionKey: string): void {
    for (const stream of this.#streams) if (stream.owner.sessionKey === sessionKey) stream.end();
  }

  #changed(): void {
    if (this.#flushTimer !== undefined || this.#streams.size === 0) return;
    const waitMs = Math.max(0, this.#lastFlushMs + this.#pacing.coalesceMs - this.#machineMs());
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.#lastFlushMs = this.#machineMs();
      this.#deliver([...this.#streams]);
    }, waitMs);
  }

  #deliver(streams: readonly EventStream<StreamOwner>[]): void {
    const entitled = streams.filter((stream) => stream.endUnlessEntitled());
    if (entitled.length === 0) return;
    try {
      const today = eventText("today", checked(todayView, this.#shop.today()));
      const mine = new Map<PersonId, string>();
      for (const stream of entitled) {
        stream.offer("today", today);
        const { technician } = stream.owner;
        if (technician === undefined) continue;
        const text = mine.get(technician) ?? eventText("my-job", checked(myJobView, this.#shop.myJob(technician)));
        mine.set(technician, text);
        stream.offer("my-job", text);
      }
      this.#saidInvalid = false;
    } catch (error) {
      // The beat goes on and the views on the page show their age; one line says why, until it works again.
      if (!this.#saidInvalid) this.#log.error({ code: "HTTP_ANSWER_INVALID", err: error }, "live views cannot be made");
      this.#saidInvalid = true;
    }
  }

  #beat(): void {
    const text = this.#beatText();
    for (const stream of this.#streams) {
      if (!stream.endUnlessEntitled()) continue;
      if (stream.blockedForMs() > this.#pacing.slowMs) {
        stream.drop();
        this.#log.info({ streams: this.#streams.size }, "a page that took nothing was dropped");
      } else stream.beat(text);
    }
  }

  #beatText(): string {
    return eventText("beat", { asOf: this.#now() });
  }
}
