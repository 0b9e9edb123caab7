import type { Approvals } from "./approvals.ts";
import type { LineGuard } from "./guards.ts";
import { EgressRefusal } from "./refusal.ts";

const START = 0xf1;
const FRAME = 0x00;
const BUS_SETUP = 0x05;
/** Time, bus parameters, device, keep-alive, number of buses. */
const QUESTIONS: ReadonlySet<number> = new Set([0x01, 0x06, 0x07, 0x09, 0x0c]);
/** F1, command, identifier, bus, length; behind the data one byte of padding. */
const FRAME_HEAD_BYTES = 8;
const EXTENDED_FLAG = 0x80000000;

/** One packet for each write; classic frames only as the approved question has them, and no CAN FD. */
export class GvretGuard implements LineGuard {
  readonly #approvals: Approvals;

  constructor(approvals: Approvals) {
    this.#approvals = approvals;
  }

  check(bytes: Uint8Array): void {
    const [first = 0, command = 0] = bytes;
    if (bytes.length === 2 && first === 0xe7 && command === 0xe7) return;
    if (first !== START) throw refusal(bytes);
    if (bytes.length === 2 && QUESTIONS.has(command)) return;
    if (bytes.length === 10 && command === BUS_SETUP) return;
    const length = bytes[7] ?? 0;
    if (command !== FRAME || length > 8 || bytes.length !== FRAME_HEAD_BYTES + length + 1) throw refusal(bytes);
    const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2, true);
    const extended = word >= EXTENDED_FLAG;
    const data = bytes.slice(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length);
    this.#approvals.passFrame({ id: extended ? word - EXTENDED_FLAG : word, extended, data });
  }
}

function refusal(bytes: Uint8Array): EgressRefusal {
  return new EgressRefusal(
    "command",
    `${Buffer.from(bytes.subarray(0, 20)).toString("hex")} is no packet that may leave`,
  );
}
