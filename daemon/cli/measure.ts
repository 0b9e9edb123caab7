import { join } from "node:path";
import { type Command, Option } from "commander";
import { GatewayError, type Language } from "../../contract/errors.ts";
import { writeOutputFile } from "../../machine/output-file.ts";
import { type Configuration, loadConfiguration } from "../configuration/configuration.ts";
import type { Interval, MeasureReport, MeasureRequest, PixelBox } from "../vision/detect-images.ts";
import { modelPlacesOf } from "./model-store.ts";
import type { Add, Places } from "./program.ts";

const REGIONS = ["cn", "eu", "us", "jp"] as const;

interface MeasureOptions {
  readonly config: string;
  readonly box?: string;
  readonly outline?: string;
  readonly label?: string;
  readonly markerMm?: string;
  readonly homography?: string;
  readonly plateRegion?: (typeof REGIONS)[number];
  readonly reference?: string;
  readonly referenceMm?: string;
  readonly models?: string;
}

/** `baygate measure IMAGE --box x,y,w,h`: how large a damage is, in centimetres with an interval. `baygate marker-card` prints what to lay beside it. */
export function measureCommands(program: Command, add: Add): void {
  add<MeasureOptions>(
    program,
    "measure <image>",
    "measure a damage in a photo by something of known size in it",
    async (terminal, options, image) => {
      const { measurePicture } = await import("../vision/detect-images.ts");
      const report = await measurePicture(await requestOf(options, image ?? ""));
      terminal.result({ ok: true, image, ...report }, (language) => linesOf(report, language));
      return 0;
    },
  )
    .option("--box <x,y,w,h>", "around the damage, pixels of the upright picture; may be left out beside --outline")
    .option("--outline <points>", "the damage's outline by hand, \"x,y x,y x,y …\", in place of the model's")
    .option("--label <label>", "which kind of damage is meant, where there are several: scratch, dent, …")
    .option("--marker-mm <mm>", "side of the marker card's black square (else vision.markerMm of the configuration)")
    .option("--homography <what>", "a camera of the configuration, or a YAML/JSON file with such a plane")
    .addOption(
      new Option(
        "--plate-region <region>",
        "measure by a number plate of this region (else vision.plateRegion)",
      ).choices(REGIONS),
    )
    .option("--reference <x,y,w,h>", "around a part of known size")
    .option("--reference-mm <size>", "that part's width and height, 440x140, or its longer side alone")
    .option("--models <folder>", "folder of the bundles damage and plate in place of the active ones");

  add<{ markerMm: string; id: string }>(
    program,
    "marker-card <file>",
    "write a marker card to print (SVG), to lay beside damage that is to be measured",
    async (terminal, options, file) => {
      const { CARDS, printableCard } = await import("../vision/detect-images.ts");
      const sideMm = lengthOf("--marker-mm", options.markerMm);
      const id = Number(options.id);
      if (!Number.isInteger(id) || id < 0 || id >= CARDS) throw invalid("--id", options.id);
      await writeOutputFile(file ?? "", printableCard(sideMm, id));
      terminal.result({ ok: true, file, markerMm: sideMm, dictionary: "apriltag-36h11", id }, (language) => [
        language === "en"
          ? `✓ ${file}: print at 100 %, check the line with a ruler, and write vision.markerMm: ${sideMm} into the configuration`
          : `✓ ${file}:请按 100% 打印,用尺核对线段长度,并在配置中写入 vision.markerMm: ${sideMm}`,
      ]);
      return 0;
    },
  )
    .option("--marker-mm <mm>", "side of the black square", "50")
    .option("--id <number>", "which card; one is enough for a shop", "0");
}

async function requestOf(options: MeasureOptions & Places, image: string): Promise<MeasureRequest> {
  const { boxAround, enclosesNothing, readPictureFile } = await import("../vision/detect-images.ts");
  const configuration = await configurationAt(options.config);
  const outline = options.outline === undefined ? undefined : pointsOf(options.outline);
  if (outline !== undefined && enclosesNothing(outline)) throw invalid("--outline", options.outline);
  const box = options.box === undefined ? outline && boxAround(outline) : boxOf("--box", options.box);
  if (box === undefined) throw new GatewayError("SIZE_OPTION_INVALID", { detail: "--box is missing" });
  const vision = configuration?.vision;
  const markerMm = options.markerMm === undefined ? vision?.markerMm : lengthOf("--marker-mm", options.markerMm);
  const plateRegion = options.plateRegion ?? vision?.plateRegion;
  const camera = options.homography === undefined ? undefined : await planeOf(options.homography, configuration);
  const part = partOf(options);
  const { store } = await modelPlacesOf(options);
  const folderOf = async (role: "damage" | "plate") =>
    options.models === undefined ? (await store.active(role)).folder : join(options.models, role);
  return {
    bytes: await readPictureFile(image),
    box,
    bundles: { damage: await folderOf("damage"), plate: await folderOf("plate") },
    ...(outline === undefined ? {} : { outline }),
    ...(options.label === undefined ? {} : { label: options.label }),
    ...(markerMm === undefined ? {} : { markerMm }),
    ...(plateRegion === undefined ? {} : { plateRegion }),
    ...(camera === undefined ? {} : { camera }),
    ...(part === undefined ? {} : { part }),
  };
}

/** Undefined where there is no configuration; one that is there must be right. */
async function configurationAt(file: string): Promise<Configuration | undefined> {
  const loaded = await loadConfiguration(file);
  if (loaded.ok) return loaded.configuration;
  const [problem] = loaded.problems;
  if (problem === undefined || problem.code === "CONFIG_FILE_UNREADABLE") return undefined;
  throw new GatewayError(problem.code, { detail: `${file}:${problem.line}` });
}

/** A name with a dot or a slash is a file's. */
async function planeOf(what: string, configuration: Configuration | undefined) {
  const { checkedPlane, readPlaneFile } = await import("../vision/detect-images.ts");
  if (/[./\\]/.test(what)) return { name: what, plane: await readPlaneFile(what) };
  const camera = Object.entries(configuration?.cameras ?? {}).find(([id]) => id === what)?.[1];
  if (camera?.plane === undefined)
    throw new GatewayError("SIZE_PLANE_INVALID", {
      detail: camera === undefined ? `no camera "${what}" in the configuration` : `camera "${what}" has no plane`,
    });
  return { name: what, plane: checkedPlane(camera.plane, what) };
}

function partOf({ reference, referenceMm }: MeasureOptions): MeasureRequest["part"] {
  if (reference === undefined && referenceMm === undefined) return undefined;
  if (reference === undefined || referenceMm === undefined)
    throw new GatewayError("SIZE_OPTION_INVALID", { detail: "--reference and --reference-mm belong together" });
  const [first, second, ...more] = referenceMm.split(/[x×*]/i).map((text) => lengthOf("--reference-mm", text));
  if (first === undefined || more.length > 0) throw invalid("--reference-mm", referenceMm);
  return { box: boxOf("--reference", reference), sizeMm: second === undefined ? [first] : [first, second] };
}

/** Larger than any picture that is decoded. */
const FARTHEST_PX = 100_000;
const SHORTEST_MM = 5;
const LONGEST_MM = 20_000;
const MOST_POINTS = 10_000;

function boxOf(option: string, text: string): PixelBox {
  const [x, y, width, height, ...more] = text.split(",").map(numberOf);
  if (x === undefined || y === undefined || width === undefined || height === undefined || more.length > 0)
    throw invalid(option, text);
  return [x, y, width, height];
}

function pointsOf(text: string): (readonly [number, number])[] {
  const points = text
    .trim()
    .split(/[\s;]+/)
    .map((pair) => pair.split(",").map(numberOf));
  if (points.length > MOST_POINTS) throw invalid("--outline", `${points.length} points`);
  return points.map(([x, y, ...more]) => {
    if (x === undefined || y === undefined || more.length > 0) throw invalid("--outline", text);
    return [x, y];
  });
}

/** Undefined for what is no number, or too large to be a place in a picture. */
function numberOf(text: string): number | undefined {
  if (!/^\s*-?\d+(\.\d+)?\s*$/.test(text)) return undefined;
  const value = Number(text);
  return Math.abs(value) <= FARTHEST_PX ? value : undefined;
}

function lengthOf(option: string, text: string): number {
  const value = numberOf(text);
  if (value === undefined || value < SHORTEST_MM || value > LONGEST_MM) throw invalid(option, text);
  return value;
}

function invalid(option: string, text: string | undefined): GatewayError {
  const shown = (text ?? "").length > 60 ? `${text?.slice(0, 60)}…` : text;
  return new GatewayError("SIZE_OPTION_INVALID", { detail: `${option} ${shown}` });
}

const METHODS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  marker: { en: "marker card", "zh-CN": "标记卡" },
  camera: { en: "camera plane", "zh-CN": "摄像头平面" },
  plate: { en: "number plate", "zh-CN": "车牌" },
  part: { en: "part of known size", "zh-CN": "已知尺寸的部件" },
};

const UNUSED: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  "not-in-picture": { en: "none in the picture", "zh-CN": "图片中没有" },
  "size-unknown": { en: "there, but nobody said how large it is", "zh-CN": "图片中有,但未说明其尺寸" },
  "corners-unclear": { en: "there, but its corners are not clear", "zh-CN": "图片中有,但四角不清晰" },
  "damage-beyond-horizon": { en: "the damage does not lie on its plane", "zh-CN": "损伤不在其平面上" },
};

function linesOf(report: MeasureReport, language: Language): string[] {
  const en = language === "en";
  const method = (name: string) => METHODS[name]?.[language] ?? name;
  const { estimates, unused, region, agreement } = report;
  const lines = estimates.map(
    ({ method: name, reference, lengthCm, widthCm, areaCm2 }) =>
      `  ${method(name)} (${reference}): ${sizeWords({ lengthCm, widthCm, areaCm2 }, language)}`,
  );
  lines.push(...unused.map(({ method: name, why }) => `  ${method(name)}: ${UNUSED[why]?.[language] ?? why}`));
  if (region.source === "model")
    lines.push(
      en
        ? `  Outline: the damage model's, ${region.label ?? ""} (score ${region.score?.toFixed(2)}); where it ends is the model's opinion, and the interval holds that`
        : `  轮廓由损伤模型给出:${region.label ?? ""}(得分 ${region.score?.toFixed(2)});误差区间已计入模型对边界的判断偏差`,
    );
  if (region.cutOff)
    lines.push(
      en ? "  The damage goes on beyond the box: it is longer than measured." : "  损伤超出框外,实际长度大于测量值。",
    );
  return [headline(report, language), ...lines, ...(agreement === null ? [] : [agreementWords(agreement, language)])];
}

function headline({ decision, size, reason }: MeasureReport, language: Language): string {
  const en = language === "en";
  if (size !== null) {
    const words = sizeWords(size, language);
    if (decision === "agreed") return en ? `✓ ${words}; two methods agree` : `✓ ${words};两种方法一致`;
    return en ? `✓ ${words}; by one method only` : `✓ ${words};仅由一种方法得出`;
  }
  if (reason === "methods-differ")
    return en ? "! A person decides: the methods contradict each other" : "! 转人工:各方法结果不一致";
  return en ? "! A person decides: the interval is too wide to be of use" : "! 转人工:误差区间过宽";
}

function sizeWords({ lengthCm, widthCm, areaCm2 }: NonNullable<MeasureReport["size"]>, language: Language): string {
  return language === "en"
    ? `length ${range(lengthCm)} cm, width ${range(widthCm)} cm, area ${range(areaCm2)} cm²`
    : `长 ${range(lengthCm)} cm,宽 ${range(widthCm)} cm,面积 ${range(areaCm2)} cm²`;
}

function agreementWords({ methods, difference }: NonNullable<MeasureReport["agreement"]>, language: Language): string {
  const [one, other] = methods.map((name) => METHODS[name]?.[language] ?? name);
  const percent = `${(difference * 100).toFixed(1)} %`;
  return language === "en"
    ? `  ${one} and ${other} differ by ${percent} (15 % at most)`
    : `  ${one}与${other}相差 ${percent}(上限 15 %)`;
}

function range({ value, lower, upper }: Interval): string {
  const digits = value < 10 ? 2 : 1;
  return `${value.toFixed(digits)} (${lower.toFixed(digits)}–${upper.toFixed(digits)})`;
}
