const BAR_LENGTH = 30;

/** A bar on the terminal, drawn over itself; a finished one leaves an empty line for what follows. */
export function drawProgress(done: number, total: number): void {
  const filled = Math.round((done / Math.max(1, total)) * BAR_LENGTH);
  process.stderr.write(`\r${"█".repeat(filled)}${"░".repeat(BAR_LENGTH - filled)} ${done}/${total}`);
  if (done === total) process.stderr.write("\r\u001b[K");
}
