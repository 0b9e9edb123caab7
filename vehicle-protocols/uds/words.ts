/**
 * The words of ISO 14229-1 codes in both languages: a face of its own beside `index.ts`, since decoding never needs them.
 */
export {
  type BothLanguages,
  DTC_CLASS_WORDS,
  DTC_STANDING_WORDS,
  DTC_STATUS_WORDS,
  DTC_URGENCY_WORDS,
} from "./dtc-status-words.ts";
export { type FailureType, failureType } from "./failure-types.ts";
