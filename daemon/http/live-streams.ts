import type { ServerResponse } from "node:http";
import { Compile } from "typebox/compile";
import { LiveUpdate } from "../../contract/diagnostics-api.ts";
import { GatewayError } from "../../contract/errors.ts";
import type { Logger } from "../../machine/log.ts";
import type { LiveLook } from "./diagnostics-api.ts";
import { checked, EventStream, eventText } from "./event-stream.ts";

export interface LivePacing {
  /** Between two updates, however fast values come: ten a second are as many as an eye follows. */
  readonly updateMs: number;
  readonly beatMs: number;
  /** A client whose socket has taken nothing for this long is dropped. */
  readonly slowMs: number;
  readonly mostStreams: number;
  readonly mostPerSession: number;
}

const LIVE_PACING: LivePacing = { updateMs: 100, beatMs: 1_500, slowMs: 10_000, mostStreams: 40, mostPerSession: 4 };

export interface LiveOwner {
  readonly sessionKey: string;
  isEntitled(): boolean;
}

export interface LiveStreamsOptions {
  readonly log: Logger;
  /** Wall clock of the shop, for beats. */
  now(): number;
  /** Monotonic milliseconds of the machine. */
  machineMs(): number;
  readonly pacing?: Partial<LivePacing>;
}

const liveUpdate = Compile(LiveUpdate);

interface Watched {
  readonly stream: EventStream<LiveOwner>;
  look: LiveLook | undefined;
  /** Something has changed since the last update. */
  isOld: boolean;
}

/** The open live views. What a slow client misses is not queued: it gets the values as they are when its socket is free again. */
export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #pacing: LivePacing;
  readonly #watched = new Set<Watched>();
  #updateTimer: NodeJS.Timeout | undefined;
  #beatTimer: NodeJS.Timeout | undefined;
  #saidInvalid = false;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
    this.#pacing = { ...LIVE_PACING, ...options.pacing };
  }

  start(): void {
    this.#updateTimer = setInterval(() => this.#update(), this.#pacing.updateMs);
    this.#beatTimer = setInterval(() => this.#beat(), this.#pacing.beatMs);
  }

  stop(): void {
    clearInterval(this.#updateTimer);
    clearInterval(this.#beatTimer);
    for (const each of this.#watched) each.stream.end();
  }

  get size(): number {
    return this.#watched.size;
  }

  /** Refuses before the car is asked anything. @throws GatewayError HTTP_BUSY */
  checkRoom(sessionKey: string): void {
    const own = [...this.#watched].filter(({ stream }) => stream.owner.sessionKey === sessionKey).length;
    if (this.#watched.size >= this.#pacing.mostStreams || own >= this.#pacing.mostPerSession)
      throw new GatewayError("HTTP_BUSY");
  }

  /**
   * Takes over a response whose head has been written.
   * @param look what is looked at; it is closed with the stream
   */
  open(response: ServerResponse, owner: LiveOwner, look: LiveLook): void {
    const watched: Watched = {
      stream: new EventStream(response, owner, () => this.#options.machineMs()),
      look,
      isOld: true,
    };
    this.#watched.add(watched);
    response.once("close", () => this.#end(watched));
    response.on("error", () => watched.stream.drop());
    watched.stream.begin();
    this.#updateOne(watched);
    watched.stream.beat(this.#beatText());
  }

  /** A value of the look has changed. */
  changed(look: LiveLook): void {
    for (const each of this.#watched) if (each.look === look) each.isOld = true;
  }

  /** Ends what belongs to a session that has ended. */
  endSession(sessionKey: string): void {
    for (const { stream } of this.#watched) if (stream.owner.sessionKey === sessionKey) stream.end();
  }

  #end(watched: Watched): void {
    this.#watched.delete(watched);
    watched.look?.close();
    watched.look = undefined;
  }

  #update(): void {
    for (const each of this.#watched) if (each.isOld) this.#updateOne(each);
  }

  #updateOne(watched: Watched): void {
    const { stream, look } = watched;
    if (look === undefined || stream.isBlocked || !stream.endUnlessEntitled()) return;
    watched.isOld = false;
    try {
      stream.offer("signals", eventText("signals", checked(liveUpdate, look.update())));
      this.#saidInvalid = false;
    } catch (error) {
      if (!this.#saidInvalid)
        this.#options.log.error({ code: "HTTP_ANSWER_INVALID", err: error }, "live values cannot be shown");
      this.#saidInvalid = true;
    }
  }

  #beat(): void {
    const text = this.#beatText();
    for (const { stream } of this.#watched) {
      if (!stream.endUnlessEntitled()) continue;
      if (stream.blockedForMs() > this.#pacing.slowMs) stream.drop();
      else stream.beat(text);
    }
  }

  #beatText(): string {
    return eventText("beat", { asOf: this.#options.now() });
  }
}
