import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * The yardstick of event-loop delay: a process that does nothing, run beside the measured one. What delays this loop is the machine, not us.
 * Started with `fork`; answers any message with its p99 in milliseconds and ends.
 */
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on("message", () => {
  delay.disable();
  process.send?.(delay.percentile(99) / 1e6, () => process.disconnect());
});
