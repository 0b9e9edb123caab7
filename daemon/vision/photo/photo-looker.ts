import { GatewayError } from "../../../contract/errors.ts";
import type { Detection, RelativeBox } from "../detections.ts";
import { Detector } from "../detector.ts";
import { decodeFully, fitted, type Pixels } from "../picture.ts";
import type { Provider } from "../providers.ts";
import { encodeRedacted } from "../redaction/encode.ts";
import { Redactor } from "../redaction/redactor.ts";
import { loadBundle } from "../registry/bundle.ts";
import type { ModelManifest } from "../registry/manifest.ts";
import { lookCarefully, wantsTiles } from "../tiles.ts";
import { MAX_PHOTO_SIDE, PHOTO_ROLES, type PhotoBundles, type PhotoLook } from "./photo-look.ts";

/** The four models of a photo, open. Not for two photos at the same time. */
export class PhotoLooker {
  readonly #redactor: Redactor;
  readonly #damage: Detector;
  readonly #damageManifest: ModelManifest;

  private constructor(redactor: Redactor, damage: Detector, damageManifest: ModelManifest) {
    this.#redactor = redactor;
    this.#damage = damage;
    this.#damageManifest = damageManifest;
  }

  /**
   * @param enginesFolder where a GPU provider keeps the engines that it builds
   * @throws GatewayError REDACTION_NO_MODEL, or MODEL_* for the damage bundle
   */
  static async open(
    bundles: PhotoBundles,
    providers: readonly Provider[],
    enginesFolder?: string,
  ): Promise<PhotoLooker> {
    const redactor = await Redactor.open(bundles, providers, enginesFolder);
    const bundle = await loadBundle(bundles.damage);
    if (bundle.manifest.role !== "damage")
      throw new GatewayError("MODEL_MANIFEST_INVALID", { detail: `the bundle is for "${bundle.manifest.role}"` });
    return new PhotoLooker(
      redactor,
      await Detector.open(bundle, { providers, ...(enginesFolder === undefined ? {} : { enginesFolder }) }),
      bundle.manifest,
    );
  }

  /**
   * Decodes once; damage is looked for before anything is covered, and only the covered picture leaves.
   * @throws GatewayError PICTURE_*, REDACTION_INCOMPLETE
   */
  async look(bytes: Buffer): Promise<PhotoLook> {
    const pixels = await decodeFully(bytes);
    const findings = await this.#findDamage(pixels);
    const covers = await this.#redactor.redact(pixels);
    const { jpeg, width, height, covers: moved } = await encodeRedacted(pixels, covers, MAX_PHOTO_SIDE);
    const models = { ...this.#redactor.models, damage: this.#damageManifest };
    return {
      picture: jpeg,
      width,
      height,
      covered: moved.map(({ what, box }): { what: typeof what; box: RelativeBox } => ({
        what,
        box: [box.left / width, box.top / height, box.right / width, box.bottom / height],
      })),
      findings,
      models: PHOTO_ROLES.map((role) => {
        const { name, version, sha256 } = models[role];
        return { role, name, version, sha256 };
      }),
    };
  }

  async #findDamage(pixels: Pixels): Promise<Detection[]> {
    const manifest = this.#damageManifest;
    const whole = await fitted(pixels, manifest.input);
    const tiles = wantsTiles(manifest.tiles, whole.letterbox) ? manifest.tiles : undefined;
    const seen = await lookCarefully(this.#damage, pixels, whole, manifest, tiles);
    return seen.filter((one) => this.#damage.judge(one).counts).map((one) => this.#damage.judge(one, true).detection);
  }
}
