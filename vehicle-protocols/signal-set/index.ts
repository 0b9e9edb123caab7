export { answerBytes } from "./addressing.ts";
export {
  type CapturedPayload,
  type DecodedCapture,
  type DiagnosticCapture,
  decodeCapture,
  parseCaptureFrame,
} from "./capture.ts";
export { type CommandText, parseCommandText } from "./command-text.ts";
export {
  type CommandReadings,
  type CompiledCommand,
  type CompiledSignal,
  type CompileOptions,
  compileSignal,
  compileSignalSets,
  type EcuAnswer,
  isStandardSet,
  readSignal,
  readSignals,
  type SignalDecoder,
  type SignalReading,
} from "./compile.ts";
export { parseSignalSet } from "./parse.ts";
export type * from "./signal-set.ts";
export { signalWords } from "./words.ts";
export { isForYear } from "./years.ts";
