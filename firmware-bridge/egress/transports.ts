import { connect } from "node:net";
import { type DatagramEvents, listenForDatagrams, type Port, type RawPort } from "./datagrams.ts";
import { openSocketCan } from "./socketcan-line.ts";

/** Where a device is reached beside MQTT. */
export type Place =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "serial"; readonly path: string; readonly baudRate: number }
  | { readonly kind: "websocket"; readonly url: string }
  | { readonly kind: "socketcan"; readonly interface: string; readonly listenOnly: boolean };

/** What a line tells whoever opened it; `closed` comes once, last, also when it never opened. */
export interface LineEvents {
  opened(): void;
  received(bytes: Uint8Array): void;
  closed(reason: string): void;
}

/** An open road for bytes. Only outlets hold one; adapters never do. */
export interface RawLine {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** How lines are opened; a test puts its own in place of the machine's. */
export interface Transports {
  open(place: Place, events: LineEvents): RawLine;
  /** Devices that send to a port of ours. */
  listen(port: Port, events: DatagramEvents): RawPort;
}

/** Why a serial port cannot be opened on this machine at all: the optional package did not load. */
export const SERIAL_PACKAGE_MISSING = "serial-package-missing";

/** A peer that does not accept within this time is as good as absent; who opened the line tries again. */
const CONNECT_MS = 10_000;
/** Radio links die without a word. */
const KEEP_ALIVE_MS = 15_000;

/** The machine's own sockets and serial ports. */
export const machineTransports: Transports = {
  open(place, events) {
    switch (place.kind) {
      case "tcp":
        return openTcp(place.host, place.port, events);
      case "serial":
        return openSerial(place.path, place.baudRate, events);
      case "websocket":
        return openWebSocket(place.url, events);
      case "socketcan":
        return openSocketCan(place, events);
    }
  },
  listen: listenForDatagrams,
};

function openTcp(host: string, port: number, events: LineEvents): RawLine {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  let reason = "closed by the device";
  const giveUp = setTimeout(() => socket.destroy(new Error("no connection in time")), CONNECT_MS);
  socket.on("connect", () => {
    clearTimeout(giveUp);
    events.opened();
  });
  socket.on("data", (bytes) => events.received(bytes));
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("close", () => {
    clearTimeout(giveUp);
    events.closed(reason);
  });
  return { write: (bytes) => void socket.write(bytes), close: () => socket.destroy() };
}

/** The serial package is optional and native: it is loaded when the first port is opened. */
function openSerial(path: string, baudRate: number, events: LineEvents): RawLine {
  let closed = false;
  let line: RawLine | undefined;
  const end = (reason: string) => {
    if (!closed) events.closed(reason);
    closed = true;
  };
  void import("serialport").then(
    ({ SerialPort }) => {
      if (closed) return;
      const port = new SerialPort({ path, baudRate, autoOpen: false });
      port.on("data", (bytes: Uint8Array) => events.received(bytes));
      port.on("error", (error) => {
        end(error.message);
        // A port left open is locked for whoever opens it anew.
        if (port.isOpen) port.close(() => undefined);
      });
      port.on("close", () => end("the port was closed"));
      line = { write: (bytes) => void port.write(Buffer.from(bytes)), close: () => port.close(() => undefined) };
      port.open((error) => (error ? end(error.message) : closed ? line?.close() : events.opened()));
    },
    () => end(SERIAL_PACKAGE_MISSING),
  );
  return {
    write: (bytes) => line?.write(bytes),
    close: () => {
      line?.close();
      end("closed");
    },
  };
}

function openWebSocket(url: string, events: LineEvents): RawLine {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const giveUp = setTimeout(() => socket.close(), CONNECT_MS);
  socket.onopen = () => {
    clearTimeout(giveUp);
    events.opened();
  };
  socket.onmessage = (message: { readonly data: unknown }) => {
    const { data } = message;
    if (typeof data === "string") events.received(Buffer.from(data));
    else if (data instanceof ArrayBuffer) events.received(new Uint8Array(data));
  };
  socket.onclose = () => {
    clearTimeout(giveUp);
    events.closed("closed by the device");
  };
  return {
    write: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(Buffer.from(bytes));
    },
    close: () => socket.close(),
  };
}
