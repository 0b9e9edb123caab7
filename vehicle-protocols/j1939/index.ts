export { describeController } from "./controllers.ts";
export { describeFailureMode, type Words } from "./failure-modes.ts";
export {
  encodeRequest,
  type J1939Request,
  READABLE_GROUPS,
  type ReadableGroup,
  readRequest,
  TROUBLE_CODE_GROUPS,
} from "./groups.ts";
export {
  ADDRESS_CLAIM_PGN,
  type ComponentIdentification,
  decodeComponentIdentification,
  decodeName,
  decodeSoftwareIdentification,
  decodeVehicleIdentification,
  type J1939Name,
} from "./identification.ts";
export {
  composeIdentifier,
  GLOBAL_ADDRESS,
  type J1939Identifier,
  NULL_ADDRESS,
  splitIdentifier,
} from "./identifier.ts";
export { describeParameter } from "./parameters.ts";
export { type J1939Message, J1939Receiver, type TransportProblem, type TransportStep } from "./transport.ts";
export {
  decodeReadiness,
  decodeTroubleCodeList,
  type J1939Monitor,
  type J1939Readiness,
  type J1939TroubleCode,
  type Lamp,
  type Lamps,
  type TroubleCodeList,
} from "./trouble-codes.ts";
