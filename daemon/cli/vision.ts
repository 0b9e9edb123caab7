import { type Command, InvalidArgumentError, Option } from "commander";
import { expectWritable, writeOutputFile } from "../../machine/output-file.ts";
import { modelPlacesOf } from "./model-store.ts";
import type { Add, Places } from "./program.ts";
import { drawProgress } from "./progress.ts";
import { visionAnswerCommands } from "./vision-answers.ts";

/** Roles for which a model ships. */
const ROLES = ["bay", "damage", "plate", "face"] as const;
const TILES = ["auto", "always", "never"] as const;

/** `baygate vision detect --role damage --json --out results.json IMAGES…`: COCO results, by the same code as the running gateway. */
export function visionCommands(program: Command, add: Add): void {
  const vision = program.command("vision").description("look at pictures as the gateway does");
  add<{ role: (typeof ROLES)[number]; model?: string; out?: string; minScore?: number; tiles: (typeof TILES)[number] }>(
    vision,
    "detect <images...>",
    "find damage, plates, faces, or people and vehicles in picture files and folders",
    async (terminal, options, ...images) => {
      const { role, tiles, minScore } = options;
      if (options.out !== undefined) await expectWritable(options.out);
      // ONNX Runtime and libvips are loaded where they are used: a start of the gateway's main process needs neither.
      const { detectImages, pictureFiles } = await import("../vision/detect-images.ts");
      const report = await detectImages(role, await pictureFiles(images), {
        bundleFolder: options.model ?? (await modelFolder(options, role)),
        tiles,
        ...(minScore === undefined ? {} : { scoreFloor: minScore }),
        ...(process.stderr.isTTY ? { onProgress: drawProgress } : {}),
      });
      if (options.out !== undefined) await writeOutputFile(options.out, `${JSON.stringify(report.results)}\n`);
      const listed = report.results.filter((result) => result.counts || minScore !== undefined);
      terminal.result(report, (language) => [
        ...listed.map(
          ({ file_name, category_name, score, probability, bbox }) =>
            `${file_name}\t${category_name}\t${score.toFixed(3)}${probability === undefined ? "" : ` (${Math.round(probability * 100)} %)`}\t${bbox.map((side) => side.toFixed(1)).join(" ")}`,
        ),
        ...report.failed.map(({ file_name, code, message }) => `✗ ${file_name}: ${message} [${code}]`),
        language === "en"
          ? `${listed.length} found in ${report.images.length} pictures, ${report.failed.length} could not be looked at (${report.model.name} ${report.model.version}, ${report.provider})`
          : `${report.images.length} 张图片中发现 ${listed.length} 个目标,${report.failed.length} 张无法识别(${report.model.name} ${report.model.version},${report.provider})`,
      ]);
      return report.failed.length === 0 ? 0 : 1;
    },
  )
    .addOption(new Option("--role <role>", "what to look for").choices(ROLES).makeOptionMandatory())
    .option("--model <folder>", "a model bundle in place of the active one")
    .option("--out <file>", "write the COCO results to this file as well")
    .option("--min-score <score>", "list from this score on instead of the card's", asScore)
    .addOption(
      new Option("--tiles <when>", "look piece by piece as well, for small marks on large photos")
        .choices(TILES)
        .default("auto"),
    );
  visionAnswerCommands(vision, add, process.stderr.isTTY ? drawProgress : undefined);
}

/** The model that the gateway works with. */
async function modelFolder(places: Places, role: (typeof ROLES)[number]): Promise<string> {
  const { store } = await modelPlacesOf(places);
  return (await store.active(role)).folder;
}

function asScore(text: string): number {
  const score = Number(text);
  if (text.trim() === "" || !(score >= 0 && score <= 1)) throw new InvalidArgumentError("a score is from 0 to 1");
  return score;
}
