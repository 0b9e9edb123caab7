// Runs after `npm ci`, on whatever Node is there, so plain JavaScript for Node 20.
//
// Node 24 comes as a package, one for each processor. npm 10 removes the link `node_modules/.bin/node` again, because the package for the
// other processor, which it leaves out, would have had the same link. And npm tolerates it in silence when the download of an optional package fails.
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const OLDEST_MAJOR = 24;
const modules = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..", "node_modules");
const name = `node-${process.platform}-${process.arch}`;
const binary = join(modules, name, "bin", "node");

if (existsSync(binary)) {
  const folder = join(modules, ".bin");
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, "node"), { force: true });
  symlinkSync(join("..", name, "bin", "node"), join(folder, "node"));
} else if (Number(process.versions.node.split(".")[0]) < OLDEST_MAJOR) {
  process.stderr.write(
    `NODE_TOO_OLD: the package ${name} is not there, and this Node.js (${process.versions.node}) is older than ${OLDEST_MAJOR}.\n` +
      `Run npm ci again, or install Node.js ${OLDEST_MAJOR}. 请重新运行 npm ci,或安装 Node.js ${OLDEST_MAJOR}。\n`,
  );
  process.exitCode = 1;
}
