import { registryRow } from "../language/failure-words.ts";
import { useWords } from "../language/use-words.tsx";
import { IconInfoCircle } from "../look/icons.ts";

/** Why something does not happen now: sentence, remedy and, small, the code. */
export function CodeWords({ code }: { readonly code: string }) {
  const { t, language } = useWords();
  const row = registryRow(code);
  return (
    <p className="code-words small">
      <IconInfoCircle size={18} aria-hidden />
      <span>
        {row === undefined ? (
          t("app.code", { code })
        ) : (
          <>
            <span className="strong">{row.title[language]}.</span> {row.remedy[language]}{" "}
            <span className="soft">{t("app.code", { code })}</span>
          </>
        )}
      </span>
    </p>
  );
}
