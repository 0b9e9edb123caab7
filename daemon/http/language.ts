import type { ApiLanguage } from "../../contract/http-api.ts";

/**
 * The language of an answer: the most wanted of `accept-language` that we have (RFC 9110 §12.5.4), else the shop's.
 * @param header as the browser sent it; anything in it is tolerated
 */
export function languageOf(header: string | undefined, shop: ApiLanguage): ApiLanguage {
  const wishes = (header ?? "")
    .slice(0, 400)
    .split(",")
    .map((part, order) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const quality = Number(
        parameters
          .map((each) => each.trim())
          .find((each) => each.startsWith("q="))
          ?.slice(2) ?? "1",
      );
      return { language: known(tag.trim()), quality: Number.isFinite(quality) ? quality : 0, order };
    })
    .filter((wish) => wish.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.order - b.order);
  return wishes.find((wish) => wish.language !== undefined)?.language ?? shop;
}

function known(tag: string): ApiLanguage | undefined {
  if (tag === "zh" || tag.startsWith("zh-")) return "zh-CN";
  if (tag === "en" || tag.startsWith("en-")) return "en";
  return undefined;
}
