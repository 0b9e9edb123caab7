import { SlcanOptions } from "../../contract/dialects/slcan.ts";
import {
  type CanRecord,
  encodeSlcanCommand,
  encodeSlcanFrame,
  type SlcanBitRate,
  type SlcanReply,
  slcanParser,
} from "../../vehicle-protocols/index.ts";
import { type CanLanguage, CanStreamAdapter, type Heard } from "../can-stream.ts";
import type { Dialect } from "../dialect.ts";
import { optionsOf } from "../options.ts";
import { placeOf } from "../place.ts";

const USUAL_PLACE = { port: 3333, baudRate: 115_200 };

/** LAWICEL text over serial ports and TCP: CANable, CANUSB, WiCAN in slcan mode. */
export const slcan: Dialect = {
  name: "slcan",
  create: (at) => {
    const { address, bitRateKbit = 500 } = optionsOf(SlcanOptions, at.settings.options);
    // The schema lists exactly the rates that the S command has digits for.
    return new CanStreamAdapter(
      at,
      languageOf(placeOf(address, USUAL_PLACE), { bitRateKbit: bitRateKbit as SlcanBitRate }),
    );
  },
};

function languageOf(place: CanLanguage["place"], rate: { readonly bitRateKbit: SlcanBitRate }): CanLanguage {
  const closed = [encodeSlcanCommand("close"), encodeSlcanCommand(rate)];
  return {
    protocol: "slcan",
    place,
    fastestMs: 20,
    newReader: () => {
      const parser = slcanParser();
      const meaningsOf = interpreter();
      return (bytes) => parser.push(bytes).flatMap(meaningsOf);
    },
    // CANable has no L: there M1 makes the channel silent before it is opened, and M0 takes that back.
    listen: (plainly) =>
      plainly
        ? [...closed, encodeSlcanCommand("silent"), encodeSlcanCommand("open")]
        : [...closed, encodeSlcanCommand("listen-only")],
    talk: (plainly) =>
      plainly
        ? [...closed, encodeSlcanCommand("normal"), encodeSlcanCommand("open")]
        : [...closed, encodeSlcanCommand("open")],
    send: encodeSlcanFrame,
    probe: () => encodeSlcanCommand("version"),
  };
}

/**
 * A bell alone does not say which command it refuses: LAWICEL adapters answer `C` with one whenever the channel is closed already. Answers come in order, and
 * `V` is always asked behind `L`, so the answer before that to `V` is that to `L`. Firmware of the CANtact family knows no `L`, and not all of it says so.
 */
function interpreter(): (record: CanRecord | SlcanReply) => readonly Heard[] {
  let wasRefused = false;
  return (record) => {
    if (record.kind === "data") return [{ kind: "frame", frame: record.frame }];
    if (record.kind !== "reply") return [];
    const isVersion = record.reply === "version" || record.reply === "cantact-version";
    const lacksListening = record.reply === "cantact-version" || (isVersion && wasRefused);
    wasRefused = record.reply === "error";
    if (wasRefused) return [];
    return lacksListening ? [{ kind: "alive" }, { kind: "refused" }] : [{ kind: "alive" }];
  };
}
