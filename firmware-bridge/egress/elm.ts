import type { ExchangeTarget } from "../../vehicle-protocols/index.ts";
import { type Route, routesOf } from "./addresses.ts";
import type { Approvals } from "./approvals.ts";
import type { LineGuard } from "./guards.ts";
import { EgressRefusal } from "./refusal.ts";

/** Commands that only concern the chip: reset, identity, voltage, how it prints and how long it waits, closing the bus, which line. */
const PLAIN_COMMAND =
  /^(AT(Z|I|E0|L0|S0|H1|CAF1|AL|M0|AT0|RV|DPN|PC|AR|ST[0-9A-F]{2}|SP[0-9]|CRA([0-9A-F]{3}|[0-9A-F]{8})?|TA[0-9A-F]{2})|STI)$/;
/** Headers with which SAE J1979 asks all units on J1850 and K-line. */
const EVERYBODY_ON_OLD_LINES: ReadonlySet<string> = new Set(["616AF1", "686AF1", "C233F1"]);
/** ISO 14229-1 tester present without an answer: makes the chip listen on for an answer that a unit has announced. */
const TESTER_PRESENT = "3E80";

const CARRIAGE_RETURN = "\r";
/** A blank ends the chip's waiting and means nothing at any other time. */
const INTERRUPTION = " ";

/** What the chip has been told of addresses since its reset. */
interface Told {
  /** Digits of `ATSP`; undefined after a reset. */
  protocol: string | undefined;
  /** Digits of `ATSH`; undefined where the chip uses its own, which ask all units. */
  header: string | undefined;
  priority: number;
  addressByte: number | undefined;
  flowHeader: number | undefined;
  flowAddressByte: number | undefined;
  ownFlowControl: boolean;
}

const AFTER_RESET: Told = {
  protocol: undefined,
  header: undefined,
  priority: 0x18,
  addressByte: undefined,
  flowHeader: undefined,
  flowAddressByte: undefined,
  ownFlowControl: false,
};

/**
 * Chips of the ELM327 family do ISO-TP themselves, so this guard follows the header, the extended address and the flow control that they were told, and lets a
 * request pass only where all of these point to what was approved. Commands outside its short list do not pass: no programmable parameters, no baud rates, no
 * stored settings, no raw frames, no low power, no firmware of STN chips.
 */
export class ElmGuard implements LineGuard {
  readonly #approvals: Approvals;
  #told: Told = { ...AFTER_RESET };

  constructor(approvals: Approvals) {
    this.#approvals = approvals;
  }

  check(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("latin1");
    if (text === INTERRUPTION) return;
    const command = text.slice(0, -1);
    if (!text.endsWith(CARRIAGE_RETURN) || !/^[0-9A-Z]{1,32}$/.test(command))
      throw refusal(`${JSON.stringify(text.slice(0, 40))} is not one whole command`);
    if (/^[0-9A-F]+$/.test(command)) this.#checkRequest(command);
    else this.#checkCommand(command);
  }

  #checkCommand(command: string): void {
    if (PLAIN_COMMAND.test(command)) {
      if (command === "ATZ") this.#told = { ...AFTER_RESET };
      // The chip may or may not put the header back to that line's own.
      if (command.startsWith("ATSP")) Object.assign(this.#told, { protocol: command.slice(4), header: undefined });
      return;
    }
    const [, word = "", digits = ""] = /^AT(SH|CP|CEA|FCSH|FCSD|FCSM)([0-9A-F]*)$/.exec(command) ?? [];
    const value = Number.parseInt(digits, 16);
    const told = this.#told;
    if (word === "SH" && (digits.length === 3 || digits.length === 6)) told.header = digits;
    else if (word === "CP" && /^[01][0-9A-F]$/.test(digits)) told.priority = value;
    else if (word === "CEA" && (digits === "" || digits.length === 2))
      told.addressByte = digits === "" ? undefined : value;
    else if (word === "FCSH" && (digits.length === 3 || digits.length === 8)) told.flowHeader = value;
    // Clear to send, everything, without pause: nothing that could be a request.
    else if (word === "FCSD" && /^([0-9A-F]{2})?300000$/.test(digits))
      told.flowAddressByte = digits.length === 8 ? Number.parseInt(digits.slice(0, 2), 16) : undefined;
    else if (word === "FCSM" && /^[01]$/.test(digits)) told.ownFlowControl = value === 1;
    else throw refusal(`${command} is not on the list of commands`);
  }

  #checkRequest(digits: string): void {
    const { approved } = this.#approvals;
    if (approved === undefined) throw new EgressRefusal("frame", "nothing was approved to be asked");
    const route = this.#requireRoute(approved.target);
    this.#requireFlowControl(route);
    if (digits === TESTER_PRESENT) return;
    // A last odd digit is no byte: it says after how many answers the chip stops.
    const request = Buffer.from(digits.length % 2 === 1 ? digits.slice(0, -1) : digits, "hex");
    if (request.length > (this.#told.addressByte === undefined ? 7 : 6))
      throw new EgressRefusal("frame", "the chip sends requests of one frame only");
    this.#approvals.passRequest(request);
  }

  /** Where the chip would send a request now; it must be a road of the approved question. */
  #requireRoute(target: ExchangeTarget): Route {
    const { protocol, header, addressByte } = this.#told;
    const isOldLine = protocol !== undefined && /^[1-5]$/.test(protocol);
    const routes = routesOf(target);
    const everybody = target.kind === "functional" ? routes[0] : undefined;
    const asksAll = header === undefined ? true : isOldLine && EVERYBODY_ON_OLD_LINES.has(header);
    if (asksAll || isOldLine) {
      if (asksAll && everybody !== undefined && addressByte === undefined) return everybody;
      throw new EgressRefusal("address", "the chip would ask all units");
    }
    const { id, extended } = this.#headerId(header ?? "");
    const route = routes.find(
      (candidate) => candidate.id === id && candidate.extended === extended && candidate.addressByte === addressByte,
    );
    if (route === undefined)
      throw new EgressRefusal("address", `header ${header} is not where the approved question goes`);
    return route;
  }

  #headerId(header: string): { readonly id: number; readonly extended: boolean } {
    const { protocol, priority } = this.#told;
    const extended = protocol === "7" || protocol === "9";
    const value = Number.parseInt(header, 16);
    if (!extended) return { id: header.length === 3 ? value : -1, extended };
    return { id: header.length === 6 ? priority * 0x1000000 + value : -1, extended };
  }

  /** Flow control that the chip was told goes to the unit that is asked; the chip's own goes to the unit that answers. */
  #requireFlowControl(route: Route): void {
    const { ownFlowControl, flowHeader, flowAddressByte } = this.#told;
    if (!ownFlowControl) return;
    if (!route.toOneUnit || flowHeader !== route.id || flowAddressByte !== route.addressByte)
      throw new EgressRefusal("address", "flow control would go to another unit than the one that is asked");
  }
}

function refusal(detail: string): EgressRefusal {
  return new EgressRefusal("command", detail);
}
