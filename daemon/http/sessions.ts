import { createHash, randomBytes } from "node:crypto";
import type { PersonId } from "../../contract/ids.ts";

/** One signed-in browser. Its id is known to that browser alone; the gateway keeps the id's hash. */
export interface Session {
  /** Hash of the id. */
  readonly key: string;
  readonly personId: PersonId;
  readonly credentialVersion: number;
  readonly csrfToken: string;
}

export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly most: number;
  readonly mostPerPerson: number;
}

interface Entry {
  readonly session: Session;
  readonly createdMs: number;
  usedMs: number;
}

/**
 * Sessions in memory, bounded; a restart signs everybody out. Times are the machine's (monotonic, unscaled): a demo's fast clock or a jump of the
 * wall clock ends none.
 */
export class Sessions {
  readonly #limits: SessionLimits;
  readonly #nowMs: () => number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #ended: ((key: string) => void)[] = [];

  constructor(limits: SessionLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Calls the listener with the key of every session that ends, for whatever reason it is noticed. */
  onEnded(listener: (key: string) => void): void {
    this.#ended.push(listener);
  }

  /** A new session with a new id, always: an id that existed before signing in is never taken over. */
  begin(person: { readonly id: PersonId; readonly credentialVersion: number }): {
    readonly id: string;
    readonly session: Session;
  } {
    this.#makeRoom(person.id);
    const id = randomBytes(32).toString("base64url");
    const session: Session = {
      key: keyOf(id),
      personId: person.id,
      credentialVersion: person.credentialVersion,
      csrfToken: randomBytes(32).toString("base64url"),
    };
    const nowMs = this.#nowMs();
    this.#entries.set(session.key, { session, createdMs: nowMs, usedMs: nowMs });
    return { id, session };
  }

  /** The session of an id, counted as used now. */
  use(id: string): Session | undefined {
    const entry = this.#alive(keyOf(id));
    if (entry === undefined) return undefined;
    entry.usedMs = this.#nowMs();
    this.#entries.delete(entry.session.key);
    this.#entries.set(entry.session.key, entry);
    return entry.session;
  }

  /** Whether the session goes on, without counting as use: an open page that nobody touches is idle. */
  isAlive(key: string): boolean {
    return this.#alive(key) !== undefined;
  }

  end(key: string): void {
    if (!this.#entries.delete(key)) return;
    for (const listener of this.#ended) listener(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  #alive(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const nowMs = this.#nowMs();
    if (nowMs - entry.usedMs < this.#limits.idleMs && nowMs - entry.createdMs < this.#limits.absoluteMs) return entry;
    this.end(key);
    return undefined;
  }

  #makeRoom(personId: string): void {
    const own = [...this.#entries.values()].filter((entry) => entry.session.personId === personId);
    const oldestOwn = own[0];
    if (oldestOwn !== undefined && own.length >= this.#limits.mostPerPerson) this.end(oldestOwn.session.key);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size < this.#limits.most) break;
      this.end(key);
    }
  }
}

function keyOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
