import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
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
      // In the folder itself: a path could lead anywhere.
      file_name: Type.String({ pattern: "^(?!\\.{1,2}$)[^/\\\\\\0]{1,255}$" }),
      width: Type.Integer({ minimum: 1, maximum: 20_000 }),
      height: Type.Integer({ minimum: 1, maximum: 20_000 }),
    }),
  ),
  annotations: Type.Array(
    Type.Object({
      image_id: Type.Integer(),
      category_id: Type.Integer(),
      bbox: Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }),
      /** Polygons, or run lengths, of which only the box is read. */
      segmentation: Type.Optional(
        Type.Union([Type.Array(Type.Array(Type.Number())), Type.Object({ counts: Type.Unknown() })]),
      ),
      /** 1: a region that stands for many things; no detection is held against it. */
      iscrowd: Type.Optional(Type.Integer()),
    }),
  ),
});

/** The annotations' name beside their pictures. */
export const ANNOTATIONS = "_annotations.coco.json";

export interface ReadingOptions {
  /** Our label for a category of the document; undefined leaves its things out. */
  readonly labelOf: (category: string) => string | undefined;
  /** Which pictures, by file name; all where absent. */
  readonly only?: (fileName: string) => boolean;
  /** What a box's x and width are multiplied by, for labels that were made on a picture of another width. */
  readonly stretchX?: (fileName: string) => number;
  /** False: boxes alone, which saves filling the outlines. */
  readonly outlines?: boolean;
}

/**
 * Reads a folder with `_annotations.coco.json`, or that document with its pictures in `pictureFolder`.
 * Boxes of things with outlines are those of the outlines.
 */
export async function labelledPictures(
  folder: string,
  { labelOf, only = () => true, stretchX = () => 1, outlines = true }: ReadingOptions,
): Promise<LabelledPicture[]> {
  const text = await readFile(join(folder, ANNOTATIONS), "utf8");
  const document = parsed(JSON.parse(text));
  const names = new Map(document.categories.map(({ id, name }) => [id, labelOf(name)]));
  const annotations = Map.groupBy(document.annotations, ({ image_id }) => image_id);
  return document.images
    .filter(({ file_name }) => only(file_name))
    .map((image) => {
      const stretch = stretchX(image.file_name);
      const truth = (annotations.get(image.id) ?? []).flatMap((annotation): TrueThing[] => {
        const label = names.get(annotation.category_id);
        if (label === undefined || annotation.iscrowd === 1) return [];
        const [x = 0, y = 0, w = 0, h = 0] = annotation.bbox;
        const corners = [x * stretch, y, (x + w) * stretch, y + h] as const;
        const { segmentation = [] } = annotation;
        if (outlines && !Array.isArray(segmentation))
          throw new TypeError(`${image.file_name} has an outline of run lengths`);
        const polygons = (outlines && Array.isArray(segmentation) ? segmentation : []).filter(
          ({ length }) => length >= 6,
        );
        if (polygons.length === 0) return [{ label, corners, area: w * stretch * h }];
        const mask = rasterise(polygons, image.width, image.height);
        return [{ label, corners, area: mask.area, mask }];
      });
      return { file: join(folder, image.file_name), truth };
    });
}

/** @throws TypeError naming the first place that is wrong */
function parsed(document: unknown): Static<typeof CocoDocument> {
  try {
    return Value.Parse(CocoDocument, document);
  } catch (cause) {
    const [first] = Value.Errors(CocoDocument, document);
    throw new TypeError(`${ANNOTATIONS}: ${first?.instancePath ?? ""} ${first?.message ?? ""}`, { cause });
  }
}
