import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../../contract/errors.ts";
import type { SetupRequest } from "../../contract/http-api.ts";
import type { People, PersonChange } from "./people.ts";

/** Letters and digits that nobody confuses when reading them off a screen (Crockford). */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS = 3;
const GROUP_LENGTH = 4;
/** 60 bits are not guessed in 50 tries; after that someone is trying, and the code goes. */
const MOST_ATTEMPTS = 50;

/** The one-time code by which the first manager is made. There is no default password. */
export interface SetupCode {
  /** Whether the box waits for its first manager. */
  needed(): boolean;
  /**
   * Makes the manager and spends the code.
   * @throws GatewayError SETUP_ALREADY_DONE, SETUP_CODE_WRONG, SETUP_CODE_SPENT, and what `People.add` throws (the code stays good then)
   */
  redeem(request: SetupRequest): Promise<PersonChange>;
}

/**
 * Makes a new code at every start while there is no manager; the one printed before is void. Only its hash is kept.
 * @param print gets the code once, in the form XXXX-XXXX-XXXX, for the console
 */
export function createSetupCode(people: People, print: (code: string) => void): SetupCode {
  let hash: Uint8Array | undefined;
  let attempts = 0;
  let redeeming = false;
  if (!people.hasManager()) {
    const code = randomCode();
    hash = hashOf(code);
    print(code);
  }

  return {
    needed: () => !people.hasManager(),
    redeem: async ({ setupCode, login, name, password }) => {
      if (people.hasManager() || redeeming) throw new GatewayError("SETUP_ALREADY_DONE");
      if (hash === undefined || attempts >= MOST_ATTEMPTS) throw new GatewayError("SETUP_CODE_SPENT");
      if (!timingSafeEqual(hash, hashOf(setupCode))) {
        attempts += 1;
        throw new GatewayError("SETUP_CODE_WRONG");
      }
      redeeming = true;
      try {
        const change = await people.add({ login, name, password, role: "manager" }, { kind: "gateway", id: "setup" });
        hash = undefined;
        return change;
      } finally {
        redeeming = false;
      }
    },
  };
}

function randomCode(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}

/** Typed with or without hyphens and in any letter case; O and I are read as the digits they look like. */
function hashOf(code: string): Uint8Array {
  const plain = code.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return createHash("sha256").update(plain).digest();
}
