import { defineConfig } from "vitest/config";

/** Tests that start the whole house and watch it in real time: alone on the machine, one after the other, after everything else. */
const WHOLE_HOUSE = ["test/demo.test.ts", "test/faults.test.ts", "status-page/browser.test.ts"];

export default defineConfig({
  test: {
    // Tests start real brokers, databases and worker processes; two cores are the floor we build for.
    pool: "forks",
    reporters: ["default"],
    // What the parts log is for operators; a test that is about a log line gives the log a destination of its own.
    env: { BAYGATE_LOG_LEVEL: "fatal" },
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", ...WHOLE_HOUSE],
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "house",
          include: WHOLE_HOUSE,
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
