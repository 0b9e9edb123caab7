/**
 * Dumps rendered frames with their truth as a COCO data set.
 *
 *     npm run scene:dataset -- --out DIR --seeds 1000-1099 [--frames-per-camera 16] [--width 960] [--height 540]
 *
 * Each seed is one shop camera. What is hardly visible is marked `iscrowd`, which scorers ignore.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SceneTruth } from "./description.ts";
import { renderFrame } from "./index.ts";
import { randomScenes } from "./random-scene.ts";

/** A scorer asks for what is at least this visible. */
const CERTAIN_VISIBILITY = 0.25;

const CATEGORIES = [
  { id: 1, name: "person" },
  { id: 2, name: "vehicle" },
] as const;

interface CocoDocument {
  readonly info: { readonly description: string };
  readonly categories: typeof CATEGORIES;
  readonly images: object[];
  readonly annotations: object[];
}

function addFrame(document: CocoDocument, fileName: string, truth: SceneTruth): void {
  const imageId = document.images.length + 1;
  document.images.push({ id: imageId, file_name: fileName, width: truth.widthPx, height: truth.heightPx });
  for (const object of truth.objects) {
    const [left, top, right, bottom] = object.box;
    const width = (right - left) * truth.widthPx;
    const height = (bottom - top) * truth.heightPx;
    document.annotations.push({
      id: document.annotations.length + 1,
      image_id: imageId,
      category_id: object.label === "person" ? 1 : 2,
      bbox: [left * truth.widthPx, top * truth.heightPx, width, height],
      area: width * height,
      iscrowd: object.visibility < CERTAIN_VISIBILITY ? 1 : 0,
      visibility: object.visibility,
    });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      seeds: { type: "string" },
      "frames-per-camera": { type: "string", default: "16" },
      width: { type: "string", default: "960" },
      height: { type: "string", default: "540" },
    },
  });
  const range = /^(\d+)-(\d+)$/.exec(values.seeds ?? "");
  if (values.out === undefined || !range) throw new Error("usage: dataset.ts --out DIR --seeds FIRST-LAST");
  await mkdir(values.out, { recursive: true });
  const document: CocoDocument = {
    info: { description: `seeds ${values.seeds}` },
    categories: CATEGORIES,
    images: [],
    annotations: [],
  };
  for (let seed = Number(range[1]); seed <= Number(range[2]); seed++) {
    const scenes = randomScenes(seed, Number(values["frames-per-camera"]), Number(values.width), Number(values.height));
    for (const [i, scene] of scenes.entries()) {
      const { jpeg, truth } = await renderFrame(scene);
      const fileName = `rendered-${seed}-${String(i).padStart(2, "0")}.jpg`;
      await writeFile(join(values.out, fileName), jpeg);
      addFrame(document, fileName, truth);
    }
  }
  await writeFile(join(values.out, "_annotations.coco.json"), JSON.stringify(document));
  console.log(`${document.images.length} frames, ${document.annotations.length} boxes in ${values.out}`);
}

await main();
