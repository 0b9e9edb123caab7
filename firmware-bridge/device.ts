import type { DeviceStatus, DongleFrames, DongleRequest, DongleSignals } from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import { CarService, type CarServiceOutlets } from "./car-service.ts";
import type { Adapter, Dialect, DongleSettings, NativeMessage } from "./dialect.ts";
import { DeviceEgress, type Transports } from "./egress/index.ts";
import { FrameListener } from "./frame-listener.ts";
import type { CarMemory } from "./scan/car-memory.ts";

/** Where one device's words go. */
export interface DeviceOutlets extends Omit<CarServiceOutlets, "openClearing"> {
  status(status: DeviceStatus): void;
  signals(signals: DongleSignals): void;
  frames(frames: DongleFrames): void;
}

export interface DeviceOptions {
  readonly settings: DongleSettings;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  readonly memory: CarMemory;
  readonly transports: Transports;
  readonly toDevice: (topic: string, payload: string) => void;
  readonly outlets: DeviceOutlets;
}

/** One configured dongle: its adapter, its egress and what is wanted of its car. Whatever its adapter throws stays in here. */
export class Device {
  readonly #options: DeviceOptions;
  readonly #egress: DeviceEgress;
  readonly #adapter: Adapter;
  readonly #car: CarService;
  readonly #traffic: FrameListener;
  #broken = false;

  constructor(options: DeviceOptions) {
    this.#options = options;
    const { settings, dialect, clock, log, newId, memory, transports, toDevice, outlets } = options;
    this.#egress = new DeviceEgress({
      dialect: settings.dialect,
      nativeId: settings.nativeId,
      now: () => clock.now(),
      transports,
      publish: toDevice,
      guarded: (action) => this.#guarded(action),
    });
    this.#traffic = new FrameListener(clock, (frames) => outlets.frames(frames));
    this.#adapter = dialect.create({
      settings,
      clock: guardedClock(clock, (action) => this.#guarded(action)),
      log,
      egress: this.#egress,
      reports: {
        status: (status) => outlets.status(status),
        signals: (signals) => outlets.signals(signals),
        frames: (frames) => this.#traffic.hear(frames),
        framesWanted: () => this.#traffic.isListening(),
      },
    });
    this.#car = new CarService({
      settings,
      adapter: this.#adapter,
      clock,
      log,
      newId,
      memory,
      outlets: {
        respond: (response) => outlets.respond(response),
        scan: (scan) => outlets.scan(scan),
        readings: (readings) => outlets.readings(readings),
        openClearing: (transaction, authority) => this.#egress.openClearing(transaction, authority),
      },
    });
  }

  get settings(): DongleSettings {
    return this.#options.settings;
  }

  get topics(): readonly string[] {
    return this.#adapter.topics;
  }

  start(): void {
    this.#guarded(() => this.#adapter.start());
  }

  stop(): void {
    this.#traffic.stop();
    this.#guarded(() => this.#car.stop());
    this.#guarded(() => this.#adapter.stop());
    this.#egress.close();
  }

  receive(message: NativeMessage): void {
    this.#guarded(() => this.#adapter.receive(message));
  }

  request(request: DongleRequest): void {
    if (request.kind !== "listen") void this.#car.request(request);
    else {
      this.#traffic.listen(request);
      this.#options.outlets.respond({ transaction: request.transaction, status: "done" });
    }
  }

  setPolling(enabled: boolean): void {
    this.#guarded(() => this.#car.setPolling(enabled));
  }

  /** A throw is reported as a fault once, until something works again; neighbours do not notice. */
  #guarded(action: () => void): void {
    try {
      action();
      this.#broken = false;
    } catch (error) {
      if (!this.#broken) {
        const { log, clock, outlets } = this.#options;
        log.error({ err: error }, "adapter failed");
        outlets.status({ state: "fault", since: clock.now(), detail: "adapter-failed" });
      }
      this.#broken = true;
    }
  }
}

/** A clock whose timers run guarded. */
function guardedClock(clock: Clock, guarded: (action: () => void) => void): Clock {
  return {
    bootId: clock.bootId,
    scale: clock.scale,
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    trusted: () => clock.trusted(),
    stamp: () => clock.stamp(),
    after: (ms, action) => clock.after(ms, () => guarded(action)),
    every: (ms, action) => clock.every(ms, () => guarded(action)),
  };
}
