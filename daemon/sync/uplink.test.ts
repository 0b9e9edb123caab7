import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Draft, Stream } from "../../contract/records.ts";
import { type Headquarters, startHeadquarters } from "../../headquarters/headquarters.ts";
import { SystemClock } from "../../machine/clock.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { openJournal } from "../journal/index.ts";
import { FakeJournal } from "./fake-journal.ts";
import { type Exchange, type ScriptedHeadquarters, startScripted } from "./scripted-headquarters.fixture.ts";
import { createUplink, type Uplink, type UplinkOptions } from "./uplink.ts";

// PGlite takes seconds to start, and much longer on a loaded machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });
const log = pino({ level: process.env.BAYGATE_LOG_LEVEL ?? "silent" });
const clock = new SystemClock({ scale: 1, originMs: 0 });
let headquarters: Headquarters;
let folder: string;
let names = 0;
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "uplink-"));
  headquarters = await startHeadquarters({ log, clock, limits: { strangerBurst: 1000 } });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  await headquarters.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Shop {
  readonly gateway: string;
  readonly directory: string;
  readonly journal: FakeJournal;
  uplink(more?: Partial<UplinkOptions>): Uplink;
}

async function openScripted(hosts?: readonly string[], nowMs?: () => number): Promise<ScriptedHeadquarters> {
  const scripted = await startScripted(headquarters, hosts, nowMs);
  cleanUps.push(() => scripted.stop());
  return scripted;
}

async function openShop(scripted?: ScriptedHeadquarters, journal = new FakeJournal(clock)): Promise<Shop> {
  const gateway = `shop-number-${++names}`;
  const directory = join(folder, gateway);
  await mkdir(directory);
  // The scripted headquarters believes a box that claims to be the gateway of this name.
  const code = await headquarters.createClaim(gateway);
  await writeFile(join(directory, "claim"), scripted === undefined ? code : gateway);
  await writeFile(join(directory, "authority.pem"), (scripted ?? headquarters).authorityPem);
  return {
    gateway,
    directory,
    journal,
    uplink(more = {}) {
      const uplink = createUplink({
        journal,
        config: {
          url: (scripted ?? headquarters).url,
          authorityFile: join(directory, "authority.pem"),
          claimCodeFile: join(directory, "claim"),
          longestPauseSeconds: 0.3,
        },
        gateway,
        timeZone: "Asia/Shanghai",
        version: "0.1.0",
        directory: join(directory, "headquarters"),
        clock,
        log,
        timing: { firstPauseMs: 20, startJitterMs: 0, pollMs: 10 },
        ...more,
      });
      cleanUps.push(() => uplink.stop());
      uplink.start();
      return uplink;
    },
  };
}

const opened = (index: number): Draft => ({
  type: "gateway.stopped",
  body: { reason: `number ${index}`, at: clock.stamp() },
});

function append(journal: FakeJournal, count: number, from = 1): void {
  for (let index = from; index < from + count; index++) journal.write(opened(index));
}

/** Waits for a state, bounded. */
async function until(what: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`did not come true: ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function there(gateway: string, stream: Stream): Promise<readonly number[]> {
  return (await headquarters.store.records({ gateway, stream, limit: 1000 })).map((record) => record.seq);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("the line to headquarters", () => {
  test("a box enrols with its claim code and sends what is in its journal, once and in order", async () => {
    const shop = await openShop();
    append(shop.journal, 30);
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    expect(await there(shop.gateway, "operations")).toEqual(upTo(shop.journal.heads().operations.seq));
    expect(shop.journal.highWaterMarks().operations).toBe(shop.journal.heads().operations.seq);
    expect(uplink.status()).toMatchObject({ recordsWaiting: 0, sentToday: shop.journal.heads().operations.seq });
    const identity = join(shop.directory, "headquarters", "identity.json");
    expect((await stat(identity)).mode & 0o777).toBe(0o600);
    expect(await readFile(identity, "utf8")).not.toContain(await readFile(join(shop.directory, "claim"), "utf8"));
  });

  test("an outage is ridden out and everything arrives once", async () => {
    const shop = await openShop();
    const uplink = shop.uplink();
    const states = new Set<string>();
    uplink.onChange((status) => states.add(status.state));
    append(shop.journal, 5);
    await until(() => uplink.status().state === "all-sent");
    await headquarters.pause();
    cleanUps.push(() => headquarters.resume());
    append(shop.journal, 20, 6);
    await until(() => uplink.status().state === "offline");
    expect(uplink.status()).toMatchObject({ recordsWaiting: 20 });
    await headquarters.resume();
    await until(() => uplink.status().state === "all-sent");
    expect(await there(shop.gateway, "operations")).toEqual(upTo(25));
    expect([...states]).toEqual(expect.arrayContaining(["not-enrolled", "all-sent", "offline"]));
  });
});

/** Answers that lose, garble or invent something, for as long as they last. */
const mischiefs: Readonly<Record<string, (exchange: Exchange) => void | Promise<void>>> = {
  "an answer lost after the commit": async (exchange) => {
    await exchange.honest();
    exchange.cut();
  },
  "a request cut before anything happened": (exchange) => exchange.cut(),
  "a storm of 500": (exchange) => exchange.answer(500, { code: "internal-error", message: "x" }),
  "a 502 of a proxy in HTML": (exchange) => exchange.answer(502, "<html>"),
  "a 503 that asks to wait": (exchange) => exchange.answer(503, { code: "busy", message: "x", retryAfterMs: 30 }),
  "a 429 with Retry-After": (exchange) => exchange.answer(429, {}, { "retry-after": "0.01" }),
  "an answer cut short": (exchange) => exchange.raw('{"highWaterMark":7,"ha'),
  "an answer of another kind": (exchange) => exchange.raw('{"highWaterMark":"all"}'),
  "an endless answer": (exchange) => exchange.raw(" ".repeat(300_000)),
  "a mark beyond what was sent": async (exchange) => {
    const { body } = await exchange.honest();
    exchange.answer(200, { ...body, highWaterMark: 900 });
  },
  "a mark lower than what was sent": async (exchange) => {
    const { body } = await exchange.honest();
    exchange.answer(200, { ...body, highWaterMark: 0, hash: "" });
  },
  "the mark of another epoch": async (exchange) => {
    const { body } = await exchange.honest();
    exchange.answer(200, { ...body, hash: "f".repeat(64) });
  },
  "a refusal without a reason": (exchange) => exchange.answer(400, {}),
};

describe("whatever headquarters answers", () => {
  test.each(Object.keys(mischiefs))("%s loses and doubles nothing", async (name) => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 40);
    let mischief = 0;
    scripted.script = async (exchange) => {
      if (exchange.kind !== "batch" || mischief >= 2) return;
      mischief++;
      await mischiefs[name]?.(exchange);
    };
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    expect(mischief).toBeGreaterThanOrEqual(1);
    expect(uplink.status().sentToday).toBe(40);
    expect(shop.journal.statistics().lossRecords).toBe(0);
    expect(await there(shop.gateway, "operations")).toEqual(upTo(40));
    expect(shop.journal.highWaterMarks().operations).toBe(40);
  });

  test("a mark that never comes with its hash moves nothing", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 5);
    let lies = 0;
    scripted.script = async (exchange) => {
      if (exchange.kind !== "batch") return;
      lies++;
      exchange.answer(200, { highWaterMark: 5, hash: "0".repeat(64), serverTime: Date.now() });
    };
    const uplink = shop.uplink();
    await until(() => lies >= 4);
    expect(shop.journal.highWaterMarks().operations).toBe(0);
    expect(uplink.status()).toMatchObject({ recordsWaiting: 5, lastError: { code: "HEADQUARTERS_ANSWER_INVALID" } });
  });

  test("a record that is refused for good goes behind a tombstone and those behind it go on", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 10);
    scripted.script = (exchange) => {
      if (exchange.kind === "batch" && JSON.stringify(exchange.asked).includes('number 4"'))
        exchange.answer(409, { code: "record-conflict", message: "another", seq: 4, highWaterMark: 3 });
    };
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    expect(await there(shop.gateway, "operations")).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
    expect(await headquarters.store.losses(shop.gateway)).toMatchObject([
      { from: 4, to: 4, missing: 1, reason: "refused-by-headquarters", confirmed: true },
    ]);
    expect(uplink.status().lost).toBe(1);
  });

  test("a poison that nobody names is found by halving", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 33);
    scripted.script = (exchange) => {
      if (exchange.kind === "batch" && JSON.stringify(exchange.asked).includes('number 17"')) exchange.answer(400, {});
    };
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    expect(await there(shop.gateway, "operations")).toEqual(upTo(34).filter((seq) => seq !== 17));
  });

  test("a headquarters that refuses everything does not make the box give up its journal", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 12);
    let refusals = 0;
    scripted.script = (exchange) => {
      if (exchange.kind !== "batch") return;
      refusals++;
      exchange.answer(422, {});
    };
    const uplink = shop.uplink();
    await until(() => refusals > 30);
    expect(uplink.status().lost).toBeLessThanOrEqual(3);
    scripted.script = () => undefined;
    await until(() => uplink.status().state === "all-sent");
    expect(shop.journal.statistics().lossRecords).toBeLessThanOrEqual(3);
  });

  test("a gap in the journal is bridged by its tombstone, wherever that stands", async () => {
    const shop = await openShop();
    append(shop.journal, 50);
    await shop.journal.drop("operations", { from: 11, to: 30, class: "operations", reason: "disk-pressure" });
    append(shop.journal, 700, 51);
    await shop.journal.drop("operations", { from: 31, to: 35, class: "operations", reason: "disk-pressure" });
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    const gone = (await headquarters.store.losses(shop.gateway)).map(({ from, to, missing, confirmed }) => ({
      from,
      to,
      missing,
      confirmed,
    }));
    expect(gone).toEqual([
      { from: 11, to: 30, missing: 20, confirmed: true },
      { from: 31, to: 35, missing: 5, confirmed: true },
    ]);
    expect((await there(shop.gateway, "operations")).length).toBe(752 - 25);
  });

  test("a server of another authority gets nothing", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 3);
    await writeFile(join(shop.directory, "authority.pem"), headquarters.authorityPem);
    const uplink = shop.uplink();
    await until(() => uplink.status().lastError !== undefined);
    expect(uplink.status()).toMatchObject({
      state: "not-enrolled",
      lastError: { code: "HEADQUARTERS_NOT_TRUSTED" },
      recordsWaiting: 3,
    });
    expect(scripted.batches).toEqual([]);
  });

  test("a server whose certificate is for another host gets nothing", async () => {
    const scripted = await openScripted(["elsewhere.example"]);
    const shop = await openShop(scripted);
    const uplink = shop.uplink();
    await until(() => uplink.status().lastError !== undefined);
    expect(uplink.status().lastError).toMatchObject({ code: "HEADQUARTERS_NOT_TRUSTED" });
  });

  test("a box whose clock is known to be wrong reaches a server whose dates seem wrong, one with a good clock does not", async () => {
    const scripted = await openScripted(["127.0.0.1"], () => Date.now() + 30 * 86_400_000);
    const shop = await openShop(scripted);
    append(shop.journal, 3);
    const careful = shop.uplink();
    await until(() => careful.status().lastError !== undefined);
    expect(careful.status().lastError).toMatchObject({ code: "HEADQUARTERS_NOT_TRUSTED" });
    await careful.stop();
    const lost = new ManualClock(0);
    lost.jumpWall(0, false);
    const heard: number[] = [];
    const uplink = shop.uplink({ clock: lost, raiseFloor: (wallMs) => heard.push(wallMs) });
    await until(() => uplink.status().state === "all-sent");
    expect(Math.max(...heard)).toBeGreaterThan(Date.now() - 10 * 60_000);
    expect(uplink.status().clockOffsetMs).toBeGreaterThan(1e12);
  });
});

describe("who the box is", () => {
  test("without a claim code it says so, and enrols as soon as there is one", async () => {
    const shop = await openShop();
    const code = await readFile(join(shop.directory, "claim"), "utf8");
    await rm(join(shop.directory, "claim"));
    const uplink = shop.uplink();
    await until(() => uplink.status().lastError !== undefined);
    expect(uplink.status()).toMatchObject({ state: "not-enrolled", lastError: { code: "HEADQUARTERS_NOT_ENROLLED" } });
    await writeFile(join(shop.directory, "claim"), "0000-0000-0000-0000");
    await until(() => uplink.status().state === "refused");
    expect(uplink.status().lastError).toMatchObject({ code: "HEADQUARTERS_CLAIM_REFUSED" });
    await writeFile(join(shop.directory, "claim"), code);
    await until(() => uplink.status().state === "all-sent");
  });

  test("an answer to the enrolment that was lost is asked for again with the same key", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    const requests: unknown[] = [];
    scripted.script = (exchange) => {
      if (exchange.kind !== "enrol") return;
      requests.push(exchange.asked);
      if (requests.length < 3) exchange.cut();
    };
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    const { privateKey } = JSON.parse(await readFile(join(shop.directory, "headquarters", "identity.json"), "utf8"));
    expect(requests).toHaveLength(3);
    expect(privateKey).toContain("PRIVATE KEY");
    expect(JSON.stringify(requests)).not.toContain("PRIVATE KEY");
  });

  test("the claim code of another gateway is not taken", async () => {
    const shop = await openShop();
    await writeFile(join(shop.directory, "claim"), await headquarters.createClaim("somebody-else"));
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "refused");
    expect(uplink.status().lastError).toMatchObject({ code: "HEADQUARTERS_OTHER_GATEWAY" });
  });

  test("a certificate past two thirds of its life is renewed with a fresh key, also when it has run out", async () => {
    const shop = await openShop();
    const first = shop.uplink();
    await until(() => first.status().state === "all-sent");
    await first.stop();
    const file = join(shop.directory, "headquarters", "identity.json");
    const before = await readFile(file, "utf8");
    // The box believes that 80 of 90 days are over; headquarters' clock, heard in the hand-shake, says otherwise only afterwards.
    const later = shop.uplink({ machineNowMs: () => Date.now() + 80 * 86_400_000 });
    await until(() => later.status().state === "all-sent");
    await until(async () => (await readFile(file, "utf8")) !== before);
    append(shop.journal, 2);
    await until(async () => (await there(shop.gateway, "operations")).length === 2);
  });

  test("a revoked box keeps its records and says that it is refused", async () => {
    const shop = await openShop();
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    await headquarters.registry.revoke(shop.gateway);
    append(shop.journal, 4);
    await until(() => uplink.status().state === "refused");
    expect(uplink.status()).toMatchObject({ recordsWaiting: 4, lastError: { code: "HEADQUARTERS_REFUSES_GATEWAY" } });
  });

  test("a revoked box that is given a new claim code is taken in again, with all that it kept", async () => {
    const shop = await openShop();
    const uplink = shop.uplink();
    await until(() => uplink.status().state === "all-sent");
    await headquarters.registry.revoke(shop.gateway);
    append(shop.journal, 4);
    await until(() => uplink.status().state === "refused");
    await headquarters.registry.reinstate(shop.gateway);
    await writeFile(join(shop.directory, "claim"), await headquarters.createClaim(shop.gateway));
    await until(() => uplink.status().state === "all-sent");
    expect(await there(shop.gateway, "operations")).toEqual(upTo(4));
  });

  test("a damaged identity is reported and not overwritten", async () => {
    const shop = await openShop();
    const file = join(shop.directory, "headquarters", "identity.json");
    await mkdir(join(shop.directory, "headquarters"));
    await writeFile(file, '{"gateway":"x"');
    const uplink = shop.uplink();
    await until(() => uplink.status().lastError !== undefined);
    expect(uplink.status().lastError).toMatchObject({ code: "HEADQUARTERS_IDENTITY_UNREADABLE" });
    expect(await readFile(file, "utf8")).toBe('{"gateway":"x"');
  });
});

describe("a disk that is an older copy of itself", () => {
  const restored = (shop: Shop, journal: FakeJournal): Shop => ({
    ...shop,
    journal,
    uplink: (more = {}) => shop.uplink({ ...more, journal }),
  });

  test("begins a new epoch, and what it had written offline arrives as well, once", async () => {
    const shop = await openShop();
    const first = shop.uplink();
    append(shop.journal, 6);
    await until(() => first.status().state === "all-sent");
    append(shop.journal, 3, 7);
    const copy = restored(shop, shop.journal.copy());
    append(shop.journal, 4, 10);
    await until(() => first.status().state === "all-sent" && shop.journal.highWaterMarks().operations === 13);
    await first.stop();
    // Weeks offline on the copy: more records than the other one ever wrote, under the same numbers.
    append(copy.journal, 30, 100);
    const second = copy.uplink();
    await until(() => copy.journal.epochs().length === 2 && second.status().state === "all-sent");
    append(copy.journal, 2, 500);
    await until(() => second.status().state === "all-sent" && copy.journal.highWaterMarks().operations === 2);
    const epochs = await headquarters.store.epochs(shop.gateway);
    const reasons: unknown[] = [];
    for (const epoch of epochs)
      for (const record of await headquarters.store.records({ gateway: shop.gateway, epoch, stream: "operations" }))
        reasons.push(record.body.reason);
    const wanted = [...upTo(13), ...upTo(30).map((n) => n + 99), 500, 501].map((n) => `number ${n}`);
    expect(reasons.toSorted()).toEqual(wanted.toSorted());
    expect(copy.journal.highWaterMarks(copy.journal.epochs()[0]?.epoch).operations).toBe(39);
  });

  test("a headquarters that calls every epoch an older copy does not make the box begin one after the other", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 3);
    let hellos = 0;
    scripted.script = async (exchange) => {
      if (exchange.kind !== "hello") return;
      hellos++;
      const { body } = await exchange.honest();
      exchange.answer(200, { ...body, verdict: "older-copy" });
    };
    const uplink = shop.uplink();
    await until(() => hellos >= 6);
    expect(shop.journal.epochs()).toHaveLength(2);
    scripted.script = () => undefined;
    await until(() => uplink.status().state === "all-sent");
  });

  test("a headquarters that has lost its latest records gets them again", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    append(shop.journal, 8);
    const first = shop.uplink();
    // This headquarters says that it holds everything, and keeps nothing.
    scripted.script = (exchange) => {
      if (exchange.kind === "batch")
        exchange.answer(200, { highWaterMark: 8, hash: shop.journal.hashAt("operations", 8), serverTime: Date.now() });
    };
    await until(() => first.status().state === "all-sent");
    await first.stop();
    expect(await there(shop.gateway, "operations")).toEqual([]);
    scripted.script = () => undefined;
    shop.uplink();
    await until(async () => (await there(shop.gateway, "operations")).length === 8);
  });
});

describe("with the real journal", () => {
  test("refused records are withheld, given-up ranges are named, and what a restore interrupted still arrives", async () => {
    const scripted = await openScripted();
    const shop = await openShop(scripted);
    const journal = await openJournal({ directory: join(shop.directory, "journal"), clock, log });
    cleanUps.push(() => journal.close(clock.stamp()));
    const write = async (count: number, from: number): Promise<void> => {
      for (let index = from; index < from + count; index++)
        await journal.append({ drafts: [opened(index)], at: clock.stamp(), source: "gateway" });
    };
    await write(10, 1);
    scripted.script = (exchange) => {
      if (exchange.kind === "batch" && JSON.stringify(exchange.asked).includes('number 6"'))
        exchange.answer(422, { code: "record-invalid", message: "x", seq: 6 });
    };
    const first = shop.uplink({ journal });
    await until(() => first.status().state === "all-sent");
    await first.stop();
    expect(await there(shop.gateway, "operations")).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11]);
    expect(journal.lossCovering("operations", 6)).toMatchObject({ body: { reason: "refused-by-headquarters" } });
    await write(5, 11);
    await journal.beginEpoch("restore");
    await write(3, 100);
    const second = shop.uplink({ journal });
    await until(() => second.status().state === "all-sent");
    const [before, remainder, present] = await headquarters.store.epochs(shop.gateway);
    const numbers = async (epoch = ""): Promise<readonly number[]> =>
      (await headquarters.store.records({ gateway: shop.gateway, epoch, stream: "operations" })).map(({ seq }) => seq);
    expect(journal.epochs()[0]?.epoch).toBe(before);
    const later = [await numbers(remainder), await numbers(present)];
    expect(later).toContainEqual([12, 13, 14, 15, 16]);
    expect(later).toContainEqual([1, 2, 3]);
    expect(journal.highWaterMarks(before).operations).toBe(16);
  });
});
