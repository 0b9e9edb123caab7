import { parentPort } from "node:worker_threads";
import { JpegReducer } from "./reducer.ts";
import type { ThreadAnswer, ThreadOrder } from "./thread.ts";

const reducer = new JpegReducer();

parentPort?.on("message", ({ id, ...request }: ThreadOrder) => {
  const reduced = reducer.reduce(request);
  const rgb = reduced?.rgb?.buffer;
  const answer: ThreadAnswer = {
    id,
    signature: reduced?.signature,
    rgb: rgb instanceof ArrayBuffer ? rgb : undefined,
  };
  parentPort?.postMessage(answer, answer.rgb === undefined ? [] : [answer.rgb]);
});
