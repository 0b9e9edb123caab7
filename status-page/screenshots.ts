import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";

/** Debian's Chromium; elsewhere say where it is. */
export const CHROMIUM = process.env.BAYGATE_CHROMIUM ?? "/usr/bin/chromium";

/** Nothing of its own goes out of the browser. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface BrowserLook {
  readonly width: number;
  readonly height: number;
  readonly language: "zh-CN" | "en";
  readonly dark?: boolean;
}

/** Runs `use` in a fresh browser with a fresh profile, and leaves nothing behind. */
export async function inFreshBrowser<T>(
  look: BrowserLook,
  use: (page: Page, context: BrowserContext) => Promise<T>,
): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "baygate-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    viewport: { width: look.width, height: look.height },
    locale: look.language,
    colorScheme: look.dark === true ? "dark" : "light",
    // The box makes its own certificate.
    ignoreHTTPSErrors: true,
  });
  try {
    return await use(context.pages()[0] ?? (await context.newPage()), context);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** Signs in through the page itself. */
export async function signInOn(page: Page, base: string, login: string, password: string): Promise<void> {
  await page.goto(base, { waitUntil: "domcontentloaded" });
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.locator('.strip[data-phase="live"]').waitFor();
}

const SIZES = [
  { width: 1280, height: 800 },
  { width: 768, height: 1024 },
] as const;
const LANGUAGES = ["zh-CN", "en"] as const;

/**
 * Pictures of the page the person lands on, in both languages and sizes.
 * `node status-page/screenshots.ts --base URL --login L --password P --out FOLDER [--page today] [--phone] [--dark]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      base: { type: "string" },
      login: { type: "string" },
      password: { type: "string" },
      out: { type: "string" },
      page: { type: "string" },
      phone: { type: "boolean", default: false },
      dark: { type: "boolean", default: false },
    },
  });
  const { base, login, password, out } = values;
  if (base === undefined || login === undefined || password === undefined || out === undefined)
    throw new Error("--base, --login, --password and --out are needed");
  await mkdir(out, { recursive: true });
  const sizes = values.phone ? [...SIZES, { width: 360, height: 740 }] : SIZES;
  for (const language of LANGUAGES) {
    for (const size of sizes) {
      await inFreshBrowser({ ...size, language, dark: values.dark }, async (page) => {
        await signInOn(page, base, login, password);
        if (values.page !== undefined) await page.locator(`.bar-link[href="/${values.page}"]`).click();
        // A tile's picture stays back until it is whole.
        await page.waitForTimeout(2_500);
        const name = new URL(page.url()).pathname.slice(1);
        const file = join(
          out,
          `${name}-${language === "en" ? "en" : "zh"}-${size.width}${values.dark ? "-dark" : ""}.png`,
        );
        await page.screenshot({ path: file });
        console.log(file);
      });
    }
  }
}

if (import.meta.main) await main();
