import { GatewayError } from "../../contract/errors.ts";
import type { Logger } from "../../machine/log.ts";
import type { OwnQuestions } from "../signals/live-desk.ts";
import type { VehicleCatalogue } from "../vehicles/index.ts";

/** A list that a person can still look through. */
const MOST_MODELS = 200;
const NOTHING: OwnQuestions = { questions: [], models: [] };

/**
 * Asks the imported vehicle files what they know of a car beyond the standard. Files that are damaged or cannot be read are left out and said in the
 * log, once until that changes: the standard's own values need none of them.
 */
export class OwnFiles {
  readonly #catalogue: VehicleCatalogue;
  readonly #log: Logger;
  #saidMissing = "";

  constructor(catalogue: VehicleCatalogue, log: Logger) {
    this.#catalogue = catalogue;
    this.#log = log;
  }

  /** @param model as a person named it, where the number does not tell */
  async questionsOf(vin: string | null, model: string | undefined): Promise<OwnQuestions> {
    if (vin === null) return NOTHING;
    try {
      const { commands, candidates, damaged } = await this.#catalogue.choose({
        vin,
        ...(model === undefined ? {} : { model }),
      });
      this.#say("VEHICLE_CATALOGUE_DAMAGED", damaged.map(({ id }) => id).join(", "));
      const models = new Set(candidates.flatMap(({ vehicle }) => vehicle?.models ?? []));
      return {
        // The standard's own are asked in groups, and only those that the car says it knows.
        questions: commands.filter(({ standard }) => !standard),
        models: [...models].sort().slice(0, MOST_MODELS),
      };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      this.#say(error.code, error.message);
      return NOTHING;
    }
  }

  #say(code: GatewayError["code"], missing: string): void {
    if (missing === this.#saidMissing) return;
    this.#saidMissing = missing;
    if (missing === "") this.#log.info("all imported vehicle files can be used again");
    else this.#log.warn({ code, missing }, "imported vehicle files are left out");
  }
}
