import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { PacketGuard, type Violation } from "./packet-guard.ts";

export interface GuardedConnectionOptions {
  readonly socket: Socket;
  readonly address: string;
  /** Milliseconds for which this connection must not be read after so many bytes have come (0: go on). */
  readonly charge: (bytes: number) => number;
  readonly onViolation: (violation: Violation) => void;
}

/**
 * What the broker takes for the socket: bytes reach it only through the packet guard. Between CONNECT and `admit` nothing is read at all, so that a
 * stranger cannot make us keep anything. A sender that is too fast is not read for a while; TCP does the rest.
 */
export class GuardedConnection extends Duplex {
  readonly address: string;
  readonly #socket: Socket;
  readonly #guard = new PacketGuard();
  readonly #charge: (bytes: number) => number;
  readonly #onViolation: (violation: Violation) => void;
  #held: Buffer | undefined;
  #awaitingAdmission = false;
  #readerFull = false;
  #pauseTimer: NodeJS.Timeout | undefined;
  bytesRead = 0;

  constructor(options: GuardedConnectionOptions) {
    super({ allowHalfOpen: false });
    this.address = options.address;
    this.#socket = options.socket;
    this.#charge = options.charge;
    this.#onViolation = options.onViolation;
    const socket = options.socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** The login stands: what was held is read on, each PUBLISH within the limit of its topic. */
  admit(limitOf: (topic: string) => number): void {
    this.#guard.admit(limitOf);
    this.#awaitingAdmission = false;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#inspect(held);
    this.#flow();
  }

  #take(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    const pauseMs = this.#charge(chunk.length);
    if (pauseMs > 0 && this.#pauseTimer === undefined) {
      this.#pauseTimer = setTimeout(() => {
        this.#pauseTimer = undefined;
        this.#flow();
      }, pauseMs);
    }
    this.#inspect(chunk);
    this.#flow();
  }

  #inspect(chunk: Buffer): void {
    // A chunk that was already under way when reading was paused.
    if (this.#awaitingAdmission) {
      this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
      return;
    }
    const { pass, held, violation } = this.#guard.feed(chunk);
    if (violation !== undefined) {
      this.#onViolation(violation);
      this.destroy();
      return;
    }
    if (this.#guard.awaitsAdmission) this.#awaitingAdmission = true;
    if (held !== undefined) this.#held = held;
    if (pass !== undefined && !this.push(pass)) this.#readerFull = true;
  }

  #flow(): void {
    if (this.#readerFull || this.#awaitingAdmission || this.#pauseTimer !== undefined) this.#socket.pause();
    else if (!this.destroyed) this.#socket.resume();
  }

  override _read(): void {
    this.#readerFull = false;
    this.#flow();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#whenWritten(this.#socket.write(chunk, encoding), done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#socket.cork();
    const flushed = chunks
      .map(({ chunk, encoding }) => this.#socket.write(chunk, encoding))
      .every((written) => written);
    this.#socket.uncork();
    this.#whenWritten(flushed, done);
  }

  /** Not done until the socket has room again: a reader that stands still is noticed by the broker's drain time-out. */
  #whenWritten(flushed: boolean, done: (error?: Error | null) => void): void {
    if (flushed) done();
    else this.#socket.once("drain", done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#pauseTimer);
    this.#held = undefined;
    this.#socket.destroy();
    done(error);
  }
}
