import { expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import {
  decodeComponentIdentification,
  decodeName,
  decodeSoftwareIdentification,
  decodeVehicleIdentification,
} from "./identification.ts";

const ascii = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));

test("a vehicle identification number ends at its star and is checked", () => {
  expect(decodeVehicleIdentification(ascii("1XKYD49X0MJ456789*"))).toMatchObject({
    ok: true,
    value: { vin: "1XKYD49X0MJ456789" },
  });
  expect(decodeVehicleIdentification(ascii("WDB9634031L123456*\xff\xff"))).toMatchObject({ value: { valid: true } });
  expect(decodeVehicleIdentification(ascii("TOO SHORT*"))).toMatchObject({ value: { valid: false } });
  for (const none of ["*", "", "\xff\xff\xff\xff\xff\xff\xff\xff"]) {
    expect(decodeVehicleIdentification(ascii(none))).toMatchObject({ ok: false, error: { code: "truncated" } });
  }
});

test("component and software identification, with fields that are empty or missing", () => {
  expect(decodeComponentIdentification(ascii("CMMNS*6C u07D0830000*80012345**"))).toEqual({
    make: "CMMNS",
    model: "6C u07D0830000",
    serialNumber: "80012345",
    unitNumber: undefined,
  });
  expect(decodeComponentIdentification(ascii("\xff\xff"))).toEqual({
    make: undefined,
    model: undefined,
    serialNumber: undefined,
    unitNumber: undefined,
  });
  expect(decodeSoftwareIdentification(ascii("\x02V1.2*CAL-\x07A*"))).toEqual(["V1.2", "CAL-?A"]);
  expect(decodeSoftwareIdentification(new Uint8Array())).toEqual([]);
});

test("the NAME of an address claim", () => {
  // Identity 0x12345, manufacturer 47, function 0 (engine), vehicle system 1, industry group 1, moves when its address is taken.
  expect(decodeName(fromHex("45 23 E1 05 19 00 02 93"))).toEqual({
    ok: true,
    value: {
      identityNumber: 0x12345,
      manufacturerCode: 47,
      ecuInstance: 1,
      functionInstance: 3,
      functionCode: 0,
      vehicleSystem: 1,
      vehicleSystemInstance: 3,
      industryGroup: 1,
      arbitraryAddressCapable: true,
    },
  });
  expect(decodeName(fromHex("00"))).toMatchObject({ ok: false });
});
