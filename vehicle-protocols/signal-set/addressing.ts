import type { CommandAddress } from "./signal-set.ts";

/** The keys of a command that say where it goes, as the file writes them (hex text without 0x). */
export type AddressKeys = {
  readonly hdr: string;
  readonly rax?: string | undefined;
  readonly eax?: string | undefined;
  readonly tst?: string | undefined;
  readonly pri?: string | undefined;
  readonly proto?: string | undefined;
  readonly fcm1?: boolean | undefined;
};

const TESTER = 0xf1;
/** ISO 15765-4: priority byte of 29-bit diagnostics; other makers' schemes write their own (`pri`). */
const USUAL_PRIORITY = 0x18;
/** ISO 14230 / SAE J1850 functional headers that a set may name without saying the protocol. */
const K_LINE_HEADERS: ReadonlySet<string> = new Set(["686A", "C133", "C233"]);

/**
 * CAN ids of a command. Three digits are an 11-bit id. Four digits are the middle of a 29-bit id: priority before them,
 * the tester's address behind them; a two-digit `rax` is then the ECU of an ISO 15765-4 answer (pp DA F1 xx), a six-digit
 * one stands behind the priority, an eight-digit one is the whole id.
 * @returns undefined if a key is not hex of a length that is known
 */
export function addressOf(keys: AddressKeys): CommandAddress | undefined {
  const { hdr, rax, eax, tst, pri, proto } = keys;
  for (const byte of [eax, tst, pri]) if (byte !== undefined && !isHex(byte, 2)) return undefined;
  const targetByte = byteOf(eax);
  const testerByte = byteOf(tst);
  const rest = { targetByte, testerByte, manualFlowControl: keys.fcm1 === true };
  if (isHex(hdr, 3)) {
    if (rax !== undefined && !isHex(rax, 3)) return undefined;
    return { line: "can-11-bit", requestId: hex(hdr), responseId: rax === undefined ? undefined : hex(rax), ...rest };
  }
  if (proto === "9141-2" || K_LINE_HEADERS.has(hdr.toUpperCase())) {
    if (!isHex(hdr, 4) || (rax !== undefined && !isHex(rax, 2))) return undefined;
    const requestId = hex(hdr) * 256 + (testerByte ?? TESTER);
    return { line: "k-line", requestId, responseId: rax === undefined ? undefined : hex(rax), ...rest };
  }
  const priority = byteOf(pri) ?? USUAL_PRIORITY;
  if (isHex(hdr, 8)) {
    if (rax !== undefined && !isHex(rax, 8)) return undefined;
    return { line: "can-29-bit", requestId: hex(hdr), responseId: rax === undefined ? undefined : hex(rax), ...rest };
  }
  if (!isHex(hdr, 4)) return undefined;
  const requestId = priority * 0x1000000 + hex(hdr) * 0x100 + (testerByte ?? TESTER);
  if (rax === undefined) return { line: "can-29-bit", requestId, responseId: undefined, ...rest };
  const responseId = longResponseId(rax, priority, testerByte ?? TESTER);
  return responseId === undefined ? undefined : { line: "can-29-bit", requestId, responseId, ...rest };
}

function longResponseId(rax: string, priority: number, tester: number): number | undefined {
  if (isHex(rax, 2)) return priority * 0x1000000 + 0xda0000 + tester * 0x100 + hex(rax);
  if (isHex(rax, 4)) return priority * 0x1000000 + 0xda0000 + hex(rax);
  if (isHex(rax, 6)) return priority * 0x1000000 + hex(rax);
  return isHex(rax, 8) ? hex(rax) : undefined;
}

/**
 * Address bytes that answers to this command may carry before their PCI; empty with normal addressing. With BMW's scheme
 * (request 6F1, answer 600 + ECU) the ECU writes the tester's address there, with mixed addressing its own.
 */
export function answerBytes(address: CommandAddress): readonly number[] {
  if (address.targetByte === undefined) return [];
  const fromTester = address.testerByte ?? TESTER;
  const ownScheme = address.line === "can-11-bit" && address.responseId === 0x600 + address.targetByte;
  return ownScheme ? [fromTester, address.targetByte] : [address.targetByte, fromTester];
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-fA-F]+$/.test(text);
}

function byteOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : hex(text);
}

function hex(text: string): number {
  return Number.parseInt(text, 16);
}
