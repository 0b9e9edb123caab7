import { readFile } from "node:fs/promises";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { isAlive } from "../../machine/living-process.ts";

/** What a running gateway writes down for whoever needs to find it on this machine. */
export const Running = Type.Object({
  pid: Type.Integer(),
  version: Type.String(),
  startedAt: Type.Number(),
  page: Type.String(),
  brokers: Type.Array(Type.Object({ address: Type.String(), port: Type.Integer(), tls: Type.Boolean() })),
  safeMode: Type.Boolean(),
});
export type Running = Static<typeof Running>;

const schema = Compile(Running);

/**
 * The gateway that runs on this data directory, or undefined. A file left behind by a killed one is told by its pid.
 * @throws what reading throws: a file that this user may not read does not mean that nothing runs
 */
export async function readRunning(file: string): Promise<Running | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const value = parsed(text);
  return schema.Check(value) && isAlive(value.pid) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours: a gateway writes it whole or not at all.
    return undefined;
  }
}
