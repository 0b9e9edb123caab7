/**
 * Identification that ISO 14229-1 (annex C) gives to every ECU, by short stable names. They are the maker's unless the name says
 * `supplier`.
 */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0xf180, "boot-software"],
  [0xf181, "application-software"],
  [0xf182, "application-data"],
  [0xf183, "boot-software-fingerprint"],
  [0xf184, "application-software-fingerprint"],
  [0xf185, "application-data-fingerprint"],
  [0xf186, "active-session"],
  [0xf187, "part-number"],
  [0xf188, "software-number"],
  [0xf189, "software-version"],
  [0xf18a, "supplier"],
  [0xf18b, "manufacturing-date"],
  [0xf18c, "serial-number"],
  [0xf18d, "functional-units"],
  [0xf18e, "kit-part-number"],
  [0xf18f, "regulation-software-numbers"],
  [0xf190, "vin"],
  [0xf191, "hardware-number"],
  [0xf192, "supplier-hardware-number"],
  [0xf193, "supplier-hardware-version"],
  [0xf194, "supplier-software-number"],
  [0xf195, "supplier-software-version"],
  [0xf196, "type-approval-number"],
  [0xf197, "system-name"],
  [0xf198, "repair-shop-code"],
  [0xf199, "programming-date"],
  [0xf19a, "calibration-shop-code"],
  [0xf19b, "calibration-date"],
  [0xf19c, "calibration-equipment-software"],
  [0xf19d, "installation-date"],
  [0xf19e, "odx-file"],
  [0xf19f, "entity"],
  [0xff00, "uds-version"],
]);

const DATES: ReadonlySet<number> = new Set([0xf18b, 0xf199, 0xf19b, 0xf19d]);

/** undefined for identifiers whose meaning the maker has given. */
export function identifierName(did: number): string | undefined {
  return NAMES.get(did);
}

/** Identifiers whose data has one length in every car. */
export function standardIdentifierLength(did: number): number | undefined {
  if (did === 0xf190) return 17;
  return did === 0xf186 ? 1 : undefined;
}

/**
 * Identification as a person reads it: text, or a date of three or four binary-coded bytes as "2019-04-30".
 * @returns undefined when the bytes are neither; show them in hex then
 */
export function identificationText(did: number, data: Uint8Array): string | undefined {
  if (DATES.has(did)) {
    const date = packedDate(data);
    if (date !== undefined) return date;
  }
  // 00, FF and blanks fill texts up at either end.
  let text = "";
  for (const byte of data) text += byte === 0x00 || byte === 0xff ? " " : String.fromCharCode(byte);
  text = text.trim();
  return text !== "" && /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}

function packedDate(data: Uint8Array): string | undefined {
  const digits = [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const [, century = "20", year, month, day] =
    /^(19|20)?([0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$/.exec(digits) ?? [];
  if (year === undefined || (data.length !== 3 && data.length !== 4)) return undefined;
  return `${century}${year}-${month}-${day}`;
}
