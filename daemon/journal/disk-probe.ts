import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

export interface DiskProbe {
  /** SQLite's version in this build. */
  readonly sqliteVersion: string;
  /** 2 is FULL: a commit is on the disk when it returns. */
  readonly synchronous: number;
  /** One commit each, in milliseconds. */
  readonly medianMs: number;
  readonly p95Ms: number;
}

const COMMITS = 60;

/** Measures what a durable commit costs on the disk of a folder, with a scratch database that is removed again. */
export function probeDisk(directory: string): DiskProbe {
  const folder = mkdtempSync(join(directory, "probe-"));
  const db = new Database(join(folder, "probe.sqlite"));
  try {
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.exec("CREATE TABLE probe (value TEXT)");
    const insert = db.prepare("INSERT INTO probe VALUES (?)");
    const times = Array.from({ length: COMMITS }, (_, index) => {
      const before = performance.now();
      insert.run(`commit ${index}`);
      return performance.now() - before;
    }).sort((a, b) => a - b);
    const version: unknown = db.prepare("SELECT sqlite_version()").pluck().get();
    return {
      sqliteVersion: String(version),
      synchronous: Number(db.pragma("synchronous", { simple: true })),
      medianMs: times[Math.floor(COMMITS / 2)] ?? 0,
      p95Ms: times[Math.floor(COMMITS * 0.95)] ?? 0,
    };
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
