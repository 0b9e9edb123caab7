import { GatewayError } from "../../contract/errors.ts";

interface Count {
  failures: number;
  pausedUntilMs: number;
  lastMs: number;
}

interface Pace {
  /** Failures that cost nothing. */
  readonly free: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const PER_LOGIN: Pace = { free: 5, firstPauseMs: 30_000, longestPauseMs: 900_000 };
/** Several people share a tablet, so an address may fail more often than a login. */
const PER_ADDRESS: Pace = { free: 20, firstPauseMs: 30_000, longestPauseMs: 900_000 };
const FORGET_AFTER_MS = 3_600_000;
/** An attacker can invent logins; memory must not follow. */
const MOST_KEYS = 5_000;

/**
 * Slows guessing: after a few failures a login, and an address, must wait, each failure twice as long as the one before. An attempt counts when
 * it begins, so that many at once gain nothing. A device from which someone has signed in before is counted apart from strangers: an infected
 * machine in the shop cannot lock the manager out of his own.
 */
export class SignInPacing {
  readonly #nowMs: () => number;
  readonly #counts = new Map<string, Count>();
  readonly #known = new Map<string, true>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Counts an attempt; call the result when it succeeds.
   * @throws GatewayError SIGN_IN_PAUSED with `retryAfterSeconds`; the attempt is not counted then
   */
  begin(login: string, address: string): () => void {
    const name = login.trim().toLowerCase();
    const from = addressKey(address);
    const pair = `${name}\n${from}`;
    const loginKey = this.#known.has(pair) ? `pair ${pair}` : `login ${name}`;
    const keys: readonly (readonly [string, Pace])[] = [
      [loginKey, PER_LOGIN],
      [`address ${from}`, PER_ADDRESS],
    ];
    const nowMs = this.#nowMs();
    const waitMs = Math.max(...keys.map(([key]) => (this.#counts.get(key)?.pausedUntilMs ?? 0) - nowMs));
    if (waitMs > 0)
      throw new GatewayError("SIGN_IN_PAUSED", { details: { retryAfterSeconds: Math.ceil(waitMs / 1000) } });
    for (const [key, pace] of keys) this.#count(key, pace, nowMs);
    return () => {
      this.#counts.delete(loginKey);
      const count = this.#counts.get(`address ${from}`);
      // One success does not absolve an address: a thief with one password could go on guessing others.
      if (count !== undefined) {
        count.failures -= 1;
        count.pausedUntilMs = 0;
      }
      remember(this.#known, pair, true);
    };
  }

  #count(key: string, pace: Pace, nowMs: number): void {
    const before = this.#counts.get(key);
    const count =
      before !== undefined && nowMs - before.lastMs < FORGET_AFTER_MS
        ? before
        : { failures: 0, pausedUntilMs: 0, lastMs: nowMs };
    count.failures += 1;
    count.lastMs = nowMs;
    const over = count.failures - pace.free;
    if (over >= 0)
      count.pausedUntilMs = nowMs + Math.min(pace.longestPauseMs, pace.firstPauseMs * 2 ** Math.min(over, 20));
    remember(this.#counts, key, count);
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > MOST_KEYS && oldest.done === false) map.delete(oldest.value);
}

/** An IPv4 address as it is; of an IPv6 address the /64, since one machine has as many below that as it likes. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail = ""] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const middle = plain.includes("::")
    ? Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0")
    : [];
  return [...left, ...middle, ...right].slice(0, 4).join(":");
}
