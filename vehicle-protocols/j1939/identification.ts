import { type Decoded, decoded, refused } from "../errors.ts";
import { checkVin, type VinCheck } from "../obd/vin.ts";

/** SAE J1939-71, 65260: the vehicle identification number up to its `*`. @returns refused `truncated` without a text */
export function decodeVehicleIdentification(data: Uint8Array): Decoded<VinCheck> {
  const [vin = ""] = starredTexts(data);
  return vin === "" ? refused("truncated", "no vehicle identification number") : decoded(checkVin(vin));
}

export type ComponentIdentification = {
  readonly make: string | undefined;
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  readonly unitNumber: string | undefined;
};

/** 65259: make, model, serial number and unit number, each up to a `*`. What is empty or not sent is undefined. */
export function decodeComponentIdentification(data: Uint8Array): ComponentIdentification {
  const [make, model, serialNumber, unitNumber] = starredTexts(data).map((text) => (text === "" ? undefined : text));
  return { make, model, serialNumber, unitNumber };
}

/** 65242: the number of texts, then the software designations, each up to a `*`; empty ones are left out. */
export function decodeSoftwareIdentification(data: Uint8Array): string[] {
  return starredTexts(data.subarray(1)).filter((text) => text !== "");
}

/** FF and 00 fill up what is not used; signs that do not print come as `?`. */
function starredTexts(data: Uint8Array): string[] {
  let text = "";
  for (const byte of data) {
    if (byte === 0xff || byte === 0) continue;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  }
  const texts = text.split("*").map((part) => part.trim());
  // What follows the last star is another, unfinished text, or nothing.
  if (texts.at(-1) === "") texts.pop();
  return texts;
}

/** SAE J1939-81: the 64-bit NAME in an address claim (60928). */
export type J1939Name = {
  readonly identityNumber: number;
  readonly manufacturerCode: number;
  readonly ecuInstance: number;
  readonly functionInstance: number;
  readonly functionCode: number;
  readonly vehicleSystem: number;
  readonly vehicleSystemInstance: number;
  /** 0 all, 1 on-highway, 2 agriculture and forestry, 3 construction, 4 marine, 5 industrial. */
  readonly industryGroup: number;
  /** It can move to another address when its own is taken. */
  readonly arbitraryAddressCapable: boolean;
};

export const ADDRESS_CLAIM_PGN = 60928;

/** @returns refused `truncated` for fewer than 8 bytes */
export function decodeName(data: Uint8Array): Decoded<J1939Name> {
  if (data.length < 8) return refused("truncated", `a NAME of ${data.length} bytes`);
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0, b7 = 0] = data;
  return decoded({
    identityNumber: b0 | (b1 << 8) | ((b2 & 0x1f) << 16),
    manufacturerCode: (b2 >> 5) | (b3 << 3),
    ecuInstance: b4 & 7,
    functionInstance: b4 >> 3,
    functionCode: b5,
    vehicleSystem: b6 >> 1,
    vehicleSystemInstance: b7 & 0x0f,
    industryGroup: (b7 >> 4) & 7,
    arbitraryAddressCapable: (b7 & 0x80) !== 0,
  });
}
