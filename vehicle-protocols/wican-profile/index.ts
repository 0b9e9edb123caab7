export type { ElmSetup } from "./elm-setup.ts";
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
