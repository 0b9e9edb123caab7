import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";

/** A device that speaks over a byte stream. One line at a time: whoever connects takes the place of the one before. */
export interface StreamDevice {
  /** A line was opened; what the device says goes to `print` until `hangUp`. */
  pickUp(print: (bytes: Uint8Array) => void): void;
  receive(bytes: Uint8Array): void;
  hangUp(): void;
}

/** After how many more bytes, to or from the device, the line breaks; then it can be opened again. */
export interface Break {
  readonly direction: "to-device" | "from-device";
  readonly afterBytes: number;
}

/** A device within reach. */
export interface Served {
  /** As a dongle's options name it: `tcp://127.0.0.1:35000` or `serial:/tmp/dongle`. */
  readonly address: string;
  breakLine(where: Break): void;
  close(): Promise<void>;
}

/** The device behind a TCP port of this machine; 0 takes a free one. */
export async function serveTcp(device: StreamDevice, port = 0): Promise<Served> {
  const breaker = new Breaker();
  let current: Socket | undefined;
  const server = createServer((socket) => {
    current?.destroy();
    current = socket;
    socket.setNoDelay(true);
    breaker.attach(device, {
      write: (bytes) => void socket.write(bytes),
      // What was written before the break still arrives.
      cut: () => socket.destroySoon(),
    });
    socket.on("data", (bytes) => breaker.receive(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (current === socket) device.hangUp();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    address: `tcp://127.0.0.1:${address.port}`,
    breakLine: (where) => breaker.set(where),
    close: async () => {
      current?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * The device behind a pseudo-terminal at this path, made by socat. A break takes the terminal away, as pulling a plug does; it comes back.
 * @throws Error when socat cannot be started
 */
export async function servePty(device: StreamDevice, path: string): Promise<Served> {
  const breaker = new Breaker();
  let socat: ChildProcess | undefined;
  let closed = false;
  const open = () => {
    rmSync(path, { force: true });
    // Nothing is passed before somebody has opened the terminal; the last bytes before a break still are.
    const terminal = `PTY,link=${path},raw,echo=0,wait-slave,pty-interval=0.05`;
    const child = spawn("socat", ["-t", "0.05", terminal, "STDIO"], { stdio: ["pipe", "pipe", "ignore"] });
    socat = child;
    breaker.attach(device, { write: (bytes) => void child.stdin.write(bytes), cut: () => child.stdin.end() });
    child.stdout.on("data", (bytes: Buffer) => breaker.receive(bytes));
    child.stdin.on("error", () => undefined);
    child.on("error", () => undefined);
    child.on("close", () => {
      device.hangUp();
      if (!closed) open();
    });
  };
  open();
  for (let waitedMs = 0; !existsSync(path); waitedMs += 10) {
    if (waitedMs > 5000) throw new Error("socat made no terminal");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    address: `serial:${path}`,
    breakLine: (where) => breaker.set(where),
    close: async () => {
      closed = true;
      const child = socat;
      if (child?.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once("close", resolve));
        child.kill();
        await gone;
      }
      rmSync(path, { force: true });
    },
  };
}

interface Line {
  write(bytes: Uint8Array): void;
  cut(): void;
}

/** Stands between device and line, counts bytes, and breaks the line where it was told to. */
class Breaker {
  #device: StreamDevice | undefined;
  #line: Line | undefined;
  #where: { direction: Break["direction"]; left: number } | undefined;

  set({ direction, afterBytes }: Break): void {
    this.#where = { direction, left: afterBytes };
  }

  attach(device: StreamDevice, line: Line): void {
    this.#device = device;
    this.#line = line;
    device.pickUp((bytes) => {
      if (this.#line === line) this.#pass("from-device", bytes, (passed) => line.write(passed));
    });
  }

  receive(bytes: Uint8Array): void {
    if (this.#line !== undefined) this.#pass("to-device", bytes, (passed) => this.#device?.receive(passed));
  }

  #pass(direction: Break["direction"], bytes: Uint8Array, on: (bytes: Uint8Array) => void): void {
    const where = this.#where;
    if (where === undefined || where.direction !== direction || bytes.length < where.left) {
      if (where?.direction === direction) where.left -= bytes.length;
      on(bytes);
      return;
    }
    const line = this.#line;
    this.#where = undefined;
    this.#line = undefined;
    if (where.left > 0) on(bytes.subarray(0, where.left));
    line?.cut();
  }
}
