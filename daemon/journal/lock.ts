import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../contract/errors.ts";

const LOCK_FILE = "journal.lock";

interface Holder {
  readonly pid: number;
  readonly bootId: string;
  /** Start of the process in clock ticks since boot: tells a holder from a later process that was given the same number. */
  readonly startTicks: string;
}

/**
 * Takes the directory for this process.
 * @returns what gives it back
 * @throws GatewayError JOURNAL_ALREADY_OPEN while another living process (or this one) holds it
 */
export function lockJournal(directory: string): () => void {
  const path = join(directory, LOCK_FILE);
  const me: Holder = { pid: process.pid, bootId: bootId(), startTicks: startTicks(process.pid) ?? "" };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = openSync(path, "wx", 0o600);
      try {
        writeSync(file, JSON.stringify(me));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder))
        throw new GatewayError("JOURNAL_ALREADY_OPEN", { details: { pid: holder.pid } });
      rmSync(path, { force: true });
    }
  }
  throw new GatewayError("JOURNAL_ALREADY_OPEN");
}

function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isHolder(value) ? value : undefined;
  } catch {
    // Torn by the power cut that ended its holder, or just removed by him: nobody holds it.
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === "object" && value !== null && "pid" in value && "bootId" in value && "startTicks" in value;
}

function isAlive(holder: Holder): boolean {
  return holder.bootId === bootId() && startTicks(holder.pid) === holder.startTicks;
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/**
 * Fields 3 and 22 of /proc/<pid>/stat (proc(5)); the name in field 2 may contain blanks and brackets, so counting begins behind its last bracket. A process that was
 * killed and not yet waited for (state Z) holds nothing any more.
 */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
