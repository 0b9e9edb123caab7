import type { ClearAuthority } from "../../contract/payloads.ts";
import { type CanFrame, type ExchangeOptions, toHex } from "../../vehicle-protocols/index.ts";
import { type Route, routesOf } from "./addresses.ts";
import { EgressRefusal } from "./refusal.ts";
import { kindOfRequest, requireReadableGroup } from "./services.ts";

/** A technician's authority to clear codes is spent within this time or not at all. */
const AUTHORITY_MS = 120_000;
/** The gateway's clock and ours may be two machines'. */
const CLOCK_SKEW_MS = 30_000;
/** Transactions remembered, so that one delivered twice clears once. */
const REMEMBERED_TRANSACTIONS = 200;

/** What is asked of a car: the part of an exchange that leaves the house. */
export type Question = Pick<ExchangeOptions, "target" | "request">;

/** What a guard of a line protocol asks before it lets bytes pass. */
export interface Approvals {
  /** The question that may go out now. */
  readonly approved: Question | undefined;
  /**
   * Lets a CAN frame pass that belongs to the approved question: its single frame, its segments in their order, and flow control to the units that answer.
   * @throws EgressRefusal
   */
  passFrame(frame: CanFrame): CanFrame;
  /**
   * The same for chips that do ISO-TP themselves: lets exactly the approved request pass.
   * @throws EgressRefusal
   */
  passRequest(request: Uint8Array): void;
}

/**
 * What one device may be asked at this moment: one question at a time, approved by its bytes and its address before any of it is encoded.
 * Guards of the outlets compare every write with it, whatever adapters believe that they send.
 */
export class EgressGate implements Approvals {
  readonly #now: () => number;
  readonly #spent = new Set<string>();
  #approved: Approved | undefined;
  #approvedGroup: number | undefined;
  #clearingUntil: number | undefined;

  /** @param now wall clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  get approved(): Question | undefined {
    return this.#approved?.question;
  }

  /**
   * Approves one question in place of the one before.
   * @throws EgressRefusal `service`, `address`, or `authority` for clearing without one
   */
  approve(question: Question): void {
    this.withdraw();
    if (kindOfRequest(question.request) === "clearing") this.#requireAuthority();
    const routes = routesOf(question.target);
    const kept = { target: question.target, request: question.request.slice() };
    this.#approved = { question: kept, routes, sent: 0, nextSequence: 0 };
  }

  /**
   * Approves the request to all controllers of a truck for one parameter group, in place of any question.
   * @throws EgressRefusal `service` for a group that does not only read
   */
  approveGroup(pgn: number): void {
    this.withdraw();
    requireReadableGroup(pgn);
    this.#approvedGroup = pgn;
  }

  withdraw(): void {
    this.#approved = undefined;
    this.#approvedGroup = undefined;
  }

  /**
   * Opens the way for clearing requests until the result is called or the authority is two minutes old.
   * @throws EgressRefusal `authority` when it is stale, from the future, or was used before
   */
  openClearing(transaction: string, authority: ClearAuthority): () => void {
    const ageMs = this.#now() - authority.grantedAt;
    if (ageMs > AUTHORITY_MS || ageMs < -CLOCK_SKEW_MS)
      throw new EgressRefusal("authority", `the authority to clear codes is ${Math.round(ageMs / 1000)} s old`);
    if (this.#spent.has(transaction))
      throw new EgressRefusal("authority", "the authority to clear codes was used before");
    this.#spent.add(transaction);
    const [oldest] = this.#spent;
    if (this.#spent.size > REMEMBERED_TRANSACTIONS && oldest !== undefined) this.#spent.delete(oldest);
    this.#clearingUntil = authority.grantedAt + AUTHORITY_MS;
    return () => {
      this.#clearingUntil = undefined;
      this.withdraw();
    };
  }

  passFrame(frame: CanFrame): CanFrame {
    if (this.#approvedGroup !== undefined) return requireGroupRequest(frame, this.#approvedGroup);
    const approved = this.#approved;
    if (approved === undefined) throw new EgressRefusal("frame", "nothing was approved to be asked");
    const route = routeOf(approved.routes, frame);
    const transport = frame.data.subarray(route.addressByte === undefined ? 0 : 1);
    const [pci] = transport;
    if (pci === undefined) throw new EgressRefusal("frame", "an empty frame asks nothing");
    if (pci >> 4 === FLOW_CONTROL) {
      requireFlowControl(route, transport);
      return frame;
    }
    if (kindOfRequest(approved.question.request) === "clearing") this.#requireAuthority();
    const body = transport.subarray(1);
    if (pci >> 4 === SINGLE_FRAME) requireSingleFrame(approved.question.request, pci, body);
    else if (pci >> 4 === FIRST_FRAME) takeFirstFrame(approved, pci, body);
    else if (pci >> 4 === CONSECUTIVE_FRAME) takeConsecutiveFrame(approved, pci, body);
    else throw new EgressRefusal("frame", `${toHex(frame.data)} is no frame of ISO 15765-2`);
    return frame;
  }

  passRequest(request: Uint8Array): void {
    const approved = this.#approved?.question.request;
    if (approved === undefined || !equal(approved, request))
      throw new EgressRefusal("frame", `${toHex(request)} is not what was approved to be asked`);
    if (kindOfRequest(request) === "clearing") this.#requireAuthority();
  }

  #requireAuthority(): void {
    if (this.#clearingUntil === undefined || this.#now() > this.#clearingUntil)
      throw new EgressRefusal("authority", "codes are cleared only with the fresh authority of a technician");
  }
}

interface Approved {
  readonly question: Question;
  readonly routes: readonly Route[];
  /** Of a segmented request: bytes that have left, and the sequence number that comes next. */
  sent: number;
  nextSequence: number;
}

/** Upper nibble of an ISO-TP frame's first byte. */
const SINGLE_FRAME = 0;
const FIRST_FRAME = 1;
const CONSECUTIVE_FRAME = 2;
const FLOW_CONTROL = 3;

/** SAE J1939-21: request (PGN 59904) to all (FF) from service tool 1 (F9), priority 6. */
const GROUP_REQUEST_ID = 0x18eafff9;

function requireGroupRequest(frame: CanFrame, pgn: number): CanFrame {
  const [low = 0, middle = 0, high = 0] = frame.data;
  const asked = low | (middle << 8) | (high << 16);
  if (frame.id !== GROUP_REQUEST_ID || !frame.extended || frame.data.length !== 3 || asked !== pgn)
    throw new EgressRefusal("frame", "the frame does not ask for the approved parameter group");
  return frame;
}

function routeOf(routes: readonly Route[], frame: CanFrame): Route {
  const route = routes.find(
    ({ id, extended, addressByte }) =>
      id === frame.id && extended === frame.extended && (addressByte === undefined || addressByte === frame.data[0]),
  );
  if (route === undefined)
    throw new EgressRefusal("address", `CAN id ${frame.id.toString(16)} is not where the approved question goes`);
  return route;
}

function requireSingleFrame(request: Uint8Array, pci: number, body: Uint8Array): void {
  // CAN FD has its length in the second byte.
  const length = pci === 0 ? (body[0] ?? 0) : pci;
  const content = pci === 0 ? body.subarray(1, 1 + length) : body.subarray(0, length);
  if (content.length !== length || !equal(content, request))
    throw new EgressRefusal("frame", `${toHex(body)} is not what was approved to be asked`);
}

function takeFirstFrame(approved: Approved, pci: number, body: Uint8Array): void {
  const { request } = approved.question;
  const length = ((pci & 0x0f) << 8) | (body[0] ?? 0);
  const content = body.subarray(1);
  if (length !== request.length || content.length >= length || !equal(content, request.subarray(0, content.length)))
    throw new EgressRefusal("frame", "the first frame does not begin what was approved to be asked");
  approved.sent = content.length;
  approved.nextSequence = 1;
}

function takeConsecutiveFrame(approved: Approved, pci: number, body: Uint8Array): void {
  const { request } = approved.question;
  const content = body.subarray(0, request.length - approved.sent);
  const expected = request.subarray(approved.sent, approved.sent + content.length);
  if (approved.sent === 0 || approved.sent >= request.length || (pci & 0x0f) !== approved.nextSequence)
    throw new EgressRefusal("frame", "the frame does not follow what was sent of the approved request");
  if (!equal(content, expected)) throw new EgressRefusal("frame", "the frame does not go on with the approved request");
  approved.sent += content.length;
  approved.nextSequence = (approved.nextSequence + 1) & 0x0f;
}

/** ISO 15765-2: status (go on, wait, overflow), block size, pause. */
function requireFlowControl(route: Route, transport: Uint8Array): void {
  if (!route.toOneUnit) throw new EgressRefusal("address", "flow control goes to the unit that answers, never to all");
  if ((transport[0]! & 0x0f) > 2 || transport.length < 3)
    throw new EgressRefusal("frame", `${toHex(transport)} is no flow control of ISO 15765-2`);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
