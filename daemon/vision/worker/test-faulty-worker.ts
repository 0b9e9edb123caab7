import { readSync } from "node:fs";

/**
 * A worker for tests of supervision: it does what the first byte of a picture says. It speaks the protocol but opens no model.
 */
const PLACE_BYTES = 4 * 1024 * 1024;

process.on("disconnect", () => process.exit(0));
process.on("message", (message: { kind: string; frame: number; place: number; length: number; bytes?: Uint8Array }) => {
  if (message.kind === "open") {
    process.send?.({
      kind: "ready",
      provider: "cpu",
      refused: [],
      model: { name: "faulty", version: "1.0.0", sha256: "0" },
    });
    return;
  }
  const picture = message.bytes ?? Buffer.alloc(message.length);
  if (message.bytes === undefined) readSync(4, picture, 0, message.length, message.place * PLACE_BYTES);
  const order = String.fromCharCode(picture[0] ?? 0);
  if (order === "d") process.exit(7);
  if (order === "h") for (;;);
  if (order === "l") process.send?.({ kind: "seen", frame: "not a number" });
  if (order === "m") process.send?.({ kind: "pulse", rssBytes: 10 ** 12, cpuMs: 1 });
  // Alive, but never done with this picture.
  if (order === "s") {
    setInterval(() => process.send?.({ kind: "pulse", rssBytes: 1, cpuMs: 1 }), 50);
    return;
  }
  process.send?.({
    kind: "seen",
    frame: message.frame,
    width: message.length,
    height: 1,
    signature: new Uint8Array([1, 1, 0]),
    detections: [],
    cpuMs: 1,
  });
});
