import { EgressRefusal } from "./refusal.ts";

/** Freematics: a server's answers to what a device said of itself. Commands (event 5) are not here. */
const ANSWER = /^[0-9A-F]{1,4}#EV=[12347],RX=\d{1,15},TM=\d{1,15}\*[0-9A-F]{1,2}$/;

/** @throws EgressRefusal for anything but such an answer */
export function guardFreematics(bytes: Uint8Array): void {
  const text = Buffer.from(bytes).toString("latin1");
  if (!ANSWER.test(text))
    throw new EgressRefusal("command", `${text.slice(0, 80)} is no answer to a Freematics device`);
}
