/**
 * What neighbours may use of the store of model bundles: a face of its own, because it loads neither decoder nor network. Adding a bundle does, and is
 * `addBundle` in `detect-images.ts`.
 */
export { loadCard, MAX_MODEL_BYTES } from "./registry/bundle.ts";
export { readBounded } from "./registry/bundle-file.ts";
export { MODEL_ROLES, type ModelRole } from "./registry/manifest.ts";
export { type OnnxFile, readOnnxFile } from "./registry/onnx-file.ts";
export { readTrustedKeys, type SignatureState } from "./registry/signature.ts";
export { ModelStore, type StoredVersion } from "./registry/store.ts";
export { type Answers, type Missing, type Proposal, proposeCard, type Question } from "./registry/wizard.ts";
