import { readdir, readFile } from "node:fs/promises";

/**
 * Kills a vision worker of a gateway, as a crash in a driver would.
 * @param gatewayPid the gateway's process
 * @returns the worker's pid, or undefined when none runs
 */
export async function killVisionWorker(gatewayPid: number): Promise<number | undefined> {
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (
      !Number.isInteger(pid) ||
      (await parentOf(pid)) !== gatewayPid ||
      !(await commandOf(pid)).includes("vision/worker")
    )
      continue;
    process.kill(pid, "SIGKILL");
    return pid;
  }
  return undefined;
}

async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readProc(`/proc/${pid}/stat`);
  // The program's name stands in brackets and may hold anything; the parent is the second field after it.
  const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

function commandOf(pid: number): Promise<string> {
  return readProc(`/proc/${pid}/cmdline`);
}

async function readProc(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Processes end while one looks at them.
    return "";
  }
}
