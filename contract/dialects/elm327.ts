import Type, { type Static } from "typebox";
import { StreamOrWebSocketAddress } from "./line-address.ts";
import { closedOptions, type DialectRow, ScanOptions } from "./rows.ts";

export const Elm327Options = closedOptions({
  /** Port 35000 where none is named, 38 400 bit/s on a serial port. */
  address: StreamOrWebSocketAddress,
  /** `can`: cars without CAN are not looked for, so that a silent car is told as silent twenty seconds sooner. */
  lines: Type.Optional(
    Type.Union([Type.Literal("all"), Type.Literal("can")], { default: "all", description: "all or can" }),
  ),
  scan: Type.Optional(ScanOptions),
});
export type Elm327Options = Static<typeof Elm327Options>;

/** ELM327, STN11xx and STN2xxx, OBDLink, their clones, and WiCAN in its ELM327 mode: the bridge dials out to them. */
export const ELM327: DialectRow = {
  name: "elm327",
  label: {
    en: "ELM327, STN, OBDLink and clones (Wi-Fi or serial)",
    "zh-CN": "ELM327 / STN / OBDLink 及兼容盒(Wi-Fi 或串口)",
  },
  car: "asked",
  topics: [],
  options: Elm327Options,
};
