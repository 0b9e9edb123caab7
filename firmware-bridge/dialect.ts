import type { BridgeConfig, DeviceStatus, DongleRequest, DongleScan, DongleSignals } from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";

export type DongleSettings = BridgeConfig["dongles"][number];

/** A native message as the broker delivered it. */
export interface NativeMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept by the broker from earlier: says what was, not what is. */
  readonly retained: boolean;
}

/** What an adapter tells the gateway, in the contract's words. */
export interface DongleReports {
  status(status: DeviceStatus): void;
  signals(signals: DongleSignals): void;
}

/** What an adapter needs from the bridge. */
export interface AdapterSurroundings {
  readonly settings: DongleSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reports: DongleReports;
  /** Sends to a native topic of this device. */
  publish(topic: string, payload: string): void;
  /** A new id for a message (UUID). */
  newId(): string;
}

/** One device as its firmware speaks it. `start` and `stop` are called once; a throw anywhere concerns this device only. */
export interface Adapter {
  /** Native topics to subscribe to, without wildcards beyond the device's own. */
  readonly topics: readonly string[];
  start(): void;
  receive(message: NativeMessage): void;
  /**
   * Reads all reachable control units.
   * @throws ScanFailure with a stable code when nothing could be read
   */
  scan(request: Extract<DongleRequest, { kind: "scan" }>): Promise<DongleScan>;
  /** @throws ScanFailure `dongle-silent` */
  batteryVolts(): Promise<number>;
  stop(): void;
}

export interface Dialect {
  readonly name: string;
  create(surroundings: AdapterSurroundings): Adapter;
}

/** Why a request to a dongle came to nothing. The words travel to the gateway and are explained there. */
export type ScanFailureCode = "dongle-silent" | "battery-low" | "car-silent" | "deadline-passed" | "busy" | "link-lost";

export class ScanFailure extends Error {
  readonly code: ScanFailureCode;
  readonly batteryVolts: number | undefined;

  constructor(code: ScanFailureCode, detail?: string, batteryVolts?: number) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = "ScanFailure";
    this.code = code;
    this.batteryVolts = batteryVolts;
  }
}
