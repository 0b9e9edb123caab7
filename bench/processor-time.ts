import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second for every program, whatever the kernel's own tick is (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used so far, all threads, user and system, in milliseconds; 0 when it is gone. */
export function processorMsOf(pid: number): number {
  try {
    return ticksIn(readFileSync(`/proc/${pid}/stat`, "utf8")) * (1000 / TICKS_PER_SECOND);
  } catch {
    return 0;
  }
}

/** `utime` and `stime` of a line of /proc/PID/stat. The name stands in brackets and may hold blanks and brackets itself. */
export function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Fields 14 and 15; the part behind the name begins with field 3.
  return Number(fields[11]) + Number(fields[12]);
}

/** Processor time of this process since then, all threads, user and system, in milliseconds. */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Resident memory of a process in bytes; 0 when it is gone. */
export function residentBytesOf(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
