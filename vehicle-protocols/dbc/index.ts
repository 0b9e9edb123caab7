export { DbcDatabase } from "./database.ts";
export { MessageDecoder, type MessageReading, type SignalReading } from "./decoder.ts";
export type {
  Attributes,
  AttributeValue,
  DbcCondition,
  DbcEnvironmentVariable,
  DbcFile,
  DbcMessage,
  DbcNode,
  DbcSignal,
  DbcSignalGroup,
  ExactNumber,
  SelectorRange,
  ValueTable,
} from "./model.ts";
export { parseDbc } from "./parser.ts";
export { type DbcProblem, type DbcProblemCode, describeProblem, isLoss, lossesFirst } from "./problems.ts";
