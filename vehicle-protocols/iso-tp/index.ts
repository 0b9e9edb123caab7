export {
  addressWithByte,
  functionalId,
  type IsoTpAddress,
  normalAddress,
  normalFixedAddress,
  physicalAddressOf,
} from "./addressing.ts";
export { type CapturedMessage, type CaptureOptions, type CaptureResult, reassembleCapture } from "./capture.ts";
export {
  IsoTpReceiver,
  type IsoTpReceiverEvent,
  type IsoTpReceiverOptions,
  type IsoTpReceiverStep,
} from "./receiver.ts";
export { IsoTpSender, type IsoTpSenderOptions, type IsoTpSenderState } from "./sender.ts";
