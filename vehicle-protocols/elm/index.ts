export { ask, type ElmAsked } from "./ask.ts";
export { ElmChip, type ElmIdentity } from "./chip.ts";
export { ElmDialog, type ElmEnd, type ElmProcedure, type ElmStep } from "./dialog.ts";
export { type ElmSearchStep, findCar, leaveCar, searchSteps } from "./find-car.ts";
export type { ElmToken } from "./line-reader.ts";
export type { ElmProtocol } from "./protocols.ts";
export type { ElmBus, ElmNotice, ElmReplyPart } from "./reply-line.ts";
export { type ElmVolts, prepare, readVolts } from "./setup.ts";
