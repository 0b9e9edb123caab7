import type { ReactNode } from "react";
import type { SessionView } from "../../../contract/http-api.ts";
import { LanguageSwitch } from "../frame/language-switch.tsx";
import { useWords } from "../language/use-words.tsx";

/** The card in front of the pages: which shop this is, and in which language it speaks. */
export function Gate({
  session,
  title,
  children,
}: {
  readonly session: SessionView;
  readonly title: string;
  readonly children: ReactNode;
}) {
  const { t, language } = useWords();
  return (
    <main className="gate">
      <div className="panel gate-card stack">
        <div className="gate-head">
          <div>
            <p className="gate-name">{t("app.name")}</p>
            <p className="soft">{session.shopName[language]}</p>
          </div>
          <LanguageSwitch />
        </div>
        <h1 className="panel-title">{title}</h1>
        {children}
        <p className="small soft">{session.version}</p>
      </div>
    </main>
  );
}
