import Type, { type Static, type TSchema } from "typebox";
import { BayId, CameraId, DongleId, EquipmentId, GatewayId, ReaderId } from "./ids.ts";

/**
 * `shop.yaml`. Every key is known: an unknown one is an error with a "did you mean". Secrets stand only in files that the
 * configuration names. Defaults are here, beside the reason.
 */
const closed = { additionalProperties: false } as const;

/** A section with one entry per device; TypeBox alone would lose the type of the key. */
function byId<Id extends TSchema, Value extends TSchema>(id: Id, value: Value) {
  return Type.Unsafe<Record<Extract<Static<Id>, string>, Static<Value>>>(Type.Record(id, value));
}

const Relative = Type.Number({ minimum: 0, maximum: 1 });
/** A point in the picture, relative: 0,0 top left, 1,1 bottom right. */
export const Point = Type.Unsafe<[number, number]>(
  Type.Array(Relative, { minItems: 2, maxItems: 2, description: "x, y from 0 to 1" }),
);
export const Polygon = Type.Array(Point, { minItems: 3, maxItems: 32 });
export type Polygon = Static<typeof Polygon>;

export const DEFAULT_OFF_PLANE = 0.1;

/** A plane that a fixed camera sees (floor, or a wall that cars stand along), by marks whose places someone measured with a tape. */
export const CameraPlane = Type.Object(
  {
    /** Where each mark is in the picture, and where it is in the plane, in metres from any corner. */
    points: Type.Array(
      Type.Object(
        {
          at: Point,
          metres: Type.Unsafe<[number, number]>(
            Type.Array(Type.Number({ minimum: -100, maximum: 100 }), {
              minItems: 2,
              maxItems: 2,
              description: "x, y in metres",
            }),
          ),
        },
        closed,
      ),
      { minItems: 4, maxItems: 32 },
    ),
    /** What is measured lies near the plane, seldom in it: lengths may be wrong by this share. Below 2 % no tape is right. */
    offPlane: Type.Optional(Type.Number({ minimum: 0.02, maximum: 0.5, default: DEFAULT_OFF_PLANE })),
  },
  closed,
);
export type CameraPlane = Static<typeof CameraPlane>;

/** Where plates come from decides how large they are. */
export const PlateRegion = Type.Union([Type.Literal("cn"), Type.Literal("eu"), Type.Literal("us"), Type.Literal("jp")]);
export type PlateRegion = Static<typeof PlateRegion>;

export const CameraConfig = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 60 })),
    /** No frame for this long makes the camera silent and its bays unknown. Longer than an MQTT reconnect, shorter than a missed car. */
    silentAfterSeconds: Type.Optional(Type.Number({ minimum: 2, maximum: 3600, default: 45 })),
    /** Frames beyond this rate are not looked at (newest wins). */
    maxFramesPerSecond: Type.Optional(Type.Number({ minimum: 0.1, maximum: 30, default: 5 })),
    /** By which damage in this camera's pictures is measured. */
    plane: Type.Optional(CameraPlane),
  },
  closed,
);

export const BayConfig = Type.Object(
  {
    name: Type.Optional(
      Type.Union([
        Type.String({ maxLength: 40 }),
        Type.Object({ en: Type.String({ maxLength: 40 }), "zh-CN": Type.String({ maxLength: 40 }) }, closed),
      ]),
    ),
    /** Cameras that see this bay, each with the bay's zone in its picture. */
    cameras: byId(CameraId, Type.Object({ zone: Polygon }, closed)),
    dongle: Type.Optional(DongleId),
    lift: Type.Optional(EquipmentId),
    readers: Type.Optional(Type.Array(ReaderId, { maxItems: 8, default: [] })),
  },
  closed,
);

export const DongleConfig = Type.Object(
  {
    dialect: Type.String({ pattern: "^[a-z0-9-]{1,40}$", description: "firmware dialect, e.g. wican" }),
    /** What the firmware calls itself: for WiCAN the twelve hex digits of its MAC. */
    nativeId: Type.String({ minLength: 1, maxLength: 80, pattern: "^[^/+#\\s]+$" }),
    minimumBatteryVolts: Type.Optional(Type.Number({ minimum: 0, maximum: 60, default: 11.8 })),
    silentAfterSeconds: Type.Optional(Type.Number({ minimum: 2, maximum: 86_400, default: 120 })),
    options: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);

export const ListenerConfig = Type.Object(
  {
    address: Type.String({ description: "IP address to listen on; one entry per network", maxLength: 60 }),
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Some firmware (plain WiCAN) has no TLS: an unencrypted listener is opened only where this says so. */
    tls: Type.Boolean(),
  },
  closed,
);

export const ShopConfiguration = Type.Object(
  {
    shop: Type.Object(
      {
        name: Type.Union([
          Type.String({ minLength: 1, maxLength: 60 }),
          Type.Object(
            { en: Type.String({ minLength: 1, maxLength: 60 }), "zh-CN": Type.String({ minLength: 1, maxLength: 60 }) },
            closed,
          ),
        ]),
        gateway: GatewayId,
        timeZone: Type.String({ description: "IANA name, e.g. Asia/Shanghai", maxLength: 60 }),
      },
      closed,
    ),
    locale: Type.Optional(Type.Union([Type.Literal("zh-CN"), Type.Literal("en")], { default: "zh-CN" })),
    bays: byId(BayId, BayConfig),
    cameras: byId(CameraId, CameraConfig),
    dongles: Type.Optional(byId(DongleId, DongleConfig)),
    readers: Type.Optional(
      byId(ReaderId, Type.Object({ name: Type.Optional(Type.String({ maxLength: 60 })) }, closed)),
    ),
    equipment: Type.Optional(
      byId(
        EquipmentId,
        Type.Object(
          {
            kind: Type.Union([Type.Literal("lift"), Type.Literal("tool")]),
            name: Type.Optional(Type.String({ maxLength: 60 })),
          },
          closed,
        ),
      ),
    ),
    /** Which bridges speak for which devices; one bridge named `main` for all dongles where this is absent. */
    bridges: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[a-z0-9-]{1,40}$" }),
        Type.Object(
          {
            dongles: Type.Array(DongleId, { maxItems: 500 }),
            cameras: Type.Optional(Type.Array(CameraId, { maxItems: 500, default: [] })),
            readers: Type.Optional(Type.Array(ReaderId, { maxItems: 500, default: [] })),
            equipment: Type.Optional(Type.Array(EquipmentId, { maxItems: 500, default: [] })),
          },
          closed,
        ),
      ),
    ),
    broker: Type.Optional(
      Type.Object(
        {
          listeners: Type.Optional(
            Type.Array(ListenerConfig, {
              minItems: 1,
              maxItems: 16,
              default: [{ address: "127.0.0.1", port: 1883, tls: false }],
            }),
          ),
          /** Certificate and key for the TLS listeners (PEM); self-signed ones are made at the first start where this is absent. */
          tls: Type.Optional(
            Type.Object(
              {
                certificateFile: Type.String({ minLength: 1, maxLength: 400 }),
                keyFile: Type.String({ minLength: 1, maxLength: 400 }),
              },
              closed,
            ),
          ),
          maxConnections: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 200 })),
          maxConnectionsPerAddress: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 50 })),
          maxBytesPerSecondPerAddress: Type.Optional(Type.Integer({ minimum: 10_000, default: 40_000_000 })),
        },
        closed,
      ),
    ),
    http: Type.Optional(
      Type.Object(
        {
          address: Type.Optional(Type.String({ maxLength: 60, default: "127.0.0.1" })),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, default: 8443 })),
          /** Host names by which browsers reach the box, beside its addresses and its own name. Others are refused (DNS rebinding). */
          names: Type.Optional(
            Type.Array(Type.String({ pattern: "^[a-z0-9.-]{1,253}$" }), { maxItems: 16, default: [] }),
          ),
          /** Session length without activity. */
          idleMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440, default: 480 })),
        },
        closed,
      ),
    ),
    vision: Type.Optional(
      Type.Object(
        {
          /** Worker processes; 0 means cores − 1, at least one. */
          workers: Type.Optional(Type.Integer({ minimum: 0, maximum: 16, default: 0 })),
          /** Tried one by one in this order. */
          providers: Type.Optional(
            Type.Array(Type.Union([Type.Literal("tensorrt"), Type.Literal("cuda"), Type.Literal("cpu")]), {
              minItems: 1,
              default: ["tensorrt", "cuda", "cpu"],
            }),
          ),
          /** A worker that has not answered for this long is killed (off while a model is being prepared). */
          hangSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 600, default: 15 })),
          maxWorkerMemoryMb: Type.Optional(Type.Integer({ minimum: 128, default: 1500 })),
          models: Type.Optional(
            Type.String({ maxLength: 400, description: "folder with model bundles; the shipped ones where absent" }),
          ),
          /** Whose models are believed: PEM files with Ed25519 public keys. */
          trustedModelKeys: Type.Optional(Type.Array(Type.String({ maxLength: 400 }), { maxItems: 16, default: [] })),
          /** Models that are added must be signed by one of these keys. */
          requireModelSignature: Type.Optional(Type.Boolean({ default: false })),
          /** Role → folder with annotated pictures, on which a model that is added must be as good as it says. */
          goldenSets: Type.Optional(
            Type.Record(Type.String({ pattern: "^(bay|damage|plate|face)$" }), Type.String({ maxLength: 400 })),
          ),
          /** Side of the black square on the shop's marker cards, mm. Without it a marker in a photo measures nothing: sizes are never guessed. */
          markerMm: Type.Optional(Type.Number({ minimum: 5, maximum: 2000 })),
          /** Without it number plates measure nothing. */
          plateRegion: Type.Optional(PlateRegion),
        },
        closed,
      ),
    ),
    review: Type.Optional(
      Type.Object(
        {
          /** Calibrated probability below which a person decides. */ threshold: Type.Optional(
            Type.Number({ minimum: 0.5, maximum: 1, default: 0.85 }),
          ),
        },
        closed,
      ),
    ),
    privacy: Type.Optional(
      Type.Object(
        {
          /** Thumbnails on the page, in memory only, people filled and vehicles coarsened. */
          liveThumbnails: Type.Optional(Type.Boolean({ default: true })),
          plateDigitsShown: Type.Optional(Type.Integer({ minimum: 0, maximum: 4, default: 3 })),
        },
        closed,
      ),
    ),
    diagnostics: Type.Optional(
      Type.Object(
        {
          /** False: no car is ever asked anything; what dongles say by themselves is still heard. The page has the same switch. */
          polling: Type.Optional(Type.Boolean({ default: true })),
          /** A traction battery whose warmest and coldest probe differ by more is shown as needing a person. */
          probeSpreadAlertC: Type.Optional(Type.Number({ minimum: 0.5, maximum: 50, default: 3 })),
          /** The same for the highest and the lowest cell. At rest; under load cells differ more. */
          cellSpreadAlertMv: Type.Optional(Type.Number({ minimum: 5, maximum: 2000, default: 100 })),
          /** Insulation below this many ohms per volt of the pack is dangerous (GB 18384 asks for 100 with direct current). */
          minimumInsulationOhmPerVolt: Type.Optional(Type.Number({ minimum: 10, maximum: 5000, default: 100 })),
          /** The shop's own words and known fixes for fault codes. */
          faultCodeTexts: Type.Optional(Type.String({ maxLength: 400, description: "YAML file" })),
        },
        closed,
      ),
    ),
    labour: Type.Optional(
      Type.Object(
        {
          /** An interval longer than this is flagged for a person. */
          longestShiftHours: Type.Optional(Type.Number({ minimum: 1, maximum: 24, default: 12 })),
          /** Coverage below this is shown in amber. */
          lowCoverage: Type.Optional(Type.Number({ minimum: 0, maximum: 1, default: 0.7 })),
        },
        closed,
      ),
    ),
    retention: Type.Optional(
      Type.Object(
        {
          journalMaxMb: Type.Optional(Type.Integer({ minimum: 16, maximum: 1_000_000, default: 4096 })),
          /** What headquarters holds is kept here for this long as well. */
          keepSentDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, default: 90 })),
          backups: Type.Optional(Type.Integer({ minimum: 0, maximum: 60, default: 7 })),
          /** Photos of cars, encrypted; beyond it the oldest pictures go, their records stay. */
          picturesMaxMb: Type.Optional(Type.Integer({ minimum: 16, maximum: 1_000_000, default: 8192 })),
        },
        closed,
      ),
    ),
    headquarters: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: "^https://", maxLength: 300 }),
          /** File with the one-time claim code; needed once. */
          claimCodeFile: Type.Optional(Type.String({ maxLength: 400 })),
          /** File with headquarters' certificate authority (PEM), given to the installer with the claim code. */
          authorityFile: Type.String({ maxLength: 400 }),
          /** Cap of the back-off. */
          longestPauseSeconds: Type.Optional(Type.Number({ minimum: 0.1, maximum: 3600, default: 300 })),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type ShopConfiguration = Static<typeof ShopConfiguration>;
