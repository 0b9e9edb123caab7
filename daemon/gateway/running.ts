import { readFile } from "node:fs/promises";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";

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

/** The gateway that runs on this data directory, or undefined. A file left behind by a killed one is told by its pid. */
export async function readRunning(file: string): Promise<Running | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
  return schema.Check(value) && isAlive(value.pid) ? value : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
