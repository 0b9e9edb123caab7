export { type CanFrame, fromHex, toHex } from "./can-frame.ts";
export * from "./can-lines/index.ts";
export * from "./dbc/index.ts";
export { type Decoded, ProtocolError, type ProtocolErrorCode } from "./errors.ts";
export * from "./exchange/index.ts";
export * from "./iso-tp/index.ts";
export * from "./j1939/index.ts";
export * from "./obd/index.ts";
export * from "./uds/index.ts";
