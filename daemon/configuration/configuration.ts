/** The face of this folder: what neighbours may use. */

export { checkConfiguration, type LoadedConfiguration, loadConfiguration, type RefusedConfiguration } from "./load.ts";
export { type ConfigurationProblem, problemLine, type Sentence } from "./problems.ts";
export type {
  BayConfiguration,
  BridgeConfiguration,
  CameraConfiguration,
  Configuration,
  DongleConfiguration,
} from "./resolved.ts";
export { keepLastGood, safeModeConfiguration } from "./safe-mode.ts";
