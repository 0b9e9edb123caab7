import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { vi } from "vitest";
import { runBaygate } from "./program.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Runs `baygate` as a person does, in a process of its own, with this on its standard input. */
export async function spawnBaygate(words: readonly string[], input = "") {
  const child = spawn(process.execPath, ["bin/baygate.ts", ...words], { cwd: ROOT, stdio: ["pipe", "pipe", "pipe"] });
  const texts = { out: "", errors: "" };
  child.stdout.on("data", (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    texts.errors += chunk;
  });
  child.stdin.end(input);
  const [code]: unknown[] = await once(child, "close");
  return { code, ...texts };
}

/** Runs `baygate` in this process, which takes a moment instead of seconds, and keeps what it prints. Not for standard input. */
export async function runBaygateHere(words: readonly string[]) {
  const texts = { out: "", errors: "" };
  const keep = (where: keyof typeof texts) => (text: unknown) => {
    texts[where] += String(text);
    return true;
  };
  const out = vi.spyOn(process.stdout, "write").mockImplementation(keep("out"));
  const errors = vi.spyOn(process.stderr, "write").mockImplementation(keep("errors"));
  try {
    return { code: await runBaygate(words), ...texts };
  } finally {
    out.mockRestore();
    errors.mockRestore();
  }
}

export function jsonLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}
