import { parentPort, workerData } from "node:worker_threads";
import { GatewayError } from "../../contract/errors.ts";
import type { FromWriter, Order, WriterSetup } from "./channel.ts";
import { Writer } from "./writer.ts";

/** Entry of the writer's thread. `client.ts` starts it and is the only one who talks to it. */
const port = parentPort;
if (port === null) throw new Error("the journal's writer runs in a thread of its own");
const send = (message: FromWriter): void => port.postMessage(message);
const setup: WriterSetup = workerData;
try {
  const writer = new Writer(setup, send);
  port.on("message", (orders: readonly Order[]) => writer.receive(orders));
} catch (error) {
  const code = error instanceof GatewayError ? error.code : "JOURNAL_STORAGE_FAILED";
  send({ kind: "refused", code, detail: error instanceof Error ? error.message : String(error) });
}
