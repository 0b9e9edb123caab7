import Type, { type Static } from "typebox";
import { StreamAddress } from "./line-address.ts";
import { closedOptions, type DialectRow, ScanOptions } from "./rows.ts";

export const GvretOptions = closedOptions({
  /** Port 23 where none is named, 1 000 000 bit/s on a serial port. */
  address: StreamAddress,
  bitRateKbit: Type.Optional(Type.Integer({ minimum: 10, maximum: 1000, default: 500 })),
  /** Which of the adapter's two buses the car is on. */
  bus: Type.Optional(Type.Integer({ minimum: 0, maximum: 1, default: 0 })),
  scan: Type.Optional(ScanOptions),
});
export type GvretOptions = Static<typeof GvretOptions>;

/** ESP32RET, M2RET and WiCAN in "savvycan" mode. The bridge dials out to them. */
export const GVRET: DialectRow = {
  name: "gvret",
  label: { en: "GVRET: ESP32RET, M2RET (serial or TCP)", "zh-CN": "GVRET:ESP32RET、M2RET(串口或 TCP)" },
  car: "asked",
  topics: [],
  options: GvretOptions,
};
