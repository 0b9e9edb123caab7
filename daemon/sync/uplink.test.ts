import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Draft, Stream } from "../../contract/records.ts";
import { type Headquarters, startHeadquarters } from "../../headquarters/headquarters.ts";
import { SystemClock } from "../../machine/clock.ts";
import { FakeJournal } from "./fake-journal.ts";
import { createUplink, type Uplink, type UplinkOptions } from "./uplink.ts";

const log = pino({ level: process.env.BAYGATE_LOG_LEVEL ?? "silent" });
const clock = new SystemClock({ scale: 1, originMs: 0 });
let headquarters: Headquarters;
let folder: string;
let names = 0;
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "uplink-"));
  headquarters = await startHeadquarters({ log, clock });
  await writeFile(join(folder, "authority.pem"), headquarters.authorityPem);
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

async function openShop(): Promise<Shop> {
  const gateway = `shop-${++names}`;
  const directory = join(folder, gateway);
  const journal = new FakeJournal(clock);
  await mkdir(directory);
  await writeFile(join(directory, "claim"), await headquarters.createClaim(gateway));
  return {
    gateway,
    directory,
    journal,
    uplink(more = {}) {
      const uplink = createUplink({
        journal,
        config: {
          url: headquarters.url,
          authorityFile: join(folder, "authority.pem"),
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
async function until(what: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
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
  });
});
