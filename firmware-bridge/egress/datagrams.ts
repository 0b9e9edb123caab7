import { createSocket, type Socket } from "node:dgram";

/** Where datagrams arrive. */
export interface Port {
  readonly address: string;
  readonly port: number;
}

/** What an open port tells; `closed` comes once, last, also when it never opened, and not when the listener itself has closed it. */
export interface DatagramEvents {
  /** @param from the sender as `address port`; an answer goes there */
  received(bytes: Uint8Array, from: string): void;
  closed(reason: string): void;
}

export interface RawPort {
  send(bytes: Uint8Array, to: string): void;
  close(): void;
}

interface SharedPort {
  readonly socket: Socket;
  readonly listeners: Set<DatagramEvents>;
}

/** Devices of one kind send to one port: it is opened once for all of them, and every listener hears everything. */
const open = new Map<string, SharedPort>();

/**
 * Hears what arrives at a port. It stays open until its last listener has closed it; an error of the socket (a port that is taken)
 * closes it for all of them.
 */
export function listenForDatagrams({ address, port }: Port, events: DatagramEvents): RawPort {
  const key = `${address} ${port}`;
  const shared = open.get(key) ?? openPort(key, address, port);
  shared.listeners.add(events);
  return {
    send: (bytes, to) => {
      const [host, toPort] = to.split(" ");
      shared.socket.send(bytes, Number(toPort), host);
    },
    close: () => {
      shared.listeners.delete(events);
      if (shared.listeners.size > 0 || open.get(key) !== shared) return;
      open.delete(key);
      shared.socket.close();
    },
  };
}

function openPort(key: string, address: string, port: number): SharedPort {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const shared: SharedPort = { socket, listeners: new Set() };
  open.set(key, shared);
  const end = (reason: string) => {
    if (open.get(key) === shared) open.delete(key);
    const listeners = [...shared.listeners];
    shared.listeners.clear();
    for (const listener of listeners) listener.closed(reason);
  };
  socket.on("message", (bytes, sender) => {
    for (const listener of shared.listeners) listener.received(bytes, `${sender.address} ${sender.port}`);
  });
  socket.on("error", (error) => {
    end(error.message);
    socket.close();
  });
  socket.bind(port, address);
  return shared;
}
