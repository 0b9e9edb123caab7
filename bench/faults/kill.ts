import { randomStream } from "../../simulator/scene/randomness.ts";
import { ending } from "./ending.ts";
import { pause, Site } from "./site.ts";

export interface KillOptions {
  readonly cycles: number;
  readonly seed: number;
  /** For `baygate start --planted-bug`, to show that the checker notices. */
  readonly plantedBug?: string;
  readonly folder: string;
  readonly say: (line: string) => void;
}

const EARLIEST_MS = 50;
const LATEST_MS = 1_500;
/**
 * From when the delay counts. Some kills fall while the gateway still opens and replays its journal, some while the devices log in; most fall
 * under load, which on a slow machine begins later than elsewhere.
 */
const MOMENTS = [
  { after: "spawn", share: 0.15 },
  { after: "ready", share: 0.15 },
  { after: "acknowledgement", share: 0.7 },
] as const;
type Moment = (typeof MOMENTS)[number]["after"];
/** A life in which nothing is acknowledged for so long is ended all the same. */
const FIRST_ACKNOWLEDGEMENT_MS = 20_000;

/** Kills the gateway again and again while durable messages pour in, then compares what was acknowledged with what is at headquarters. */
export async function killRun({ cycles, seed, plantedBug, folder, say }: KillOptions) {
  const random = randomStream(seed);
  const beganAt = performance.now();
  const gatewayWords = plantedBug === undefined ? [] : ["--planted-bug", plantedBug];
  const site = await Site.open({ folder, cameras: 0, gatewayWords });
  try {
    const readyAt = performance.now();
    for (const publisher of site.publishers) publisher.speak();
    const kills: Record<Moment, number> = { spawn: 0, ready: 0, acknowledgement: 0 };
    const startsMs: number[] = [];
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const moment = momentOf(random());
      const delayMs = EARLIEST_MS + random() * (LATEST_MS - EARLIEST_MS);
      const startedAt = performance.now();
      const life = site.startGateway();
      kills[moment] += 1;
      if (moment !== "spawn") {
        const running = await life.ready;
        startsMs.push(performance.now() - startedAt);
        const before = acknowledgedBy(site);
        connectAll(site, running.brokers[0]?.port);
        if (moment === "acknowledgement") await until(() => acknowledgedBy(site) > before, FIRST_ACKNOWLEDGEMENT_MS);
      }
      await pause(delayMs);
      await site.kill(life);
      if (cycle % 10 === 0 || cycle === cycles) say(`${cycle} of ${cycles} lives ended by SIGKILL`);
    }
    const cyclesDoneAt = performance.now();
    const { verdict, chainsVerified, failures } = await ending(site);
    const seconds = (from: number, to: number) => Math.round((to - from) / 100) / 10;
    return {
      run: "kill" as const,
      ok: failures.length === 0,
      failures,
      plantedBug: plantedBug ?? null,
      cycles,
      killsAfter: kills,
      seed,
      sent: verdict.sent,
      acknowledged: verdict.acknowledged,
      atHeadquarters: verdict.atHeadquarters,
      missing: verdict.missing.length,
      duplicated: verdict.duplicated.length,
      phantom: verdict.phantom.length,
      chainsVerified,
      seconds: {
        preparing: seconds(beganAt, readyAt),
        cycles: seconds(readyAt, cyclesDoneAt),
        perCycle: Math.round((cyclesDoneAt - readyAt) / cycles / 10) / 100,
        medianStart:
          startsMs.length === 0 ? null : seconds(0, startsMs.sort((a, b) => a - b)[startsMs.length >> 1] ?? 0),
        ending: seconds(cyclesDoneAt, performance.now()),
      },
    };
  } finally {
    await site.close();
  }
}

function momentOf(chance: number): Moment {
  let share = chance;
  for (const moment of MOMENTS) {
    share -= moment.share;
    if (share < 0) return moment.after;
  }
  return "acknowledgement";
}

function acknowledgedBy(site: Site): number {
  return site.publishers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
}

async function until(holds: () => boolean, longestMs: number): Promise<void> {
  const deadline = performance.now() + longestMs;
  while (!holds() && performance.now() < deadline) await pause(5);
}

function connectAll(site: Site, port: number | undefined): void {
  if (port === undefined) throw new Error("the gateway opened no listener");
  for (const publisher of site.publishers) publisher.connectTo(port);
}
