import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import { MAX_PHOTO_BYTES } from "./photo-look.ts";
import { PhotoQueue, type PhotoQueueOptions } from "./photo-queue.ts";

const FAULTY = fileURLToPath(new URL("./test-faulty-photo-process.ts", import.meta.url));
let queue: PhotoQueue | undefined;

afterEach(() => queue?.stop());

function open(options: Partial<PhotoQueueOptions> = {}, bay = "bay"): PhotoQueue {
  queue = new PhotoQueue({
    bundles: () => ({ bay, damage: "damage", face: "face", plate: "plate" }),
    providers: ["cpu"],
    maxMemoryBytes: 2 ** 31,
    log: pino({ level: "silent" }),
    program: FAULTY,
    ...options,
  });
  return queue;
}

const photo = (order: string, more = "") => Buffer.from(order + more);

describe("the photo queue", { timeout: 120_000 }, () => {
  test("looks at photos one after the other in one process, and passes on what is wrong with one", async () => {
    const photos = open();
    const [first, broken, second] = await Promise.allSettled([
      photos.look(photo("o")),
      photos.look(photo("f")),
      photos.look(photo("o", "2")),
    ]);
    expect(broken).toMatchObject({ status: "rejected", reason: { code: "PICTURE_UNREADABLE" } });
    expect(first).toMatchObject({ status: "fulfilled" });
    expect(second).toEqual(first);
  });

  test.each([
    ["kills the process", "d"],
    ["hangs it", "h"],
    ["makes it lie", "l"],
    ["makes it give a code that is none", "c"],
    ["makes it answer for another photo", "w"],
  ])("refuses a photo for good that twice %s, and looks at the next one all the same", async (_, order) => {
    const photos = open(order === "h" ? { hangMs: 1500 } : {});
    const [poison, next] = await Promise.allSettled([photos.look(photo(order)), photos.look(photo("o"))]);
    expect(poison).toMatchObject({ status: "rejected", reason: { code: "PICTURE_POISONED" } });
    expect(next).toMatchObject({ status: "fulfilled" });
    await expect(photos.look(photo(order))).rejects.toMatchObject({ code: "PICTURE_POISONED" });
  });

  test("says why no photo can be looked at when a model is missing, and tries again with the next", async () => {
    const photos = open({}, "refuse");
    const both = await Promise.allSettled([photos.look(photo("o")), photos.look(photo("o"))]);
    expect(both.map((one) => one.status === "rejected" && one.reason.code)).toEqual([
      "REDACTION_NO_MODEL",
      "REDACTION_NO_MODEL",
    ]);
    await expect(photos.look(photo("o"))).rejects.toMatchObject({ code: "REDACTION_NO_MODEL" });
  });

  test("gives up when the process cannot even open, and blames no photo for it", async () => {
    const photos = open({}, "die");
    await expect(photos.look(photo("o"))).rejects.toMatchObject({ code: "VISION_NOT_RUNNING" });
    await expect(photos.look(photo("o"))).rejects.toMatchObject({ code: "VISION_NOT_RUNNING" });
  });

  test("takes a fresh process after one that has grown too large, and after an idle one has ended", async () => {
    const photos = open({ idleMs: 1 });
    const grown = await photos.look(photo("m"));
    const fresh = await photos.look(photo("o"));
    expect(fresh.width).not.toBe(grown.width);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await photos.look(photo("o"))).width).not.toBe(fresh.width);
  });

  test("holds only so many photos, and none that is too large", async () => {
    const photos = open();
    await expect(photos.look(Buffer.alloc(MAX_PHOTO_BYTES + 1))).rejects.toMatchObject({ code: "PICTURE_TOO_LARGE" });
    const flood = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => photos.look(photo("o", String(at)))));
    const refused = flood.filter((one) => one.status === "rejected");
    expect(refused.map((one) => one.reason.code)).toEqual(Array(12).fill("VISION_NOT_RUNNING"));
  });

  test("rejects what waits when it is stopped", async () => {
    const photos = open();
    const waiting = [photos.look(photo("h")), photos.look(photo("o"))];
    photos.stop();
    const ends = await Promise.allSettled(waiting);
    expect(ends.map((one) => one.status === "rejected" && one.reason.code)).toEqual(
      Array(2).fill("VISION_NOT_RUNNING"),
    );
  });
});
