import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { type Clock, systemClock } from "../machine/clock.ts";
import { writeDurably } from "../machine/durable-file.ts";
import type { Logger } from "../machine/log.ts";
import { type App, createApp } from "./app.ts";
import { Authority } from "./authority.ts";
import type { Database } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
import { FrontDoor } from "./front-door.ts";
import { GatewayCertificates } from "./gateway-certificate.ts";
import { Ledger } from "./ledger.ts";
import { DEFAULT_LIMITS, Load, type LoadLimits } from "./load.ts";
import { migrate } from "./migrations.ts";
import { addOperatorRoutes } from "./operator-routes.ts";
import { openPostgreSQL } from "./postgresql.ts";
import { Registry } from "./registry.ts";
import { addGatewayRoutes } from "./routes.ts";

const DAY_MS = 86_400_000;
const SERVER_CERTIFICATE_CHECK_MS = DAY_MS / 2;

export interface HeadquartersOptions {
  readonly log: Logger;
  /** Keys, the operator's token and the embedded database. In memory where it is absent: for tests. */
  readonly directory?: string;
  /** A PostgreSQL server; the embedded database where it is absent. */
  readonly databaseUrl?: string;
  readonly address?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Names and addresses in the server's certificate. */
  readonly hosts?: readonly string[];
  /** Shop time for answers and times of receipt. */
  readonly clock?: Clock;
  /** The machine's wall clock, by which certificates live. */
  readonly machineNowMs?: () => number;
  readonly certificateLifeMs?: number;
  /** How long after its end a certificate is still good for renewal. */
  readonly graceMs?: number;
  readonly limits?: Partial<LoadLimits>;
}

/** A running headquarters node. */
export interface Headquarters {
  readonly url: string;
  /** What gateways must pin. */
  readonly authorityPem: string;
  readonly operatorToken: string;
  readonly store: Ledger;
  readonly registry: Registry;
  /** A one-time claim code, good for `validMs` (48 hours where absent). */
  createClaim(gateway: string, validMs?: number): Promise<string>;
  /** An outage as it looks from outside: connections end, new ones are refused or never answered. The data stay. */
  pause(mode?: "refuse" | "hang"): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts one node: opens the database, brings its tables up to date, opens or makes the authority, and listens.
 * @throws GatewayError HEADQUARTERS_DATABASE_UNSAFE
 */
export async function startHeadquarters(options: HeadquartersOptions): Promise<Headquarters> {
  const { log, directory } = options;
  const clock = options.clock ?? systemClock({ demo: false });
  const machineNowMs = options.machineNowMs ?? Date.now;
  const address = options.address ?? "127.0.0.1";
  const hosts = options.hosts ?? ["localhost", "127.0.0.1"];
  const database = await openDatabase(options);
  try {
    await migrate(database);
    const authority = await Authority.open(within(directory, "keys"), machineNowMs);
    const operatorToken = await readOperatorToken(directory);
    const registry = new Registry(database, () => clock.now());
    const ledger = new Ledger(database, () => clock.now());
    const certificates = new GatewayCertificates(authority, registry, machineNowMs, options.graceMs ?? 365 * DAY_MS);
    const app = createApp(await authority.server(hosts), log);
    addGatewayRoutes(app, {
      authority,
      certificates,
      registry,
      ledger,
      load: new Load({ ...DEFAULT_LIMITS, ...options.limits }, () => performance.now()),
      serverTime: () => clock.now(),
      certificateLifeMs: options.certificateLifeMs ?? 90 * DAY_MS,
    });
    addOperatorRoutes(app, { token: operatorToken, registry, ledger });
    app.get("/healthz", async () => {
      await database.query("SELECT 1 AS one");
      return { database: database.kind, serverTime: clock.now() };
    });
    await app.ready();
    const door = new FrontDoor(app.server);
    await door.open(address, options.port ?? 0);
    const url = `https://${isIPv6(address) ? `[${address}]` : address}:${door.port}`;
    const certificateCheck = setInterval(
      () => void renewServerCertificate(app, authority, hosts, log),
      SERVER_CERTIFICATE_CHECK_MS,
    );
    if (directory !== undefined)
      await writeDurably(join(directory, "node.json"), JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
    log.info({ url, database: database.kind }, "headquarters listens");
    return {
      url,
      authorityPem: authority.certificatePem,
      operatorToken,
      store: ledger,
      registry,
      createClaim: (gateway, validMs = 2 * DAY_MS) => registry.createClaim(gateway, validMs),
      pause: (mode) => door.pause(mode),
      resume: () => door.resume(),
      async stop() {
        clearInterval(certificateCheck);
        await door.close();
        await app.close();
        await database.close();
        if (directory !== undefined) await rm(join(directory, "node.json"), { force: true });
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens the database of these options; the caller closes it. */
export function openDatabase(
  options: Pick<HeadquartersOptions, "databaseUrl" | "directory" | "log">,
): Promise<Database> {
  if (options.databaseUrl !== undefined) return openPostgreSQL(options.databaseUrl, options.log);
  return openEmbedded(within(options.directory, "database"), options.log);
}

function within(directory: string | undefined, name: string): string | undefined {
  return directory === undefined ? undefined : join(directory, name);
}

async function renewServerCertificate(
  app: App,
  authority: Authority,
  hosts: readonly string[],
  log: Logger,
): Promise<void> {
  try {
    const pair = await authority.server(hosts);
    app.server.setSecureContext(pair);
  } catch (error) {
    log.error({ err: error }, "the server certificate could not be renewed; the present one stays");
  }
}

async function readOperatorToken(directory: string | undefined): Promise<string> {
  const fresh = randomBytes(32).toString("base64url");
  if (directory === undefined) return fresh;
  const file = join(directory, "operator.token");
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  await writeDurably(file, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}
