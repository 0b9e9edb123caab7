import { access } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { type Configuration, loadConfiguration } from "../configuration/configuration.ts";
import { placesIn } from "../gateway/places.ts";
import { ModelStore } from "../vision/models.ts";
import type { Places } from "./program.ts";

const SHIPPED = join(import.meta.dirname, "../../models");

type VisionConfiguration = Configuration["vision"];

/** What is said of models where there is no configuration yet. */
const DEFAULTS: Pick<VisionConfiguration, "providers" | "trustedModelKeys" | "requireModelSignature" | "goldenSets"> = {
  providers: ["tensorrt", "cuda", "cpu"],
  trustedModelKeys: [],
  requireModelSignature: false,
  goldenSets: {},
};

export interface ModelPlaces {
  readonly store: ModelStore;
  readonly rules: Pick<VisionConfiguration, keyof typeof DEFAULTS>;
}

/**
 * The store of the gateway on this data folder, and the shop's rules about models. Without a configuration there are the defaults; one that is wrong is
 * refused, because it could be what asks for signatures.
 * @throws GatewayError CONFIG_*
 */
export async function modelPlacesOf({ config, data }: Pick<Places, "config" | "data">): Promise<ModelPlaces> {
  const there = await access(config).then(
    () => true,
    () => false,
  );
  const loaded = there ? await loadConfiguration(config) : undefined;
  if (loaded?.ok === false) {
    const [problem] = loaded.problems;
    if (problem !== undefined)
      throw new GatewayError(problem.code, { detail: `${config}:${problem.line} ${problem.message.en}` });
  }
  const vision = loaded?.ok === true ? loaded.configuration.vision : undefined;
  const store = new ModelStore({ directory: placesIn(data).models, shipped: vision?.models ?? SHIPPED });
  return { store, rules: vision ?? DEFAULTS };
}
