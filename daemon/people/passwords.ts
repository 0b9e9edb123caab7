import { type Algorithm, hash, verify } from "@node-rs/argon2";
import { GatewayError } from "../../contract/errors.ts";

/** What one hash costs. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane; about 25 ms on the boxes we build for. */
const SHIPPED_COST: PasswordCost = { memoryKib: 19_456, passes: 2 };

// The package declares its enum `const`, which cannot be read without a TypeScript build; 2 is Argon2id.
const ARGON2ID: Algorithm.Argon2id = 2;

export interface PasswordHashing {
  /** PHC string of the password. @throws GatewayError HTTP_BUSY */
  hash(password: string): Promise<string>;
  /**
   * Whether the password fits. Without a hash (unknown login, person without password) the same work is done against one that nothing fits,
   * so that the time of the answer says nothing about who exists. @throws GatewayError HTTP_BUSY
   */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
}

/**
 * argon2id with a bound: each hash takes 19 MiB and a core, so a flood of sign-ins must not starve the box.
 * @param options.concurrent hashes at once; @param options.waiting how many more may queue before HTTP_BUSY
 */
export function createPasswordHashing(
  options: { readonly cost?: PasswordCost; readonly concurrent?: number; readonly waiting?: number } = {},
): PasswordHashing {
  const cost = options.cost ?? SHIPPED_COST;
  const gate = new Gate(options.concurrent ?? 2, options.waiting ?? 32);
  const parameters = { algorithm: ARGON2ID, memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 };
  let nothingFits: Promise<string> | undefined;

  return {
    hash: (password) => gate.run(() => hash(prepared(password), parameters)),
    verify: (passwordHash, password) =>
      gate.run(async () => {
        if (passwordHash !== undefined) return verify(passwordHash, prepared(password));
        nothingFits ??= hash(crypto.randomUUID(), parameters);
        await verify(await nothingFits, prepared(password));
        return false;
      }),
  };
}

/** Chinese input methods type full-width letters where people mean plain ones. */
function prepared(password: string): string {
  return password.normalize("NFKC");
}

class Gate {
  readonly #concurrent: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(concurrent: number, maxWaiting: number) {
    this.#concurrent = concurrent;
    this.#maxWaiting = maxWaiting;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrent) {
      if (this.#waiting.length >= this.#maxWaiting) throw new GatewayError("HTTP_BUSY");
      // Whoever finishes hands his place over, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
