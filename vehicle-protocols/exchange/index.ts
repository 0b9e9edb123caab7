export type { EcuAnswer } from "./ecu-conversation.ts";
export {
  DiagnosticExchange,
  type ExchangeOptions,
  type ExchangeOutcome,
  type ExchangeStep,
  type ExchangeTarget,
} from "./exchange.ts";
export { answersRequest } from "./matching.ts";
export { deniesAccess, type NegativeResponse, parseNegativeResponse } from "./negative-response.ts";
