import { GvretOptions } from "../../contract/dialects/gvret.ts";
import {
  encodeGvretBusSetup,
  encodeGvretFrame,
  encodeGvretRequest,
  type GvretBus,
  gvretParser,
} from "../../vehicle-protocols/index.ts";
import { type CanLanguage, CanStreamAdapter } from "../can-stream.ts";
import type { Dialect } from "../dialect.ts";
import { optionsOf } from "../options.ts";
import { placeOf } from "../place.ts";

const USUAL_PLACE = { port: 23, baudRate: 1_000_000 };

/** GVRET's binary protocol over serial ports and TCP: ESP32RET, M2RET, WiCAN in "savvycan" mode. */
export const gvret: Dialect = {
  name: "gvret",
  create: (at) => {
    const { address, bitRateKbit = 500, bus = 0 } = optionsOf(GvretOptions, at.settings.options);
    return new CanStreamAdapter(at, languageOf(placeOf(address, USUAL_PLACE), bitRateKbit * 1000, bus));
  },
};

function languageOf(place: CanLanguage["place"], bitRate: number, bus: number): CanLanguage {
  const setup = (listenOnly: boolean) => {
    const own: GvretBus = { enabled: true, listenOnly, bitRate };
    // ESP32RET opens its second bus at the first one's bit rate, so that is told although the first is off.
    const off: GvretBus = { enabled: false, listenOnly: true, bitRate };
    return encodeGvretBusSetup(bus === 0 ? [own, off] : [off, own]);
  };
  return {
    protocol: "gvret",
    place,
    fastestMs: 20,
    newReader: () => {
      const parser = gvretParser();
      return (bytes) =>
        parser.push(bytes).map((record) => {
          if (record.kind === "data") {
            // An adapter's other bus is another network of the car, or of nothing.
            return record.bus === undefined || record.bus === String(bus)
              ? { kind: "frame", frame: record.frame }
              : { kind: "alive" };
          }
          return record.kind === "unreadable" ? { kind: "nothing" } : { kind: "alive" };
        });
    },
    listen: () => [encodeGvretRequest("binary-mode"), setup(true)],
    talk: () => [setup(false)],
    send: (frame) => encodeGvretFrame(frame, bus),
    probe: () => encodeGvretRequest("keep-alive"),
  };
}
