export type { ElmSetup } from "./elm-setup.ts";
export { type Expression, evaluateExpression, parseExpression } from "./expression.ts";
export { framedBytes } from "./framed-bytes.ts";
export {
  parseWicanProfiles,
  readWicanParameters,
  type WicanCommand,
  type WicanParameter,
  type WicanProfile,
  type WicanProfiles,
  type WicanReading,
} from "./profile.ts";
export { type WicanWord, wicanWord, wicanWords } from "./words.ts";
