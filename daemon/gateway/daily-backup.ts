import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { Journal } from "../journal/journal.ts";

const DAY_MS = 86_400_000;
const NAME = /^journal-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\.sqlite$/;

/**
 * A copy of the journal a day, checked before it counts, the newest few kept. It guards against a damaged database; a lost box needs `baygate backup` onto
 * another disk.
 */
export class DailyBackup {
  readonly #folder: string;
  readonly #keep: number;
  readonly #journal: Pick<Journal, "backup">;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(parts: {
    readonly folder: string;
    readonly keep: number;
    readonly journal: Pick<Journal, "backup">;
    readonly clock: Clock;
    readonly log: Logger;
  }) {
    this.#folder = parts.folder;
    this.#keep = parts.keep;
    this.#journal = parts.journal;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Makes a copy when the newest is a day old or there is none; called every hour or so. @throws GatewayError JOURNAL_BACKUP_DAMAGED */
  async whenDue(): Promise<void> {
    if (this.#keep === 0) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const newest = (await this.#names()).at(-1);
    const now = this.#clock.now();
    // A clock that was set back must not put off backups for ever.
    if (newest !== undefined && Math.abs(now - takenAt(newest)) < DAY_MS) return;
    const name = `journal-${new Date(now).toISOString().slice(0, 19).replaceAll(":", "-")}Z.sqlite`;
    await this.#journal.backup(join(this.#folder, name));
    this.#log.info({ name }, "the journal was backed up");
    for (const old of (await this.#names()).slice(0, -this.#keep)) await rm(join(this.#folder, old));
  }

  /** Oldest first. */
  async #names(): Promise<readonly string[]> {
    return (await readdir(this.#folder)).filter((name) => NAME.test(name)).sort();
  }
}

function takenAt(name: string): number {
  const [, stamp = ""] = NAME.exec(name) ?? [];
  return Date.parse(`${stamp.slice(0, 11)}${stamp.slice(11).replaceAll("-", ":")}`);
}
