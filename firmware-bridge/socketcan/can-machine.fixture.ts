import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CanMachine } from "../egress/socketcan-line.ts";

type Package = Awaited<ReturnType<CanMachine["load"]>>;
type Channel = ReturnType<Package["createRawChannelWithOptions"]>;
type Message = Parameters<Channel["send"]>[0];

/**
 * A machine with CAN interfaces as the kernel and the package `socketcan` 4.3.1 behave: one vague error for whatever cannot be opened, silence when an interface goes
 * down, `onStopped` when it is unplugged and within `stop`, an error when something dead is stopped, -1 for a frame that is not taken.
 */
export class CanMachineFake implements CanMachine {
  readonly interfaces = mkdtempSync(join(tmpdir(), "baygate-can-"));
  readonly lookEveryMs = 5;
  readonly channels: FakeChannel[] = [];
  installed = true;
  /** The interface exists, and the kernel still refuses. */
  refuses = false;
  /** What the next frames come to; the kernel gives the size of its structure. */
  takes = true;

  async load(): Promise<Package> {
    if (!this.installed)
      throw Object.assign(new Error("Cannot find package 'socketcan'"), { code: "ERR_MODULE_NOT_FOUND" });
    return {
      createRawChannelWithOptions: (name) => {
        if (this.refuses) throw new Error("Error while creating channel");
        const channel = new FakeChannel(name, () => this.takes);
        this.channels.push(channel);
        return channel;
      },
    };
  }

  /** As `ip link set … up` and `down` leave it. */
  set(name: string, state: "up" | "down", type = 280): void {
    const folder = join(this.interfaces, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "type"), `${type}\n`);
    writeFileSync(join(folder, "flags"), state === "up" ? "0x40081\n" : "0x40080\n");
  }

  unplug(name: string): void {
    rmSync(join(this.interfaces, name), { recursive: true });
    for (const channel of this.channels) if (channel.name === name) channel.die();
  }

  /** The channel that is open now. */
  get bus(): FakeChannel {
    const open = this.channels.at(-1);
    if (open === undefined) throw new Error("no channel was opened");
    return open;
  }

  remove(): void {
    rmSync(this.interfaces, { recursive: true });
  }
}

export class FakeChannel implements Channel {
  readonly name: string;
  readonly sent: (Message & { readonly fd: boolean })[] = [];
  running = false;
  readonly #takes: () => boolean;
  readonly #messages: ((message: Message) => void)[] = [];
  readonly #stops: (() => void)[] = [];

  constructor(name: string, takes: () => boolean) {
    this.name = name;
    this.#takes = takes;
  }

  addListener(event: "onMessage", listener: (message: Message) => void): void;
  addListener(event: "onStopped", listener: () => void): void;
  addListener(event: string, listener: ((message: Message) => void) | (() => void)): void {
    if (event === "onMessage") this.#messages.push(listener);
    else if (event === "onStopped") this.#stops.push(() => (listener as () => void)());
    else throw new Error("Event not supported");
  }

  start(): void {
    this.running = true;
  }

  stop(): void {
    if (!this.running) throw new Error("Channel not started");
    this.die();
  }

  /** The package calls its listeners first and stops its thread then: whoever stops it from a listener never comes back. */
  die(): void {
    if (!this.running) return;
    for (const stopped of this.#stops) stopped();
    this.running = false;
  }

  send(message: Message): number {
    return this.#take({ ...message, fd: false }, 16, 8);
  }

  sendFD(message: Message): number {
    return this.#take({ ...message, fd: true }, 72, 64);
  }

  hear(message: Message): void {
    if (this.running) for (const listener of this.#messages) listener(message);
  }

  #take(message: Message & { readonly fd: boolean }, size: number, most: number): number {
    if (!Buffer.isBuffer(message.data)) throw new Error("Data field must be a Buffer");
    if (message.data.length > most) throw new Error("Data field too long");
    if (!this.#takes()) return -1;
    this.sent.push(message);
    return size;
  }
}
