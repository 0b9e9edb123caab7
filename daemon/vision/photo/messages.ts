import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { type ErrorCode, isErrorCode } from "../../../contract/errors.ts";
import { OneOf } from "../../../contract/ids.ts";
import { PROVIDERS } from "../providers.ts";
import { MAX_PHOTO_SIDE, PHOTO_ROLES } from "./photo-look.ts";

/**
 * What the daemon and its photo process say to each other. Both sides check what they get: the process decodes what strangers send and may be the first
 * thing here to be taken over.
 */
const Bytes = Type.Unsafe<Uint8Array>(Type.Refine(Type.Unknown(), (value) => value instanceof Uint8Array));
const Code = Type.Unsafe<ErrorCode>(Type.Refine(Type.String(), isErrorCode));
const Count = Type.Integer({ minimum: 0 });
const Relative = Type.Number({ minimum: 0, maximum: 1 });
const Box = Type.Unsafe<[number, number, number, number]>(Type.Array(Relative, { minItems: 4, maxItems: 4 }));

const Open = Type.Object({
  kind: Type.Literal("open"),
  bundles: Type.Object({ bay: Type.String(), damage: Type.String(), face: Type.String(), plate: Type.String() }),
  providers: Type.Array(OneOf(PROVIDERS), { minItems: 1 }),
  /** Where engines that a GPU provider builds are kept. */
  engines: Type.Optional(Type.String()),
});
const Look = Type.Object({ kind: Type.Literal("look"), photo: Count, bytes: Bytes });

export const ToPhotoProcess = Compile(Type.Union([Open, Look]));
export type ToPhotoProcess = Static<typeof Open> | Static<typeof Look>;

/** All models are open; photos may come. */
const Ready = Type.Object({ kind: Type.Literal("ready") });
/** A model cannot be opened; the process ends. */
const Refused = Type.Object({ kind: Type.Literal("refused"), code: Code, detail: Type.String() });
const Seen = Type.Object({
  kind: Type.Literal("seen"),
  photo: Count,
  picture: Bytes,
  width: Type.Integer({ minimum: 1, maximum: MAX_PHOTO_SIDE }),
  height: Type.Integer({ minimum: 1, maximum: MAX_PHOTO_SIDE }),
  covered: Type.Array(Type.Object({ what: OneOf(["face", "plate", "head"]), box: Box }), { maxItems: 10_000 }),
  findings: Type.Array(
    Type.Object({
      label: Type.String({ maxLength: 40 }),
      score: Type.Number({ minimum: 0 }),
      probability: Type.Optional(Relative),
      box: Box,
      outline: Type.Optional(Type.Array(Type.Array(Relative), { maxItems: 1000 })),
    }),
    { maxItems: 100 },
  ),
  models: Type.Array(
    Type.Object({
      role: OneOf(PHOTO_ROLES),
      name: Type.String(),
      version: Type.String(),
      sha256: Type.String(),
    }),
  ),
  rssBytes: Count,
});
const Failed = Type.Object({
  kind: Type.Literal("failed"),
  photo: Count,
  code: Code,
  detail: Type.String(),
  rssBytes: Count,
});

export const FromPhotoProcess = Compile(Type.Union([Ready, Refused, Seen, Failed]));
export type FromPhotoProcess =
  | Static<typeof Ready>
  | Static<typeof Refused>
  | Static<typeof Seen>
  | Static<typeof Failed>;
export type PhotoAnswer = Static<typeof Seen> | Static<typeof Failed>;
