import type { CanFrame } from "../vehicle-protocols/index.ts";

/** SAE J1979 services that only read. Clearing codes (04) and every UDS service that writes are not here. */
const READING_SERVICES: ReadonlySet<number> = new Set([0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x0a]);

/** Upper nibble of an ISO-TP frame's first byte. */
const SINGLE_FRAME = 0;
const FLOW_CONTROL = 3;

/**
 * The only way to a car. Lets through single frames that ask for a reading service, and the flow control that their answers need,
 * to diagnostic identifiers; everything else is a mistake of ours and throws before a byte leaves.
 * @throws RangeError on anything that is not a reading request
 */
export function guardEgress(frame: CanFrame): CanFrame {
  if (!isDiagnosticId(frame)) throw new RangeError(`CAN id ${frame.id.toString(16)} is not a diagnostic request id`);
  const [pci = 0xff, service = -1] = frame.data;
  if (pci >> 4 === FLOW_CONTROL) {
    if (isFunctional(frame)) throw new RangeError("flow control goes to one control unit, never to all");
    return frame;
  }
  if (pci >> 4 !== SINGLE_FRAME || pci === 0) throw new RangeError("only single-frame requests are sent to a car");
  if (!READING_SERVICES.has(service))
    throw new RangeError(`service ${service.toString(16)} is not on the list of reading services`);
  return frame;
}

/** ISO 15765-4: 7DF and 7E0–7E7; 18DB33F1 and 18DAxxF1. */
function isDiagnosticId(frame: CanFrame): boolean {
  if (isFunctional(frame)) return true;
  if (!frame.extended) return frame.id >= 0x7e0 && frame.id <= 0x7e7;
  return frame.id >>> 16 === 0x18da && (frame.id & 0xff) === 0xf1;
}

function isFunctional(frame: CanFrame): boolean {
  return frame.extended ? frame.id === 0x18db33f1 : frame.id === 0x7df;
}
