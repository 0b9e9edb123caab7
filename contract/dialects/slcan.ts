import Type, { type Static } from "typebox";
import { StreamAddress } from "./line-address.ts";
import { closedOptions, type DialectRow, ScanOptions } from "./rows.ts";

export const SlcanOptions = closedOptions({
  /** 115 200 bit/s on a serial port where none is named; adapters on USB take any. */
  address: StreamAddress,
  /** Of the bus behind the adapter: 500 in nearly all cars, 250 in trucks. */
  bitRateKbit: Type.Optional(
    Type.Union(
      [10, 20, 50, 100, 125, 250, 500, 800, 1000].map((rate) => Type.Literal(rate)),
      { default: 500, description: "10, 20, 50, 100, 125, 250, 500, 800 or 1000" },
    ),
  ),
  scan: Type.Optional(ScanOptions),
});
export type SlcanOptions = Static<typeof SlcanOptions>;

/** LAWICEL and everything that speaks its text: CANable, CANUSB, WiCAN in slcan mode. The bridge dials out to them. */
export const SLCAN: DialectRow = {
  name: "slcan",
  label: {
    en: "slcan / LAWICEL: CANable, CANUSB (serial or TCP)",
    "zh-CN": "slcan / LAWICEL:CANable、CANUSB(串口或 TCP)",
  },
  car: "asked",
  topics: [],
  options: SlcanOptions,
};
