import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Type from "typebox";
import Value from "typebox/value";
import type { Corners, TrueBox } from "../../daemon/vision/accuracy/scoring.ts";
import { renderFrame, type SceneDescription } from "../../simulator/scene/index.ts";
import { randomScenes } from "../../simulator/scene/random-scene.ts";
import { sceneAt } from "../../simulator/shop/bay-scene.ts";
import { SHOP_BAYS } from "../../simulator/shop/stage.ts";
import { SCRIPT, SCRIPT_MS } from "../../simulator/shop/visit.ts";

/** Pictures with their truth, and which labels the truth is complete for. */
export interface Part {
  readonly name: string;
  readonly labels: readonly string[];
  readonly pictures: readonly { readonly file: string; readonly truth: readonly TrueBox[] }[];
}

/** Cameras that training never saw: it had seeds 1000 to 1199. */
const FIRST_SEED = 5000;
const FRAMES_PER_CAMERA = 8;
/** What is less visible than this is not asked for. */
const ASKED_VISIBILITY = 0.5;
const DEMO_STEP_MS = 20_000;

/** One frame on disk and what is in it; what is hardly visible is not asked for. */
async function renderTo(file: string, scene: SceneDescription): Promise<Part["pictures"][number]> {
  const { jpeg, truth } = await renderFrame(scene);
  await writeFile(file, jpeg);
  const boxes = truth.objects.map(({ label, box, visibility }): TrueBox => {
    const corners = [
      box[0] * truth.widthPx,
      box[1] * truth.heightPx,
      box[2] * truth.widthPx,
      box[3] * truth.heightPx,
    ] as const;
    return { label, corners, ignored: visibility < ASKED_VISIBILITY };
  });
  return { file, truth: boxes };
}

/** Renders held-out cameras into `folder`: everything random, crowded and dim bays among them. Truth is exact. */
export async function renderedPart(folder: string, cameras: number): Promise<Part> {
  const pictures: Part["pictures"][number][] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + cameras; seed++) {
    for (const [i, scene] of randomScenes(seed, FRAMES_PER_CAMERA, 1280, 720).entries()) {
      pictures.push(await renderTo(join(folder, `rendered-${seed}-${i}.jpg`), scene));
    }
  }
  return { name: "rendered", labels: ["person", "vehicle"], pictures };
}

/** Renders the simulated shop's two bays as the demo's script plays, a frame every 20 seconds of shop time. */
export async function demoPart(folder: string): Promise<Part> {
  const pictures: Part["pictures"][number][] = [];
  for (const bay of SHOP_BAYS) {
    const visits = SCRIPT.filter((visit) => visit.bay === bay.id);
    for (let t = 0; t < SCRIPT_MS; t += DEMO_STEP_MS) {
      pictures.push(await renderTo(join(folder, `demo-${bay.id}-${t}.jpg`), sceneAt(bay.stage, visits, t)));
    }
  }
  return { name: "demo", labels: ["person", "vehicle"], pictures };
}

const CocoDocument = Type.Object({
  categories: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String() })),
  images: Type.Array(Type.Object({ id: Type.Integer(), file_name: Type.String() })),
  annotations: Type.Array(
    Type.Object({
      image_id: Type.Integer(),
      category_id: Type.Integer(),
      bbox: Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }),
    }),
  ),
});

/** The street photos' validation split: vehicles boxed by people. */
export async function streetPart(dataFolder: string): Promise<Part> {
  const folder = join(dataFolder, "plates", "valid");
  const document = Value.Parse(
    CocoDocument,
    JSON.parse(await readFile(join(folder, "_annotations.coco.json"), "utf8")),
  );
  const vehicle = document.categories.find((category) => category.name === "vehicle");
  const images = document.images.filter((image) => image.file_name.startsWith("street_"));
  const pictures = images.map((image) => ({
    file: join(folder, image.file_name),
    truth: document.annotations
      .filter((annotation) => annotation.image_id === image.id && annotation.category_id === vehicle?.id)
      .map(({ bbox: [x = 0, y = 0, w = 0, h = 0] }): TrueBox => ({ label: "vehicle", corners: [x, y, x + w, y + h] })),
  }));
  return { name: "street", labels: ["vehicle"], pictures };
}

const Labelled = Type.Array(
  Type.Object({
    file: Type.String(),
    part: Type.String(),
    split: Type.String(),
    boxes: Type.Array(Type.Array(Type.Number(), { minItems: 5, maxItems: 5 })),
    ignored: Type.Array(Type.Array(Type.Number(), { minItems: 4, maxItems: 4 })),
  }),
);

const CLASSES = ["person", "vehicle"] as const;

/** The validation pictures of `training/label.py`, the clips' held-out frames among them; the teacher's opinion stands for truth. */
export async function labelledParts(file: string): Promise<Part[]> {
  const entries = Value.Parse(Labelled, JSON.parse(await readFile(file, "utf8"))).filter(
    (entry) => entry.split === "valid",
  );
  const names = [...new Set(entries.map((entry) => entry.part))].sort();
  return names.map((name) => ({
    name: `${name} (teacher's labels)`,
    labels: CLASSES,
    pictures: entries
      .filter((entry) => entry.part === name)
      .map((entry) => ({
        file: entry.file,
        truth: [
          ...entry.boxes.map(
            ([label = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0]): TrueBox => ({
              label: CLASSES[label] ?? "",
              corners: [x1, y1, x2, y2],
            }),
          ),
          ...entry.ignored.flatMap((region) =>
            CLASSES.map((label): TrueBox => ({ label, corners: corners(region), ignored: true })),
          ),
        ],
      })),
  }));
}

function corners([x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[]): Corners {
  return [x1, y1, x2, y2];
}
