import { createHash } from "node:crypto";
import { hashedBytes, type RecordOnTheWire } from "../../contract/records.ts";

export type RecordOfEpoch = RecordOnTheWire & { readonly epoch: string };

/** What one device sent, and what it saw acknowledged. */
export interface Account {
  readonly source: string;
  readonly sent: ReadonlySet<string>;
  readonly acknowledged: ReadonlySet<string>;
}

export interface Evidence {
  readonly accounts: readonly Account[];
  /** What the gateway's journal holds, stopped. */
  readonly journal: readonly RecordOfEpoch[];
  /** What headquarters holds, as it gives it out. */
  readonly headquarters: readonly RecordOfEpoch[];
}

export interface Verdict {
  readonly sent: number;
  readonly acknowledged: number;
  /** Different messages of the devices that are at headquarters. */
  readonly atHeadquarters: number;
  /** `source messageId` of what was acknowledged and is not at headquarters. */
  readonly missing: readonly string[];
  /** … of what is there more than once. */
  readonly duplicated: readonly string[];
  /** … of what is there and was never sent. */
  readonly phantom: readonly string[];
  /** `epoch stream seq` of records on one side only. */
  readonly onlyInJournal: readonly string[];
  readonly onlyAtHeadquarters: readonly string[];
  /** What is wrong with the chains of either side. */
  readonly brokenChains: readonly string[];
}

/** Compares what the devices know with what arrived at the end of the road. Knows nothing of how the gateway works. */
export function check({ accounts, journal, headquarters }: Evidence): Verdict {
  const named = (messages: (account: Account) => ReadonlySet<string>) =>
    new Set(accounts.flatMap((account) => [...messages(account)].map((id) => messageName(account.source, id))));
  const sent = named((account) => account.sent);
  const acknowledged = named((account) => account.acknowledged);
  const sources = new Set(accounts.map(({ source }) => source));
  const times = new Map<string, number>();
  for (const { source, messageId } of headquarters) {
    if (messageId === null || !sources.has(source)) continue;
    const name = messageName(source, messageId);
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  const inJournal = new Set(journal.map(recordName));
  const atHeadquarters = new Set(headquarters.map(recordName));
  return {
    sent: sent.size,
    acknowledged: acknowledged.size,
    atHeadquarters: times.size,
    missing: [...acknowledged].filter((name) => !times.has(name)),
    duplicated: [...times].filter(([, count]) => count > 1).map(([name]) => name),
    phantom: [...times.keys()].filter((name) => !sent.has(name)),
    onlyInJournal: [...inJournal].filter((name) => !atHeadquarters.has(name)),
    onlyAtHeadquarters: [...atHeadquarters].filter((name) => !inJournal.has(name)),
    brokenChains: [...brokenChains("journal", journal), ...brokenChains("headquarters", headquarters)],
  };
}

/** Every stream of every epoch is dense from 1, each record names the hash before it, and each hash is that of its record. */
function brokenChains(where: string, records: readonly RecordOfEpoch[]): string[] {
  return [...Map.groupBy(records, ({ epoch, stream }) => `${epoch} ${stream}`)].flatMap(([name, chain]) => {
    const problem = problemOfChain(chain.sort((a, b) => a.seq - b.seq));
    return problem === undefined ? [] : [`${where} ${name}: ${problem}`];
  });
}

function problemOfChain(chain: readonly RecordOfEpoch[]): string | undefined {
  let seq = 0;
  let hash = "";
  for (const { epoch: _epoch, ...record } of chain) {
    if (record.seq !== seq + 1) return `${record.seq} comes after ${seq}`;
    if (record.prevHash !== hash) return `${record.seq} does not continue ${seq}`;
    if (createHash("sha256").update(hashedBytes(record)).digest("hex") !== record.hash)
      return `${record.seq} is not what its hash says`;
    seq = record.seq;
    hash = record.hash;
  }
  return undefined;
}

function messageName(source: string, messageId: string): string {
  return `${source} ${messageId}`;
}

function recordName({ epoch, stream, seq, hash }: RecordOfEpoch): string {
  return `${epoch} ${stream} ${seq} ${hash}`;
}
