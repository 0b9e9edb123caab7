import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ApiLanguage } from "../../../contract/http-api.ts";
import { type Format, makeFormat } from "./format.ts";
import { currentLanguage, type Translate } from "./i18n.ts";

const ZoneContext = createContext("UTC");

/** Everything below shows times in this zone: the shop's, wherever the reader is. */
export function ZoneProvider({ timeZone, children }: { readonly timeZone: string; readonly children: ReactNode }) {
  return <ZoneContext value={timeZone}>{children}</ZoneContext>;
}

export interface WordsInUse {
  readonly t: Translate;
  readonly format: Format;
  readonly language: ApiLanguage;
  readonly timeZone: string;
}

/** Words and formats of the language that is switched on. */
export function useWords(): WordsInUse {
  const { t } = useTranslation();
  const timeZone = useContext(ZoneContext);
  const language = currentLanguage();
  const format = useMemo(() => makeFormat(language, timeZone, t), [language, timeZone, t]);
  return { t, format, language, timeZone };
}
