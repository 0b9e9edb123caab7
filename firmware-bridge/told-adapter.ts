import { DTC_CODE_PATTERN } from "../contract/payloads.ts";
import { convertUnit } from "../vehicle-protocols/units.ts";
import {
  type Adapter,
  type AdapterSurroundings,
  ConversationFailure,
  type NativeMessage,
  type ReportedCodes,
} from "./dialect.ts";
import { Presence, type PresenceOptions } from "./presence.ts";
import { type Meaning, type SampleOptions, SignalGatherer, type SignalValue } from "./signals.ts";

const CODE = new RegExp(DTC_CODE_PATTERN);
const MOST_CODES = 500;

/** What firmware reports when it cannot be asked: values, and with some a list of trouble codes. */
export abstract class ToldAdapter implements Adapter {
  abstract readonly topics: readonly string[];
  readonly car = undefined;
  readonly fastestMs = 0;
  protected readonly at: AdapterSurroundings;
  protected readonly presence: Presence;
  readonly #signals: SignalGatherer;
  #volts: { readonly value: number; readonly atMs: number } | undefined;
  #codes: { readonly report: ReportedCodes; readonly atMs: number } | undefined;
  #waitForCodes: (report: ReportedCodes) => void = () => {};

  constructor(surroundings: AdapterSurroundings, presence: PresenceOptions = {}) {
    this.at = surroundings;
    this.presence = new Presence(surroundings, presence);
    this.#signals = new SignalGatherer(surroundings);
  }

  abstract receive(message: NativeMessage): void;

  start(): void {
    this.presence.start();
  }

  stop(): void {
    this.presence.stop();
    this.#signals.stop();
  }

  /** The last voltage that the firmware told, unless it is too old to speak of now. */
  async batteryVolts(): Promise<number | undefined> {
    const told = this.#volts;
    if (told === undefined) return undefined;
    return this.at.clock.monotonicMs() - told.atMs <= this.at.settings.silentAfterMs ? told.value : undefined;
  }

  protected tell(word: string, value: SignalValue, meaning: Meaning | undefined, options: SampleOptions = {}): void {
    this.#signals.addMeant(word, value, meaning, options);
    if (meaning?.name !== "low-voltage-battery" || typeof value !== "number" || options.stale === true) return;
    const volts = convertUnit(value * (meaning.scale ?? 1), options.unit ?? meaning.unit ?? "V", "V");
    if (volts !== undefined) this.#volts = { value: volts, atMs: this.at.clock.monotonicMs() };
  }

  /** A list of codes came that the firmware has read just now. What is no code is left out. */
  protected tellCodes(words: readonly unknown[], vin?: string): void {
    const codes = words.slice(0, MOST_CODES).filter((word) => typeof word === "string" && CODE.test(word));
    const report = { codes: [...new Set(codes as string[])], ...(vin === undefined ? {} : { vin }) };
    this.#codes = { report, atMs: this.at.clock.monotonicMs() };
    this.#waitForCodes(report);
  }

  /** The newest list, if it is no older than `maxAgeMs` of shop time, or else the next one. */
  protected codesOf(maxAgeMs: number, forMs: number): Promise<ReportedCodes> {
    const told = this.#codes;
    if (told !== undefined && this.at.clock.monotonicMs() - told.atMs <= maxAgeMs) return Promise.resolve(told.report);
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#waitForCodes = () => {};
        reject(new ConversationFailure("car-silent", "the firmware reported no list of codes"));
      }, forMs);
      this.#waitForCodes = (report) => {
        clearTimeout(deadline);
        this.#waitForCodes = () => {};
        resolve(report);
      };
    });
  }
}

/** More digits before the point than a number holds exactly are no quantity but a pattern of bits or a serial number; behind it, any number of them is. */
const MOST_DIGITS = 15;

/** Text of firmware as the value that it means. */
export function valueOfText(text: string): SignalValue {
  const trimmed = text.trim();
  const [whole = ""] = trimmed.split(/[.eE]/, 1);
  if (whole.replaceAll(/\D/g, "").length > MOST_DIGITS) return trimmed;
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  if (/^(yes|true|on)$/i.test(trimmed)) return true;
  if (/^(no|false|off)$/i.test(trimmed)) return false;
  return trimmed;
}
