import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Compile } from "typebox/compile";
import { type ErrorCode, GatewayError } from "../../contract/errors.ts";
import type { PersonRole, PersonSummary } from "../../contract/http-api.ts";
import { PersonId } from "../../contract/ids.ts";
import type { Actor, DraftOf } from "../../contract/records.ts";
import type { Clock } from "../../machine/clock.ts";
import { writeDurably } from "../../machine/durable-file.ts";
import { draft } from "../shop/decider.ts";
import { createPasswordHashing, type PasswordHashing } from "./passwords.ts";
import { PeopleFile, StoredPerson } from "./people-file.ts";

/** A person as the rest of the house knows him: no hashes. */
export interface Person extends PersonSummary {
  readonly login: string;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly hasBadge: boolean;
  /** Rises when password or role change and on disabling: sessions made under an older one end. */
  readonly credentialVersion: number;
}

interface NewPerson {
  readonly login: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly password?: string;
  readonly badge?: string;
}

/** A change that is on the disk; the caller appends the drafts. */
export interface PersonChange {
  readonly person: Person;
  readonly drafts: readonly DraftOf<"person.changed">[];
}

interface PeopleProblem {
  readonly code: Extract<ErrorCode, "PEOPLE_FILE_DAMAGED" | "PEOPLE_FILE_LOST">;
  /** Wall clock, when it was found. */
  readonly since: number;
}

/** The people of a shop. Look-ups are synchronous and see what another process (the command line) has just written. */
export interface People {
  /** An enabled person by login, letter case aside. */
  byLogin(login: string): Person | undefined;
  /** An enabled person by what the reader read off his badge. */
  byBadge(badge: string): Person | undefined;
  /** Anyone, also who is disabled: old labour still names him. */
  byId(id: string): Person | undefined;
  list(): readonly Person[];
  /** Whether an enabled manager can sign in; without one the setup code opens. */
  hasManager(): boolean;
  /** Hash of a badge with this box's key, for records that must not hold the badge itself. */
  badgeHash(badge: string): string;
  /** The same for a login that was tried: people type their password into that field too. */
  loginHash(login: string): string;
  /** Undefined while all is well. */
  problem(): PeopleProblem | undefined;

  /** @throws GatewayError PEOPLE_LOGIN_TAKEN, PEOPLE_BADGE_TAKEN, PEOPLE_DETAILS_INVALID */
  add(person: NewPerson, by: Actor): Promise<PersonChange>;
  /** @throws GatewayError PEOPLE_UNKNOWN, PEOPLE_DETAILS_INVALID */
  setPassword(id: string, password: string, by: Actor): Promise<PersonChange>;
  /** Null takes the badge away. @throws GatewayError PEOPLE_UNKNOWN, PEOPLE_BADGE_TAKEN, PEOPLE_DETAILS_INVALID */
  setBadge(id: string, badge: string | null, by: Actor): Promise<PersonChange>;
  /** @throws GatewayError PEOPLE_UNKNOWN */
  disable(id: string, by: Actor): Promise<PersonChange>;
  /** The person, when login and password fit and he is enabled; the same work whatever the reason it is not so. @throws GatewayError HTTP_BUSY */
  verifyPassword(login: string, password: string): Promise<Person | undefined>;
}

export interface PeopleOptions {
  /** Folder that holds `people.json` and `badge.key`. */
  readonly directory: string;
  readonly clock: Clock;
  newId(): string;
  readonly hashing?: PasswordHashing;
}

const storedPerson = Compile(StoredPerson);
const personId = Compile(PersonId);
const BADGE = /^[\x21-\x7e]{1,64}$/;
const PASSWORD_LENGTH = { least: 10, most: 200 };

/** Opens the registry. A damaged file is survived (see `problem()`); nothing is written until something changes. */
export async function openPeople(options: PeopleOptions): Promise<People> {
  const file = new PeopleFile(options.directory);
  const badgeKey = await loadBadgeKey(options.directory);
  const loaded = await file.load(String(Math.round(options.clock.now())));
  return new Registry(options, file, badgeKey, loaded.people, loaded.problem);
}

class Registry implements People {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #hashing: PasswordHashing;
  readonly #file: PeopleFile;
  readonly #badgeKey: Uint8Array;
  #people: readonly StoredPerson[];
  #problem: PeopleProblem | undefined;
  /** Changes run one after the other: two of them must not both write what they read before. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(
    options: PeopleOptions,
    file: PeopleFile,
    badgeKey: Uint8Array,
    people: readonly StoredPerson[],
    problem: PeopleProblem["code"] | undefined,
  ) {
    this.#clock = options.clock;
    this.#newId = () => options.newId();
    this.#hashing = options.hashing ?? createPasswordHashing();
    this.#file = file;
    this.#badgeKey = badgeKey;
    this.#people = people;
    if (problem !== undefined) this.#problem = { code: problem, since: this.#clock.now() };
  }

  byLogin(login: string): Person | undefined {
    const wanted = login.trim().toLowerCase();
    return this.#enabled((person) => person.login === wanted);
  }

  byBadge(badge: string): Person | undefined {
    const hash = this.badgeHash(badge);
    return this.#enabled((person) => person.badgeHash === hash);
  }

  byId(id: string): Person | undefined {
    this.#takeIn();
    const person = this.#people.find((each) => each.id === id);
    return person === undefined ? undefined : shown(person);
  }

  list(): readonly Person[] {
    this.#takeIn();
    return this.#people.map(shown);
  }

  hasManager(): boolean {
    this.#takeIn();
    return this.#people.some((person) => person.role === "manager" && !person.disabled && person.passwordHash !== null);
  }

  badgeHash(badge: string): string {
    return createHmac("sha256", this.#badgeKey).update(badge).digest("hex");
  }

  loginHash(login: string): string {
    return createHmac("sha256", this.#badgeKey).update(`login\0${login}`).digest("hex");
  }

  problem(): PeopleProblem | undefined {
    return this.#problem;
  }

  async add(person: NewPerson, by: Actor): Promise<PersonChange> {
    const passwordHash = person.password === undefined ? null : await this.#hashed(person.password);
    const badgeHash = person.badge === undefined ? null : this.#checkedBadge(person.badge);
    return this.#change(by, (people) => {
      const added: unknown = {
        id: this.#newId(),
        login: person.login.trim().toLowerCase(),
        name: person.name.trim(),
        role: person.role,
        passwordHash,
        badgeHash,
        disabled: false,
        credentialVersion: 1,
      };
      if (!storedPerson.Check(added))
        throw new GatewayError("PEOPLE_DETAILS_INVALID", { details: { login: person.login } });
      if (people.some((other) => other.login === added.login))
        throw new GatewayError("PEOPLE_LOGIN_TAKEN", { details: { login: added.login } });
      if (badgeHash !== null) refuseTakenBadge(people, badgeHash, added.id);
      return { people: [...people, added], person: added, change: "added" };
    });
  }

  async setPassword(id: string, password: string, by: Actor): Promise<PersonChange> {
    const passwordHash = await this.#hashed(password);
    return this.#change(by, (people) =>
      replace(people, id, "password-set", (person) => ({
        ...person,
        passwordHash,
        credentialVersion: person.credentialVersion + 1,
      })),
    );
  }

  async setBadge(id: string, badge: string | null, by: Actor): Promise<PersonChange> {
    const badgeHash = badge === null ? null : this.#checkedBadge(badge);
    return this.#change(by, (people) => {
      if (badgeHash !== null) refuseTakenBadge(people, badgeHash, id);
      return replace(people, id, "badge-set", (person) => ({ ...person, badgeHash }));
    });
  }

  async disable(id: string, by: Actor): Promise<PersonChange> {
    return this.#change(by, (people) =>
      replace(people, id, "disabled", (person) => ({
        ...person,
        disabled: true,
        credentialVersion: person.credentialVersion + 1,
      })),
    );
  }

  async verifyPassword(login: string, password: string): Promise<Person | undefined> {
    this.#takeIn();
    const wanted = login.trim().toLowerCase();
    const person = this.#people.find((each) => each.login === wanted && !each.disabled);
    const fits = await this.#hashing.verify(person?.passwordHash ?? undefined, password);
    if (person === undefined || !fits) return undefined;
    // He may have been disabled while the hash was computed.
    const now = this.byId(person.id);
    return now === undefined || now.disabled || now.credentialVersion !== person.credentialVersion ? undefined : now;
  }

  #enabled(fits: (person: StoredPerson) => boolean): Person | undefined {
    this.#takeIn();
    const person = this.#people.find((each) => !each.disabled && fits(each));
    return person === undefined ? undefined : shown(person);
  }

  async #hashed(password: string): Promise<string> {
    const length = [...password].length;
    if (length < PASSWORD_LENGTH.least || length > PASSWORD_LENGTH.most)
      throw new GatewayError("PEOPLE_DETAILS_INVALID", { detail: "password length" });
    return this.#hashing.hash(password);
  }

  #checkedBadge(badge: string): string {
    if (!BADGE.test(badge)) throw new GatewayError("PEOPLE_DETAILS_INVALID", { detail: "badge" });
    return this.badgeHash(badge);
  }

  #change(by: Actor, decide: (people: readonly StoredPerson[]) => Changed): Promise<PersonChange> {
    return this.#serially(async () => {
      this.#takeIn();
      const changed = decide(this.#people);
      await this.#file.save(changed.people);
      this.#people = changed.people;
      this.#problem = undefined;
      const body = { personId: changed.person.id, change: changed.change, by, at: this.#clock.stamp() };
      return { person: shown(changed.person), drafts: [draft("person.changed", body)] };
    });
  }

  #takeIn(): void {
    const replaced = this.#file.replaced();
    if (replaced !== undefined) this.#people = replaced;
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(work, work);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

interface Changed {
  readonly people: readonly StoredPerson[];
  readonly person: StoredPerson;
  readonly change: DraftOf<"person.changed">["body"]["change"];
}

function replace(
  people: readonly StoredPerson[],
  id: string,
  change: Changed["change"],
  by: (person: StoredPerson) => StoredPerson,
): Changed {
  const before = people.find((person) => person.id === id);
  if (before === undefined || !personId.Check(id)) throw new GatewayError("PEOPLE_UNKNOWN", { details: { id } });
  const person = by(before);
  return { people: people.map((each) => (each.id === id ? person : each)), person, change };
}

function refuseTakenBadge(people: readonly StoredPerson[], badgeHash: string, exceptId: string): void {
  const owner = people.find((person) => person.badgeHash === badgeHash && !person.disabled && person.id !== exceptId);
  if (owner !== undefined) throw new GatewayError("PEOPLE_BADGE_TAKEN", { details: { login: owner.login } });
}

function shown(person: StoredPerson): Person {
  const { id, login, name, role, disabled, credentialVersion } = person;
  return {
    id,
    login,
    name,
    role,
    disabled,
    credentialVersion,
    hasPassword: person.passwordHash !== null,
    hasBadge: person.badgeHash !== null,
  };
}

const BADGE_KEY_BYTES = 32;

/** Badge numbers are short: without a key of this box, whoever reads the file could try them all. */
async function loadBadgeKey(directory: string): Promise<Uint8Array> {
  const path = join(directory, "badge.key");
  try {
    const key = await readFile(path);
    if (key.length === BADGE_KEY_BYTES) return key;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const key = randomBytes(BADGE_KEY_BYTES);
  await writeDurably(path, key, { mode: 0o600, keepLastGood: true });
  return key;
}
