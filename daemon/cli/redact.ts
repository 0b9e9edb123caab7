import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { ERRORS } from "../../contract/errors.ts";
import { modelPlacesOf } from "./model-store.ts";
import type { Add } from "./program.ts";
import { drawProgress } from "./progress.ts";

/** `baygate redact IN OUT --json`: covers faces and plates on pictures, by the same code as the running gateway. */
export function redactCommand(program: Command, add: Add): void {
  add<{ models?: string }>(
    program,
    "redact <in> <out>",
    "cover faces and plates on a picture, or on the pictures of a folder; OUT holds JPEG without metadata",
    async (terminal, options, source = "", out = "") => {
      // ONNX Runtime and libvips are loaded where they are used: a start of the gateway's main process needs neither.
      const { pictureFiles, redactImages } = await import("../vision/detect-images.ts");
      const { store } = await modelPlacesOf(options);
      const folderOf = async (role: "face" | "plate" | "bay") =>
        options.models === undefined ? (await store.active(role)).folder : join(options.models, role);
      const asFolder = (await isFolder(source)) || (await isFolder(out)) || out.endsWith("/");
      const report = await redactImages(await pictureFiles([source]), out, asFolder, {
        bundles: { face: await folderOf("face"), plate: await folderOf("plate"), bay: await folderOf("bay") },
        ...(process.stderr.isTTY ? { onProgress: drawProgress } : {}),
      });
      const { pictures, failed } = report;
      const withRemedies = failed.map((one) => ({ ...one, remedy: ERRORS[one.code].remedy[terminal.language] }));
      terminal.result({ ok: failed.length === 0, ...report, failed: withRemedies }, (language) => [
        ...pictures.map(
          (picture) =>
            `${picture.out}\t${picture.covered.map(({ what, box }) => `${what} ${box.join(",")}`).join("; ") || "–"}`,
        ),
        ...failed.flatMap(({ file, code, message }) => [
          `✗ ${file}: ${language === "en" ? message : ERRORS[code].title[language]}  [${code}]`,
          `  → ${ERRORS[code].remedy[language]}`,
        ]),
        language === "en"
          ? `${pictures.length} pictures covered, ${failed.length} refused (nothing written)`
          : `已遮盖 ${pictures.length} 张图片,拒绝 ${failed.length} 张(未写出文件)`,
      ]);
      return failed.length === 0 ? 0 : 1;
    },
  ).option("--models <folder>", "folder of the bundles face, plate and bay in place of the active ones");
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
