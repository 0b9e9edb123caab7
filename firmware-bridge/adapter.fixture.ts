import type { DeviceStatus, SignalSample } from "../contract/payloads.ts";
import { createLog } from "../machine/log.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import type { CanFrame } from "../vehicle-protocols/index.ts";
import type { Adapter, Dialect, DongleSettings } from "./dialect.ts";
import {
  type DatagramEvents,
  DeviceEgress,
  type LineEvents,
  type Place,
  type Port,
  type RawLine,
  type RawPort,
  type Transports,
} from "./egress/index.ts";

/** A line that a test opened in place of the machine's: what was written to it, and the test's hand on it. */
export interface ScriptedLine {
  readonly place: Place;
  readonly events: LineEvents;
  readonly written: Uint8Array[];
  closed: boolean;
}

/** One adapter with everything that it says written down; nothing leaves the test. */
export class AdapterUnderTest {
  readonly clock = new ManualClock();
  readonly adapter: Adapter;
  readonly egress: DeviceEgress;
  readonly statuses: DeviceStatus[] = [];
  readonly signals: SignalSample[] = [];
  readonly frames: CanFrame[] = [];
  readonly published: { readonly topic: string; readonly payload: string }[] = [];
  readonly lines: ScriptedLine[] = [];
  readonly ports: {
    readonly port: Port;
    readonly events: DatagramEvents;
    readonly sent: { bytes: Uint8Array; to: string }[];
  }[] = [];
  framesWanted = false;
  /** What the device on the other side of the broker does with a message. */
  onPublish: (topic: string, payload: string) => void = () => undefined;

  /** @param transports lines of the test's own in place of scripted ones */
  constructor(
    dialect: Dialect,
    settings: Partial<DongleSettings> & { readonly nativeId: string },
    transports: Partial<Transports> = {},
  ) {
    this.egress = new DeviceEgress({
      dialect: dialect.name,
      nativeId: settings.nativeId,
      now: () => this.clock.now(),
      publish: (topic, payload) => {
        this.published.push({ topic, payload });
        this.onPublish(topic, payload);
      },
      guarded: (action) => action(),
      transports: {
        open: (place, events) => this.#openLine(place, events),
        listen: (port, events) => this.#openPort(port, events),
        ...transports,
      },
    });
    this.adapter = dialect.create({
      settings: {
        id: "d1" as DongleSettings["id"],
        dialect: dialect.name,
        minimumBatteryVolts: 11.8,
        silentAfterMs: 120_000,
        ...settings,
      },
      clock: this.clock,
      log: createLog("test"),
      egress: this.egress,
      reports: {
        status: (status) => this.statuses.push(status),
        signals: ({ signals }) => this.signals.push(...signals),
        frames: (frames) => this.frames.push(...frames),
        framesWanted: () => this.framesWanted,
      },
    });
  }

  say(topic: string, payload: string | Uint8Array, retained = false): void {
    this.adapter.receive({ topic, payload: Buffer.from(payload), retained });
  }

  /** The newest sample of each name, after everything that waits has been passed on. */
  values(): Record<string, SignalSample["value"]> {
    this.clock.advance(200);
    return Object.fromEntries(this.signals.map(({ name, value }) => [name, value]));
  }

  sample(name: string): SignalSample | undefined {
    this.clock.advance(200);
    return this.signals.findLast((sample) => sample.name === name);
  }

  get state(): string | undefined {
    const last = this.statuses.at(-1);
    return last === undefined ? undefined : `${last.state}${last.detail === undefined ? "" : ` ${last.detail}`}`;
  }

  #openLine(place: Place, events: LineEvents): RawLine {
    const line: ScriptedLine = { place, events, written: [], closed: false };
    this.lines.push(line);
    return {
      write: (bytes) => line.written.push(Uint8Array.from(bytes)),
      close: () => {
        line.closed = true;
      },
    };
  }

  #openPort(port: Port, events: DatagramEvents): RawPort {
    const sent: { bytes: Uint8Array; to: string }[] = [];
    this.ports.push({ port, events, sent });
    return { send: (bytes, to) => sent.push({ bytes: Uint8Array.from(bytes), to }), close: () => undefined };
  }
}
