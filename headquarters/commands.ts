import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { Agent, request } from "undici";
import { systemClock } from "../machine/clock.ts";
import { writeDurably } from "../machine/durable-file.ts";
import { createLog, type Logger } from "../machine/log.ts";
import { type HeadquartersOptions, openDatabase, startHeadquarters } from "./headquarters.ts";
import { migrate } from "./migrations.ts";
import { Registry } from "./registry.ts";

const MINUTE_MS = 60_000;

/**
 * `serve` (the default), `claim <gateway>` and `revoke <gateway>`.
 * @param environment DATABASE_URL chooses a PostgreSQL server; without it the embedded database under the data folder is used
 * @returns the exit code
 */
export async function runCommand(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const log = createLog("headquarters");
  const databaseUrl = environment.DATABASE_URL;
  const where = databaseUrl === undefined ? {} : { databaseUrl };
  const program = new Command("headquarters")
    .description("BayGate headquarters: takes what the gateways send")
    .exitOverride();
  program
    .command("serve", { isDefault: true })
    .description("run one node until SIGTERM")
    .option("--data <folder>", "keys, token and embedded database", "headquarters-data")
    .option("--address <ip>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port; 0 takes a free one", "9443")
    .option("--host <name...>", "names and addresses in the server certificate", ["localhost", "127.0.0.1"])
    .option("--demo", "follow a demo's clock (BAYGATE_CLOCK)", false)
    .action(async (options: { data: string; address: string; port: string; host: string[]; demo: boolean }) => {
      await serve({
        ...where,
        log,
        directory: options.data,
        address: options.address,
        port: Number(options.port),
        hosts: options.host,
        clock: systemClock({ demo: options.demo }),
      });
    });
  program
    .command("claim")
    .argument("<gateway>", "name of the gateway, a-z 0-9 and -")
    .description("print a one-time code with which one box becomes this gateway")
    .option("--data <folder>", "the node's data folder", "headquarters-data")
    .option("--minutes <number>", "how long the code is good", "2880")
    .action(async (gateway: string, options: { data: string; minutes: string }) => {
      const code = await ask(
        { ...where, log, directory: options.data },
        "/v1/operator/claims",
        { gateway, validMinutes: Number(options.minutes) },
        async (registry) => ({
          claimCode: await registry.createClaim(gateway, Number(options.minutes) * MINUTE_MS),
        }),
      );
      process.stdout.write(`${JSON.stringify(code)}\n`);
    });
  program
    .command("revoke")
    .argument("<gateway>", "name of the gateway")
    .description("from now on refuse every certificate of this gateway")
    .option("--data <folder>", "the node's data folder", "headquarters-data")
    .action(async (gateway: string, options: { data: string }) => {
      const answer = await ask(
        { ...where, log, directory: options.data },
        `/v1/operator/gateways/${encodeURIComponent(gateway)}/revoke`,
        {},
        async (registry) => ({
          revoked: await registry.revoke(gateway),
        }),
      );
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof Error && "exitCode" in error && typeof error.exitCode === "number") return error.exitCode;
    log.fatal({ err: error }, "headquarters cannot go on");
    return 1;
  }
}

async function serve(options: HeadquartersOptions & { readonly directory: string }): Promise<void> {
  const stopped = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  const node = await startHeadquarters(options);
  await writeDurably(join(options.directory, "authority.pem"), `${node.authorityPem}\n`);
  // One line for whoever started this process and wants to know where it listens.
  process.stdout.write(`${JSON.stringify({ url: node.url, authority: join(options.directory, "authority.pem") })}\n`);
  await stopped;
  await node.stop();
}

/**
 * Asks the node that runs on this data folder; where none runs, does the same on the database itself. Two processes must never open one
 * embedded database, so the node is asked first.
 */
async function ask(
  options: { readonly log: Logger; readonly directory: string; readonly databaseUrl?: string },
  path: string,
  body: unknown,
  otherwise: (registry: Registry) => Promise<unknown>,
): Promise<unknown> {
  const node = options.databaseUrl === undefined ? await runningNode(options.directory) : undefined;
  if (node !== undefined) {
    const agent = new Agent({ connect: { ca: await readFile(join(options.directory, "authority.pem"), "utf8") } });
    try {
      const token = (await readFile(join(options.directory, "operator.token"), "utf8")).trim();
      const answer = await request(`${node}${path}`, {
        method: "POST",
        dispatcher: agent,
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      const value: unknown = await answer.body.json();
      if (answer.statusCode !== 200)
        throw new Error(`headquarters answered ${answer.statusCode}: ${JSON.stringify(value)}`);
      return value;
    } catch (error) {
      // A node that was killed leaves its address behind.
      if (!(error instanceof Error && "code" in error && error.code === "ECONNREFUSED")) throw error;
    } finally {
      await agent.destroy();
    }
  }
  const database = await openDatabase(options);
  try {
    await migrate(database);
    return await otherwise(new Registry(database, Date.now));
  } finally {
    await database.close();
  }
}

async function runningNode(directory: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(directory, "node.json"), "utf8"));
    return typeof value === "object" && value !== null && "url" in value && typeof value.url === "string"
      ? value.url
      : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
