import { createContext, type ReactNode, useContext } from "react";
import { PERMISSIONS, type PersonSummary, type SessionView } from "../../../contract/http-api.ts";

/** A session with a person in it. */
export type OwnSession = SessionView & { readonly person: PersonSummary };

const SessionContext = createContext<OwnSession | null>(null);

export function SessionProvider({ session, children }: { readonly session: OwnSession; readonly children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): OwnSession {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession is for what a signed-in person sees");
  return session;
}

/** Whether the person signed in may use a row of the permission table; what he may not is not offered. */
export function useMay(): (permission: keyof typeof PERMISSIONS) => boolean {
  const { role } = useSession().person;
  return (permission) => {
    const roles: readonly string[] = PERMISSIONS[permission];
    return roles.includes(role);
  };
}
