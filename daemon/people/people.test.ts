import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Actor } from "../../contract/records.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { createPasswordHashing } from "./passwords.ts";
import { openPeople, type People } from "./people.ts";
import { createSetupCode } from "./setup-code.ts";

const cheap = createPasswordHashing({ cost: { memoryKib: 64, passes: 1 } });
const by: Actor = { kind: "gateway", id: "test" };
let directory: string;
let count = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "people-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (): Promise<People> =>
  openPeople({ directory, clock: new ManualClock(), newId: () => `person-${++count}`, hashing: cheap });
const wang = { login: "Wang", name: "王伟", role: "technician", password: "correct horse", badge: "04A1B2C3" } as const;

test("a person added is found by login, badge and id, also after a restart", async () => {
  const people = await open();
  const { person, drafts } = await people.add(wang, by);
  expect(drafts).toMatchObject([{ type: "person.changed", body: { personId: person.id, change: "added", by } }]);
  for (const each of [people, await open()]) {
    expect(each.byLogin("wang")?.id).toBe(person.id);
    expect(each.byLogin(" WANG ")?.id).toBe(person.id);
    expect(each.byBadge("04A1B2C3")?.name).toBe("王伟");
    expect(each.byBadge("04a1b2c3")).toBeUndefined();
    expect(each.byId(person.id)?.role).toBe("technician");
    expect((await each.verifyPassword("wang", "correct horse"))?.id).toBe(person.id);
    expect(await each.verifyPassword("wang", "correct horsE")).toBeUndefined();
    expect(await each.verifyPassword("nobody", "correct horse")).toBeUndefined();
  }
});

test("full-width letters from an input method are the same password", async () => {
  const people = await open();
  await people.add(wang, by);
  expect(await people.verifyPassword("wang", "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ")).toBeDefined();
});

test("the file holds neither password nor badge and only its owner reads it", async () => {
  const people = await open();
  await people.add(wang, by);
  const text = await readFile(join(directory, "people.json"), "utf8");
  expect(text).not.toContain("correct horse");
  expect(text).not.toContain("04A1B2C3");
  expect(text).toContain("$argon2id$");
  for (const name of ["people.json", "badge.key"]) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  await people.setPassword(people.list()[0]?.id ?? "", "another password", by);
  expect((await stat(join(directory, "people.json.last-good"))).mode & 0o777).toBe(0o600);
});

test("a disabled person is found by id alone, and his badge is free again", async () => {
  const people = await open();
  const { person } = await people.add(wang, by);
  await people.disable(person.id, by);
  expect(people.byLogin("wang")).toBeUndefined();
  expect(people.byBadge("04A1B2C3")).toBeUndefined();
  expect(await people.verifyPassword("wang", "correct horse")).toBeUndefined();
  expect(people.byId(person.id)).toMatchObject({ disabled: true, credentialVersion: 2 });
  await expect(
    people.add({ login: "li", name: "李", role: "technician", badge: "04A1B2C3" }, by),
  ).resolves.toBeDefined();
});

test("a login or badge that is taken, and details that break a rule, are refused and change nothing", async () => {
  const people = await open();
  await people.add(wang, by);
  await expect(people.add({ ...wang, badge: "other" }, by)).rejects.toMatchObject({ code: "PEOPLE_LOGIN_TAKEN" });
  await expect(people.add({ ...wang, login: "li" }, by)).rejects.toMatchObject({ code: "PEOPLE_BADGE_TAKEN" });
  await expect(people.add({ ...wang, login: "li", password: "short", badge: "x" }, by)).rejects.toMatchObject({
    code: "PEOPLE_DETAILS_INVALID",
  });
  await expect(people.add({ ...wang, login: "l/i", badge: "x" }, by)).rejects.toMatchObject({
    code: "PEOPLE_DETAILS_INVALID",
  });
  await expect(people.add({ ...wang, login: "li", badge: "two words" }, by)).rejects.toMatchObject({
    code: "PEOPLE_DETAILS_INVALID",
  });
  await expect(people.setBadge("nobody", "x", by)).rejects.toMatchObject({ code: "PEOPLE_UNKNOWN" });
  expect(people.list()).toHaveLength(1);
});

test("changes made at once are all kept", async () => {
  const people = await open();
  await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      people.add({ login: `p${n}`, name: "P", role: "technician", badge: `b${n}` }, by),
    ),
  );
  expect((await open()).list()).toHaveLength(12);
});

test("what the command line writes while the gateway runs is taken in", async () => {
  const gateway = await open();
  const commandLine = await open();
  await commandLine.add(wang, by);
  expect(gateway.byBadge("04A1B2C3")).toBeDefined();
  expect(await gateway.verifyPassword("wang", "correct horse")).toBeDefined();
  await gateway.add({ login: "li", name: "李", role: "advisor", password: "long enough 1" }, by);
  expect((await open()).list().map((person) => person.login)).toEqual(["wang", "li"]);
});

test("whatever damages the file, the last good copy is used, named as a problem, and survives the next change", async () => {
  const first = await open();
  await first.add(wang, by);
  await first.add({ login: "li", name: "李", role: "advisor" }, by);
  const path = join(directory, "people.json");
  const whole = await readFile(path, "utf8");
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.integer({ min: 0, max: whole.length - 3 }).map((length) => whole.slice(0, length)),
        fc.json().filter((text) => text !== whole),
      ),
      async (damaged) => {
        await writeFile(path, damaged);
        const people = await open();
        expect(people.problem()?.code).toBe("PEOPLE_FILE_DAMAGED");
        expect(people.byLogin("wang")).toBeDefined();
      },
    ),
    { numRuns: 25 },
  );
  const people = await open();
  await people.add({ login: "zhao", name: "赵", role: "manager" }, by);
  expect(people.problem()).toBeUndefined();
  const again = await open();
  expect(again.problem()).toBeUndefined();
  expect(again.list().map((person) => person.login)).toEqual(["wang", "zhao"]);
});

test("when nothing is readable the damaged files are kept and the problem is named", async () => {
  await writeFile(join(directory, "people.json"), "{");
  await writeFile(join(directory, "people.json.last-good"), "[]");
  const people = await open();
  expect(people.problem()?.code).toBe("PEOPLE_FILE_LOST");
  expect((await readdir(directory)).filter((name) => name.includes("damaged"))).toHaveLength(2);
});

test("hashing beyond its bound is refused at once instead of starving the box", async () => {
  const hashing = createPasswordHashing({ cost: { memoryKib: 64, passes: 1 }, concurrent: 1, waiting: 2 });
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => hashing.verify(undefined, "x")));
  expect(results.filter((result) => result.status === "rejected")).toHaveLength(3);
  expect(results.find((result) => result.status === "rejected")).toMatchObject({ reason: { code: "HTTP_BUSY" } });
  await expect(hashing.verify(undefined, "x")).resolves.toBe(false);
});

const setup = { login: "boss", name: "店长", password: "a long password" };

test("the setup code makes exactly one manager, typed in any case, and is then worthless", async () => {
  const people = await open();
  const printed: string[] = [];
  const code = createSetupCode(people, (text) => printed.push(text));
  expect(printed).toHaveLength(1);
  expect(printed[0]).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  expect(code.needed()).toBe(true);
  const setupCode = (printed[0] ?? "").toLowerCase().replaceAll("-", "");
  const results = await Promise.allSettled([
    code.redeem({ ...setup, setupCode }),
    code.redeem({ ...setup, login: "thief", setupCode }),
  ]);
  expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(people.list()).toMatchObject([{ login: "boss", role: "manager" }]);
  expect(code.needed()).toBe(false);
  await expect(code.redeem({ ...setup, login: "thief", setupCode })).rejects.toMatchObject({
    code: "SETUP_ALREADY_DONE",
  });
  createSetupCode(people, (text) => printed.push(text));
  expect(printed).toHaveLength(1);
});

test("a wrong setup code is refused, and guessing spends the right one", async () => {
  const people = await open();
  let right = "";
  const code = createSetupCode(people, (text) => {
    right = text;
  });
  for (let n = 0; n < 50; n += 1)
    await expect(code.redeem({ ...setup, setupCode: "AAAA-AAAA-AAAA" })).rejects.toMatchObject({
      code: "SETUP_CODE_WRONG",
    });
  await expect(code.redeem({ ...setup, setupCode: right })).rejects.toMatchObject({ code: "SETUP_CODE_SPENT" });
  expect(people.list()).toHaveLength(0);
});

test("details that are refused leave the setup code good", async () => {
  const people = await open();
  let right = "";
  const code = createSetupCode(people, (text) => {
    right = text;
  });
  await expect(code.redeem({ ...setup, password: "short", setupCode: right })).rejects.toMatchObject({
    code: "PEOPLE_DETAILS_INVALID",
  });
  await expect(code.redeem({ ...setup, setupCode: right })).resolves.toBeDefined();
});
