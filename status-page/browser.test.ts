import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { FixtureGateway } from "./fixture/gateway.ts";
import { contrastFaults, overflowFaults, smallTargets } from "./fixture/look-at-page.ts";
import { NOON, today } from "./fixture/views.ts";
import { CHROMIUM, FLAGS, signInOn } from "./screenshots.ts";
import { en } from "./src/language/en.ts";
import { zhCN } from "./src/language/zh-cn.ts";

const PASSWORD = "correct horse";
const WIDTHS = [360, 768, 1280, 1920] as const;
const LANGUAGES = ["zh-CN", "en"] as const;

/** Keys look like `bays.empty`; no sentence of ours or of the fixture does. */
const KEY = new RegExp(`\\b(${Object.keys(en).join("|")})\\.[a-zA-Z][\\w.-]+`);

let directory: string;
let browser: Browser;
let gateway: FixtureGateway;
let base: string;
/** What the page must never do, as it happened. */
let faults: string[];

describe.skipIf(!existsSync(CHROMIUM))(`the built page in ${CHROMIUM}`, { timeout: 90_000 }, () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "baygate-page-"));
    // Vitest calls this a test; the page that ships is built for production.
    vi.stubEnv("NODE_ENV", "production");
    await build({
      configFile: join(import.meta.dirname, "vite.config.ts"),
      logLevel: "error",
      build: { outDir: directory, emptyOutDir: true },
    });
    vi.unstubAllEnvs();
    browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...FLAGS] });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    gateway = new FixtureGateway(directory);
    base = await gateway.start();
    faults = [];
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await gateway.stop();
    expect(faults).toEqual([]);
  });

  /** A page that reports every console error, every policy violation and every request to elsewhere. */
  async function open(
    look: { width?: number; language?: "zh-CN" | "en"; dark?: boolean; expectErrors?: boolean } = {},
  ): Promise<Page> {
    const { width = 1280, language = "zh-CN", dark = false, expectErrors = false } = look;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      locale: language,
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.on("console", (message) => {
      const isRefusedPolicy = /Content Security Policy/.test(message.text());
      if (message.type() === "error" && (!expectErrors || isRefusedPolicy)) faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith("data:")) faults.push(request.url());
    });
    return page;
  }

  async function enter(login: string, look: Parameters<typeof open>[0] = {}): Promise<Page> {
    const page = await open(look);
    await signInOn(page, base, login, PASSWORD);
    return page;
  }

  async function lookAround(page: Page, where: string): Promise<void> {
    // A tile's picture stays back until it is whole.
    await page.waitForFunction(
      () =>
        [...document.images].every((image) => image.complete) &&
        [...document.querySelectorAll(".picture")].every((tile) => tile.querySelector("img, .picture-lost") !== null),
    );
    const text = await page.locator("body").innerText();
    expect([where, KEY.exec(text)?.[0], /\{\{|undefined|NaN/.exec(text)?.[0]]).toEqual([where, undefined, undefined]);
    expect([where, await overflowFaults(page)]).toEqual([where, []]);
    expect([where, await smallTargets(page)]).toEqual([where, []]);
    expect([where, await contrastFaults(page)]).toEqual([where, []]);
  }

  /** What measures itself has drawn itself anew when this returns. */
  async function resize(page: Page, width: number): Promise<void> {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(
      () =>
        new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(drawn)))),
    );
  }

  it.each(LANGUAGES)(
    "fits 360 to 1920 px, speaks whole sentences and is legible, for both roles in %s",
    async (language) => {
      for (const login of ["sun", "wang"]) {
        const page = await enter(login, { language });
        for (const path of login === "wang" ? ["/my-job", "/today"] : ["/today"]) {
          if (login === "wang") await page.locator(`.bar-link[href="${path}"]`).click();
          for (const width of WIDTHS) {
            await resize(page, width);
            await lookAround(page, `${login} ${path} ${width}`);
          }
        }
        await page.context().close();
      }
    },
  );

  it.each(LANGUAGES)(
    "shows what became of a car's codes, its battery and its scans, at every width, in %s",
    async (language) => {
      const page = await enter("wang", { language });
      const words = language === "en" ? en : zhCN;
      await page.getByRole("link", { name: words.car.open }).click();
      await page.getByRole("heading", { name: words.car.difference.title }).waitFor();
      for (const width of WIDTHS) {
        await resize(page, width);
        await lookAround(page, `car ${width}`);
      }
      const difference = page.locator("section", { has: page.locator("#difference-title") });
      expect(await difference.locator(".dtc-code").allInnerTexts()).toEqual(["P0420", "P1A4F", "P0299", "P0171"]);
      for (const outcome of ["still-there", "new", "permanent-left", "cleared-not-proven"] as const)
        await difference.getByText(words.car.difference.outcome[outcome], { exact: true }).waitFor();
      // A unit behind a secure gateway is an answer, not an empty list.
      await page.getByText(words.car.scans.reach["secure-gateway"]).first().waitFor();
      await page.locator(".battery-alert").waitFor();
      expect(await page.locator(".bars").first().locator("rect").count()).toBe(96);
    },
  );

  it.each(LANGUAGES)(
    "shows a job's photos with what was found and covered, before beside after, in %s",
    async (language) => {
      const page = await enter("wang", { language });
      const words = language === "en" ? en : zhCN;
      const panel = page.locator(".photos");
      await panel.getByRole("heading", { name: words.photos.title, exact: true }).waitFor();
      expect(await panel.locator(".photo").count()).toBe(4);
      // Three that wait for a person, two that were found, one that a person dismissed.
      const standings = await panel
        .locator(".finding")
        .evaluateAll((all) => all.map((one) => one.getAttribute("data-standing")));
      expect(standings.toSorted()).toEqual([
        "dismissed",
        "found",
        "found",
        "person-decides",
        "person-decides",
        "person-decides",
      ]);
      await panel.getByText(words.photos.gone.dropped).waitFor();
      await panel.getByText(words.photos.damage.scratch, { exact: true }).waitFor();
      await panel.getByText(words.photos.standing["person-decides"]).first().waitFor();
      for (const width of WIDTHS) {
        await resize(page, width);
        await lookAround(page, `photos ${width}`);
      }
    },
  );

  it("sends a photo with its checkpoint, asks again after a refusal with its remedy, and takes a person's word on a finding", async () => {
    const page = await enter("wang", { language: "en", expectErrors: true });
    const panel = page.locator(".photos");
    const send = () =>
      panel
        .locator('input[type="file"]')
        .setInputFiles({ name: "car.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(3_000) });
    await panel.getByLabel(en.photos.where).selectOption("departure-rear");
    gateway.refuseNext = { status: 422, body: { code: "PICTURE_TRUNCATED", title: "cut", remedy: "again" } };
    await send();
    await panel.getByText("PICTURE_TRUNCATED").waitFor();
    await send();
    await vi.waitUntil(() => gateway.asked.filter(({ path }) => path === "/api/jobs/job-1/photos").length === 2);
    expect(gateway.asked.at(-1)).toMatchObject({
      body: { checkpoint: "departure-rear", bytes: 3_000 },
      token: "token-of-the-fixture",
    });
    await panel.getByRole("button", { name: "2 Scratch: is damage" }).click();
    await vi.waitUntil(() => gateway.asked.at(-1)?.path === "/api/jobs/job-1/judge-finding");
    expect(gateway.asked.at(-1)?.body).toMatchObject({ photoId: "photo-1", finding: 1, verdict: "confirmed" });
  });

  it("draws what was seen on the live picture of a bay, and says when it is old", async () => {
    const page = await enter("sun", { language: "en" });
    const boxes = page.locator("#bay-bay-1 .picture-boxes rect");
    await boxes.first().waitFor();
    expect(await boxes.count()).toBe(2);
    expect(await page.locator("#bay-bay-4 .picture-boxes").getAttribute("data-stale")).toBe("true");
    expect(await page.locator("#bay-bay-3 .picture-boxes").count()).toBe(0);
  });

  it("shows chosen values live, records them, and stops asking the car when nobody looks", async () => {
    const page = await enter("wang", { language: "en" });
    await page.getByRole("link", { name: en.car.open }).click();
    await page.getByRole("button", { name: en.car.live.choose }).click();
    await page.getByLabel(/Engine speed/).check();
    await lookAround(page, "choice of live values");
    await page.getByRole("button", { name: en.car.live.start }).click();
    await page.locator(".live-value").waitFor();
    await expect.poll(() => [...gateway.live], { timeout: 5_000 }).toEqual([["engine-speed"]]);
    await page.getByRole("button", { name: en.car.live.record, exact: true }).click();
    await page.getByRole("button", { name: en.car.live.recordStop }).click();
    await page.getByText(en.car.live.recorded).waitFor();
    await lookAround(page, "live values");
    await page.getByRole("button", { name: en.car.live.stop, exact: true }).click();
    await expect.poll(() => gateway.live.size, { timeout: 5_000 }).toBe(0);
  });

  it("clears codes only after a question, and says why it may not", async () => {
    const page = await enter("wang", { language: "en" });
    await page.getByRole("link", { name: en.car.open }).click();
    await page.getByRole("button", { name: en.car.clear.button }).click();
    await page.getByText("CLEAR_NEEDS_SCAN").waitFor();
    expect(await page.getByRole("button", { name: en.car.clear.yes }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    gateway.car.clearNow = { possible: true, code: null, running: false };
    gateway.changeToday((view) => {
      const [job] = view.jobs;
      if (job !== undefined) job.diagnosticsVersion = "4//";
    });
    await page.getByRole("button", { name: en.car.clear.button }).click();
    await page.locator(".danger:not([disabled])").waitFor();
    expect(gateway.asked).toEqual([]);
    await page.getByRole("button", { name: en.car.clear.yes }).click();
    await page.getByText(en.car.clear.asked).waitFor();
    expect(gateway.asked.map(({ path }) => path)).toEqual(["/api/jobs/job-1/clear-codes"]);
  });

  it("prints the difference without buttons", async () => {
    const page = await enter("wang", { language: "en" });
    await page.getByRole("link", { name: en.car.open }).click();
    await page.getByRole("heading", { name: en.car.difference.title }).waitFor();
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("button").filter({ visible: true }).count()).toBe(0);
    await page.locator(".dtc-code").first().waitFor();
  });

  it("is legible in the dark", async () => {
    const page = await enter("wang", { dark: true });
    await lookAround(page, "my job, dark");
    await page.locator('.bar-link[href="/today"]').click();
    await lookAround(page, "today, dark");
  });

  it("lets people in by their password only, and lands them on the page that answers their question", async () => {
    const page = await open({ expectErrors: true });
    await page.goto(base);
    await lookAround(page, "sign-in");
    await page.locator('input[name="login"]').fill("wang");
    await page.locator('input[name="password"]').fill("wrong");
    await page.locator('button[type="submit"]').click();
    await page.getByText("SIGN_IN_REFUSED").waitFor();
    await signInOn(page, base, "wang", PASSWORD);
    expect(new URL(page.url()).pathname).toBe("/my-job");
    await page.getByRole("button", { name: new RegExp(zhCN.app.signOut) }).click();
    await page.locator('input[name="password"]').waitFor();
    await signInOn(page, base, "sun", PASSWORD);
    expect(new URL(page.url()).pathname).toBe("/today");
    expect(await page.locator(".bar-link").allInnerTexts()).toEqual([zhCN.nav.today]);
  });

  it("makes the first manager by the setup code", async () => {
    gateway.setupNeeded = true;
    const page = await open({ language: "en" });
    await page.goto(base);
    await page.getByLabel(en.setup.setupCode).fill("7F3K-99QD");
    await lookAround(page, "setup");
    await page.getByLabel(en.setup.name).fill("Sun");
    await page.getByLabel(en.setup.login).fill("sun");
    await page.getByLabel(en.setup.password, { exact: true }).fill("correct horse");
    await page.locator('button[type="submit"]').click();
    await page.locator('.strip[data-phase="live"]').waitFor();
  });

  it("changes its language at a press, and remembers it", async () => {
    const page = await enter("sun", { language: "en" });
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByText(zhCN.needs.title, { exact: true }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
    await page.reload();
    await page.getByText(zhCN.needs.title, { exact: true }).waitFor();
  });

  it("clocks on at a press, off at the next, and takes it back", async () => {
    const page = await enter("wang");
    await page.locator(".clock-on").click();
    // Shown before the gateway has said anything.
    await page.locator(".clock-off").waitFor();
    await expect.poll(() => gateway.asked.map(({ path }) => path), { timeout: 5_000 }).toEqual(["/api/labour/on"]);
    expect(gateway.asked[0]?.token).toBe("token-of-the-fixture");
    const running = { jobId: gateway.myJob.current?.id, since: NOON, elapsedMs: 0, flags: [] };
    const technician = today().jobs[0]?.assignedTo;
    const startRunning = () =>
      gateway.changeMyJob((view) => {
        if (running.jobId !== undefined && technician != null)
          view.running = { ...running, jobId: running.jobId, flags: [], technician };
      });
    startRunning();
    await page.getByText(zhCN.myJob.clockedOn.replace("{{number}}", "RO-2041")).waitFor();
    await page.locator(".clock-off").click();
    await page.locator(".clock-on").waitFor();
    gateway.changeMyJob((view) => {
      view.running = null;
    });
    await page.getByText(zhCN.myJob.clockedOff.replace("{{number}}", "RO-2041")).waitFor();
    await page.getByRole("button", { name: zhCN.myJob.undo }).last().click();
    await page.locator(".clock-off").waitFor();
    expect(gateway.asked.map(({ path }) => path)).toEqual(["/api/labour/on", "/api/labour/off", "/api/labour/on"]);
    const ids = gateway.asked.map(({ body }) => String(body.requestId));
    expect(new Set(ids).size).toBe(3);
  });

  it("takes a press back when the gateway refuses it, and says why", async () => {
    const page = await enter("wang", { expectErrors: true });
    gateway.refuseNext = { status: 409, body: { code: "JOB_CLOSED", title: "closed", remedy: "none" } };
    await page.locator(".clock-on").click();
    await page.getByText("JOB_CLOSED").waitFor();
    await page.locator(".clock-on").waitFor();
  });

  it("says within 5 s that it is not live, greys, stops its clocks and refuses to clock on", async () => {
    const page = await enter("wang", { expectErrors: true });
    const running = today().jobs[0]?.running[0];
    gateway.changeMyJob((view) => {
      if (running !== undefined) view.running = running;
    });
    const time = () => page.locator(".clock-time").innerText();
    await expect.poll(time, { timeout: 5_000 }).toMatch(/^1:12:/);
    const before = await time();
    await expect.poll(time, { timeout: 5_000 }).not.toBe(before);
    gateway.hush();
    const fromMs = performance.now();
    await page.locator('.strip[data-phase="broken"]').waitFor({ timeout: 8_000 });
    // The last beat came at most a second before the hush.
    expect(performance.now() - fromMs).toBeLessThan(5_000);
    await page.locator(".my-job.stale").waitFor();
    const frozen = await time();
    await page.waitForTimeout(2_200);
    expect(await time()).toBe(frozen);
    await page.locator(".clock-off").click();
    await page.getByText(zhCN.myJob.offline).waitFor();
    expect(gateway.asked).toEqual([]);
    gateway.mend();
    await page.locator('.strip[data-phase="live"]').waitFor();
    expect(await page.locator(".stale").count()).toBe(0);
  });

  it("comes back by itself after the gateway was away", async () => {
    const page = await enter("sun", { expectErrors: true });
    gateway.cut();
    await page.locator('.strip[data-phase="broken"]').waitFor({ timeout: 5_000 });
    gateway.mend();
    await page.locator('.strip[data-phase="live"]').waitFor({ timeout: 20_000 });
  });

  it("does something real with each card's button", async () => {
    const page = await enter("sun", { language: "en" });
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
    await press(en.needs.action["see-camera"]);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("bay-bay-3");
    await press(en.needs.action["call-technician"]);
    await page.getByText("赵雪", { exact: false }).last().waitFor();
    await page.keyboard.press("Escape");
    await press(en.needs.action.retry);
    await expect.poll(() => gateway.asked.at(-1)?.path, { timeout: 5_000 }).toBe("/api/jobs/job-3/scan");
    await press(en.needs.action["read-remedy"]);
    await page.getByRole("dialog").getByText("HEADQUARTERS_UNREACHABLE").waitFor();
    await page.keyboard.press("Escape");
    await press(en.needs.action["open-job"]);
    await page.getByRole("dialog").getByText("LSVAA49J132047371").waitFor();
    await lookAround(page, "job dialog");
  });

  it("opens, assigns, pauses and closes a job", async () => {
    const page = await enter("sun", { language: "en" });
    await page.getByRole("button", { name: en.jobs.new }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: en.newJob.submit }).click();
    await dialog.getByText(en.newJob.numberNeeded).waitFor();
    await dialog.getByLabel(en.newJob.number).fill("RO-3000");
    await dialog.getByLabel(en.newJob.promised).fill("2026-11-21T17:30");
    await dialog.getByLabel(en.job.bay, { exact: true }).selectOption("bay-5");
    await lookAround(page, "new job dialog");
    await dialog.getByRole("button", { name: en.newJob.submit }).click();
    await dialog.waitFor({ state: "hidden" });
    const { requestId: _id, ...opened } = gateway.asked.at(-1)?.body ?? {};
    expect(opened).toEqual({ number: "RO-3000", work: "", bay: "bay-5", promisedAt: Date.UTC(2026, 10, 21, 9, 30) });
    await page.getByRole("button", { name: "Open job RO-2045" }).click();
    await dialog.getByLabel(en.job.technician, { exact: true }).selectOption("p-li");
    await dialog.getByRole("button", { name: en.job.assign }).click();
    await expect
      .poll(() => gateway.asked.at(-1)?.body, { timeout: 5_000 })
      .toMatchObject({ bay: null, technicianId: "p-li" });
    await dialog.getByRole("button", { name: en.waitShort.approval }).click();
    await expect.poll(() => gateway.asked.at(-1)?.body, { timeout: 5_000 }).toMatchObject({ reason: "approval" });
    await dialog.getByRole("button", { name: en.job.close }).click();
    await dialog.getByRole("button", { name: en.job.closeYes }).click();
    await expect.poll(() => gateway.asked.at(-1)?.path, { timeout: 5_000 }).toBe("/api/jobs/job-5/close");
  });

  it("offers a technician no deeds that are not his", async () => {
    const page = await enter("wang", { language: "en" });
    await page.locator('.bar-link[href="/today"]').click();
    expect(await page.getByRole("button", { name: en.jobs.new }).count()).toBe(0);
    await page.getByRole("button", { name: "Open job RO-2041" }).last().click();
    await page.getByRole("dialog").getByRole("button", { name: en.job.scan }).waitFor();
    expect(await page.getByRole("button", { name: en.job.close }).count()).toBe(0);
    expect(await page.getByRole("button", { name: en.job.assign }).count()).toBe(0);
  });

  it("shows where the keyboard is", async () => {
    const page = await enter("sun");
    await page.keyboard.press("Tab");
    const seen = new Set<string>();
    for (let press = 0; press < 14; press++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return undefined;
        const marks = [element, element.closest(".bay") ?? element].map((each) => getComputedStyle(each));
        const after = getComputedStyle(element, "::after");
        const visible = [...marks, after].some(
          (style) => style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2,
        );
        return { name: element.textContent ?? "", visible };
      });
      if (focus === undefined) continue;
      seen.add(focus.name);
      expect(focus).toEqual({ name: focus.name, visible: true });
    }
    expect(seen.size).toBeGreaterThan(8);
  });

  it("names safe mode's problems with their remedies, and the scale of a simulated clock", async () => {
    gateway.today = today((view) => {
      view.clockScale = 30;
      view.safeMode = {
        problems: [{ line: 14, path: "broker.listen", message: "A zone needs 3 points", remedy: "Draw it again" }],
      };
    });
    const page = await enter("sun", { language: "en" });
    await page.getByText("Draw it again").waitFor();
    await page.getByText(en.safeMode.line.replace("{{line}}", "14")).waitFor();
    await page.getByText(en.live.simulated.replace("{{scale}}", "30")).waitFor();
    await lookAround(page, "safe mode");
  });

  it("is looked at by eyes that see faults", async () => {
    const page = await enter("sun");
    await page.evaluate(() => {
      const wrong = document.createElement("div");
      wrong.innerHTML = "<p class='pale'>pale</p><button type='button' class='tiny'>x</button><p class='wide'>wide</p>";
      document.querySelector("main")?.append(wrong);
      const [pale, , wide] = wrong.children;
      if (pale instanceof HTMLElement) pale.style.color = "#aab0b6";
      if (wide instanceof HTMLElement) wide.style.width = "3000px";
    });
    expect(await contrastFaults(page)).toEqual([expect.stringContaining("pale")]);
    expect(await smallTargets(page)).toEqual([expect.stringContaining("tiny")]);
    expect(await overflowFaults(page)).toEqual([expect.stringContaining("wide")]);
  });

  it("is calm when nothing needs anybody", async () => {
    gateway.today = today((view) => {
      view.attention = [];
      view.jobs = [];
      view.bays = [];
    });
    const page = await enter("sun", { language: "en" });
    for (const sentence of [en.needs.empty, en.jobs.empty, en.bays.empty]) await page.getByText(sentence).waitFor();
  });
});
