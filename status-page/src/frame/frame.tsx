import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useRoute } from "wouter";
import { signOut } from "../api/calls.ts";
import { useSession } from "../api/session.tsx";
import { useWords } from "../language/use-words.tsx";
import { useShopNow } from "../live/live.tsx";
import { IconLogout } from "../look/icons.ts";
import { useSayFailure } from "./failure-note.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import { LiveStrip } from "./live-strip.tsx";
import { hasMyJob } from "./pages.ts";

/** What stands around every page: where one is, who one is, what time it is in the shop, and whether the page is live. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { t, language } = useWords();
  const { person, shopName } = useSession();
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="bar">
        <div className="bar-name">
          <span className="bar-brand">{t("app.name")}</span>
          <span className="bar-shop one-line">{shopName[language]}</span>
        </div>
        <nav className="bar-nav" aria-label={t("nav.label")}>
          {hasMyJob(person.role) && <PageLink href="/my-job">{t("nav.myJob")}</PageLink>}
          <PageLink href="/today">{t("nav.today")}</PageLink>
        </nav>
        <div className="bar-end">
          <ShopTime />
          <LanguageSwitch />
          <SignOutButton name={person.name} role={t(`role.${person.role}`)} />
        </div>
      </header>
      <LiveStrip />
      <main id="content" className="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function PageLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const [here] = useRoute(href);
  return (
    <Link href={href} className="bar-link" aria-current={here ? "page" : undefined}>
      {children}
    </Link>
  );
}

function ShopTime() {
  const { format } = useWords();
  const now = useShopNow();
  return <span className="bar-time">{now === null ? "" : format.dateAndTime(now)}</span>;
}

function SignOutButton({ name, role }: { readonly name: string; readonly role: string }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const sayFailure = useSayFailure();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: (session) => {
      queries.setQueryData(["session"], session);
      // What one person saw is not left for the next.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    },
    onError: sayFailure,
  });
  return (
    <button
      type="button"
      className="bar-button"
      title={`${t("app.signedInAs", { name })} · ${role}`}
      aria-label={`${t("app.signOut")} · ${t("app.signedInAs", { name })}`}
      disabled={leave.isPending}
      onClick={() => leave.mutate()}
    >
      <span className="bar-person one-line">{name}</span>
      <IconLogout size={20} aria-hidden />
    </button>
  );
}
