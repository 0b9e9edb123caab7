export {
  addressWithByte,
  functionalId,
  type IsoTpAddress,
  mixedFixedAddress,
  normalAddress,
  normalFixedAddress,
  physicalAddressOf,
} from "./addressing.ts";
export {
  type CapturedMessage,
  type CaptureOptions,
  type CaptureResult,
  type CaptureStream,
  reassembleCapture,
} from "./capture.ts";
export type { FrameLength } from "./pci.ts";
export {
  IsoTpReceiver,
  type IsoTpReceiverEvent,
  type IsoTpReceiverOptions,
  type IsoTpReceiverStep,
} from "./receiver.ts";
export { IsoTpSender, type IsoTpSenderOptions, type IsoTpSenderState } from "./sender.ts";
