import { check, type Verdict } from "./checker.ts";
import type { Site } from "./site.ts";

/** How many names a failure tells of. */
const NAMED = 10;
/** A stop gives headquarters some seconds for the last records of all; on a busy machine they may go with the next start. */
const STOPS = 3;

export interface Ending {
  readonly verdict: Verdict;
  readonly chainsVerified: boolean;
  /** One sentence each; empty when everything acknowledged is at headquarters exactly once. */
  readonly failures: readonly string[];
}

/** The last life: devices send what is unacknowledged, headquarters gets everything, the gateway stops; then both sides are read and compared. */
export async function ending(site: Site): Promise<Ending> {
  for (const publisher of site.publishers) publisher.hush();
  for (let stop = 1; ; stop += 1) {
    const { program, ready } = site.startGateway();
    const { page, brokers } = await ready;
    for (const publisher of site.publishers) publisher.connectTo(brokers[0]?.port ?? 0);
    const drained = await site.drained(page);
    for (const publisher of site.publishers) publisher.disconnect();
    const endedByItself = await program.stop();
    const journal = await site.journal();
    const verdict = check({
      accounts: site.publishers,
      journal: journal.records,
      headquarters: await site.atHeadquarters(),
    });
    if (drained && onlyUnsent(verdict) && stop < STOPS) continue;
    const epochs = new Set(journal.records.map(({ epoch }) => epoch)).size;
    const chainsVerified = journal.verified && verdict.brokenChains.length === 0;
    const failures = [
      ...(drained ? [] : ["messages or records were still waiting when nothing moved any more"]),
      ...(endedByItself ? [] : ["the gateway did not end by itself"]),
      ...(epochs === 1 ? [] : [`the journal has ${epochs} epochs; a kill begins none`]),
      ...named("acknowledged messages are missing at headquarters", verdict.missing),
      ...named("messages are at headquarters more than once", verdict.duplicated),
      ...named("messages are at headquarters that nobody sent", verdict.phantom),
      ...named("records of the journal are not at headquarters", verdict.onlyInJournal),
      ...named("records at headquarters are not in the journal", verdict.onlyAtHeadquarters),
      ...verdict.brokenChains,
      ...(journal.verified ? [] : ["baygate journal verify says no"]),
      ...(verdict.acknowledged > 0 ? [] : ["nothing was acknowledged: the run shows nothing"]),
    ];
    return { verdict, chainsVerified, failures };
  }
}

function onlyUnsent({ missing, onlyInJournal }: Verdict): boolean {
  return onlyInJournal.length > 0 && missing.length === 0;
}

function named(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMED ? ", …" : "";
  return [`${names.length} ${what}: ${names.slice(0, NAMED).join(", ")}${more}`];
}
