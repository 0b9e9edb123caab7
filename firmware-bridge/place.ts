import type { Place } from "./egress/index.ts";

/** What a dialect takes where the address does not say it. */
export interface UsualPlace {
  readonly port: number;
  readonly baudRate: number;
}

/** Where a line goes, from the address in a dongle's options, whose form the contract checks (`contract/dialects/line-address.ts`). */
export function placeOf(address: string, usual: UsualPlace): Place {
  if (address.startsWith("serial:")) {
    const [path = "", speed] = address.slice("serial:".length).split("@");
    return { kind: "serial", path, baudRate: speed === undefined ? usual.baudRate : Number(speed) };
  }
  const tcp = /^tcp:\/\/([^:]+)(?::([0-9]+))?$/.exec(address);
  if (tcp === null) return { kind: "websocket", url: address };
  return { kind: "tcp", host: tcp[1] ?? "", port: tcp[2] === undefined ? usual.port : Number(tcp[2]) };
}
