import type { Logger } from "../../machine/log.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { readShopTexts, ShopTexts } from "../fault-codes/index.ts";

/** The shop's own notes on fault codes. What is wrong in their file is told once; the sound notes are used all the same. */
export async function shopTextsOf({ diagnostics }: Configuration, log: Logger): Promise<ShopTexts> {
  const file = diagnostics.faultCodeTexts;
  if (file === undefined) return ShopTexts.NONE;
  const { texts, problems } = await readShopTexts(file);
  for (const { line, code, message } of problems) log.warn({ file, line, code }, message.en);
  return texts;
}
