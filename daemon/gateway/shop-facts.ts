import type { SessionView } from "../../contract/http-api.ts";
import type { Configuration } from "../configuration/configuration.ts";

type ShopFacts = Pick<SessionView, "shopName" | "language" | "timeZone" | "clockScale" | "safeMode" | "version">;

/** What the page says about the shop before anybody has signed in. */
export function shopFactsOf(
  { shop, locale }: Configuration,
  box: Pick<ShopFacts, "clockScale" | "version" | "safeMode">,
): ShopFacts {
  const shopName = typeof shop.name === "string" ? { en: shop.name, "zh-CN": shop.name } : shop.name;
  return { shopName, language: locale, timeZone: shop.timeZone, ...box };
}
