/** A photo process for tests of the queue: it looks at nothing, and names the damage bundle that it was opened with as its model. */
let damage = "";

process.on("disconnect", () => process.exit(0));
process.on("message", (message: { kind: string; photo: number; bundles: { damage: string } }) => {
  if (message.kind === "open") {
    damage = message.bundles.damage;
    process.send?.({ kind: "ready" });
    return;
  }
  process.send?.({
    kind: "seen",
    photo: message.photo,
    picture: new Uint8Array([1]),
    width: 1,
    height: 1,
    covered: [],
    findings: [],
    models: [{ role: "damage", name: damage, version: String(process.pid), sha256: "0" }],
    rssBytes: 1,
  });
});
