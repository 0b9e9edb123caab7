import { join } from "node:path";
import type { Command } from "commander";
import { GatewayError } from "../../contract/errors.ts";
import { writeDurably } from "../../machine/durable-file.ts";
import type { Add } from "./program.ts";

/** Roles for which this version has a model. */
const ROLES = ["bay"] as const;
const MODELS = join(import.meta.dirname, "../../models");

/** `baygate vision detect --role bay --json --out results.json IMAGES…`: COCO results, by the same code as the running gateway. */
export function visionCommands(program: Command, add: Add): void {
  const vision = program.command("vision").description("look at pictures as the gateway does");
  add<{ role: string; model?: string; out?: string }>(
    vision,
    "detect <images...>",
    "find people and vehicles in picture files",
    async (terminal, options, ...images) => {
      const role = ROLES.find((known) => known === options.role);
      if (role === undefined)
        throw new GatewayError("MODEL_FILE_MISSING", {
          detail: `no model for the role "${options.role}"; there is: ${ROLES.join(", ")}`,
        });
      // ONNX Runtime and libvips are loaded where they are used: a start of the gateway's main process needs neither.
      const { detectImages } = await import("../vision/detect-images.ts");
      const report = await detectImages(role, images, { bundleFolder: options.model ?? join(MODELS, role) });
      if (options.out !== undefined) await writeDurably(options.out, `${JSON.stringify(report.results)}\n`);
      terminal.result(report, (language) => [
        ...report.results.map(
          ({ file_name, category_name, score, bbox }) =>
            `${file_name}\t${category_name}\t${score.toFixed(3)}\t${bbox.map((side) => side.toFixed(1)).join(" ")}`,
        ),
        ...report.failed.map(({ file_name, code, message }) => `✗ ${file_name}: ${message} [${code}]`),
        language === "en"
          ? `${report.results.length} found in ${report.images.length} pictures, ${report.failed.length} could not be looked at (${report.model.name} ${report.model.version}, ${report.provider})`
          : `${report.images.length} 张图片中发现 ${report.results.length} 个目标,${report.failed.length} 张无法识别(${report.model.name} ${report.model.version},${report.provider})`,
      ]);
      return report.failed.length === 0 ? 0 : 1;
    },
  )
    .requiredOption("--role <role>", ROLES.join(", "))
    .option("--model <folder>", "a model bundle in place of the shipped one")
    .option("--out <file>", "write the COCO results to this file as well");
}
