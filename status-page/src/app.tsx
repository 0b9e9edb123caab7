import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { fetchSession } from "./api/calls.ts";
import { type OwnSession, SessionProvider } from "./api/session.tsx";
import { CarPage } from "./car/car-page.tsx";
import { FailureNote } from "./frame/failure-note.tsx";
import { Frame } from "./frame/frame.tsx";
import { useStoredOrShopLanguage } from "./frame/language-switch.tsx";
import { NotFound } from "./frame/not-found.tsx";
import { hasMyJob, landingOf, maySeeCars } from "./frame/pages.ts";
import { useWords, ZoneProvider } from "./language/use-words.tsx";
import { LiveProvider } from "./live/live.tsx";
import { MyJobPage } from "./my-job/my-job-page.tsx";
import { SetupPage } from "./sign-in/setup-page.tsx";
import { SignInPage } from "./sign-in/sign-in-page.tsx";
import { TodayPage } from "./today/today-page.tsx";

/** Who is there decides what is there: set-up, sign-in, or the pages. */
export function App() {
  const { t } = useWords();
  const session = useQuery({
    queryKey: ["session"],
    queryFn: fetchSession,
    // Without an answer there is nothing to show; the box may just be starting.
    refetchInterval: (query) => (query.state.data === undefined ? 3_000 : false),
  });
  useStoredOrShopLanguage(session.data);
  useEffect(() => {
    document.title = `${t("app.name")} · ${session.data?.person == null ? t("signIn.title") : session.data.person.name}`;
  }, [t, session.data]);

  if (session.data === undefined) {
    return (
      <main className="gate">
        <div className="panel gate-card stack" aria-busy={session.isPending}>
          <h1 className="gate-name">{t("app.name")}</h1>
          {session.isError ? <FailureNote failure={session.error} /> : <Skeleton height={48} />}
        </div>
      </main>
    );
  }
  const view = session.data;
  if (view.setupNeeded && view.person === null) return <SetupPage session={view} />;
  if (view.person === null) return <SignInPage session={view} />;
  return (
    <ZoneProvider timeZone={view.timeZone}>
      <SessionProvider session={{ ...view, person: view.person }}>
        <LiveProvider session={view}>
          <Pages session={{ ...view, person: view.person }} />
        </LiveProvider>
      </SessionProvider>
    </ZoneProvider>
  );
}

function Pages({ session }: { readonly session: OwnSession }) {
  const landing = landingOf(session.person.role);
  const [location] = useLocation();
  useEffect(() => {
    if (location !== "") scrollTo(0, 0);
  }, [location]);
  return (
    <Frame>
      <Switch>
        <Route path="/">
          <Redirect to={landing} replace />
        </Route>
        <Route path="/today" component={TodayPage} />
        {hasMyJob(session.person.role) && <Route path="/my-job" component={MyJobPage} />}
        {maySeeCars(session.person.role) && (
          <Route path="/jobs/:id">{({ id }) => <CarPage key={id} jobId={id} />}</Route>
        )}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Frame>
  );
}
