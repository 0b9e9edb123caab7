#!/usr/bin/env node
import { refuseOldNode } from "../machine/node-version.ts";

// Before anything that loads a native module: an older Node.js would crash instead of saying why.
refuseOldNode();

const { runBaygate } = await import("../daemon/cli/program.ts");
process.exitCode = await runBaygate(process.argv.slice(2));
