export { answerBytes } from "./addressing.ts";
export {
  type CapturedPayload,
  type DecodedCapture,
  type DiagnosticCapture,
  decodeCapture,
  parseCaptureFrame,
} from "./capture.ts";
export {
  type CommandReadings,
  type CompiledCommand,
  type CompiledSignal,
  type CompileOptions,
  compileSignalSets,
  type EcuAnswer,
  isStandardSet,
  type SignalDecoder,
  type SignalReading,
} from "./compile.ts";
export { parseSignalSet } from "./parse.ts";
export type * from "./signal-set.ts";
export { signalWords } from "./words.ts";
