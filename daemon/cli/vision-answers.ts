import type { Command } from "commander";
import { GatewayError } from "../../contract/errors.ts";
import type { FailedPicture, Prompt } from "../vision/detect-images.ts";
import type { Add } from "./program.ts";

type Progress = (done: number, total: number) => void;

/** `baygate vision segment|read|embed`: what networks say that find no boxes. No such model ships; a folder with one is named. */
export function visionAnswerCommands(vision: Command, add: Add, onProgress: Progress | undefined): void {
  const progress = onProgress === undefined ? {} : { onProgress };

  add<{ model: string; box: string[]; point: string[] }>(
    vision,
    "segment <image>",
    "outline what a box or points mark in a picture, by a model of the SAM kind",
    async (terminal, options, image) => {
      const prompts = promptsOf(options.box, options.point);
      const { segmentImage } = await import("../vision/detect-images.ts");
      const report = await segmentImage(image ?? "", prompts, { bundleFolder: options.model });
      terminal.result({ ok: true, ...report }, (language) => [
        ...report.results.map(({ category_name, iou, area, bbox, segmentation }) =>
          segmentation.length === 0
            ? `${report.image.file_name}\t${language === "en" ? "nothing there" : "未发现目标"}`
            : `${report.image.file_name}\t${category_name}\tIoU ${iou.toFixed(3)}\t${Math.round(area)} px²\t${bbox.map((side) => side.toFixed(1)).join(" ")}`,
        ),
        `(${report.model.name} ${report.model.version}, ${report.provider})`,
      ]);
      return 0;
    },
  )
    .requiredOption("--model <folder>", "a model bundle of the role segment")
    .option("--box <x,y,w,h>", "around the thing, pixels of the upright picture; again for another thing", asList, [])
    .option("--point <x,y[,0]>", "on the thing, or beside it with 0 behind; again for more", asList, []);

  add<{ detector: string; recogniser: string }>(
    vision,
    "read <images...>",
    "read the text in picture files and folders, by models of the PP-OCR kind",
    async (terminal, options, ...images) => {
      const { pictureFiles, readImages } = await import("../vision/detect-images.ts");
      const report = await readImages(await pictureFiles(images), {
        finderFolder: options.detector,
        recogniserFolder: options.recogniser,
        ...progress,
      });
      terminal.result(report, (language) => [
        ...report.results.map(
          ({ file_name, text, confidence, counts, quad }) =>
            `${file_name}\t${JSON.stringify(text)}\t${confidence.toFixed(3)}${counts ? "" : language === "en" ? " (unsure)" : "(不确定)"}\t${quad.map((value) => value.toFixed(0)).join(" ")}`,
        ),
        ...failures(report.failed),
        language === "en"
          ? `${report.results.length} lines in ${report.images.length} pictures, ${report.failed.length} could not be looked at`
          : `${report.images.length} 张图片中读出 ${report.results.length} 行文字,${report.failed.length} 张无法识别`,
      ]);
      return report.failed.length === 0 ? 0 : 1;
    },
  )
    .requiredOption("--detector <folder>", "a model bundle of the role text-detection")
    .requiredOption("--recogniser <folder>", "a model bundle of the role text-recognition");

  add<{ model: string }>(
    vision,
    "embed <images...>",
    "turn picture files and folders into vectors, and say how alike each is to the first",
    async (terminal, options, ...images) => {
      const { embedImages, pictureFiles } = await import("../vision/detect-images.ts");
      const report = await embedImages(await pictureFiles(images), { bundleFolder: options.model, ...progress });
      const { name, version, dimensions } = report.model;
      terminal.result(report, (language) => [
        ...report.results.map(
          ({ file_name, likeness, counts }) => `${file_name}\t${likeness.toFixed(4)}${counts ? "\t✓" : ""}`,
        ),
        ...failures(report.failed),
        language === "en"
          ? `${report.results.length} vectors of ${dimensions} numbers, ${report.failed.length} pictures could not be looked at (${name} ${version}, ${report.provider})`
          : `${report.results.length} 个 ${dimensions} 维向量,${report.failed.length} 张图片无法识别(${name} ${version},${report.provider})`,
      ]);
      return report.failed.length === 0 ? 0 : 1;
    },
  ).requiredOption("--model <folder>", "a model bundle of the role embedding");
}

function asList(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

function failures(failed: readonly FailedPicture[]): string[] {
  return failed.map(({ file_name, code, message }) => `✗ ${file_name}: ${message} [${code}]`);
}

/** More questions about one picture than a person asks are a mistake. */
const MAX_BOXES = 100;

/**
 * Each box asks about a thing of its own; points ask about one thing, together with a box if there is one.
 * @throws GatewayError PROMPT_INVALID
 */
export function promptsOf(boxes: readonly string[], points: readonly string[]): Prompt[] {
  if (boxes.length > MAX_BOXES) throw invalid(`${boxes.length} boxes, at most ${MAX_BOXES}`);
  if (boxes.length > 1 && points.length > 0) throw invalid("points go with one box, not with several");
  const marked = points.map(pointOf);
  if (boxes.length === 0) return [{ points: marked }];
  return boxes.map((text) => ({ box: cornersOf(text), ...(marked.length === 0 ? {} : { points: marked }) }));
}

function cornersOf(text: string): NonNullable<Prompt["box"]> {
  const [x, y, width, height, ...more] = text.split(",").map(numberOf);
  if (x === undefined || y === undefined || width === undefined || height === undefined || more.length > 0)
    throw invalid(`--box ${shown(text)}`);
  return [x, y, x + width, y + height];
}

function pointOf(text: string): NonNullable<Prompt["points"]>[number] {
  const written = /^(?<place>[^,]*,[^,]*)(,(?<inside>[01]))?$/.exec(text)?.groups;
  const [x, y] = written?.place?.split(",").map(numberOf) ?? [];
  if (x === undefined || y === undefined) throw invalid(`--point ${shown(text)}`);
  return { x, y, inside: written?.inside !== "0" };
}

/** Larger than any picture that is decoded. */
const FARTHEST_PX = 100_000;

/** Undefined for what is no number, or too large to be a place in a picture. */
function numberOf(text: string): number | undefined {
  if (!/^\s*-?\d+(\.\d+)?\s*$/.test(text)) return undefined;
  const value = Number(text);
  return Math.abs(value) <= FARTHEST_PX ? value : undefined;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function invalid(detail: string): GatewayError {
  return new GatewayError("PROMPT_INVALID", { detail });
}
