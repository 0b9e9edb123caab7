import { Command, CommanderError } from "commander";
import { backupCommands } from "./backup.ts";
import { configCommands } from "./config.ts";
import { dbcCommands } from "./dbc.ts";
import { deviceCommands } from "./device.ts";
import { doctorCommand } from "./doctor.ts";
import { dtcCommand } from "./dtc.ts";
import { gbtCommands } from "./gbt.ts";
import { journalCommands } from "./journal.ts";
import { measureCommands } from "./measure.ts";
import { modelCommands } from "./models.ts";
import { obdCommands } from "./obd.ts";
import { redactCommand } from "./redact.ts";
import { startCommand } from "./start.ts";
import { supportCommand } from "./support-bundle.ts";
import { explain, openTerminal, type Terminal, type TerminalOptions } from "./terminal.ts";
import { userCommands } from "./user.ts";
import { vehicleCommands } from "./vehicles.ts";
import { VERSION } from "./version.ts";
import { visionCommands } from "./vision.ts";

/** Options that every command has. */
export interface Places extends TerminalOptions {
  readonly config: string;
  readonly data: string;
  readonly demo?: boolean;
}

/** Runs a command and gives its exit code; wraps the errors that an operator may meet. */
export type Action<Extra> = (terminal: Terminal, options: Places & Extra, ...words: string[]) => Promise<number>;

/** Adds a command whose action speaks through a terminal and ends in an exit code. */
export type Add = <Extra>(parent: Command, usage: string, description: string, action: Action<Extra>) => Command;

/**
 * `baygate …`. Every command is useful to an installer and scriptable: `--json` prints one JSON document last.
 * @returns exit code: 0 done, 1 the command's own "no" or a failure, 2 wrong usage
 */
export async function runBaygate(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const add: Add = (parent, usage, description, action) =>
    parent
      .command(usage)
      .description(description)
      .option("--json", "print one JSON document last")
      .option("--lang <language>", "zh-CN or en")
      .option("--config <file>", "the shop's configuration", process.env.BAYGATE_CONFIG ?? "shop.yaml")
      .option("--data <folder>", "where the gateway keeps its data", process.env.BAYGATE_DATA ?? "data")
      .option("--demo", "a demo or a test: planted faults and a clock scale are possible")
      .action(async (...given: unknown[]) => {
        const command = given.at(-1);
        if (!(command instanceof Command)) throw new TypeError("commander gave no command");
        const options = command.opts();
        const terminal = openTerminal(options);
        try {
          // Commander types options by what was declared at run time; the declarations stand right above and in the commands.
          exitCode = await action(
            terminal,
            options as Parameters<typeof action>[1],
            ...command.processedArgs.flat().map(String),
          );
        } catch (error) {
          const { document, lines } = explain(error, terminal.language);
          if (terminal.json) process.stdout.write(`${JSON.stringify(document)}\n`);
          else process.stderr.write(`${lines.join("\n")}\n`);
          exitCode = 1;
        }
      });

  const program = new Command("baygate")
    .description("BayGate: the gateway of a car service centre")
    .version(VERSION)
    .exitOverride();
  startCommand(program, add);
  doctorCommand(program, add);
  configCommands(program, add);
  deviceCommands(program, add);
  userCommands(program, add);
  journalCommands(program, add);
  backupCommands(program, add);
  supportCommand(program, add);
  visionCommands(program, add);
  measureCommands(program, add);
  redactCommand(program, add);
  modelCommands(program, add);
  obdCommands(program, add);
  vehicleCommands(program, add);
  dbcCommands(program, add);
  gbtCommands(program, add);
  dtcCommand(program, add);

  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}
