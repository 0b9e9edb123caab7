import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Type from "typebox";
import Value from "typebox/value";
import type { TrueThing } from "./average-precision.ts";
import { rasterise } from "./raster.ts";

/** Pictures on disk with what people (or a teacher network) marked in them. */
export interface LabelledPicture {
  readonly file: string;
  readonly truth: readonly TrueThing[];
}

const CocoDocument = Type.Object({
  categories: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String() })),
  images: Type.Array(
    Type.Object({
      id: Type.Integer(),
      file_name: Type.String(),
      width: Type.Integer({ minimum: 1, maximum: 20_000 }),
      height: Type.Integer({ minimum: 1, maximum: 20_000 }),
    }),
  ),
  annotations: Type.Array(
    Type.Object({
      image_id: Type.Integer(),
      category_id: Type.Integer(),
      bbox: Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }),
      segmentation: Type.Optional(Type.Array(Type.Array(Type.Number()))),
    }),
  ),
});

export interface ReadingOptions {
  /** Our label for a category of the document; undefined leaves its things out. */
  readonly labelOf: (category: string) => string | undefined;
  /** Which pictures, by file name; all where absent. */
  readonly only?: (fileName: string) => boolean;
  /** What a box's x and width are multiplied by, for labels that were made on a picture of another width. */
  readonly stretchX?: (fileName: string) => number;
}

/**
 * Reads a folder with `_annotations.coco.json`, or that document with its pictures in `pictureFolder`.
 * Boxes of things with outlines are those of the outlines.
 */
export async function labelledPictures(
  folder: string,
  { labelOf, only = () => true, stretchX = () => 1 }: ReadingOptions,
): Promise<LabelledPicture[]> {
  const text = await readFile(join(folder, "_annotations.coco.json"), "utf8");
  const document = Value.Parse(CocoDocument, JSON.parse(text));
  const names = new Map(document.categories.map(({ id, name }) => [id, labelOf(name)]));
  return document.images
    .filter(({ file_name }) => only(file_name))
    .map((image) => {
      const stretch = stretchX(image.file_name);
      const truth = document.annotations.flatMap((annotation): TrueThing[] => {
        const label = names.get(annotation.category_id);
        if (annotation.image_id !== image.id || label === undefined) return [];
        const [x = 0, y = 0, w = 0, h = 0] = annotation.bbox;
        const corners = [x * stretch, y, (x + w) * stretch, y + h] as const;
        const polygons = (annotation.segmentation ?? []).filter((polygon) => polygon.length >= 6);
        if (polygons.length === 0) return [{ label, corners, area: w * stretch * h }];
        const mask = rasterise(polygons, image.width, image.height);
        return [{ label, corners, area: mask.area, mask }];
      });
      return { file: join(folder, image.file_name), truth };
    });
}
