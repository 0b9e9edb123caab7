import type { BridgeConfig, DeviceStatus, DongleSignals } from "../contract/payloads.ts";
import type { Clock } from "../machine/clock.ts";
import type { Logger } from "../machine/log.ts";
import type {
  CanFrame,
  ExchangeOptions,
  ExchangeOutcome,
  ObdTransport,
  ReadableGroup,
} from "../vehicle-protocols/index.ts";
import type { AdapterEgress } from "./egress/index.ts";

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
  /** Traffic that the dongle hears. Whoever has many frames asks `framesWanted` first and drops them before they are parsed. */
  frames(frames: readonly CanFrame[]): void;
  framesWanted(): boolean;
}

/** What an adapter needs from the bridge. */
export interface AdapterSurroundings {
  readonly settings: DongleSettings;
  /** The shop's time. Timers set here are the adapter's own: its mistake in one is its own fault, not the bridge's. */
  readonly clock: Clock;
  readonly log: Logger;
  readonly reports: DongleReports;
  readonly egress: AdapterEgress;
}

/** A line between dongle and car, as the car has answered on it. */
export interface CarLine {
  /** For a scan's `protocol`: `iso15765-4-11bit`, `iso15765-4-29bit`, `iso9141-2`, `iso14230-4`, `j1850-pwm`, `j1850-vpw`, … */
  readonly protocol: string;
  /** Width of the identifiers of questions to all; 11 where the line has none. */
  readonly idBits: 11 | 29;
  /** SAE J1979 lists carry a count byte on CAN only. */
  readonly format: ObdTransport;
}

/**
 * An exchange's outcome. On K-line and J1850 `ecuId` is the source address from the header, `extended` is false, and a unit may stand in the list several times:
 * each of its messages is an answer.
 */
export type CarOutcome = ExchangeOutcome & {
  /** Absent means CAN. */
  readonly format?: ObdTransport;
};

/** The bus itself, where frames pass as they are. */
export interface BusTap {
  /** Every frame that the dongle hears, until the result is called. */
  hear(listener: (frame: CanFrame) => void): () => void;
  /**
   * Asks all controllers of a truck for a group that only reads (SAE J1939-21); resolves when the question is out. What comes is heard.
   * @throws EgressRefusal
   */
  request(group: ReadableGroup): Promise<void>;
}

/** The car behind a dongle. One question at a time: whoever asks waits for the end of the one before. */
export interface CarConversation {
  /**
   * Asks, and resolves with every control unit's answer, always within the question's `overallMs`.
   * @throws EgressRefusal when the request may not be asked; ConversationFailure `link-lost` when the dongle was lost meanwhile
   */
  ask(question: ExchangeOptions): Promise<CarOutcome>;
  /**
   * Only chips that choose the line themselves (ELM327): looks for the line on which the car answers.
   * Where it is absent, frames pass as they are and the scan tries the identifiers of ISO 15765-4 itself.
   */
  readonly findLine?: () => Promise<CarLine | undefined>;
  /** Absent for chips that show answers only. */
  readonly bus?: BusTap;
  /** Ends what is under way with `link-lost`; later questions may come. */
  close(): void;
}

/** A list of codes by firmware's own reading of the car. */
export interface ReportedCodes {
  /** SAE J2012, confirmed as far as the firmware says; whose they are it does not say. */
  readonly codes: readonly string[];
  /** The vehicle that the firmware believes to be in, where it knows. */
  readonly vin?: string;
}

/** One device as its firmware speaks it. `start` and `stop` are called once; a throw anywhere concerns this device only. */
export interface Adapter {
  /** Native topic filters to subscribe to; wildcards only below the device's own level. Empty where the device is not on the broker. */
  readonly topics: readonly string[];
  /** Undefined for firmware that only reports and cannot be asked (OVMS, AutoPi, obd2-mqtt). */
  readonly car: CarConversation | undefined;
  /** Shortest pause in milliseconds from the beginning of one round of live questions to the next that this dongle bears. */
  readonly fastestMs: number;
  start(): void;
  receive(message: NativeMessage): void;
  /**
   * Supply voltage as the dongle measures it, asking the dongle and never the car; undefined where its firmware does not tell.
   * @throws ConversationFailure `dongle-silent`
   */
  batteryVolts(): Promise<number | undefined>;
  /**
   * Trouble codes that firmware which cannot be asked reported by itself, fresh enough to be those of the car that is there now; waits for them for `forMs`.
   * Absent where firmware reports none.
   * @throws ConversationFailure `car-silent` when none came
   */
  reportedCodes?(forMs: number): Promise<ReportedCodes>;
  /** Somebody looks at this device's values for the next `forMs`: firmware that sends more when asked may be asked. */
  lookedAt?(forMs: number): void;
  stop(): void;
}

export interface Dialect {
  readonly name: string;
  create(surroundings: AdapterSurroundings): Adapter;
}

/** Why a conversation with a car came to nothing. The words travel to the gateway and are explained there. */
export type FailureCode =
  | "dongle-silent"
  | "battery-low"
  | "car-silent"
  | "deadline-passed"
  | "busy"
  | "link-lost"
  /** The firmware only reports; it cannot be asked. */
  | "reports-only"
  /** Polling was switched off. */
  | "polling-off"
  /** Clearing without fresh authority. */
  | "not-authorised";

/** A conversation with a car that came to nothing. `batteryVolts` is what a refusal for a low battery was decided on. */
export class ConversationFailure extends Error {
  readonly code: FailureCode;
  readonly batteryVolts: number | undefined;

  constructor(code: FailureCode, detail?: string, batteryVolts?: number) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = "ConversationFailure";
    this.code = code;
    this.batteryVolts = batteryVolts;
  }
}
