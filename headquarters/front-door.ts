import type { EventEmitter } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/**
 * The listening port, apart from the HTTP server behind it: it can be shut and opened again on the same port while the server keeps its state,
 * which is what an outage looks like from outside.
 */
export class FrontDoor {
  readonly #behind: EventEmitter;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #mode: "open" | "refuse" | "hang" = "open";
  #address = "";
  #port = 0;

  /** @param behind the TLS server that takes over raw sockets by its `connection` event */
  constructor(behind: EventEmitter) {
    this.#behind = behind;
  }

  get port(): number {
    return this.#port;
  }

  async open(address: string, port: number): Promise<void> {
    this.#address = address;
    const server = createServer({ noDelay: true }, (socket) => this.#take(socket));
    server.maxConnections = 5_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    this.#server = server;
    const bound: AddressInfo | string | null = server.address();
    if (bound !== null && typeof bound === "object") this.#port = bound.port;
  }

  /** Ends every connection; new ones are refused, or taken and never answered. */
  async pause(mode: "refuse" | "hang" = "refuse"): Promise<void> {
    this.#mode = mode;
    if (mode === "refuse") await this.close();
    else this.#destroySockets();
  }

  async resume(): Promise<void> {
    this.#destroySockets();
    this.#mode = "open";
    if (this.#server === undefined) await this.open(this.#address, this.#port);
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#destroySockets();
    await closed;
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A peer that resets the connection is no news; without a listener it would end the process.
    socket.on("error", () => socket.destroy());
    if (this.#mode === "open") this.#behind.emit("connection", socket);
  }

  #destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
