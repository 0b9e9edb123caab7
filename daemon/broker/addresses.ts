/** Connections and bytes of one network address. */
interface Account {
  connections: number;
  /** Bytes that may still come at once; below zero the address is ahead of its rate. */
  credit: number;
  refilledAtMs: number;
}

export interface AddressLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxBytesPerSecondPerAddress: number;
}

/**
 * Keeps one address from taking the broker from all others: a cap on connections, and a rate of bytes with one second of burst.
 * Time is the machine's own (`nowMs` never jumps): a demo's faster clock must not loosen a limit.
 */
export class Addresses {
  readonly #limits: AddressLimits;
  readonly #nowMs: () => number;
  readonly #accounts = new Map<string, Account>();
  #connections = 0;

  constructor(limits: AddressLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Counts a new connection; false when there are too many, and then it is not counted. */
  enter(address: string): boolean {
    const account = this.#account(address);
    if (
      this.#connections >= this.#limits.maxConnections ||
      account.connections >= this.#limits.maxConnectionsPerAddress
    ) {
      this.#forget(address, account);
      return false;
    }
    account.connections++;
    this.#connections++;
    return true;
  }

  leave(address: string): void {
    const account = this.#account(address);
    account.connections--;
    this.#connections--;
    this.#forget(address, account);
  }

  /** Takes bytes from the address's credit; the answer is for how many milliseconds it must not be read. */
  charge(address: string, bytes: number): number {
    const account = this.#account(address);
    account.credit -= bytes;
    return account.credit >= 0 ? 0 : Math.ceil((-account.credit / this.#limits.maxBytesPerSecondPerAddress) * 1000);
  }

  #account(address: string): Account {
    const now = this.#nowMs();
    const rate = this.#limits.maxBytesPerSecondPerAddress;
    const account = this.#accounts.get(address) ?? { connections: 0, credit: rate, refilledAtMs: now };
    account.credit = Math.min(rate, account.credit + ((now - account.refilledAtMs) / 1000) * rate);
    account.refilledAtMs = now;
    this.#accounts.set(address, account);
    return account;
  }

  /** Reconnecting must not fill the credit again, so an account in debt is kept until all are dropped at a thousand. */
  #forget(address: string, account: Account): void {
    if (account.connections > 0) return;
    if (account.credit >= this.#limits.maxBytesPerSecondPerAddress / 2) this.#accounts.delete(address);
    else if (this.#accounts.size > 1000)
      for (const [other, idle] of this.#accounts) if (idle.connections === 0) this.#accounts.delete(other);
  }
}
