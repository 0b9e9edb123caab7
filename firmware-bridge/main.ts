import { refuseOldNode } from "../machine/node-version.ts";

refuseOldNode();

const { randomUUID } = await import("node:crypto");
const { readFileSync } = await import("node:fs");
const { parseArgs } = await import("node:util");
const { systemClock } = await import("../machine/clock.ts");
const { createLog } = await import("../machine/log.ts");
const { Bridge } = await import("./bridge.ts");
const { DIALECTS } = await import("./dialects.ts");

const { values } = parseArgs({
  options: {
    id: { type: "string", default: "main" },
    broker: { type: "string", default: "mqtt://127.0.0.1:1883" },
    "password-file": { type: "string" },
    "authority-file": { type: "string" },
    demo: { type: "boolean", default: false },
  },
});
const passwordFile = values["password-file"];
if (passwordFile === undefined) {
  process.stderr.write(
    "firmware-bridge needs --password-file: the file with what `baygate device add bridge NAME` printed\n",
  );
  process.exit(2);
}
const authorityFile = values["authority-file"];
const bridge = new Bridge({
  id: values.id,
  brokerUrl: values.broker,
  password: readFileSync(passwordFile, "utf8").trim(),
  ...(authorityFile === undefined ? {} : { authority: readFileSync(authorityFile, "utf8") }),
  dialects: DIALECTS,
  clock: systemClock({ demo: values.demo }),
  log: createLog(`bridge-${values.id}`),
  newId: randomUUID,
  random: Math.random,
});
bridge.start();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void bridge.stop().finally(() => process.exit(0));
  });
}
