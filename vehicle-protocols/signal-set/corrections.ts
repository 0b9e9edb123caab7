import type { NumberFormat, SignalDefinition, SignalSetCommand } from "./signal-set.ts";

/**
 * SAE J1979 services 01 06–09, 14–1B, 2D, 55–58 and 69: a trim or an error is (A − 128) × 100 ÷ 128 %. Some editions of the
 * public J1979 set add −128 after the scaling instead of −100, which would show −28 % for no correction at all. Proven
 * against captures of real cars, whose published values are those of the standard; every other formula of a set is taken
 * as it is written.
 */
const TRIM_PIDS: ReadonlySet<number> = new Set([
  0x06, 0x07, 0x08, 0x09, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x2d, 0x55, 0x56, 0x57, 0x58, 0x69,
]);

/** The signal as the standard has it, if its set writes it in the one way that is known to be wrong; else the signal itself. */
export function correctedSignal(command: SignalSetCommand, signal: SignalDefinition): SignalDefinition {
  const { format } = signal;
  if (command.service !== 0x01 || !TRIM_PIDS.has(command.parameter[0] ?? -1) || !isWrongTrim(format)) return signal;
  return { ...signal, format: { ...format, add: -100 } };
}

function isWrongTrim(format: SignalDefinition["format"]): format is NumberFormat {
  return (
    format.kind === "number" &&
    format.bits === 8 &&
    !format.signed &&
    format.multiply === 100 &&
    format.divide === 128 &&
    format.add === -128
  );
}
