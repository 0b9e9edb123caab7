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
/** One kill in so many falls while the gateway still starts: opening and replaying the journal must stand it too. */
const IN_START_SHARE = 0.2;

/** Kills the gateway again and again while durable messages pour in, then compares what was acknowledged with what is at headquarters. */
export async function killRun({ cycles, seed, plantedBug, folder, say }: KillOptions) {
  const random = randomStream(seed);
  const beganAt = performance.now();
  const gatewayWords = plantedBug === undefined ? [] : ["--planted-bug", plantedBug];
  const site = await Site.open({ folder, cameras: 0, gatewayWords });
  try {
    const readyAt = performance.now();
    for (const publisher of site.publishers) publisher.speak();
    let killedInStart = 0;
    const startsMs: number[] = [];
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const inStart = random() < IN_START_SHARE;
      const delayMs = EARLIEST_MS + random() * (LATEST_MS - EARLIEST_MS);
      const startedAt = performance.now();
      const life = site.startGateway();
      if (inStart) killedInStart += 1;
      else {
        const running = await life.ready;
        startsMs.push(performance.now() - startedAt);
        connectAll(site, running.brokers[0]?.port);
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
      killedInStart,
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

function connectAll(site: Site, port: number | undefined): void {
  if (port === undefined) throw new Error("the gateway opened no listener");
  for (const publisher of site.publishers) publisher.connectTo(port);
}
