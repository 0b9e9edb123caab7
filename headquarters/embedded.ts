import { mkdir } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import type { Logger } from "../machine/log.ts";
import type { Database, Queryable, Row } from "./database.ts";

/**
 * PostgreSQL inside this process (PGlite): for the demo and for tests. It runs with fsync off, so a power cut may take what was acknowledged.
 * @param directory where the data lie; in memory where it is undefined
 */
export async function openEmbedded(directory: string | undefined, log: Logger): Promise<Database> {
  log.warn(
    "embedded database without fsync: good for demo and tests, not for keeping; set DATABASE_URL for a PostgreSQL server",
  );
  if (directory !== undefined) await mkdir(directory, { recursive: true, mode: 0o700 });
  const engine = directory === undefined ? await PGlite.create() : await PGlite.create(directory);
  return {
    kind: "embedded",
    query: (statement, parameters) => run(engine, statement, parameters),
    transaction: <T>(work: (transaction: Queryable) => Promise<T>): Promise<T> =>
      engine.transaction((transaction) =>
        work({ query: (statement, parameters) => run(transaction, statement, parameters) }),
      ),
    close: () => engine.close(),
  };
}

async function run(
  on: Pick<PGlite, "query">,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const result = await on.query<Row>(statement, [...parameters]);
  return result.rows;
}
