import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { OneOf } from "../../../contract/ids.ts";
import { PROVIDERS } from "../providers.ts";

/**
 * What the daemon and a vision worker say to each other. Pictures lie in shared memory (`picture-memory.ts`); these messages only point at them.
 * Both sides check what they get: the worker decodes what strangers send and may be the first thing here to be taken over.
 */
const Bytes = Type.Unsafe<Uint8Array>(Type.Refine(Type.Unknown(), (value) => value instanceof Uint8Array));
const Count = Type.Integer({ minimum: 0 });
const Provider = OneOf(PROVIDERS);

/** The first message: which bundle, on what. */
const Open = Type.Object({
  kind: Type.Literal("open"),
  folder: Type.String(),
  providers: Type.Array(Provider, { minItems: 1 }),
  /** Where engines that a GPU provider builds are kept. */
  engines: Type.Optional(Type.String()),
});

const Coordinate = Type.Number({ minimum: 0, maximum: 1 });
const Box = Type.Unsafe<[number, number, number, number]>(Type.Array(Coordinate, { minItems: 4, maxItems: 4 }));
const Label = Type.String({ maxLength: 40 });
const Cover = Type.Object({ label: Label, box: Box });
/** A picture's detections are at most so many (`detector.ts`). */
const MAX_DETECTIONS = 100;

/** Look at a picture. `place` is its place in shared memory; `bytes` carries it where there is none. */
const Look = Type.Object({
  kind: Type.Literal("look"),
  frame: Count,
  place: Count,
  length: Count,
  bytes: Type.Optional(Bytes),
  /** The scene's signature when the network last looked; absent when it has to look now. */
  reference: Type.Optional(Bytes),
  thumbnail: Type.Boolean(),
  /** What the last looks at this camera covered, for the thumbnail. */
  covers: Type.Array(Cover, { maxItems: 10 * MAX_DETECTIONS }),
});

export const ToWorker = Compile(Type.Union([Open, Look]));
export type ToWorker = Static<typeof Open> | Static<typeof Look>;

const DetectionMessage = Type.Object({
  label: Label,
  score: Type.Number({ minimum: 0 }),
  probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  box: Box,
});

/** The model is open and warm. */
const Ready = Type.Object({
  kind: Type.Literal("ready"),
  provider: Provider,
  refused: Type.Array(Type.Object({ provider: Provider, reason: Type.String() })),
  model: Type.Object({ name: Type.String(), version: Type.String(), sha256: Type.String() }),
});

/** The model cannot be opened; the worker ends. */
const Refused = Type.Object({
  kind: Type.Literal("refused"),
  code: Type.String(),
  message: Type.String(),
  refused: Type.Array(Type.Object({ provider: Provider, reason: Type.String() })),
});

/** `detections` are absent where the scene is still and the network did not look. */
const Seen = Type.Object({
  kind: Type.Literal("seen"),
  frame: Count,
  width: Count,
  height: Count,
  signature: Bytes,
  detections: Type.Optional(Type.Array(DetectionMessage, { maxItems: MAX_DETECTIONS })),
  /** What a live picture of this frame must not show, below the thresholds as well; with `detections`. */
  covers: Type.Optional(Type.Array(Cover, { maxItems: MAX_DETECTIONS })),
  /** What tensor, network and decoding of its output took, where it looked. */
  lookMs: Type.Optional(Type.Number({ minimum: 0 })),
  /** Processor time of the worker since its start. */
  cpuMs: Type.Number(),
});

const Unreadable = Type.Object({
  kind: Type.Literal("unreadable"),
  frame: Count,
  code: Type.String(),
  message: Type.String(),
  cpuMs: Type.Number(),
});
const Thumbnail = Type.Object({ kind: Type.Literal("thumbnail"), frame: Count, jpeg: Bytes });
const Pulse = Type.Object({ kind: Type.Literal("pulse"), rssBytes: Type.Number(), cpuMs: Type.Number() });

export const FromWorker = Compile(Type.Union([Ready, Refused, Seen, Unreadable, Thumbnail, Pulse]));
export type FromWorker =
  | Static<typeof Ready>
  | Static<typeof Refused>
  | Static<typeof Seen>
  | Static<typeof Unreadable>
  | Static<typeof Thumbnail>
  | Static<typeof Pulse>;
export type SeenMessage = Static<typeof Seen>;
export type ReadyMessage = Static<typeof Ready>;

/** How often a worker says that it lives. */
export const PULSE_MS = 500;
