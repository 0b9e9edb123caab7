interface Failures {
  count: number;
  sinceMs: number;
}

const WINDOW_MS = 60_000;
/** A mistyped password is tried a few times by hand and for ever by firmware; guessing needs far more. */
const MAX_PER_USER = 5;
const MAX_PER_ADDRESS = 30;
const MAX_REMEMBERED = 5000;

/** Slows down guessing: after a few wrong passwords in a minute the login is refused without looking at it. */
export class LoginPacing {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** By address and user together, so that a stranger elsewhere cannot lock a device out. */
  refuses(address: string, user: string): boolean {
    return this.#count(`${address} ${user}`) >= MAX_PER_USER || this.#count(address) >= MAX_PER_ADDRESS;
  }

  failed(address: string, user: string): void {
    this.#add(`${address} ${user}`);
    this.#add(address);
  }

  succeeded(address: string, user: string): void {
    this.#failures.delete(`${address} ${user}`);
  }

  #count(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined) return 0;
    if (this.#nowMs() - failures.sinceMs < WINDOW_MS) return failures.count;
    this.#failures.delete(key);
    return 0;
  }

  #add(key: string): void {
    const count = this.#count(key) + 1;
    const sinceMs = this.#failures.get(key)?.sinceMs ?? this.#nowMs();
    this.#failures.delete(key);
    this.#failures.set(key, { count, sinceMs });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > MAX_REMEMBERED && !oldest.done) this.#failures.delete(oldest.value);
  }
}
