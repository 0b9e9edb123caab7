import { once } from "node:events";
import type { Command } from "commander";
import { GatewayError } from "../../contract/errors.ts";
import type { PlantedFaults } from "../journal/index.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../main.ts";
import { pageAddresses } from "./page-addresses.ts";
import type { Add } from "./program.ts";
import { explain, type Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Bugs that can be planted in a demo or a test, to show that the checks notice them. */
const PLANTED_BUGS: Readonly<Record<string, PlantedFaults>> = {
  "acknowledge-before-commit": { acknowledgeBeforeCommit: true },
  "forget-before-mark": { forgetBeforeMark: true },
  "slow-disk": { fsyncDelayMs: 20 },
};

/** `baygate start`: runs the gateway until SIGINT or SIGTERM. */
export function startCommand(program: Command, add: Add): void {
  add<{ plantedBug?: string }>(program, "start", "run the gateway", async (terminal, options) => {
    const faults = options.plantedBug === undefined ? undefined : PLANTED_BUGS[options.plantedBug];
    if (options.plantedBug !== undefined && (faults === undefined || options.demo !== true))
      throw new GatewayError("JOURNAL_FAULTS_FORBIDDEN");
    const ended = Promise.race([
      once(process, "SIGINT").then(() => "SIGINT"),
      once(process, "SIGTERM").then(() => "SIGTERM"),
    ]);
    const gateway = await startOrEnd(terminal, {
      configurationFile: options.config,
      dataDirectory: options.data,
      version: VERSION,
      demo: options.demo === true,
      ...(faults === undefined ? {} : { faults }),
      print: (line) => terminal.say(line),
    });
    const addresses = pageAddresses(gateway.running.page).join(" ");
    terminal.say(terminal.language === "en" ? `The page is at ${addresses}` : `页面地址:${addresses}`);
    await gateway.stop(await ended);
    return 0;
  }).option("--planted-bug <name>", `with --demo only: ${Object.keys(PLANTED_BUGS).join(", ")}`);
}

/** A gateway that cannot start has parts that run already: the process ends with the reason, and whoever supervises it starts it again. */
async function startOrEnd(terminal: Terminal, options: GatewayOptions): Promise<Gateway> {
  try {
    return await startGateway(options);
  } catch (error) {
    const { document, lines } = explain(error, terminal.language);
    process.stderr.write(`${terminal.json ? JSON.stringify(document) : lines.join("\n")}\n`);
    process.exit(1);
  }
}
