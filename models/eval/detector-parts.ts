import { existsSync } from "node:fs";
import { join } from "node:path";
import { type LabelledPicture, labelledPictures } from "../../daemon/vision/accuracy/labelled-pictures.ts";

export interface EvaluationPart {
  readonly name: string;
  readonly pictures: readonly LabelledPicture[];
}

/** The damage photos' Turkish category names in the trade's words. */
const DAMAGE_LABELS: Readonly<Record<string, string>> = {
  cizik: "scratch",
  gocuk: "dent",
  "kirik-kayip": "broken-or-missing",
  astar: "exposed-primer",
  far_hasar: "lamp-damage",
  cam_catlagi: "cracked-glass",
  airbag: "deployed-airbag",
  kaput_hasar: "bonnet-damage",
};

const isRide = (fileName: string) => fileName.startsWith("ride_");

/** One split of the damage photos, in our labels. */
export const damagePhotos = (data: string, split: "train" | "valid" | "test"): Promise<LabelledPicture[]> =>
  labelledPictures(join(data, "damage", split), { labelOf: (name) => DAMAGE_LABELS[name] });

/**
 * The splits of the damage photos that are there, and whole cars with planted damage where the folder is given. Street photos stand for cars without
 * damage: whatever is found on them is a false alarm.
 */
export async function damageParts(data: string | undefined, planted: string | undefined): Promise<EvaluationPart[]> {
  const parts: EvaluationPart[] = [];
  for (const split of ["test", "valid"] as const) {
    if (data === undefined || !existsSync(join(data, "damage", split))) continue;
    parts.push({
      name: `damage photos, ${split}`,
      pictures: await damagePhotos(data, split),
    });
  }
  if (data !== undefined)
    parts.push({
      name: "street photos, valid: cars without damage, as far as one sees",
      pictures: await labelledPictures(join(data, "plates", "valid"), {
        labelOf: () => undefined,
        only: (name) => !isRide(name),
      }),
    });
  if (planted !== undefined)
    parts.push({
      name: "whole cars, planted damage",
      pictures: await labelledPictures(planted, { labelOf: (name) => name }),
    });
  return parts;
}

/** The ride photos' labels were made on a picture three quarters as wide: unstretched they lie left of the plates. */
const RIDE_STRETCH = 4 / 3;

export async function plateParts(data: string | undefined): Promise<EvaluationPart[]> {
  if (data === undefined) return [];
  const folder = join(data, "plates", "valid");
  const labelOf = (name: string) => (name === "plate" ? name : undefined);
  return [
    {
      name: "street photos, valid",
      pictures: await labelledPictures(folder, { labelOf, only: (name) => !isRide(name) }),
    },
    {
      name: "dashcam photos, valid (labels stretched by 4/3)",
      pictures: await labelledPictures(folder, { labelOf, only: isRide, stretchX: () => RIDE_STRETCH }),
    },
  ];
}

export async function faceParts(faces: string | undefined): Promise<EvaluationPart[]> {
  if (faces === undefined)
    throw new Error("faces have no labels of their own: give --faces, the folder that face/training/label.py wrote");
  return [{ name: "faces (teacher's labels)", pictures: await labelledPictures(faces, { labelOf: (name) => name }) }];
}
