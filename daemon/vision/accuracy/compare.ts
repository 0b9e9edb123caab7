import { basename } from "node:path";
import { detectImages } from "../detect-images.ts";
import type { Provider } from "../providers.ts";
import type { ComparedPicture } from "./average-precision.ts";
import type { LabelledPicture } from "./labelled-pictures.ts";
import { rasterise } from "./raster.ts";

/** Scores from here on go into the curves. */
const CURVE_FLOOR = 0.01;

/**
 * Looks at pictures through the command line's own path, and sets what was found beside the truth.
 * @param providers tried one by one; the processor alone where absent, so that figures are the same on every machine
 * @throws GatewayError MODEL_* when the bundle is bad, Error when a picture cannot be looked at
 */
export async function compare(
  pictures: readonly LabelledPicture[],
  bundleFolder: string,
  providers: readonly Provider[] = ["cpu"],
): Promise<ComparedPicture[]> {
  const report = await detectImages(
    undefined,
    pictures.map(({ file }) => file),
    { bundleFolder, providers, scoreFloor: CURVE_FLOOR },
  );
  const [failure] = report.failed;
  if (failure !== undefined) throw new Error(`${failure.file_name} could not be looked at: ${failure.message}`);
  const results = Map.groupBy(report.results, ({ file_name }) => file_name);
  return pictures.map(({ file, truth }, index) => {
    const image = report.images[index];
    if (image?.file_name !== basename(file)) throw new Error(`${file} is missing in the results`);
    const { width, height } = image;
    const found = (results.get(image.file_name) ?? []).map((result) => {
      const [x, y, w, h] = result.bbox;
      return {
        label: result.category_name,
        score: result.score,
        corners: [x, y, x + w, y + h] as const,
        ...(result.probability === undefined ? {} : { probability: result.probability }),
        ...(result.segmentation === undefined ? {} : { mask: rasterise(result.segmentation, width, height) }),
      };
    });
    return { width, height, truth, found };
  });
}
