import { refuseOldNode } from "../../machine/node-version.ts";

refuseOldNode();

const { parseArgs } = await import("node:util");
const { runDemo } = await import("./demo.ts");

const { values } = parseArgs({
  options: {
    /** Seconds that the scripted half hour takes; without it the shop stays up until Ctrl-C. */
    for: { type: "string" },
    json: { type: "boolean", default: false },
    /** Breaks parts on purpose, to show that the judgement notices: dropped-record, swapped-dtc, stuck-camera. */
    break: { type: "string", multiple: true },
    /** Keeps data and logs. */
    keep: { type: "boolean", default: false },
  },
});
const seconds = values.for === undefined ? undefined : Number(values.for);
if (seconds !== undefined && !(seconds >= 45 && seconds <= 1800)) {
  process.stderr.write(
    "--for takes 45 to 1800 seconds: the script is half an hour of shop time, at most forty times as fast as life\n",
  );
  process.exit(2);
}
try {
  process.exitCode = await runDemo({
    ...(seconds === undefined ? {} : { seconds }),
    ...(values.break === undefined ? {} : { broken: values.break }),
    json: values.json,
    keep: values.keep,
  });
} catch (error) {
  process.stderr.write(`The demo broke off: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
