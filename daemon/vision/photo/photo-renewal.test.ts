import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PhotoLook } from "./photo-look.ts";
import { PhotoQueue } from "./photo-queue.ts";

let damage: string;
let queue: PhotoQueue;

beforeEach(() => {
  damage = "old";
  queue = new PhotoQueue({
    bundles: () => ({ bay: "bay", damage, face: "face", plate: "plate" }),
    providers: ["cpu"],
    maxMemoryBytes: 2 ** 31,
    log: pino({ level: "silent" }),
    program: fileURLToPath(new URL("./naming-program.fixture.ts", import.meta.url)),
  });
});

afterEach(() => queue.stop());

const photo = (content: string) => queue.look(Buffer.from(content));
const modelOf = ({ models }: PhotoLook) => models[0]?.name;

describe("the queue of photos", () => {
  test("looks with the bundles of the moment, and keeps its process while they stay", async () => {
    const first = await photo("1");
    const second = await photo("2");
    expect([modelOf(first), modelOf(second)]).toEqual(["old", "old"]);
    expect(second.models).toEqual(first.models);
    damage = "new";
    queue.renew();
    expect(modelOf(await photo("3"))).toBe("new");
  });

  test("loses no photo when its bundles change, whether it is being looked at, waits, or the process only starts", async () => {
    const starting = photo("1");
    damage = "new";
    queue.renew();
    expect(modelOf(await starting)).toBe("new");
    const under = [photo("2"), photo("3"), photo("4")];
    damage = "newest";
    queue.renew();
    const [current, ...waiting] = await Promise.all(under);
    expect(current === undefined ? "" : modelOf(current)).toBe("new");
    expect(waiting.map(modelOf)).toEqual(["newest", "newest"]);
  });

  test("changes nothing before the first photo", async () => {
    queue.renew();
    expect(modelOf(await photo("1"))).toBe("old");
  });
});
