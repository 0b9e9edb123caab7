import { refuseOldNode } from "../machine/node-version.ts";

refuseOldNode();

const { runCommand } = await import("./commands.ts");
process.exitCode = await runCommand(process.argv.slice(2), process.env);
