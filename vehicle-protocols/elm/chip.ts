import type { ElmProtocol } from "./protocols.ts";
import type { ElmReplyPart } from "./reply-line.ts";

/** What a chip says of itself. Clones say what they like; what they can do shows when they are told to. */
export type ElmIdentity = {
  /** e.g. `ELM327 v1.5` */
  readonly banner: string;
  /** Answer to `STI` of an STN11xx or STN2xxx, e.g. `STN1110 v4.2.0`. */
  readonly stn: string | undefined;
};

/** A setting of the chip that one command makes. */
export type ElmSetting =
  | "protocol"
  | "header"
  | "priority"
  | "receive-address"
  | "flow-control-header"
  | "flow-control-data"
  | "flow-control-mode"
  | "extended-address"
  | "tester-address"
  | "timeout";

/** How the settings stand after a reset (ELM327 data sheet), so that nothing is said twice. */
const AFTER_RESET: readonly (readonly [ElmSetting, string])[] = [
  ["priority", "ATCP18"],
  ["receive-address", "ATCRA"],
  ["flow-control-mode", "ATFCSM0"],
  ["extended-address", "ATCEA"],
  ["tester-address", "ATTAF1"],
];

/** Questions whose number of answers is remembered; a live view asks a few dozen again and again. */
const MOST_COUNTS = 128;

/** What is known of one chip: who it is, what it has been told since its reset, and what it did not understand. */
export class ElmChip {
  identity: ElmIdentity | undefined;
  /** Set up since its last reset. */
  isReady = false;
  /** The protocol that is set. */
  protocol: ElmProtocol | undefined;
  /** The protocol on which the car was found. */
  carProtocol: ElmProtocol | undefined;
  /** Whether it stops waiting for the car when it is told to. */
  takesInterruption = true;
  /** Whether it understands a digit behind the request that says after how many answers to stop. */
  takesCount = true;
  readonly #counts = new Map<string, { readonly answers: number | undefined; readonly times: number }>();
  readonly #told = new Map<ElmSetting, string>(AFTER_RESET);
  readonly #lacks = new Set<ElmSetting>();

  /** Whether a setting already stands as this command would make it. */
  hasBeenTold(setting: ElmSetting, command: string): boolean {
    return this.#told.get(setting) === command;
  }

  lacks(setting: ElmSetting): boolean {
    return this.#lacks.has(setting);
  }

  noteTold(setting: ElmSetting, command: string): void {
    this.#told.set(setting, command);
  }

  noteLacks(setting: ElmSetting): void {
    this.#lacks.add(setting);
  }

  /** After a reset nothing of what it was told stands any more. */
  forget(): void {
    this.isReady = false;
    this.protocol = undefined;
    this.#told.clear();
    for (const [setting, command] of AFTER_RESET) this.#told.set(setting, command);
  }

  /** Settings that another one puts back to their default. */
  forgetSetting(...settings: readonly ElmSetting[]): void {
    for (const setting of settings) this.#told.delete(setting);
  }

  /**
   * After how many answers the chip may stop; undefined while that is not sure.
   * @param isToOne one unit is asked: where the chip takes no interruption, one frame is tried at once, since its timer costs more than a repetition
   */
  expectedCount(question: string, isToOne: boolean): number | undefined {
    if (!this.takesCount) return undefined;
    const count = this.#counts.get(question);
    if (count === undefined) return isToOne && !this.takesInterruption ? 1 : undefined;
    return count.times > 1 || (isToOne && !this.takesInterruption) ? count.answers : undefined;
  }

  /** @param answers undefined when the answers were not all single frames, or not all there */
  noteCount(question: string, answers: number | undefined): void {
    const known = this.#counts.get(question);
    this.#counts.delete(question);
    const count = answers === undefined || answers < 1 || answers > 9 ? undefined : answers;
    this.#counts.set(question, { answers: count, times: known?.answers === count ? (known?.times ?? 0) + 1 : 1 });
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_COUNTS && oldest !== undefined) this.#counts.delete(oldest);
  }

  /** Takes what the chip says unasked: a banner means that it was reset. */
  hearUnasked(part: ElmReplyPart): void {
    if (part.kind === "banner" || (part.kind === "notice" && part.notice === "low-voltage-reset")) this.forget();
  }
}
