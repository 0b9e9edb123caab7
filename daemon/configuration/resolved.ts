import type { CameraPlane, ShopConfiguration } from "../../contract/configuration.ts";
import type { BayId, CameraId, DongleId, EquipmentId, ReaderId } from "../../contract/ids.ts";

type Given<Key extends keyof ShopConfiguration> = NonNullable<ShopConfiguration[Key]>;
type Entry<Key extends keyof ShopConfiguration> = Given<Key>[keyof Given<Key>];
/** Everything filled in but what may truly be absent. */
type Filled<T, MayBeAbsent extends keyof T = never> = Readonly<Required<Omit<T, MayBeAbsent>> & Pick<T, MayBeAbsent>>;

export type BayConfiguration = Filled<Entry<"bays">, "name" | "dongle" | "lift">;
export type CameraConfiguration = Filled<Omit<Entry<"cameras">, "plane">, "name"> & {
  readonly plane?: Required<CameraPlane>;
};
export type DongleConfiguration = Filled<Entry<"dongles">>;
export type BridgeConfiguration = Filled<Entry<"bridges">>;

/** A shop as the daemon works with it: `shop.yaml` checked, defaults filled in, file names absolute. Frozen. */
export interface Configuration {
  readonly shop: ShopConfiguration["shop"];
  readonly locale: Given<"locale">;
  readonly bays: Readonly<Record<BayId, BayConfiguration>>;
  readonly cameras: Readonly<Record<CameraId, CameraConfiguration>>;
  readonly dongles: Readonly<Record<DongleId, DongleConfiguration>>;
  readonly readers: Readonly<Record<ReaderId, Entry<"readers">>>;
  readonly equipment: Readonly<Record<EquipmentId, Entry<"equipment">>>;
  /** Where the file names none: one bridge, `main`, for all dongles. */
  readonly bridges: Readonly<Record<string, BridgeConfiguration>>;
  readonly broker: Filled<Given<"broker">, "tls">;
  readonly http: Filled<Given<"http">>;
  readonly vision: Filled<Given<"vision">, "models" | "markerMm" | "plateRegion">;
  readonly review: Filled<Given<"review">>;
  readonly privacy: Filled<Given<"privacy">>;
  readonly diagnostics: Filled<Given<"diagnostics">, "faultCodeTexts">;
  readonly labour: Filled<Given<"labour">>;
  readonly retention: Filled<Given<"retention">>;
  /** Absent: the shop stands alone. */
  readonly headquarters?: Filled<Given<"headquarters">, "claimCodeFile">;
}
