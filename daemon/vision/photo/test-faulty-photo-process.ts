/**
 * A photo process for tests of supervision: it does what the first byte of a photo says, and at its opening what the bay bundle's name says. It opens no
 * model.
 */
process.on("disconnect", () => process.exit(0));
process.on("message", (message: { kind: string; photo: number; bytes: Uint8Array; bundles: { bay: string } }) => {
  if (message.kind === "open") {
    if (message.bundles.bay === "die") process.exit(3);
    if (message.bundles.bay === "refuse") {
      process.send?.({ kind: "refused", code: "REDACTION_NO_MODEL", detail: "face: not there" });
      process.disconnect();
      return;
    }
    process.send?.({ kind: "ready" });
    return;
  }
  const { photo } = message;
  const order = String.fromCharCode(message.bytes[0] ?? 0);
  if (order === "d") process.exit(7);
  if (order === "h") for (;;);
  if (order === "f") {
    process.send?.({ kind: "failed", photo, code: "PICTURE_UNREADABLE", detail: "row 3", rssBytes: 1 });
    return;
  }
  // A lie, and a good answer right behind it.
  if (order === "l") process.send?.({ kind: "seen", photo: "not a number" });
  if (order === "c") process.send?.({ kind: "failed", photo, code: "NO_SUCH_CODE", detail: "", rssBytes: 1 });
  if (order === "w") process.send?.({ ...seen(photo + 1), rssBytes: 1 });
  process.send?.({ ...seen(photo), rssBytes: order === "m" ? 10 ** 12 : 1 });
});

/** Its `width` says which process answered. */
function seen(photo: number) {
  return {
    kind: "seen",
    photo,
    picture: new Uint8Array([1]),
    width: 1 + (process.pid % 2000),
    height: 1,
    covered: [],
    findings: [],
    models: [],
  };
}
