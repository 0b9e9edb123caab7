export { ascParser } from "./asc.ts";
export { candumpParser, parseCompactFrame } from "./candump.ts";
export {
  encodeGvretBusSetup,
  encodeGvretFrame,
  encodeGvretRequest,
  type GvretBus,
  type GvretReply,
  type GvretRequest,
  gvretParser,
} from "./gvret.ts";
export type {
  CanLineParser,
  CanRecord,
  DataRecord,
  ErrorRecord,
  NoteRecord,
  RemoteRecord,
  Sighting,
  UnreadableRecord,
} from "./record.ts";
export {
  encodeSlcanCommand,
  encodeSlcanFrame,
  type SlcanBitRate,
  type SlcanCommand,
  type SlcanProblem,
  type SlcanReply,
  slcanParser,
} from "./slcan.ts";
export { trcParser } from "./trc.ts";
