import { stat } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { checkOnGoldenSet, type GoldenFigures, readGoldenSet } from "./accuracy/golden-set.ts";
import { checkBundle } from "./check-bundle.ts";
import type { Provider, RefusedProvider } from "./providers.ts";
import { loadBundle, type ModelBundle } from "./registry/bundle.ts";
import { readBounded } from "./registry/bundle-file.ts";
import type { ModelRole } from "./registry/manifest.ts";
import { checkSignature, type SignatureState, type Trust } from "./registry/signature.ts";
import type { ModelStore } from "./registry/store.ts";

/** What a bundle is going through, for a person who waits. */
export type AddStage = "reading" | "warming-up" | "golden-set";

export interface AddOptions {
  readonly store: ModelStore;
  /** Tried one by one. */
  readonly providers: readonly Provider[];
  readonly trust: Trust;
  /** Folder of a golden set; the bundle's own `golden/` where absent, and none where there is none. */
  readonly golden?: string | undefined;
  readonly onStage?: (stage: AddStage) => void;
}

/** What was found when a bundle was examined; kept with it. */
export interface Acceptance {
  readonly signature: SignatureState;
  readonly provider: Provider;
  readonly refusedProviders: readonly RefusedProvider[];
  /** Null: not measured on a golden set. */
  readonly golden: GoldenFigures | null;
}

export interface AddedBundle {
  readonly id: string;
  readonly role: ModelRole;
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** False: it was there already, and is now the active one. */
  readonly isNew: boolean;
  readonly acceptance: Acceptance;
}

/** Labels that the gateway asks for by name. */
const NEEDED_LABELS: Partial<Record<ModelRole, readonly string[]>> = {
  bay: ["person", "vehicle"],
  plate: ["plate"],
  face: ["face"],
};

const MAX_SIGNATURE_BYTES = 1024;

/**
 * Examines a bundle and makes it the active one of its role: size and card, hash, signature, no data outside the file, tensors and labels, two runs of the
 * network, golden set. Only what passed everything is ever seen by the gateway; the present model stays where anything fails.
 * @param folder with `model.yaml`, its ONNX file and perhaps `golden/`. Only the files that the card names are kept: a golden set shows customers' cars
 * @throws GatewayError MODEL_*
 */
export async function addBundle(folder: string, options: AddOptions): Promise<AddedBundle> {
  const { store, trust, onStage } = options;
  onStage?.("reading");
  let signature: SignatureState = { state: "unsigned" };
  const bundle = await loadBundle(folder, {
    beforeParsing: async (read) => {
      signature = await checkSignature(folder, read, trust);
    },
  });
  const { manifest } = bundle;
  refuseMissingLabels(bundle);
  const { role, name, version } = manifest;
  const added = await store.add(bundle, await signatureFile(folder, bundle), async (copy) => {
    onStage?.("warming-up");
    const checked = await checkBundle(copy, options.providers);
    if (!checked.ok) throw checked.error;
    const { provider, refusedProviders } = checked;
    const golden = await goldenFigures(folder, copy, bundle, options);
    return { signature, provider, refusedProviders, golden };
  });
  return { ...added, role, name, version };
}

function refuseMissingLabels({ manifest: { role, labels } }: ModelBundle): void {
  const missing = (NEEDED_LABELS[role] ?? []).filter((label) => !labels.includes(label));
  if (missing.length > 0)
    throw new GatewayError("MODEL_ROLE_LABELS_MISSING", { detail: `${role} needs ${missing.join(", ")}` });
}

async function signatureFile(folder: string, { manifest }: ModelBundle): Promise<Buffer | undefined> {
  if (manifest.signature === undefined) return undefined;
  return readBounded(join(folder, manifest.signature), MAX_SIGNATURE_BYTES, "MODEL_SIGNATURE_INVALID");
}

async function goldenFigures(
  folder: string,
  copy: string,
  { manifest }: ModelBundle,
  { golden, store, providers, onStage }: AddOptions,
): Promise<GoldenFigures | null> {
  const own = join(folder, "golden");
  const chosen = golden ?? ((await isFolder(own)) ? own : undefined);
  if (chosen === undefined) return null;
  const set = await readGoldenSet(chosen, manifest.labels);
  onStage?.("golden-set");
  return checkOnGoldenSet(copy, set, { providers, atWork: await store.active(manifest.role) });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
