import { GatewayError } from "../../../contract/errors.ts";
import type { Detection } from "../detections.ts";
import { Detector, type Found } from "../detector.ts";
import { JpegThread } from "../jpeg/thread.ts";
import { type DecodedPicture, lookAtPicture, type StillPicture } from "../picture.ts";
import { NoProviderError } from "../providers.ts";
import { loadBundle, type ModelBundle } from "../registry/bundle.ts";
import { COVER_FROM_SCORE, redactedThumbnail } from "../thumbnail.ts";
import { type FromWorker, PULSE_MS, ToWorker } from "./messages.ts";
import { PICTURE_MEMORY_FD, readPicture } from "./picture-memory.ts";

/**
 * The vision worker's program. It holds no state between frames but its session: whatever a frame needs comes with it. Pictures are decoded on
 * threads of their own while the network runs on this one, so that with one frame queued behind the present one both go on at once.
 */
type Look = Extract<ToWorker, { kind: "look" }>;

let ready: { readonly bundle: ModelBundle; readonly detector: Detector } | undefined;
/** Frames are looked at in the order in which they came, whichever is decoded first. */
let turn: Promise<void> = Promise.resolve();
/** One buffer per place, used again: it grows to the largest picture seen there. */
const buffers = new Map<number, Buffer>();
const reducer = new JpegThread();

process.on("disconnect", () => process.exit(0));
// The terminal's Ctrl-C reaches the whole process group; the daemon decides when a worker ends.
process.on("SIGINT", () => undefined);
process.on("message", (message) => {
  if (!ToWorker.Check(message)) throw new TypeError("a message that the worker does not know");
  if (message.kind === "open") void open(message);
  else look(message);
});

async function open({ folder, providers, engines }: Extract<ToWorker, { kind: "open" }>): Promise<void> {
  try {
    const bundle = await loadBundle(folder);
    const detector = await Detector.open(bundle, {
      providers,
      floor: COVER_FROM_SCORE,
      ...(engines === undefined ? {} : { enginesFolder: engines }),
    });
    ready = { bundle, detector };
    const { name, version, sha256 } = bundle.manifest;
    say({
      kind: "ready",
      provider: detector.provider,
      refused: [...detector.refused],
      model: { name, version, sha256 },
    });
    pulse();
    setInterval(pulse, PULSE_MS).unref();
  } catch (error) {
    const { code, message } = describe(error);
    const refused = error instanceof NoProviderError ? [...error.refused] : [];
    say({ kind: "refused", code, message, refused });
    process.disconnect();
  }
}

function look(message: Look): void {
  if (ready === undefined) throw new Error("asked to look before the model is open");
  const { bundle, detector } = ready;
  // Begun at once; awaited in its turn.
  const { reference } = message;
  const decoding = lookAtPicture(pictureOf(message), bundle.manifest.input, {
    reducer,
    ...(reference === undefined ? {} : { reference }),
  }).then(
    (picture) => ({ picture, error: undefined }),
    (error: unknown) => ({ picture: undefined, error }),
  );
  turn = turn.then(async () => {
    const { picture, error } = await decoding;
    if (picture === undefined) {
      say({ kind: "unreadable", frame: message.frame, ...describe(error), cpuMs: cpuMs() });
      return;
    }
    await report(message, picture, detector);
  });
}

async function report(message: Look, picture: DecodedPicture | StillPicture, detector: Detector): Promise<void> {
  const { signature } = picture;
  const beganMs = performance.now();
  const found = picture.rgb === undefined ? undefined : await detector.detect(picture);
  const lookMs = performance.now() - beganMs;
  const { sourceWidth: width, sourceHeight: height } = picture.letterbox;
  const detections = found?.filter((thing) => thing.counts).map(({ detection }) => asMessage(detection));
  say({
    kind: "seen",
    frame: message.frame,
    width,
    height,
    signature,
    ...(found === undefined || detections === undefined ? {} : { detections, covers: found.map(asCover), lookMs }),
    cpuMs: cpuMs(),
  });
  if (message.thumbnail && picture.rgb !== undefined) void sendThumbnail(message, picture, found);
}

function asMessage(detection: Detection): Detection & { box: [number, number, number, number] } {
  const [x1, y1, x2, y2] = detection.box;
  return { ...detection, box: [x1, y1, x2, y2] };
}

function asCover({ detection }: Found): { label: string; box: [number, number, number, number] } {
  const { label, box } = asMessage(detection);
  return { label, box };
}

/** Encoded on libuv's threads while the next frame is looked at. Fails closed: no detections of this frame, no thumbnail. */
async function sendThumbnail(
  { frame, covers }: Look,
  picture: DecodedPicture,
  found: readonly Found[] | undefined,
): Promise<void> {
  const jpeg = await redactedThumbnail(picture, found, covers);
  if (jpeg !== undefined) say({ kind: "thumbnail", frame, jpeg });
}

function pictureOf(message: Look): Buffer {
  if (message.bytes !== undefined)
    return Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength);
  let buffer = buffers.get(message.place);
  if (buffer === undefined || buffer.length < message.length) {
    buffer = Buffer.from(new SharedArrayBuffer(Math.ceil(message.length / 65_536) * 65_536));
    buffers.set(message.place, buffer);
  }
  const picture = buffer.subarray(0, message.length);
  readPicture(PICTURE_MEMORY_FD, message.place, picture);
  return picture;
}

function pulse(): void {
  say({ kind: "pulse", rssBytes: process.memoryUsage.rss(), cpuMs: cpuMs() });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A daemon that is gone needs no answer, and no worker. */
function say(message: FromWorker): void {
  if (!process.connected) return;
  process.send?.(message, undefined, {}, (error) => {
    if (error !== null) process.exit(0);
  });
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof GatewayError) return { code: error.code, message: error.message };
  return { code: "VISION_NOT_RUNNING", message: error instanceof Error ? error.message : String(error) };
}
