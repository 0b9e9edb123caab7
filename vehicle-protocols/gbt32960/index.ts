export { type GeneralAlarm, generalAlarms } from "./alarms.ts";
export type { Block, Block2016, Block2025, CustomBlock, Gear } from "./blocks.ts";
export type { Reading, Unavailable } from "./codec.ts";
export { decodeMessage, type Message, packetOf } from "./message.ts";
export { decodePacket, type Edition, encodePacket, type Gb32960Packet } from "./packet.ts";
export { type Report, type ReportTime, type Undecoded, unixMsOf } from "./report.ts";
export { reportValues } from "./report-values.ts";
export { Gb32960Stream, type StreamEvent } from "./stream.ts";
