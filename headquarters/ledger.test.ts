import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { StreamHeads } from "../contract/headquarters.ts";
import type { Database } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
import type { Head } from "./judgement.ts";
import { Ledger, type StreamKey } from "./ledger.ts";
import { migrate } from "./migrations.ts";
import { openPostgreSQL } from "./postgresql.ts";
import { Refused } from "./refused.ts";
import { Registry } from "./registry.ts";
import { sealed, TestChain } from "./test-records.ts";

// PGlite takes seconds to start, and much longer on a loaded machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });
const log = pino({ level: "silent" });
const databaseUrl = process.env.DATABASE_URL;
if (databaseUrl === undefined)
  process.stderr.write("headquarters: DATABASE_URL is not set, the PostgreSQL runs of the store tests are skipped\n");

const kinds: readonly { readonly name: string; readonly open: (() => Promise<Database>) | undefined }[] = [
  { name: "embedded", open: () => openEmbedded(undefined, log) },
  { name: "PostgreSQL", open: databaseUrl === undefined ? undefined : () => openPostgreSQL(databaseUrl, log) },
];

const NONE: Head = { seq: 0, hash: "" };
const heads = (more: Partial<StreamHeads> = {}): StreamHeads => ({
  labour: NONE,
  work: NONE,
  diagnostics: NONE,
  findings: NONE,
  operations: NONE,
  ...more,
});

async function refusal(work: Promise<unknown>): Promise<Refused> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe.each(kinds)("the ledger on $name", ({ open }) => {
  let database: Database;
  let ledger: Ledger;
  let key: StreamKey;
  let chain: TestChain;

  beforeAll(async () => {
    if (open === undefined) return;
    database = await open();
    await migrate(database);
    await migrate(database);
    ledger = new Ledger(database, () => 1_800_000_000_500);
  });
  afterAll(async () => {
    if (open !== undefined) await database.close();
  });
  beforeEach(async (context) => {
    if (open === undefined) return context.skip("DATABASE_URL is not set");
    const gateway = `g-${randomUUID().slice(0, 8)}`;
    await new Registry(database, () => 0).createClaim(gateway, 1000);
    key = { gateway, epoch: randomUUID(), stream: "operations" };
    await ledger.hello(gateway, key.epoch, { version: "1", heads: heads() });
    chain = new TestChain();
  });

  const stored = async (): Promise<readonly number[]> =>
    (await ledger.records({ gateway: key.gateway, stream: "operations", limit: 1000 })).map((record) => record.seq);

  test("keeps records as they came, also what text columns cannot hold", async () => {
    const body = {
      reason: 'a\u0000b \ud83d\ude97 "q" {1,2}',
      at: { wallMs: 1.25, monoMs: 1e-7, bootId: "NULL", trusted: false },
    };
    chain.add("gateway.stopped", body);
    chain.add("tomorrow.invented", { nested: [[{ deep: null }]], "": -0.5, "\ud800": 1 });
    await ledger.accept(key, chain.records);
    const [first, second] = await ledger.records({ gateway: key.gateway, stream: "operations" });
    const { epoch, receivedAt, ...record } = first ?? {};
    expect(record).toEqual(chain.at(1));
    expect([epoch, receivedAt]).toEqual([key.epoch, 1_800_000_000_500]);
    expect(second).toMatchObject(chain.at(2));
  });

  test("the same batch again, also overlapping and at the same moment, changes nothing", async () => {
    chain.addMany(20);
    const marks = await Promise.all([
      ledger.accept(key, chain.between(1, 10)),
      ledger.accept(key, chain.between(1, 10)),
      ledger.accept(key, chain.between(1, 10)),
    ]);
    expect(marks).toEqual([10, 10, 10].map((seq) => ({ seq, hash: chain.at(10).hash })));
    expect(await ledger.accept(key, chain.between(5, 20))).toEqual({ seq: 20, hash: chain.at(20).hash });
    expect(await ledger.accept(key, chain.between(2, 4))).toEqual({ seq: 20, hash: chain.at(20).hash });
    expect(await stored()).toEqual(chain.records.map((record) => record.seq));
  });

  test("a gap is refused with the mark, and nothing of the batch is kept", async () => {
    chain.addMany(9);
    await ledger.accept(key, chain.between(1, 3));
    const refused = await refusal(ledger.accept(key, chain.between(5, 9)));
    expect(refused).toMatchObject({ code: "gap", status: 409, seq: 4, highWaterMark: 3 });
    expect(await stored()).toEqual([1, 2, 3]);
  });

  test("another record under a held key is refused, kept aside and never merged", async () => {
    chain.addMany(5);
    await ledger.accept(key, chain.records);
    const other = sealed({ ...chain.at(3), body: { ...chain.at(3).body, reason: "forged" } });
    expect(await refusal(ledger.accept(key, [other]))).toMatchObject({ code: "record-conflict", status: 409, seq: 3 });
    expect((await ledger.records({ gateway: key.gateway, stream: "operations", afterSeq: 2, limit: 1 }))[0]?.hash).toBe(
      chain.at(3).hash,
    );
    expect(await ledger.conflicts(key.gateway)).toEqual([
      { epoch: key.epoch, stream: "operations", seq: 3, offeredHash: other.hash },
    ]);
  });

  test("a conflict behind its tombstone lets the stream go on", async () => {
    chain.addMany(3);
    await ledger.accept(key, chain.records);
    const other = new TestChain();
    other.records.push(...chain.between(1, 2));
    other.add("gateway.stopped", { ...chain.at(3).body, reason: "another third" });
    other.addMany(2);
    const tombstone = other.lose(3, 3, "refused-by-headquarters");
    expect(await refusal(ledger.accept(key, other.between(4, 5)))).toMatchObject({ code: "chain-broken", seq: 4 });
    await ledger.accept(key, other.between(4, 5), [tombstone]);
    await ledger.accept(key, other.between(6, 6));
    expect(await stored()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ledger.losses(key.gateway)).toMatchObject([
      { from: 3, to: 3, missing: 0, reason: "refused-by-headquarters" },
    ]);
  });

  test("a gap with its tombstone is taken, and the loss ledger names what is gone", async () => {
    chain.addMany(10);
    const tombstone = chain.lose(4, 8);
    chain.addMany(2);
    await ledger.accept(key, [...chain.between(1, 3), ...chain.between(9, 10)], [tombstone]);
    expect(await ledger.losses(key.gateway)).toMatchObject([
      { from: 4, to: 8, missing: 5, count: 5, tombstoneSeq: 11, confirmed: false },
    ]);
    await ledger.accept(key, chain.between(11, 13));
    expect(await ledger.losses(key.gateway)).toMatchObject([{ missing: 5, confirmed: true }]);
    expect(await stored()).toEqual([1, 2, 3, 9, 10, 11, 12, 13]);
    // What was declared lost and turns up later is settled: there are not two truths.
    expect(await ledger.accept(key, chain.between(2, 6))).toMatchObject({ seq: 13 });
    expect(await stored()).toEqual([1, 2, 3, 9, 10, 11, 12, 13]);
  });

  test("a tombstone announced in an earlier batch still bridges, and one for another range does not", async () => {
    chain.addMany(10);
    const first = chain.lose(3, 5);
    const second = chain.lose(6, 8);
    await ledger.accept(key, chain.between(1, 2), [first]);
    expect(await refusal(ledger.accept(key, chain.between(9, 10)))).toMatchObject({ code: "gap", seq: 6 });
    // The batch that reaches the tombstone itself needs no copy of it.
    await ledger.accept(key, chain.between(9, 12));
    expect(second.seq).toBe(12);
    expect(await stored()).toEqual([1, 2, 9, 10, 11, 12]);
  });

  test("a tombstone that lies about the chain is refused", async () => {
    chain.addMany(6);
    const tombstone = chain.lose(3, 4);
    const lie = sealed({ ...tombstone, body: { ...tombstone.body, hash: "a".repeat(64) } });
    expect(await refusal(ledger.accept(key, [...chain.between(1, 2), ...chain.between(5, 6)], [lie]))).toMatchObject({
      code: "chain-broken",
      seq: 5,
    });
    const ahead = sealed({ ...tombstone, body: { ...tombstone.body, to: 400 } });
    expect(await refusal(ledger.accept(key, chain.between(1, 2), [ahead]))).toMatchObject({ code: "record-invalid" });
    await ledger.accept(key, [...chain.between(1, 2), ...chain.between(5, 6)], [tombstone]);
    expect(await refusal(ledger.accept(key, [lie]))).toMatchObject({ code: "record-conflict", seq: 7 });
  });

  test.each([
    ["a hash that is not the record's", () => ({ ...chain.at(1), body: { reason: "x" } }), "record-invalid"],
    ["a body that breaks its schema", () => sealed({ ...chain.at(1), body: { reason: 5 } }), "record-invalid"],
    ["another stream", () => sealed({ ...chain.at(1), stream: "labour" }), "record-invalid"],
    ["text that the database cannot hold", () => sealed({ ...chain.at(1), source: "a\0b" }), "record-invalid"],
    ["a first record that claims a past", () => sealed({ ...chain.at(1), prevHash: "b".repeat(64) }), "chain-broken"],
  ] as const)("refuses %s and names the record", async (_what, make, code) => {
    chain.addMany(1);
    expect(await refusal(ledger.accept(key, [make()]))).toMatchObject({ code, seq: 1 });
    expect(await stored()).toEqual([]);
  });

  test("a broken order or chain within a batch is refused", async () => {
    chain.addMany(4);
    const [a, b, c, d] = chain.records;
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("four records");
    expect(await refusal(ledger.accept(key, [a, c, b, d]))).toMatchObject({ code: "gap" });
    expect(await refusal(ledger.accept(key, [a, a]))).toMatchObject({ code: "record-invalid", seq: 1 });
    const foreign = sealed({ ...c, prevHash: a.hash });
    expect(await refusal(ledger.accept(key, [a, b, foreign]))).toMatchObject({ code: "chain-broken", seq: 3 });
    expect(await stored()).toEqual([]);
  });

  test("an epoch must be announced, and a later one ends it", async () => {
    chain.addMany(2);
    expect(await refusal(ledger.accept({ ...key, epoch: randomUUID() }, chain.records))).toMatchObject({
      code: "epoch-unknown",
    });
    const next = randomUUID();
    expect(await ledger.hello(key.gateway, next, { version: "1", heads: heads() })).toMatchObject({ verdict: "ok" });
    expect(await refusal(ledger.accept(key, chain.records))).toMatchObject({ code: "epoch-superseded" });
    expect(await ledger.hello(key.gateway, key.epoch, { version: "1", heads: heads() })).toMatchObject({
      verdict: "older-copy",
    });
    await ledger.accept({ ...key, epoch: next }, chain.records);
    expect(await ledger.epochs(key.gateway)).toEqual([key.epoch, next]);
  });

  test("a disk that has written less, or something else, than is held is an older copy", async () => {
    chain.addMany(6);
    await ledger.accept(key, chain.records);
    const hello = (seq: number, hash: string, at?: Head) =>
      ledger.hello(key.gateway, key.epoch, {
        version: "1",
        heads: heads({ operations: { seq, hash } }),
        ...(at === undefined ? {} : { hashesAt: heads({ operations: at }) }),
      });
    const mark = { seq: 6, hash: chain.at(6).hash };
    expect(await hello(6, chain.at(6).hash, mark)).toMatchObject({
      verdict: "ok",
      marks: { operations: mark, labour: NONE },
    });
    expect(await hello(9, "c".repeat(64))).toMatchObject({ verdict: "ok" });
    expect(await hello(5, chain.at(5).hash)).toMatchObject({ verdict: "older-copy" });
    expect(await hello(9, "c".repeat(64), { seq: 6, hash: "d".repeat(64) })).toMatchObject({ verdict: "older-copy" });
  });

  test("gateways and streams do not see each other", async () => {
    chain.addMany(3);
    await ledger.accept(key, chain.records);
    const other = { ...key, gateway: `g-${randomUUID().slice(0, 8)}` };
    await new Registry(database, () => 0).createClaim(other.gateway, 1000);
    await ledger.hello(other.gateway, other.epoch, { version: "1", heads: heads() });
    expect((await ledger.marks(other.gateway, other.epoch)).operations).toEqual(NONE);
    expect(await ledger.records({ gateway: other.gateway, stream: "operations" })).toEqual([]);
    expect(await ledger.records({ gateway: key.gateway, stream: "labour" })).toEqual([]);
  });
});
