import { ERRORS, isErrorCode } from "../../../contract/errors.ts";
import type { ApiLanguage } from "../../../contract/http-api.ts";
import { ApiFailure } from "../api/client.ts";
import type { Translate } from "./i18n.ts";

/** What a person reads when something did not work: the plain sentence, the remedy and, small, the code. */
export interface FailureWords {
  readonly title: string;
  readonly remedy: string;
  readonly code: string | null;
}

/** The registry's row for a code; undefined for one that is newer than this page. */
export function registryRow(code: string): (typeof ERRORS)[keyof typeof ERRORS] | undefined {
  return isErrorCode(code) ? ERRORS[code] : undefined;
}

/** Words for any failure, in the language switched on; the gateway's own words for codes that this page does not know. */
export function failureWords(failure: unknown, language: ApiLanguage, t: Translate): FailureWords {
  if (failure instanceof ApiFailure && failure.kind === "offline")
    return { title: t("failure.offline"), remedy: t("failure.offlineRemedy"), code: null };
  if (failure instanceof ApiFailure && failure.told !== undefined) {
    const { told } = failure;
    const row = registryRow(told.code);
    return {
      title: row?.title[language] ?? told.title,
      remedy: row?.remedy[language] ?? told.remedy,
      code: told.code,
    };
  }
  return { title: t("failure.unexpected"), remedy: t("failure.unexpectedRemedy"), code: null };
}
