import type { Approvals } from "./approvals.ts";
import { ElmGuard } from "./elm.ts";
import { guardFreematics } from "./freematics.ts";
import { GvretGuard } from "./gvret.ts";
import { guardOvms } from "./ovms.ts";
import { SlcanGuard } from "./slcan.ts";
import { guardSocketCan } from "./socketcan.ts";
import { guardWican } from "./wican.ts";

/**
 * Knows one line protocol and reads every write before it leaves: adapters write whole commands, a guard takes nothing in pieces. One guard for
 * each opened line, so that it may remember what the line was told (a header, a mode).
 */
export interface LineGuard {
  /** @throws EgressRefusal when any of these bytes may not leave */
  check(bytes: Uint8Array): void;
}

/** Reads what a dialect sends to its device over the broker. */
export type NativeGuard = (topic: string, payload: string, nativeId: string, approvals: Approvals) => void;

/** Every line protocol that an adapter may open, and its guard. A protocol that is not here cannot be opened. */
export const LINE_GUARDS: ReadonlyMap<string, (approvals: Approvals) => LineGuard> = new Map<
  string,
  (approvals: Approvals) => LineGuard
>([
  ["slcan", (approvals) => new SlcanGuard(approvals)],
  ["gvret", (approvals) => new GvretGuard(approvals)],
  ["socketcan", guardSocketCan],
  ["elm327", (approvals: Approvals) => new ElmGuard(approvals)],
]);

/** Dialects that say anything to their device over the broker, and their guard. Whoever is not here says nothing. */
export const NATIVE_GUARDS: ReadonlyMap<string, NativeGuard> = new Map<string, NativeGuard>([
  ["wican", guardWican],
  ["ovms", guardOvms],
]);

/** What may be answered to devices that send datagrams to us. */
export const DATAGRAM_GUARDS: ReadonlyMap<string, (bytes: Uint8Array) => void> = new Map([
  ["freematics", guardFreematics],
]);
