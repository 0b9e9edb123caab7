import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");

export interface ProgramOptions {
  readonly name: string;
  /** Path of the program below the repository, and its arguments. */
  readonly command: readonly string[];
  readonly logFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One of our programs as a process of its own; what it says goes to a log file. */
export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #log: WriteStream;
  readonly #firstLine: Promise<string>;
  #exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;

  constructor({ name, command, logFolder, environment }: ProgramOptions) {
    this.name = name;
    this.#log = createWriteStream(join(logFolder, `${name}.log`));
    const child = spawn(process.execPath, [...command], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stderr.pipe(this.#log, { end: false });
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => this.#log.write(`${line}\n`));
    child.on("exit", (code, signal) => {
      this.#exit = { code, signal };
    });
    this.#firstLine = Promise.race([
      once(lines, "line").then(([line]) => String(line)),
      once(child, "exit").then(() => {
        throw new Error(`${name} ended before it said anything`);
      }),
    ]);
    // Whoever does not wait for the first line learns of the end by other means.
    this.#firstLine.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** The first line on standard output, read as JSON. */
  async firstJson(): Promise<unknown> {
    return JSON.parse(await this.#firstLine);
  }

  /** Asks it to end, and insists after `graceMs`. @returns whether it ended by itself, with code 0 */
  async stop(graceMs = 15_000): Promise<boolean> {
    if (this.#exit === undefined) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      const insist = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(insist);
    }
    this.#log.end();
    return this.#exit?.code === 0;
  }
}

/**
 * Runs a command to its end and gives the JSON document that it printed last.
 * @throws Error with what it wrote when its exit code is not among `accepted`
 */
export async function runCommand(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  accepted: readonly number[] = [0],
): Promise<unknown> {
  const child = spawn(process.execPath, [...command], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const [code]: unknown[] = await once(child, "close");
  const text = Buffer.concat(output).toString("utf8").trim();
  if (typeof code !== "number" || !accepted.includes(code)) {
    throw new Error(`${command.join(" ")} ended with ${code}: ${Buffer.concat(errors).toString("utf8")}${text}`);
  }
  return JSON.parse(text.slice(text.lastIndexOf("\n") + 1));
}
