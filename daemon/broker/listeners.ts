import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { GatewayError } from "../../contract/errors.ts";
import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Addresses } from "./addresses.ts";
import type { BrokerCertificate } from "./certificate.ts";

export interface ListenerState {
  readonly address: string;
  /** The port in use, also where port 0 was asked for. */
  readonly port: number;
  readonly tls: boolean;
  readonly state: "listening" | "failed";
  /** The system's word for it, e.g. EADDRINUSE. */
  readonly fault?: string;
}

export interface ListenersOptions {
  readonly configured: Configuration["broker"]["listeners"];
  /** Present where a listener needs it. */
  readonly certificate: BrokerCertificate | undefined;
  readonly addresses: Addresses;
  /** A connection that may speak MQTT: accepted, counted, and through its TLS hand-shake. */
  readonly onSocket: (socket: Socket, address: string) => void;
  readonly onRefused: () => void;
  readonly log: Logger;
}

/** A network may come up after us, and a port be freed: what failed is tried again. */
const RETRY_MS = 5_000;
const HANDSHAKE_MS = 10_000;

interface Listener {
  readonly config: Configuration["broker"]["listeners"][number];
  readonly server: Server;
  fault: string | undefined;
  retry: NodeJS.Timeout | undefined;
}

/** The broker's doors, one per network address. One that cannot be opened does not keep the others shut. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #sockets = new Set<Socket>();
  #listeners: Listener[] = [];
  #stopped = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** Resolves when each door was tried once; what failed is a state, and tried again for ever. */
  async start(): Promise<void> {
    this.#listeners = this.#options.configured.map((config) => ({
      config,
      server: this.#server(config.tls),
      fault: undefined,
      retry: undefined,
    }));
    await Promise.all(this.#listeners.map((listener) => this.#open(listener)));
  }

  states(): readonly ListenerState[] {
    return this.#listeners.map(({ config, server, fault }) => {
      const bound = server.address();
      const port = bound !== null && typeof bound === "object" ? bound.port : config.port;
      const base = { address: config.address, port, tls: config.tls };
      return fault === undefined ? { ...base, state: "listening" } : { ...base, state: "failed", fault };
    });
  }

  /** Closes the doors and every connection that came through them. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const closed = this.#listeners.map(({ server, retry }) => {
      clearTimeout(retry);
      return new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
    });
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #server(tls: boolean): Server {
    const { certificate } = this.#options;
    if (!tls) {
      // Nagle's algorithm against delayed acknowledgements costs QoS 1 most of its throughput.
      return createPlainServer({ noDelay: true }, (socket) => {
        const address = this.#enter(socket);
        if (address !== undefined) this.#options.onSocket(socket, address);
      });
    }
    if (certificate === undefined) throw new GatewayError("BROKER_CERTIFICATE_UNUSABLE", { detail: "there is none" });
    const { key, certificate: cert } = certificate;
    // Some device stacks (mbedTLS on ESP32) stop at TLS 1.2.
    const server = createTlsServer({ key, cert, minVersion: "TLSv1.2", handshakeTimeout: HANDSHAKE_MS, noDelay: true });
    // Counted before the hand-shake, which is what costs us.
    server.on("connection", (raw: Socket) => void this.#enter(raw));
    server.on("secureConnection", (socket) => {
      this.#options.onSocket(socket, addressOf(socket));
    });
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return server;
  }

  #enter(socket: Socket): string | undefined {
    const address = addressOf(socket);
    // Errors before the guard listens (a reset in the hand-shake) end the connection and nothing else.
    socket.on("error", () => socket.destroy());
    if (!this.#options.addresses.enter(address)) {
      this.#options.onRefused();
      socket.destroy();
      return undefined;
    }
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#options.addresses.leave(address);
    });
    return address;
  }

  async #open(listener: Listener): Promise<void> {
    const { config, server } = listener;
    const { log } = this.#options;
    const fault = await new Promise<string | undefined>((resolve) => {
      const failed = (error: Error) => resolve("code" in error ? String(error.code) : error.message);
      server.once("error", failed);
      server.listen({ port: config.port, host: config.address }, () => {
        server.off("error", failed);
        server.on("error", (error) => log.error({ err: error }, "a listener of the broker failed"));
        resolve(undefined);
      });
    });
    const { address, port, tls } = config;
    if (fault === undefined) log.info({ address, port, tls }, "listening for devices");
    else if (listener.fault === undefined) log.error({ address, port, tls, fault }, "BROKER_LISTEN_FAILED");
    listener.fault = fault;
    if (fault !== undefined && !this.#stopped)
      listener.retry = setTimeout(() => void this.#open(listener), RETRY_MS).unref();
  }
}

/** The other end's address; IPv4 in IPv6 clothes counts as IPv4. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
}
