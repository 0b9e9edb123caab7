import type { Database } from "./database.ts";

/** Each entry is applied once, in order, in its own transaction; an entry that has been released never changes. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE gateway (
      gateway text PRIMARY KEY,
      created_at double precision NOT NULL,
      revoked_at double precision
    )`,
    `CREATE TABLE claim (
      code_hash text PRIMARY KEY,
      gateway text NOT NULL REFERENCES gateway,
      created_at double precision NOT NULL,
      expires_at double precision NOT NULL,
      used_at double precision,
      used_by_key text
    )`,
    `CREATE TABLE certificate (
      fingerprint text PRIMARY KEY,
      gateway text NOT NULL REFERENCES gateway,
      serial text NOT NULL,
      not_after double precision NOT NULL,
      issued_at double precision NOT NULL,
      revoked_at double precision
    )`,
    "CREATE INDEX certificate_of_gateway ON certificate (gateway)",
    `CREATE TABLE epoch (
      gateway text NOT NULL REFERENCES gateway,
      epoch text NOT NULL,
      ordinal bigint NOT NULL,
      remainder_of text,
      first_seen_at double precision NOT NULL,
      PRIMARY KEY (gateway, epoch),
      UNIQUE (gateway, ordinal)
    )`,
    `CREATE TABLE mark (
      gateway text NOT NULL,
      epoch text NOT NULL,
      stream text NOT NULL,
      seq bigint NOT NULL,
      hash text NOT NULL,
      PRIMARY KEY (gateway, epoch, stream),
      FOREIGN KEY (gateway, epoch) REFERENCES epoch
    )`,
    // body is json, not jsonb: jsonb refuses \\u0000 and rewrites numbers, and what was hashed must stay what it was.
    `CREATE TABLE record (
      gateway text NOT NULL,
      epoch text NOT NULL,
      stream text NOT NULL,
      seq bigint NOT NULL,
      id text NOT NULL,
      type text NOT NULL,
      version bigint NOT NULL,
      occurred_at double precision NOT NULL,
      recorded_at double precision NOT NULL,
      boot_id text NOT NULL,
      mono_ms double precision NOT NULL,
      source text NOT NULL,
      message_id text,
      body json NOT NULL,
      prev_hash text NOT NULL,
      hash text NOT NULL,
      received_at double precision NOT NULL,
      PRIMARY KEY (gateway, epoch, stream, seq)
    )`,
    `CREATE TABLE loss (
      gateway text NOT NULL,
      epoch text NOT NULL,
      stream text NOT NULL,
      tombstone_seq bigint NOT NULL,
      tombstone_hash text NOT NULL,
      from_seq bigint NOT NULL,
      to_seq bigint NOT NULL,
      class text NOT NULL,
      reason text NOT NULL,
      count bigint NOT NULL,
      last_hash text NOT NULL,
      announced_at double precision NOT NULL,
      PRIMARY KEY (gateway, epoch, stream, tombstone_seq)
    )`,
    `CREATE TABLE conflict (
      gateway text NOT NULL,
      epoch text NOT NULL,
      stream text NOT NULL,
      seq bigint NOT NULL,
      offered_hash text NOT NULL,
      offered json NOT NULL,
      at double precision NOT NULL,
      PRIMARY KEY (gateway, epoch, stream, seq, offered_hash)
    )`,
  ],
];

/** Any number that no other program on the same server uses for its own advisory lock. */
const MIGRATION_LOCK = 7_261_054;

/** Brings the tables up to date. Safe when several nodes start at once. */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query("SELECT pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK]);
    await transaction.query("CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY)");
    const rows = await transaction.query("SELECT version FROM schema_version");
    const applied = new Set(rows.map((row) => row.version));
    for (const [index, statements] of MIGRATIONS.entries()) {
      const version = index + 1;
      if (applied.has(version)) continue;
      for (const statement of statements) await transaction.query(statement);
      await transaction.query("INSERT INTO schema_version (version) VALUES ($1::bigint)", [version]);
    }
  });
}
