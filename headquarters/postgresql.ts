import pg from "pg";
import { GatewayError } from "../contract/errors.ts";
import type { Logger } from "../machine/log.ts";
import type { Database, Queryable, Row } from "./database.ts";

const INT8 = 20;

// Counts and sequences are far below 2^53; pg would hand them over as text.
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === INT8) return (value: string) => Number(value);
    return format === "binary" ? pg.types.getTypeParser(oid, "binary") : pg.types.getTypeParser(oid, "text");
  },
};

/**
 * A pool on a PostgreSQL server. "Committed" must mean "on the disk" there, so the server's settings are read before the first record is taken.
 * @param url `postgresql://…`, usually from DATABASE_URL
 * @throws GatewayError HEADQUARTERS_DATABASE_UNSAFE when fsync or synchronous_commit is off
 */
export async function openPostgreSQL(url: string, log: Logger, maxConnections = 10): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    types,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: "baygate-headquarters",
  });
  // A connection that dies while it is idle is the pool's matter; without a listener it would end the process.
  pool.on("error", (error) => log.warn({ err: error }, "an idle database connection was lost"));
  try {
    await assertDurable(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    kind: "postgresql",
    query: (statement, parameters) => run(pool, statement, parameters),
    async transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query("BEGIN");
        const result = await work({ query: (statement, parameters) => run(client, statement, parameters) });
        await client.query("COMMIT");
        return result;
      } catch (error) {
        try {
          await client.query("ROLLBACK");
        } catch (rollbackError) {
          // The connection is gone and the server rolls back by itself; the pool must not hand it out again.
          broken = rollbackError instanceof Error ? rollbackError : new Error("rollback failed");
        }
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

async function run(
  on: pg.Pool | pg.PoolClient,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const result = await on.query<Record<string, unknown>>(statement, [...parameters]);
  return result.rows;
}

async function assertDurable(pool: pg.Pool): Promise<void> {
  const [row] = await run(
    pool,
    "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit",
  );
  // `local` still waits for this server's own disk; `off` answers before it.
  const durable = row?.fsync === "on" && row.synchronous_commit !== "off";
  if (!durable) throw new GatewayError("HEADQUARTERS_DATABASE_UNSAFE", { details: { ...row } });
}
