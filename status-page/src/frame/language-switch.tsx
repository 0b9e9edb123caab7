import { useEffect } from "react";
import type { SessionView } from "../../../contract/http-api.ts";
import { currentLanguage, speak, storedLanguage } from "../language/i18n.ts";
import { useWords } from "../language/use-words.tsx";
import { IconLanguage } from "../look/icons.ts";

/** Until somebody has chosen, the page speaks what the gateway thinks this reader and shop speak. */
export function useStoredOrShopLanguage(session: SessionView | undefined): void {
  const proposed = session?.language;
  useEffect(() => {
    if (proposed !== undefined && storedLanguage() === undefined && proposed !== currentLanguage())
      speak(proposed, false);
  }, [proposed]);
}

export function LanguageSwitch() {
  const { t, language } = useWords();
  const other = language === "en" ? "zh-CN" : "en";
  return (
    <button
      type="button"
      className="bar-button"
      lang={other}
      title={t("app.language")}
      onClick={() => speak(other, true)}
    >
      <IconLanguage size={20} aria-hidden />
      <span>{t("app.otherLanguage")}</span>
    </button>
  );
}
