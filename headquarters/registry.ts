import { createHash, randomInt } from "node:crypto";
import { ID_PATTERN } from "../contract/ids.ts";
import type { IssuedCertificate } from "./authority.ts";
import { type Database, number, numberOrNull, text } from "./database.ts";
import { Refused } from "./refused.ts";

/** Crockford's base 32: no I, L, O or U, since a person types it from paper. */
const CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH = 16;
const NAME = new RegExp(ID_PATTERN);

/** A gateway's certificate as headquarters knows it. */
export interface KnownCertificate {
  readonly gateway: string;
  readonly revoked: boolean;
}

/** Which gateways there are, their claim codes and their certificates. */
export class Registry {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Makes a one-time code with which one box may become this gateway. Only its hash is kept. */
  async createClaim(gateway: string, validMs: number): Promise<string> {
    if (!NAME.test(gateway)) throw new RangeError(`a gateway's name is ${ID_PATTERN}`);
    const code = Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET.charAt(randomInt(CODE_ALPHABET.length))).join(
      "",
    );
    const now = this.#now();
    await this.#database.transaction(async (transaction) => {
      await transaction.query(
        "INSERT INTO gateway (gateway, created_at) VALUES ($1, $2::float8) ON CONFLICT DO NOTHING",
        [gateway, now],
      );
      await transaction.query(
        "INSERT INTO claim (code_hash, gateway, created_at, expires_at) VALUES ($1, $2, $3::float8, $4::float8)",
        [hashOfCode(code), gateway, now, now + validMs],
      );
    });
    return code.replace(/(.{4})(?=.)/g, "$1-");
  }

  /**
   * Uses a claim code for a key. The same code with the same key is answered again, since the first answer may have been lost on the way.
   * @returns the gateway's name
   * @throws Refused claim-refused when it is unknown, run out, or used with another key (not told apart)
   */
  async useClaim(code: string, key: string): Promise<string> {
    const now = this.#now();
    const rows = await this.#database.query(
      `UPDATE claim SET used_at = COALESCE(used_at, $2::float8), used_by_key = $3
       WHERE code_hash = $1 AND expires_at > $2::float8 AND (used_by_key IS NULL OR used_by_key = $3)
         AND EXISTS (SELECT 1 FROM gateway g WHERE g.gateway = claim.gateway AND g.revoked_at IS NULL)
       RETURNING gateway`,
      [hashOfCode(code), now, key],
    );
    const row = rows[0];
    if (row === undefined) throw new Refused("claim-refused", "the claim code is not valid (any more)");
    return text(row, "gateway");
  }

  async addCertificate(gateway: string, certificate: IssuedCertificate): Promise<void> {
    await this.#database.query(
      "INSERT INTO certificate (fingerprint, gateway, serial, not_after, issued_at) VALUES ($1, $2, $3, $4::float8, $5::float8)",
      [certificate.fingerprint, gateway, certificate.serial, certificate.notAfterMs, this.#now()],
    );
  }

  async findCertificate(fingerprint: string): Promise<KnownCertificate | undefined> {
    const rows = await this.#database.query(
      `SELECT c.gateway, c.revoked_at, g.revoked_at AS gateway_revoked_at
       FROM certificate c JOIN gateway g USING (gateway) WHERE c.fingerprint = $1`,
      [fingerprint],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const revoked = numberOrNull(row, "revoked_at") !== null || numberOrNull(row, "gateway_revoked_at") !== null;
    return { gateway: text(row, "gateway"), revoked };
  }

  /** A stolen or retired box: none of its certificates and claim codes is good from now on. @returns whether the gateway is known */
  async revoke(gateway: string): Promise<boolean> {
    const rows = await this.#database.query(
      "UPDATE gateway SET revoked_at = COALESCE(revoked_at, $2::float8) WHERE gateway = $1 RETURNING gateway",
      [gateway, this.#now()],
    );
    return rows.length > 0;
  }

  /** Lets a revoked gateway enrol anew with a new claim code; its old certificates stay revoked. */
  async reinstate(gateway: string): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      const rows = await transaction.query(
        "SELECT revoked_at FROM gateway WHERE gateway = $1 AND revoked_at IS NOT NULL FOR UPDATE",
        [gateway],
      );
      const row = rows[0];
      if (row === undefined) return false;
      await transaction.query(
        "UPDATE certificate SET revoked_at = $2::float8 WHERE gateway = $1 AND revoked_at IS NULL",
        [gateway, number(row, "revoked_at")],
      );
      await transaction.query("UPDATE gateway SET revoked_at = NULL WHERE gateway = $1", [gateway]);
      return true;
    });
  }

  /** Every gateway with the time of its newest certificate's end. */
  async gateways(): Promise<readonly { readonly gateway: string; readonly certificateUntil: number | null }[]> {
    const rows = await this.#database.query(
      "SELECT g.gateway, (SELECT MAX(not_after) FROM certificate c WHERE c.gateway = g.gateway) AS until FROM gateway g ORDER BY g.gateway",
    );
    return rows.map((row) => ({ gateway: text(row, "gateway"), certificateUntil: numberOrNull(row, "until") }));
  }
}

/** 80 random bits need no slow hash. Case, dashes and the letters that look like digits do not matter. */
function hashOfCode(code: string): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return createHash("sha256").update(`claim:${plain}`).digest("hex");
}
