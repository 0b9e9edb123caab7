import { mkdirSync } from "node:fs";
import { GatewayError } from "../../contract/errors.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import { createUuidV7 } from "../../machine/uuid.ts";
import { JournalClient } from "./client.ts";
import type { Journal } from "./journal.ts";
import { DEFAULT_LIMITS, type JournalLimits, type PlantedFaults } from "./limits.ts";
import { lockJournal } from "./lock.ts";

export { backupJournal } from "./backup.ts";
export { DATABASE_FILE } from "./database.ts";
export { type DiskProbe, probeDisk } from "./disk-probe.ts";
export { exportJournal, type JournalVerification, rebuildJournal, verifyJournal } from "./inspection.ts";
export type { JournalLimits, PlantedFaults } from "./limits.ts";
export { restoreBackup } from "./restore.ts";

export interface OpenJournalOptions {
  /** Holds the database, its log, the ballast, the lock, and what was set aside as damaged. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<JournalLimits>;
  /** Ids of records and epochs; UUIDv7 by the clock unless a test wants others. */
  readonly newId?: () => string;
  /** Set in demos and tests alone; without it `faults` is refused. */
  readonly demo?: boolean;
  readonly faults?: PlantedFaults;
}

/**
 * Opens the journal of a data directory, or makes it. A damaged database is set aside and salvaged (`statistics().state` says so).
 * @throws GatewayError JOURNAL_ALREADY_OPEN, JOURNAL_NOT_DURABLE, JOURNAL_VERSION_UNKNOWN, JOURNAL_STORAGE_FAILED, JOURNAL_FAULTS_FORBIDDEN
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { directory, clock, log, faults } = options;
  if (faults !== undefined && options.demo !== true) throw new GatewayError("JOURNAL_FAULTS_FORBIDDEN");
  mkdirSync(directory, { recursive: true });
  const unlock = lockJournal(directory);
  try {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    return await JournalClient.start({
      directory,
      clock,
      log,
      limits,
      faults: faults ?? {},
      newId: options.newId ?? createUuidV7(clock),
      unlock,
    });
  } catch (error) {
    unlock();
    throw error;
  }
}
