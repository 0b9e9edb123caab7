import { GenericOptions } from "../../contract/dialects/generic.ts";
import { vocabularyRow } from "../../contract/vocabulary.ts";
import type { AdapterSurroundings, Dialect, NativeMessage } from "../dialect.ts";
import { isRecord, parseJson } from "../json.ts";
import { optionsOf } from "../options.ts";
import type { Meaning, SignalValue } from "../signals.ts";
import { ToldAdapter, valueOfText } from "../told-adapter.ts";

type Mapping = GenericOptions["values"][number];

/** Any device with one value, or one JSON document, per topic, as `shop.yaml` maps it. */
export const generic: Dialect = { name: "generic", create: (surroundings) => new GenericAdapter(surroundings) };

class GenericAdapter extends ToldAdapter {
  readonly topics: readonly string[];
  readonly #mappings: ReadonlyMap<string, readonly Mapping[]>;
  readonly #presence: GenericOptions["presence"];

  constructor(surroundings: AdapterSurroundings) {
    const options = optionsOf(GenericOptions, surroundings.settings.options);
    super(surroundings);
    this.#presence = options.presence;
    this.#mappings = Map.groupBy(options.values, (mapping) => mapping.topic);
    this.topics = [
      ...new Set([...this.#mappings.keys(), ...(this.#presence === undefined ? [] : [this.#presence.topic])]),
    ];
  }

  receive({ topic, payload, retained }: NativeMessage): void {
    const text = Buffer.from(payload).toString("utf8");
    if (topic === this.#presence?.topic) this.#receivePresence(text.trim(), retained);
    else if (!retained) this.presence.heard();
    const document = parseJson(text);
    for (const mapping of this.#mappings.get(topic) ?? []) {
      const found = mapping.path === undefined ? valueOfText(text) : memberAt(document, mapping.path);
      if (found === undefined || found === "") continue;
      const value = typeof found === "number" ? found * (mapping.scale ?? 1) + (mapping.offset ?? 0) : found;
      this.tell(mapping.name, value, meaningOf(mapping.name), {
        stale: retained,
        ...(mapping.unit === undefined ? {} : { unit: mapping.unit }),
      });
    }
  }

  #receivePresence(text: string, retained: boolean): void {
    const isOnline = text === (this.#presence?.online ?? "online");
    if (isOnline && !retained) this.presence.heard();
    else if (!isOnline && retained) this.presence.wasGone();
    else if (!isOnline) this.presence.gone();
  }
}

/** A word of the vocabulary means itself; its unit may still be another, which is converted. */
function meaningOf(name: string): Meaning | undefined {
  return vocabularyRow(name) === undefined ? undefined : { name: name as Meaning["name"] };
}

/** `battery.cells[0].v`: members by name, list places by number. Only own members, so that no path reaches into JavaScript. */
function memberAt(document: unknown, path: string): SignalValue | undefined {
  let at = document;
  for (const [, member, place] of path.matchAll(/([A-Za-z0-9_$-]+)|\[(\d+)\]/g)) {
    if (place !== undefined && Array.isArray(at)) at = at[Number(place)];
    else if (member !== undefined && isRecord(at) && Object.hasOwn(at, member)) at = at[member];
    else return undefined;
  }
  if (typeof at === "string") return valueOfText(at);
  return typeof at === "number" || typeof at === "boolean" ? at : undefined;
}
