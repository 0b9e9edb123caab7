/**
 * Freematics text: `<id>#<pid>:<value>[;<value>…],…*<checksum>` with PIDs in hex, or `<id>#EV=1,TS=…,VIN=…*<checksum>` for what happens to the device.
 * The checksum is the sum of all bytes before the asterisk, modulo 256, in hex (firmware sources: telestore.cpp, teleclient.cpp).
 */
export interface FreematicsMessage {
  /** The device's own id, or the short number that a server gave it at its login. */
  readonly id: string;
  readonly event: FreematicsEvent | undefined;
  readonly values: readonly { readonly pid: number; readonly numbers: readonly number[] }[];
}

export interface FreematicsEvent {
  readonly number: number;
  readonly members: ReadonlyMap<string, string>;
}

const LOGIN = 1;
export const LOGOUT = 2;
export const SYNC = 3;
/** Our answer is awaited; ACK (6) is none, and COMMAND (5) is something that we never send. */
export const ANSWERED_EVENTS: ReadonlySet<number> = new Set([LOGIN, LOGOUT, SYNC, 4, 7]);

const MOST_VALUES = 500;
const LONGEST_BYTES = 4096;

/** Reads one message. @returns undefined for what is none, or was damaged on the way */
export function readFreematics(payload: Uint8Array): FreematicsMessage | undefined {
  if (payload.length > LONGEST_BYTES) return undefined;
  const text = Buffer.from(payload).toString("latin1").trim();
  const end = text.lastIndexOf("*");
  if (end < 0 || !/^[0-9A-Fa-f]{1,2}$/.test(text.slice(end + 1))) return undefined;
  if (checksumOf(text.slice(0, end)) !== Number.parseInt(text.slice(end + 1), 16)) return undefined;
  const [, id, body = ""] = /^([A-Za-z0-9_]{1,32})#(.*)$/s.exec(text.slice(0, end)) ?? [];
  if (id === undefined) return undefined;
  const parts = body.split(",", MOST_VALUES);
  if (body.startsWith("EV=")) {
    const members = new Map(parts.map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
    return { id, event: { number: Number.parseInt(members.get("EV") ?? "", 16), members }, values: [] };
  }
  const values = parts.flatMap((part) => {
    // Older firmware writes "=" where the newer has ":".
    const [, pid = "", numbers = ""] = /^([0-9A-Fa-f]{1,4})[:=]([-+0-9.;]+)$/.exec(part) ?? [];
    const list = numbers.split(";").map(Number);
    return pid === "" || !list.every(Number.isFinite) ? [] : [{ pid: Number.parseInt(pid, 16), numbers: list }];
  });
  return { id, event: undefined, values };
}

/** What a server says: `<number>#EV=<event>,RX=<messages received>,TM=<unix seconds>*<checksum>`. */
export function writeFreematicsReply(number: number, event: number, received: number, unixSeconds: number): string {
  const text = `${number.toString(16).toUpperCase()}#EV=${event},RX=${received},TM=${unixSeconds}`;
  return `${text}*${checksumOf(text).toString(16).toUpperCase()}`;
}

/** The short number that a device gets at its login: older firmware names itself by it. One to FFFF, by the device's id alone. */
export function feedNumberOf(deviceId: string): number {
  let hash = 0;
  for (const char of deviceId) hash = (hash * 31 + char.charCodeAt(0)) % 0xffff;
  return hash + 1;
}

function checksumOf(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) sum = (sum + text.charCodeAt(index)) & 0xff;
  return sum;
}
