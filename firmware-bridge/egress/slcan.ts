import { fromHex } from "../../vehicle-protocols/index.ts";
import type { Approvals } from "./approvals.ts";
import type { LineGuard } from "./guards.ts";
import { EgressRefusal } from "./refusal.ts";

/** Commands that concern the adapter alone: close, open, listen, silent or not, bit rate, version, serial number, status. */
const OWN_COMMAND = /^(C|O|L|M[01]|S[0-8]|V|N|F)$/;
/** A classic data frame. Remote frames and CAN FD do not leave: nothing here asks by them. */
const DATA_FRAME = /^(?:t([0-9A-F]{3})|T([0-9A-F]{8}))([0-8])((?:[0-9A-F]{2})*)$/;

/** One command for each write, ended by a carriage return; frames only as the approved question has them. */
export class SlcanGuard implements LineGuard {
  readonly #approvals: Approvals;

  constructor(approvals: Approvals) {
    this.#approvals = approvals;
  }

  check(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("latin1");
    const command = text.slice(0, -1);
    if (!text.endsWith("\r")) throw refusal(text);
    if (OWN_COMMAND.test(command)) return;
    const [, short, long, length, hex = ""] = DATA_FRAME.exec(command) ?? [];
    const id = Number.parseInt(short ?? long ?? "", 16);
    if (Number.isNaN(id) || Number(length) * 2 !== hex.length) throw refusal(text);
    this.#approvals.passFrame({ id, extended: long !== undefined, data: fromHex(hex) });
  }
}

function refusal(text: string): EgressRefusal {
  return new EgressRefusal("command", `${JSON.stringify(text.slice(0, 40))} is no command that may leave`);
}
