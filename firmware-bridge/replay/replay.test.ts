import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReplayOptions } from "../../contract/dialects/replay.ts";
import type { DongleResponse } from "../../contract/payloads.ts";
import { createLog } from "../../machine/log.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { fromHex, toHex } from "../../vehicle-protocols/index.ts";
import { AdapterUnderTest } from "../adapter.fixture.ts";
import { CarService } from "../car-service.ts";
import type { DongleSettings } from "../dialect.ts";
import { fitsOptions } from "../options.ts";
import { CarMemory } from "../scan/car-memory.ts";
import { recogniseFormat } from "./format.ts";
import { replay } from "./index.ts";
import type { LogSource } from "./log-file.ts";
import { Player, type PlayerOptions } from "./player.ts";

const CANDUMP = `(1700000000.000000) can0 123#00
(1700000000.010000) can0 18DAF110#0341050A
(1700000000.030000) can1 7E8##1${"AB".repeat(12)}
(1700000000.030000) can0 124#R
`;
const ASC = `date Tue Nov 14 10:13:20.000 pm 2023
base hex  timestamps absolute
   0.000000 1  123             Rx   d 1 00
   0.010000 1  18DAF110x       Rx   d 4 03 41 05 0A
   0.020000 1  Statistic: D 2 R 0
`;
const TRC = `;$FILEVERSION=1.1
;$STARTTIME=45244.9259259259
     1)         0.0  Rx         0123  1  00
     2)        10.0  Rx     18DAF110  4  03 41 05 0A
`;

const AS_IT_WAS: PlayerOptions = {
  format: undefined,
  bus: undefined,
  speed: 1,
  startAtMs: 0,
  longestGapMs: undefined,
};

/** A log in memory, in pieces of `size` bytes. */
function inPieces(text: string, size: number): LogSource {
  const bytes = Buffer.from(text);
  let at = 0;
  return {
    read: async () => {
      const piece = bytes.subarray(at, at + size);
      at += size;
      return piece;
    },
    close: async () => undefined,
  };
}

/** Lets what waits for no time happen. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** What a player says of a log, frame by frame, with the milliseconds since its beginning, moving time by one millisecond. */
async function played(text: string, options: Partial<PlayerOptions>, forMs: number, pieceSize = 1_000_000) {
  const clock = new ManualClock();
  const beganMs = clock.monotonicMs();
  const heard: { ms: number; data: string }[] = [];
  const player = new Player({ ...AS_IT_WAS, ...options }, clock, (frames) => {
    for (const frame of frames) heard.push({ ms: clock.monotonicMs() - beganMs, data: toHex(frame.data) });
  });
  let over = false;
  const playing = player.play(inPieces(text, pieceSize)).finally(() => {
    over = true;
  });
  await settle();
  for (let ms = 0; ms < forMs && !over; ms++) {
    clock.advance(1);
    await settle();
  }
  player.stop();
  return { heard, playback: await playing };
}

describe("a log's format", () => {
  it("is recognised by what can be read of its beginning", () => {
    for (const [format, text] of Object.entries({ candump: CANDUMP, asc: ASC, trc: TRC })) {
      expect(recogniseFormat(Buffer.from(text))).toBe(format);
      // A piece may end anywhere in a line.
      expect(recogniseFormat(Buffer.from(text).subarray(0, -5))).toBe(format);
    }
  });

  it("is none where most lines are something else", () => {
    expect(recogniseFormat(Buffer.from(`${CANDUMP}${"lorem ipsum\n".repeat(50)}`))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect([undefined, "candump", "asc", "trc"]).toContain(recogniseFormat(bytes));
      }),
    );
  });
});

describe("a recording", () => {
  it("plays the same from each format", async () => {
    for (const text of [CANDUMP.split("\n").slice(0, 2).join("\n"), ASC, TRC]) {
      const { heard, playback } = await played(text, {}, 50);
      expect(heard.map(({ data }) => data)).toEqual(["00", "0341050A"]);
      expect(heard[0]?.ms).toBe(0);
      expect(Math.abs((heard[1]?.ms ?? 0) - 10)).toBeLessThanOrEqual(1);
      expect(playback).toMatchObject({ frames: 2, unreadable: 0 });
    }
  });

  it("keeps every frame, in order, within a millisecond of its time, whatever the speed, the start and the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0.5, 1, 2, 10),
        fc.integer({ min: 0, max: 100 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        fc.integer({ min: 40, max: 400 }),
        async (gapsUs, speed, startAtMs, longestGapMs, pieceSize) => {
          const times = gapsUs.map((_, index) => gapsUs.slice(1, index + 1).reduce((sum, gap) => sum + gap, 0) / 1000);
          const lines = times.map((ms, index) => {
            const seconds = (1_700_000_000 + ms / 1000).toFixed(6);
            return `(${seconds}) can0 123#${index.toString(16).padStart(2, "0")}\n`;
          });
          const expected: { data: string; ms: number }[] = [];
          let playedMs = 0;
          times.forEach((ms, index) => {
            const fromMs = Math.max(times[index - 1] ?? 0, startAtMs);
            if (ms >= startAtMs) {
              playedMs += Math.min(ms - fromMs, longestGapMs ?? Number.POSITIVE_INFINITY);
              expected.push({ data: index.toString(16).padStart(2, "0").toUpperCase(), ms: playedMs / speed });
            }
          });
          const { heard } = await played(
            lines.join(""),
            { speed, startAtMs, longestGapMs, format: "candump" },
            Math.ceil(playedMs / speed) + 3,
            pieceSize,
          );
          expect(heard.map(({ data }) => data)).toEqual(expected.map(({ data }) => data));
          heard.forEach(({ ms }, index) => {
            const late = ms - (expected[index]?.ms ?? 0);
            // Seconds since 1970 with a fraction are exact to some tenths of a microsecond.
            expect(late).toBeGreaterThanOrEqual(-0.01);
            expect(late).toBeLessThanOrEqual(1.01);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("goes on where it was when its clock was set back, and with lines without a time", async () => {
    const text =
      "(10.000) can0 1#01\n(10.005) can0 1#02\n(3.000) can0 1#03\n(3.005) can0 1#04\n  can0  001   [1]  05\n";
    const { heard } = await played(text.replaceAll(" 1#", " 001#"), {}, 40);
    expect(heard.map(({ data }) => data)).toEqual(["01", "02", "03", "04", "05"]);
    expect(heard.map(({ ms }) => Math.round(ms))).toEqual([0, 5, 5, 10, 10]);
  });

  it("holds a long silence unless it was told to shorten it", async () => {
    const text = "(0.000) can0 001#01\n(100000000.000) can0 001#02\n";
    expect((await played(text, {}, 100)).heard).toHaveLength(1);
    expect((await played(text, { longestGapMs: 20 }, 100)).heard.map(({ ms }) => ms)).toEqual([0, 20]);
  });

  it("plays one bus of several when told which", async () => {
    expect((await played(CANDUMP, { bus: "can1" }, 60)).heard.map(({ data }) => data)).toEqual(["AB".repeat(12)]);
    expect((await played(CANDUMP, { bus: "can7" }, 60)).playback.frames).toBe(0);
  });

  it("survives logs cut and twisted anywhere, losing only the lines concerned", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(CANDUMP, ASC, TRC),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 90 }),
        async (log, changes, cut, pieceSize) => {
          const bytes = Buffer.from(log);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const text = bytes.subarray(0, bytes.length - (cut % bytes.length)).toString("latin1");
          const { playback, heard } = await played(text, { format: "candump", longestGapMs: 1 }, 60, pieceSize);
          expect(playback.frames).toBe(heard.length);
          expect(playback.frames).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a log in place of a dongle", () => {
  let folder = "";
  let file = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "baygate-replay-"));
    file = join(folder, "drive.log");
  });

  afterEach(() => rm(folder, { recursive: true }));

  function device(options: object = {}): AdapterUnderTest {
    return new AdapterUnderTest(replay, { nativeId: "drive", options: { file, ...options } });
  }

  /** Moves shop time until something is so; the disk takes its own time. */
  async function until(under: AdapterUnderTest, holds: () => boolean, stepMs = 5): Promise<void> {
    await vi.waitFor(
      () => {
        under.clock.advance(stepMs);
        expect(holds()).toBe(true);
      },
      { timeout: 20_000, interval: 1 },
    );
  }

  it("is heard like a car's own traffic, and then is over", async () => {
    await writeFile(file, CANDUMP);
    const under = device();
    under.adapter.start();
    await until(under, () => under.state === "offline recording-ended");
    expect(under.statuses.map(({ state }) => state)).toEqual(["online", "offline"]);
    expect(under.frames).toEqual([
      { id: 0x123, extended: false, data: fromHex("00") },
      { id: 0x18daf110, extended: true, data: fromHex("0341050A") },
      { id: 0x7e8, extended: false, data: fromHex("AB".repeat(12)), fd: true },
    ]);
    under.adapter.stop();
  });

  it("cannot be asked, and opens no line to anything", async () => {
    await writeFile(file, CANDUMP);
    const under = device();
    under.adapter.start();
    await until(under, () => under.frames.length === 3);
    const responses: DongleResponse[] = [];
    const said: unknown[] = [];
    const service = new CarService({
      settings: {
        id: "d1" as DongleSettings["id"],
        dialect: "replay",
        nativeId: "drive",
        minimumBatteryVolts: 11.8,
        silentAfterMs: 1,
      },
      adapter: under.adapter,
      clock: under.clock,
      log: createLog("test"),
      newId: () => "id",
      memory: new CarMemory(),
      outlets: {
        respond: (response) => responses.push(response),
        scan: (scan) => said.push(scan),
        readings: (readings) => said.push(readings),
        openClearing: () => () => undefined,
      },
    });
    await service.request({ transaction: "t1", kind: "scan" });
    await service.request({ transaction: "t2", kind: "read", commands: [] });
    for (const response of responses)
      expect(response).toMatchObject({ status: "refused", error: { code: "reports-only" } });
    expect(responses).toHaveLength(2);
    expect(said).toEqual([]);
    expect([under.lines, under.ports, under.published]).toEqual([[], [], []]);
    under.adapter.stop();
  });

  it("begins again when it was told to, and stops when it is stopped", async () => {
    await writeFile(file, CANDUMP);
    const under = device({ loop: true });
    under.adapter.start();
    await until(under, () => under.frames.length >= 7);
    expect(under.state).toBe("online");
    under.adapter.stop();
    await settle();
    const heard = under.frames.length;
    for (let n = 0; n < 20; n++) {
      under.clock.advance(1_000);
      await settle();
    }
    expect(under.frames).toHaveLength(heard);
    expect(under.statuses).toHaveLength(1);
  });

  it("that is not there is a fault, once, until it is put there", async () => {
    const under = device();
    under.adapter.start();
    await until(under, () => under.state === "fault recording-missing");
    for (let n = 0; n < 3; n++) {
      under.clock.advance(30_000);
      await settle();
    }
    expect(under.statuses).toHaveLength(1);
    await writeFile(file, TRC);
    await until(under, () => under.state === "offline recording-ended", 1_000);
    expect(under.frames).toHaveLength(2);
    under.adapter.stop();
  });

  it("that holds nothing to play, or is no plain file, is a fault", async () => {
    const packed = Buffer.from([0x1f, 0x8b, ...Array.from({ length: 3000 }, (_, n) => (n * 7919) % 256)]);
    for (const content of ["", "\n\n\n", packed, "x".repeat(200_000)]) {
      await writeFile(file, content);
      const under = device();
      under.adapter.start();
      await until(under, () => under.state === "fault recording-unreadable");
      under.adapter.stop();
    }
    const beyond = device({ startAtSeconds: 1000 });
    await writeFile(file, CANDUMP);
    beyond.adapter.start();
    await until(beyond, () => beyond.state === "fault recording-unreadable");
    beyond.adapter.stop();
    await rm(file);
    await mkdir(file);
    const under = device();
    under.adapter.start();
    await until(under, () => under.state === "fault recording-missing");
    under.adapter.stop();
    const endless = new AdapterUnderTest(replay, { nativeId: "zero", options: { file: "/dev/zero" } });
    endless.adapter.start();
    await until(endless, () => endless.state === "fault recording-missing");
    endless.adapter.stop();
  });

  it("is read in pieces, however large it is", async () => {
    await writeFile(file, "");
    const line = (n: number) => `(${(n / 1e6).toFixed(6)}) can0 123#${n.toString(16).padStart(8, "0")}\n`;
    for (let block = 0; block < 3; block++)
      await appendFile(file, Array.from({ length: 10_000 }, (_, n) => line(block * 10_000 + n)).join(""));
    const under = device();
    let most = 0;
    const hear = under.frames.push.bind(under.frames);
    under.frames.push = (...frames) => {
      most = Math.max(most, frames.length);
      return hear(...frames);
    };
    under.adapter.start();
    await until(under, () => under.state === "offline recording-ended");
    expect(under.frames).toHaveLength(30_000);
    expect(under.frames.every(({ data }, n) => toHex(data) === n.toString(16).padStart(8, "0").toUpperCase())).toBe(
      true,
    );
    // Two pieces of 64 KiB hold fewer.
    expect(most).toBeLessThan(5_000);
    under.adapter.stop();
  });
});

describe("the options of a replay", () => {
  it("name a file of the bridge's own machine and sensible figures", () => {
    expect(fitsOptions(ReplayOptions, { file: "/var/lib/baygate/drive.log" })).toBe(true);
    for (const wrong of [
      {},
      { file: "drive.log" },
      { file: "https://example.org/drive.log" },
      { file: "/a\u0000b" },
      { file: "/a", speed: 0 },
      { file: "/a", speed: 1e9 },
      { file: "/a", startAtSeconds: -1 },
      { file: "/a", longestGapSeconds: 0 },
      { file: "/a", format: "blf" },
      { file: "/a", other: 1 },
    ])
      expect(fitsOptions(ReplayOptions, wrong), JSON.stringify(wrong)).toBe(false);
  });
});
