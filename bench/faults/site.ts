import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import Value from "typebox/value";
import { BayId } from "../../contract/ids.ts";
import { RecordOnTheWire } from "../../contract/records.ts";
import { HeadquartersDesk } from "../../simulator/demo/headquarters-desk.ts";
import { Program, runCommand } from "../../simulator/demo/program.ts";
import { Visitor } from "../../simulator/people/visitor.ts";
import type { RecordOfEpoch } from "./checker.ts";
import { DurablePublisher } from "./publisher.ts";
import { ADVISOR, deviceLogins, feedsOf, GATEWAY, shopYaml, TECHNICIANS } from "./shop.ts";

const HeadquartersLine = Compile(Type.Object({ url: Type.String(), authority: Type.String() }));
const ClaimLine = Compile(Type.Object({ claimCode: Type.String() }, { additionalProperties: true }));
const DevicesLine = Compile(
  Type.Object(
    { devices: Type.Array(Type.Object({ username: Type.String(), password: Type.String() })) },
    { additionalProperties: true },
  ),
);
const RunningFile = Type.Object(
  {
    pid: Type.Integer(),
    page: Type.String(),
    brokers: Type.Array(Type.Object({ port: Type.Integer() }, { additionalProperties: true })),
  },
  { additionalProperties: true },
);
const runningFile = Compile(RunningFile);
const Exported = Compile(
  Type.Object({
    records: Type.Array(Type.Object({ epoch: Type.String(), ...RecordOnTheWire.properties })),
  }),
);
const Verified = Compile(Type.Object({ ok: Type.Boolean() }, { additionalProperties: true }));

/** Generous: the harness also runs where tests, training and other measurements share the processor. */
const START_MS = 120_000;
/** Without any progress for so long, what waits is not coming any more. */
const STALLED_MS = 15_000;

export interface SiteOptions {
  /** Everything is kept below this folder. */
  readonly folder: string;
  readonly cameras: number;
  /** Words for every `baygate start` after the first, e.g. a planted bug. */
  readonly gatewayWords: readonly string[];
}

/** One life of the gateway's process. */
export interface Life {
  readonly program: Program;
  /** Where it listens, once it does; rejects when it ends before. */
  readonly ready: Promise<Static<typeof RunningFile>>;
}

/** Real processes: headquarters on its embedded database, a gateway that is killed and started again, and the devices that talk to it. */
export class Site {
  readonly publishers: readonly DurablePublisher[];
  readonly #options: SiteOptions;
  readonly #headquarters: Program;
  readonly #headquartersUrl: string;
  readonly #passwords: ReadonlyMap<string, string>;
  #life: Life | undefined;
  #lives = 0;

  private constructor(
    options: SiteOptions,
    headquarters: Program,
    headquartersUrl: string,
    passwords: ReadonlyMap<string, string>,
  ) {
    this.#options = options;
    this.#headquarters = headquarters;
    this.#headquartersUrl = headquartersUrl;
    this.#passwords = passwords;
    let messages = 0;
    this.publishers = feedsOf((username) => this.passwordOf(username)).map(
      (feed) =>
        new DurablePublisher(feed, () => {
          messages += 1;
          return `m${String(messages).padStart(7, "0")}`;
        }),
    );
  }

  /** Starts headquarters, makes people and devices, enrols the gateway and opens a job in each bay. The gateway is stopped again afterwards. */
  static async open(options: SiteOptions): Promise<Site> {
    const { folder, cameras } = options;
    await mkdir(join(folder, "logs"), { recursive: true });
    const headquarters = new Program({
      name: "headquarters",
      command: ["headquarters/main.ts", "serve", "--data", join(folder, "headquarters"), "--port", "0", "--demo"],
      logFolder: join(folder, "logs"),
      environment: environmentOf(folder),
    });
    try {
      const passwords = addDevices(folder, cameras);
      const advisorPassword = addPeople(folder);
      const line = await headquarters.firstJson();
      if (!HeadquartersLine.Check(line)) throw new Error("headquarters did not say where it listens");
      const claim = await runCommand(
        ["headquarters/main.ts", "claim", GATEWAY, "--data", join(folder, "headquarters")],
        environmentOf(folder),
      );
      if (!ClaimLine.Check(claim)) throw new Error("headquarters gave no claim code");
      const claimCodeFile = join(folder, "claim-code");
      await writeFile(claimCodeFile, claim.claimCode, { mode: 0o600 });
      await writeFile(
        join(folder, "shop.yaml"),
        shopYaml(cameras, { url: line.url, authorityFile: line.authority, claimCodeFile }),
      );
      const site = new Site(options, headquarters, line.url, await passwords);
      await site.#firstDay(await advisorPassword);
      return site;
    } catch (error) {
      await headquarters.stop();
      throw error;
    }
  }

  get lives(): number {
    return this.#lives;
  }

  passwordOf(username: string): string {
    return this.#passwords.get(username) ?? "";
  }

  /** Starts the gateway; one that ran before must have ended. */
  startGateway(words: readonly string[] = this.#options.gatewayWords): Life {
    const { folder } = this.#options;
    this.#lives += 1;
    const program = new Program({
      name: `gateway-${this.#lives}`,
      command: ["bin/baygate.ts", "start", "--demo", ...placesOf(folder), ...words],
      logFolder: join(folder, "logs"),
      environment: environmentOf(folder),
    });
    const life = { program, ready: waitUntilReady(join(folder, "gateway", "running.json"), program) };
    // Whoever kills it before that does not ask.
    life.ready.catch(() => undefined);
    this.#life = life;
    return life;
  }

  /** SIGKILL, and the end of the process. */
  async kill({ program }: Life): Promise<void> {
    process.kill(program.pid, "SIGKILL");
    await program.stop();
  }

  /** Resolves when every device has its acknowledgements and headquarters every record; false when that stalls. */
  async drained(page: string): Promise<boolean> {
    const unacknowledged = () => this.publishers.reduce((sum, { waiting }) => sum + waiting, 0);
    if (!(await runsDry(async () => unacknowledged()))) return false;
    return runsDry(() => metricOf(page, "baygate_records_waiting"));
  }

  async journal(): Promise<{ readonly records: readonly RecordOfEpoch[]; readonly verified: boolean }> {
    const { folder } = this.#options;
    const exported = await baygate(folder, ["journal", "export"]);
    if (!Exported.Check(exported)) throw new Error("the exported journal does not fit its schema");
    const verification = await baygate(folder, ["journal", "verify"], [0, 1]);
    return { records: exported.records, verified: Verified.Check(verification) && verification.ok };
  }

  async atHeadquarters(): Promise<readonly RecordOfEpoch[]> {
    const desk = await HeadquartersDesk.open(this.#headquartersUrl, join(this.#options.folder, "headquarters"));
    try {
      const records = await desk.recordsOf(GATEWAY);
      return records.map(({ receivedAt: _receivedAt, ...record }) => record);
    } finally {
      await desk.close();
    }
  }

  async close(): Promise<void> {
    for (const publisher of this.publishers) {
      publisher.hush();
      publisher.disconnect();
    }
    await this.#life?.program.stop();
    await this.#headquarters.stop();
  }

  /** Without planted bugs. Ends in an orderly way, so that the compiled code is kept for the lives to come. */
  async #firstDay(advisorPassword: string): Promise<void> {
    const { program, ready } = this.startGateway([]);
    try {
      const { page } = await ready;
      const advisor = new Visitor(page);
      await advisor.signIn(ADVISOR.login, advisorPassword);
      for (const { bay } of TECHNICIANS)
        await advisor.openJob({
          number: `RO-${bay}`,
          work: "Faults",
          flatRateHours: 1,
          promisedAt: Date.now(),
          bay: Value.Parse(BayId, bay),
        });
      const deadline = performance.now() + START_MS;
      while ((await advisor.today()).headquarters.state !== "all-sent") {
        if (performance.now() > deadline) throw new Error("the gateway did not enrol at headquarters");
        await pause(100);
      }
    } finally {
      await program.stop();
    }
  }
}

/** One figure of a gateway's `/metrics`. */
export async function metricOf(page: string, name: string): Promise<number> {
  const text = await (await fetch(`${page}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) throw new Error(`the gateway has no figure ${name}`);
  return Number(line.slice(name.length + 1));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a count is 0. @returns false when it has not fallen for a while */
async function runsDry(count: () => Promise<number>): Promise<boolean> {
  let lowest = Number.POSITIVE_INFINITY;
  let since = performance.now();
  for (;;) {
    const left = await count();
    if (left === 0) return true;
    if (left < lowest) {
      lowest = left;
      since = performance.now();
    } else if (performance.now() - since > STALLED_MS) return false;
    await pause(50);
  }
}

function placesOf(folder: string): readonly string[] {
  return ["--data", join(folder, "gateway"), "--config", join(folder, "shop.yaml")];
}

/** Compiled code is kept from life to life: a start costs less processor time. */
function environmentOf(folder: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(folder, "compiled") };
}

function baygate(folder: string, words: readonly string[], accepted?: readonly number[]): Promise<unknown> {
  return runCommand(
    ["bin/baygate.ts", ...words, "--json", "--demo", ...placesOf(folder)],
    environmentOf(folder),
    accepted,
  );
}

async function addDevices(folder: string, cameras: number): Promise<ReadonlyMap<string, string>> {
  const words = deviceLogins(cameras).flatMap(({ role, id }) => [role, id]);
  const answer = await baygate(folder, ["device", "add", ...words]);
  if (!DevicesLine.Check(answer)) throw new Error("the devices got no passwords");
  return new Map(answer.devices.map(({ username, password }) => [username, password]));
}

/** @returns the advisor's password */
async function addPeople(folder: string): Promise<string> {
  const password = randomBytes(12).toString("base64url");
  const file = join(folder, "password");
  await writeFile(file, password, { mode: 0o600 });
  for (const person of [ADVISOR, ...TECHNICIANS]) {
    const { login, role, name } = person;
    const badge = "badge" in person ? ["--badge", person.badge] : [];
    await baygate(folder, ["user", "add", login, "--role", role, "--name", name, "--password-file", file, ...badge]);
  }
  return password;
}

/** The file of an earlier life stays behind when that was killed: the number of the process tells. */
async function waitUntilReady(file: string, program: Program): Promise<Static<typeof RunningFile>> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (!program.running) throw new Error(`${program.name} ended while it started; see its log`);
    const value = await readJson(file);
    if (runningFile.Check(value) && value.pid === program.pid) return value;
    await pause(10);
  }
  throw new Error(`${program.name} did not start in time`);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    // Not there yet; it is written whole or not at all.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
