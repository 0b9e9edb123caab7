export { explainDtc } from "./explain.ts";
export { type CarKind, checkShopTexts, readShopTexts, ShopTexts, type ShopTextsRead } from "./shop-texts.ts";
