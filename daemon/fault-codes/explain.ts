import type { DtcExplanation } from "../../contract/dtc-explanation.ts";
import { knowDtc } from "../../vehicle-protocols/dtc-knowledge/index.ts";
import { type CarKind, ShopTexts } from "./shop-texts.ts";

/**
 * Everything BayGate knows of a code: the standard's meaning, and what this shop has written down for such a car, side by side.
 * @returns undefined for text that is no trouble code
 */
export function explainDtc(
  code: string,
  { texts = ShopTexts.NONE, ...car }: CarKind & { readonly texts?: ShopTexts } = {},
): DtcExplanation | undefined {
  const known = knowDtc(code);
  if (!known.ok) return undefined;
  return { ...known.value, shopNotes: [...texts.notesFor(known.value.code, car)] };
}
