import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { SessionView } from "../../../contract/http-api.ts";
import { LiveConnection, type LiveSnapshot } from "./connection.ts";
import { shopNow } from "./shop-clock.ts";

const LiveContext = createContext<LiveConnection | null>(null);

/** Holds the event stream while somebody is signed in, and puts what it brings where the queries look. */
export function LiveProvider({ session, children }: { readonly session: SessionView; readonly children: ReactNode }) {
  const queries = useQueryClient();
  const { clockScale } = session;
  const [connection, setConnection] = useState<LiveConnection | null>(null);
  useEffect(() => {
    const live = new LiveConnection(
      {
        onToday: (view) => queries.setQueryData(["today"], view),
        onMyJob: (view) => queries.setQueryData(["my-job"], view),
        onRefused: () => void queries.invalidateQueries({ queryKey: ["session"] }),
      },
      clockScale,
    );
    live.start();
    setConnection(live);
    return () => live.stop();
  }, [queries, clockScale]);
  return <LiveContext value={connection}>{children}</LiveContext>;
}

const NOTHING_TO_HEAR = () => () => {};
const NO_SNAPSHOT = () => null;

function useSnapshot(): LiveSnapshot | null {
  const connection = useContext(LiveContext);
  return useSyncExternalStore(
    connection?.subscribe ?? NOTHING_TO_HEAR,
    connection?.snapshot ?? (NO_SNAPSHOT as () => LiveSnapshot | null),
  );
}

export interface Liveness {
  readonly phase: "connecting" | "live" | "broken";
  readonly outdated: boolean;
  /** Shop time at which the gateway was last heard; null before the first time. */
  readonly heardAt: number | null;
}

/** How live the page is. Everything else asks this before it claims or does anything. */
export function useLiveness(): Liveness {
  const snapshot = useSnapshot();
  if (snapshot === null) return { phase: "connecting", outdated: false, heardAt: null };
  const { stream, clock, outdated } = snapshot;
  const heardAt = clock === null || stream.heardAtMs === null ? null : shopNow(clock, stream.heardAtMs);
  return { phase: stream.phase, outdated, heardAt };
}

/** The shop's time, renewed every second while the page is live; it stands still when it is not. Null before the first word. */
export function useShopNow(): number | null {
  const snapshot = useSnapshot();
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (snapshot?.clock == null) return null;
  const { clock, stream } = snapshot;
  return shopNow(clock, Math.max(nowMs, clock.takenAtMs), stream.phase === "broken" ? stream.heardAtMs : null);
}
