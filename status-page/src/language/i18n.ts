import i18next, { type TFunction } from "i18next";
import { initReactI18next } from "react-i18next";
import type { ApiLanguage } from "../../../contract/http-api.ts";
import { en } from "./en.ts";
import { zhCN } from "./zh-cn.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

/** The page's translate function: keys are checked by the compiler. */
export type Translate = TFunction;

export const RESOURCES = { en: { translation: en }, "zh-CN": { translation: zhCN } } as const;

const STORED = "baygate-language";

/** The words in a given language, without React; for tests and for what is not a component. */
export function translateIn(language: ApiLanguage): Translate {
  return i18next.getFixedT(language);
}

/** The language this browser was left in; undefined when nobody has chosen. */
export function storedLanguage(): ApiLanguage | undefined {
  return asLanguage(readStored());
}

/** Starts the words. Until the gateway has said what the shop speaks, the browser's own wish counts. */
export function startWords(initial: ApiLanguage): void {
  void i18next.use(initReactI18next).init({
    resources: RESOURCES,
    lng: initial,
    fallbackLng: "en",
    supportedLngs: ["zh-CN", "en"],
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  document.documentElement.lang = initial;
}

/** Switches every word on the page; remembered only when a person chose it. */
export function speak(language: ApiLanguage, chosenByPerson: boolean): void {
  if (chosenByPerson) store(language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

export function currentLanguage(): ApiLanguage {
  return asLanguage(i18next.language) ?? "zh-CN";
}

export function browserLanguage(): ApiLanguage {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

function asLanguage(text: string | null | undefined): ApiLanguage | undefined {
  return text === "zh-CN" || text === "en" ? text : undefined;
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // Storage may be forbidden in a locked-down browser; the choice then lasts as long as the page.
  }
}

function store(language: ApiLanguage): void {
  try {
    localStorage.setItem(STORED, language);
  } catch (error) {
    console.info("the language cannot be remembered", error);
  }
}
