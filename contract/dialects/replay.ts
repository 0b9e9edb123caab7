import Type, { type Static } from "typebox";
import { closedOptions, type DialectRow } from "./rows.ts";

export const ReplayOptions = closedOptions({
  /** Whole path of the log on the bridge's own machine. */
  file: Type.String({
    minLength: 2,
    maxLength: 400,
    pattern: "^/[^\\u0000]+$",
    description: "absolute path of the log",
  }),
  /** Recognised by its content where absent. */
  format: Type.Optional(Type.Union([Type.Literal("candump"), Type.Literal("asc"), Type.Literal("trc")])),
  /** Only what was recorded on this bus, by the log's own name or number of it; all buses where absent. */
  bus: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  /** 2 plays in half the time. */
  speed: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100, default: 1 })),
  loop: Type.Optional(Type.Boolean({ default: false })),
  /** What lies before this in the recording is left out. */
  startAtSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 1e9, default: 0 })),
  /** Longer silences of the recording are shortened to this; they keep their length where it is absent. */
  longestGapSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 })),
});
export type ReplayOptions = Static<typeof ReplayOptions>;

/** A recording of a bus, played as if the car were there. */
export const REPLAY: DialectRow = {
  name: "replay",
  label: { en: "recorded CAN log (candump, ASC, TRC)", "zh-CN": "CAN 记录回放(candump、ASC、TRC)" },
  car: "told",
  topics: [],
  options: ReplayOptions,
};
