import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";
import { decodeFully } from "../../daemon/vision/picture.ts";
import { type CoveredKind, coveredShare } from "../../daemon/vision/redaction/covers.ts";
import { Redactor } from "../../daemon/vision/redaction/redactor.ts";
import { damageParts, type EvaluationPart, plateParts } from "./detector-parts.ts";
import { readTrainingHashes, refuseTrainedOn } from "./trained-on.ts";

/** A plate of which less is covered may show a character. */
const WHOLLY_COVERED = 0.95;
interface RedactionFigures {
  readonly part: string;
  readonly pictures: number;
  /** Pictures of which nothing came out. */
  readonly refused: number;
  /** Labelled things on the pictures that came out. */
  readonly labelled: number;
  readonly whollyCovered: number;
  readonly meanCoveredShare: number;
  readonly coversPerPicture: Readonly<Record<CoveredKind, number>>;
  readonly pictureAreaCovered: number;
}

/** Redacts the plate photos of the validation split (what of each labelled plate is covered?) and some damage photos (what of the damage is hidden?). */
export async function measureRedaction(options: {
  readonly data: string | undefined;
  readonly models: string;
  /** Looks at every so many pictures only. */
  readonly every: number;
  readonly json: boolean;
}): Promise<void> {
  const { data, models, every, json } = options;
  const damage = (await damageParts(data, undefined)).filter(({ name }) => name.startsWith("damage"));
  const parts = [...(await plateParts(data)), ...damage].map(({ name, pictures }) => ({
    name: every === 1 ? name : `${name}, one in ${every}`,
    pictures: pictures.filter((_, index) => index % every === 0),
  }));
  const redactor = await Redactor.open(
    { face: join(models, "face"), plate: join(models, "plate"), bay: join(models, "bay") },
    ["cpu"],
  );
  const reports: RedactionFigures[] = [];
  for (const part of parts) {
    const files = part.pictures.map(({ file }) => file);
    await refuseTrainedOn(files, await readTrainingHashes(join(models, "plate")));
    const figures = await figuresOfPart(part, redactor);
    reports.push(figures);
    if (!json) print(figures);
  }
  await redactor.close();
  if (json) console.log(JSON.stringify({ parts: reports }, null, 2));
}

async function figuresOfPart({ name, pictures }: EvaluationPart, redactor: Redactor): Promise<RedactionFigures> {
  const shares: number[] = [];
  const kinds: CoveredKind[] = [];
  let refused = 0;
  let area = 0;
  for (const { file, truth } of pictures) {
    try {
      const pixels = await decodeFully(await readFile(file));
      const { width, height } = pixels;
      const covers = await redactor.redact(pixels);
      const boxes = covers.map(({ box }) => box);
      kinds.push(...covers.map(({ what }) => what));
      area += coveredShare([0, 0, 1, 1], boxes, pixels);
      for (const { corners } of truth) {
        const [x1, y1, x2, y2] = corners;
        shares.push(coveredShare([x1 / width, y1 / height, x2 / width, y2 / height], boxes, pixels));
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      refused++;
    }
  }
  const shown = pictures.length - refused;
  const perPicture = (kind: CoveredKind) => kinds.filter((one) => one === kind).length / shown;
  return {
    part: name,
    pictures: pictures.length,
    refused,
    labelled: shares.length,
    whollyCovered: shares.filter((share) => share >= WHOLLY_COVERED).length,
    meanCoveredShare: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    coversPerPicture: { face: perPicture("face"), plate: perPicture("plate"), head: perPicture("head") },
    pictureAreaCovered: area / shown,
  };
}

function print(figures: RedactionFigures): void {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const { face, plate, head } = figures.coversPerPicture;
  console.log(`${figures.part}: ${figures.pictures} pictures, ${figures.refused} refused`);
  console.log(
    `  ${figures.whollyCovered} of ${figures.labelled} labelled things covered by at least ${percent(WHOLLY_COVERED)} of their area` +
      ` (${percent(figures.whollyCovered / figures.labelled)}); mean ${percent(figures.meanCoveredShare)}`,
  );
  console.log(
    `  covers a picture: ${plate.toFixed(2)} plates, ${face.toFixed(2)} faces, ${head.toFixed(2)} heads; ${percent(figures.pictureAreaCovered)} of the picture`,
  );
}
