import type { OwnQuestions } from "../signals/live-desk.ts";
import type { VehicleCatalogue } from "../vehicles/index.ts";

/** A list that a person can still look through. */
const MOST_MODELS = 200;

/**
 * What the imported vehicle files know of a car beyond the standard.
 * @param model as a person named it, where the number does not tell
 */
export async function ownQuestionsOf(
  catalogue: VehicleCatalogue,
  vin: string | null,
  model: string | undefined,
): Promise<OwnQuestions> {
  if (vin === null) return { questions: [], models: [] };
  const { commands, candidates } = await catalogue.choose({ vin, ...(model === undefined ? {} : { model }) });
  const models = new Set(candidates.flatMap(({ vehicle }) => vehicle?.models ?? []));
  return {
    // The standard's own are asked in groups, and only those that the car says it knows.
    questions: commands.filter(({ standard }) => !standard),
    models: [...models].sort().slice(0, MOST_MODELS),
  };
}
