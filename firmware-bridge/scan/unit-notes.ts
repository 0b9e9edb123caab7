import type { Readiness, ScannedDtc, ScannedEcu } from "../../contract/payloads.ts";
import { type IsoTpAddress, type MonitorStatus, physicalAddressOf } from "../../vehicle-protocols/index.ts";
import { ecuText } from "../readings.ts";

/** Bounds of the contract's scan. */
const MOST_DTCS = 500;
const MOST_UNANSWERED = 32;
const LONGEST_NAME = 40;
const LONGEST_TEXT = 80;
const LONGEST_SERVICE = 8;

/**
 * A unit's address as the contract writes it: the id that it answers from. Units that answer from one id and are told apart by a byte in front, the same both ways
 * (Toyota: 758 with 2A, 40, …), have that byte behind it. BMW's byte in answers is the tester's, and their ids are their own.
 */
export function addressTextOf({
  receiveId,
  extended,
  transmitAddressByte,
  receiveAddressByte,
}: Pick<IsoTpAddress, "receiveId" | "extended" | "transmitAddressByte" | "receiveAddressByte">): string {
  const isToldByByte = receiveAddressByte !== undefined && receiveAddressByte === transmitAddressByte && !extended;
  return isToldByByte ? ecuText(receiveId) + ecuText(receiveAddressByte) : ecuText(receiveId);
}

/** One control unit while the scan goes on. */
export class UnitNotes {
  readonly ecuId: number;
  /** Where it is spoken to alone; undefined on lines where that is not known. */
  readonly address: IsoTpAddress | undefined;
  name: string | undefined;
  monitors: MonitorStatus | undefined;
  /** At least one list of codes, empty or not, was read. */
  hasListedCodes = false;
  /** It answered ISO 14229-1, if only to refuse. */
  spokeUds = false;
  readonly dtcs: ScannedDtc[] = [];
  readonly #identification: Record<string, string> = {};
  readonly #unanswered: ScannedEcu["unanswered"] = [];
  #wasDenied = false;

  constructor(ecuId: number, address: IsoTpAddress | undefined) {
    this.ecuId = ecuId;
    this.address = address;
  }

  static of(ecuId: number, extended: boolean): UnitNotes {
    return new UnitNotes(ecuId, physicalAddressOf(ecuId, extended));
  }

  get addressText(): string {
    return this.address === undefined ? ecuText(this.ecuId) : addressTextOf(this.address);
  }

  /** Whether it is there and said no to everything. */
  get isLocked(): boolean {
    return this.#wasDenied && !this.hasListedCodes;
  }

  noteUnanswered(service: string, { reason, denied }: { readonly reason: string; readonly denied: boolean }): void {
    this.#wasDenied ||= denied;
    if (this.#unanswered.length < MOST_UNANSWERED)
      this.#unanswered.push({ service: service.slice(0, LONGEST_SERVICE), reason: reason.slice(0, LONGEST_TEXT) });
  }

  noteIdentification(name: string, text: string): void {
    if (text !== "") this.#identification[name.slice(0, LONGEST_NAME)] = text.slice(0, LONGEST_TEXT);
  }

  identification(name: string): string | undefined {
    return this.#identification[name];
  }

  /** A service that brings codes on one unit may bring the same ones as another: it is the same fault once. */
  noteDtc(dtc: ScannedDtc): void {
    const index = this.dtcs.findIndex(({ code, status }) => code === dtc.code && status === dtc.status);
    const known = this.dtcs[index];
    if (known !== undefined) this.dtcs[index] = { ...known, ...dtc };
    else if (this.dtcs.length < MOST_DTCS) this.dtcs.push(dtc);
  }

  toScannedEcu(): ScannedEcu {
    const name = this.name?.trim().slice(0, LONGEST_NAME);
    return {
      address: this.addressText,
      ...(name === undefined || name === "" ? {} : { name }),
      reach: this.isLocked ? "secure-gateway" : "answered",
      ...(Object.keys(this.#identification).length === 0 ? {} : { identification: this.#identification }),
      dtcs: this.dtcs,
      unanswered: this.#unanswered,
    };
  }
}

/** A car is ready when every unit is: a monitor that one unit has not completed counts as incomplete. */
export function worstReadiness(units: readonly UnitNotes[]): Readiness | null {
  const all = units.flatMap((unit) => (unit.monitors === undefined ? [] : [unit.monitors]));
  const [first] = all;
  if (first === undefined) return null;
  const monitors: Readiness["monitors"] = {};
  for (const status of all) {
    for (const { name, supported, complete } of status.monitors) {
      const word = !supported ? "unsupported" : complete ? "complete" : "incomplete";
      const known = monitors[name];
      if (known === undefined || known === "unsupported" || word === "incomplete") monitors[name] = word;
    }
  }
  const count = all.reduce((sum, status) => sum + status.dtcCount, 0);
  return {
    milOn: all.some((status) => status.milOn),
    confirmedDtcCount: Math.min(127, count),
    ignition: first.ignition,
    monitors,
  };
}
