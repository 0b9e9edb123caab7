import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { ConcreteTopic, closedOptions, type DialectRow } from "./rows.ts";

const MappedValue = closedOptions({
  topic: ConcreteTopic,
  /** Where the payload is JSON: members and list places on the way to the value, e.g. `battery.cells[0].v`. */
  path: Type.Optional(
    Type.String({ minLength: 1, maxLength: 120, pattern: "^[A-Za-z0-9_$-]+(\\.[A-Za-z0-9_$-]+|\\[[0-9]{1,4}\\])*$" }),
  ),
  /** A word of the vocabulary where one fits, else any. */
  name: Type.String({ minLength: 1, maxLength: 80 }),
  unit: Type.Optional(Type.String({ maxLength: 20 })),
  /** value = number × scale + offset. */
  scale: Type.Optional(Type.Number({ default: 1 })),
  offset: Type.Optional(Type.Number({ default: 0 })),
});

export const GenericOptions = closedOptions({
  values: Type.Array(MappedValue, { minItems: 1, maxItems: 500 }),
  /** A topic on which the device says that it is there, and what it says then; everything else there means it is gone. */
  presence: Type.Optional(
    closedOptions({ topic: ConcreteTopic, online: Type.Optional(Type.String({ maxLength: 60, default: "online" })) }),
  ),
});
export type GenericOptions = Static<typeof GenericOptions>;

/** Whatever sends one value, or one JSON document, per topic. The configuration names topics and meanings. */
export const GENERIC: DialectRow = {
  name: "generic",
  label: { en: "any device with one value per topic, mapped here", "zh-CN": "任意设备:每个主题一个值,在此映射" },
  car: "told",
  topics: [],
  options: GenericOptions,
  topicsIn(options) {
    if (!Value.Check(GenericOptions, options)) return [];
    const { values, presence } = options;
    // One document may hold many values.
    const first = new Map(values.map(({ topic }, index) => [topic, index] as const).reverse());
    return [
      ...[...first].map(([topic, index]) => ({ topic, path: ["values", index, "topic"] })),
      ...(presence === undefined || first.has(presence.topic)
        ? []
        : [{ topic: presence.topic, path: ["presence", "topic"] }]),
    ];
  },
};
