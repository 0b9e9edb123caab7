import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The gateway's version, from package.json. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  if (typeof parsed !== "object" || parsed === null || !("version" in parsed) || typeof parsed.version !== "string")
    throw new Error("package.json names no version");
  return parsed.version;
}
