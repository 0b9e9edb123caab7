export { adviceFor, type CarAdvice, type DtcLamps, type LampState, lampsOfJ1939 } from "./advice.ts";
export { type ParsedDtc, parseDtcCode } from "./code.ts";
export type { DriveAdvice, DtcSeverity, DtcSystem } from "./families.ts";
export { type DtcKnowledge, type DtcStructureExplained, knowDtc, knownDtcs } from "./knowledge.ts";
export type { DtcOrigin, DtcPhrase } from "./structure.ts";
