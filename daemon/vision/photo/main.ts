import { ERRORS, type ErrorCode, GatewayError } from "../../../contract/errors.ts";
import type { RelativeBox } from "../detections.ts";
import { type FromPhotoProcess, ToPhotoProcess } from "./messages.ts";
import type { PhotoLook } from "./photo-look.ts";
import { PhotoLooker } from "./photo-looker.ts";

/** The photo process's program: one photo at a time, nothing kept between two. */
let looker: PhotoLooker | undefined;

process.on("disconnect", () => process.exit(0));
// The terminal's Ctrl-C reaches the whole process group; the daemon decides when this process ends.
process.on("SIGINT", () => undefined);
process.on("message", (message) => {
  if (!ToPhotoProcess.Check(message)) throw new TypeError("a message that the photo process does not know");
  if (message.kind === "open") void open(message);
  else void look(message);
});

async function open({ bundles, providers, engines }: Extract<ToPhotoProcess, { kind: "open" }>): Promise<void> {
  try {
    looker = await PhotoLooker.open(bundles, providers, engines);
    say({ kind: "ready" });
  } catch (error) {
    say({ kind: "refused", ...describe(error) });
    process.disconnect();
  }
}

async function look({ photo, bytes }: Extract<ToPhotoProcess, { kind: "look" }>): Promise<void> {
  if (looker === undefined) throw new Error("asked to look before the models are open");
  try {
    const seen = await looker.look(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    say({ kind: "seen", photo, ...asMessage(seen), rssBytes: process.memoryUsage.rss() });
  } catch (error) {
    say({ kind: "failed", photo, ...describe(error), rssBytes: process.memoryUsage.rss() });
  }
}

function asMessage({ covered, findings, models, ...look }: PhotoLook) {
  return {
    ...look,
    covered: covered.map(({ what, box }) => ({ what, box: corners(box) })),
    findings: findings.map(({ outline, ...finding }) => ({
      ...finding,
      box: corners(finding.box),
      ...(outline === undefined ? {} : { outline: outline.map((polygon) => [...polygon]) }),
    })),
    models: [...models],
  };
}

function corners([x1, y1, x2, y2]: RelativeBox): [number, number, number, number] {
  return [x1, y1, x2, y2];
}

/** A daemon that is gone needs no answer, and no process. */
function say(message: FromPhotoProcess): void {
  if (!process.connected) return;
  process.send?.(message, undefined, {}, (error) => {
    if (error !== null) process.exit(0);
  });
}

/** `detail` is what stands behind the registry's title in the error's message. */
function describe(error: unknown): { readonly code: ErrorCode; readonly detail: string } {
  if (!(error instanceof GatewayError))
    return { code: "VISION_NOT_RUNNING", detail: error instanceof Error ? error.message : String(error) };
  return { code: error.code, detail: error.message.slice(ERRORS[error.code].title.en.length).replace(/^: /, "") };
}
