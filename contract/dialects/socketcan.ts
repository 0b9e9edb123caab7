import Type, { type Static } from "typebox";
import { closedOptions, type DialectRow, ScanOptions } from "./rows.ts";

export const SocketCanOptions = closedOptions({
  /** Name of the interface as `ip link` shows it. Its bit rate belongs to the machine's set-up, which needs rights that the bridge has not. */
  interface: Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,14}$", description: "interface name, such as can0" }),
  /** With false the car may be asked; even then nothing is sent until somebody asks. */
  listenOnly: Type.Optional(Type.Boolean({ default: true })),
  scan: Type.Optional(ScanOptions),
});
export type SocketCanOptions = Static<typeof SocketCanOptions>;

/** A CAN interface of the bridge's own machine, through Linux SocketCAN. */
export const SOCKETCAN: DialectRow = {
  name: "socketcan",
  label: { en: "CAN interface of the bridge's machine (SocketCAN)", "zh-CN": "固件桥主机的 CAN 接口(SocketCAN)" },
  car: "asked",
  topics: [],
  options: SocketCanOptions,
};
