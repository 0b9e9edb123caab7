import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Command } from "commander";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { GatewayError } from "../../contract/errors.ts";
import { systemClock } from "../../machine/clock.ts";
import { writeDurably } from "../../machine/durable-file.ts";
import { placesIn } from "../gateway/places.ts";
import { backupJournal, restoreBackup } from "../journal/index.ts";
import type { Add } from "./program.ts";
import { VERSION } from "./version.ts";

const JOURNAL_COPY = "journal.sqlite";
const MANIFEST = "backup.json";
/** Below the data directory: people, devices, certificates, the line to headquarters, vehicle files. Not the journal's own files, which are copied while in use. */
const KEPT = [
  "people",
  "device-credentials.json",
  "broker-tls",
  "page",
  "headquarters",
  "vehicles",
  "shop.last-good.yaml",
];

const Manifest = Compile(
  Type.Object({ version: Type.String(), takenAt: Type.Number(), files: Type.Record(Type.String(), Type.String()) }),
);

/** `baygate backup DIR` and `baygate restore DIR`. A backup may be taken while the gateway runs; a restore needs it stopped and begins a new epoch. */
export function backupCommands(program: Command, add: Add): void {
  add(
    program,
    "backup <folder>",
    "copy journal, people, devices and certificates into a new folder, also while the gateway runs",
    async (terminal, options, folder = "") => {
      const places = placesIn(options.data);
      await mkdir(folder, { recursive: false, mode: 0o700 });
      await backupJournal(places.journal, join(folder, JOURNAL_COPY));
      for (const name of KEPT)
        if (await exists(join(options.data, name)))
          await cp(join(options.data, name), join(folder, name), { recursive: true, preserveTimestamps: true });
      if (await exists(options.config)) await cp(options.config, join(folder, "shop.yaml"));
      const files = await hashesBelow(folder);
      const manifest = { version: VERSION, takenAt: systemClock({ demo: options.demo === true }).now(), files };
      await writeDurably(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
      terminal.result({ ok: true, folder, files: Object.keys(files).length }, (language) => [
        language === "en"
          ? `✓ ${Object.keys(files).length} files in ${folder}. They hold secrets: keep them as you keep the box.`
          : `✓ 已备份 ${Object.keys(files).length} 个文件到 ${folder}。其中含有机密,请妥善保管。`,
      ]);
      return 0;
    },
  );

  add(
    program,
    "restore <folder>",
    "put a backup back; the gateway must be stopped. The journal that is there is set aside; people, devices and certificates are replaced",
    async (terminal, options, folder = "") => {
      const places = placesIn(options.data);
      const manifest = await readManifest(folder);
      const present = await hashesBelow(folder);
      const damaged = Object.entries(manifest.files).filter(([file, hash]) => present[file] !== hash);
      if (damaged.length > 0)
        throw new GatewayError("JOURNAL_BACKUP_DAMAGED", { detail: damaged.map(([file]) => file).join(", ") });
      const clock = systemClock({ demo: options.demo === true });
      // Refuses while a gateway runs: its journal is locked, which tells it surely from a later process with its number.
      const { epoch, setAside } = restoreBackup({ file: join(folder, JOURNAL_COPY), directory: places.journal, clock });
      for (const name of KEPT)
        if (await exists(join(folder, name)))
          await cp(join(folder, name), join(options.data, name), { recursive: true, force: true });
      terminal.result({ ok: true, epoch, setAside: setAside ?? null }, (language) => [
        language === "en" ? `✓ restored; records go on in a new epoch ${epoch}` : `✓ 已恢复;记录进入新纪元 ${epoch}`,
        ...(setAside === undefined
          ? []
          : [language === "en" ? `  the journal that was there: ${setAside}` : `  原日志保存在:${setAside}`]),
      ]);
      return 0;
    },
  );
}

async function readManifest(folder: string): Promise<{ readonly files: Readonly<Record<string, string>> }> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, MANIFEST), "utf8"));
    if (Manifest.Check(value)) return value;
  } catch (cause) {
    throw new GatewayError("JOURNAL_BACKUP_DAMAGED", { detail: `${folder} holds no ${MANIFEST}`, cause });
  }
  throw new GatewayError("JOURNAL_BACKUP_DAMAGED", { detail: `${MANIFEST} is not a backup's` });
}

/** SHA-256 of every file below a folder but the manifest, by its path there. */
async function hashesBelow(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (entry.isFile() && name !== MANIFEST)
      hashes[name] = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
  }
  return hashes;
}

/** @throws what the file system throws: what cannot be looked at may not be left out of a backup silently */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
