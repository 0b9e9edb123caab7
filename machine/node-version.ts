/** The oldest Node.js that we run on: better-sqlite3 13 crashes (SIGSEGV) on Node 20, and type stripping came with 22. */
const OLDEST_MAJOR = 24;

/**
 * Refuses an older Node.js with a sentence instead of a crash. Must be imported before anything that loads a native module.
 * Kept free of imports, so that it runs before them.
 */
export function refuseOldNode(version: string = process.versions.node): void {
  const major = Number(version.split(".")[0]);
  if (major >= OLDEST_MAJOR) return;
  process.stderr.write(
    `NODE_TOO_OLD: BayGate needs Node.js ${OLDEST_MAJOR} or newer, this is ${version}. Start it through "npm run …" or "npx baygate …", which bring the right one.\n` +
      `BayGate 需要 Node.js ${OLDEST_MAJOR} 或更新版本,当前为 ${version}。请用 “npm run …” 或 “npx baygate …” 启动。\n`,
  );
  process.exit(1);
}
