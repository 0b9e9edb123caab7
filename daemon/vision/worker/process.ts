import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Provider } from "../providers.ts";
import type { LiveCover } from "../redaction/recent-covers.ts";
import { childEnvironment, lowerPriority } from "./child.ts";
import { FromWorker, type ToWorker } from "./messages.ts";
import { closePictureMemory, createPictureMemory, writePicture } from "./picture-memory.ts";

const PROGRAM = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Below the daemon's priority: looking at pictures never delays the broker or the page. */
const NICENESS = 5;

export interface WorkerEvents {
  readonly onMessage: (message: FromWorker) => void;
  /** Once; after it nothing more comes. `lie` names what a worker sent that no worker of ours sends. */
  readonly onGone: (end: {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly lie: boolean;
  }) => void;
}

export interface WorkerOrders {
  readonly bundleFolder: string;
  readonly providers: readonly Provider[];
  readonly enginesFolder?: string;
  /** Another program than ours, for tests of supervision. */
  readonly program?: string;
}

/** One worker's life as an operating system process, and the memory shared with it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #memory: number | undefined;
  #gone = false;

  constructor(orders: WorkerOrders, events: WorkerEvents) {
    this.#memory = createPictureMemory();
    this.#child = spawn(process.execPath, ["--max-old-space-size=256", orders.program ?? PROGRAM], {
      // Nothing of the worker reaches our standard output: `--json` prints one document there.
      stdio: ["ignore", "ignore", "inherit", "ipc", this.#memory ?? "ignore"],
      serialization: "advanced",
      env: childEnvironment(),
    });
    let lie = false;
    this.#child.on("message", (message: unknown) => {
      if (this.#gone) return;
      if (FromWorker.Check(message)) {
        events.onMessage(message);
        return;
      }
      lie = true;
      this.kill();
    });
    const gone = (code: number | null, signal: NodeJS.Signals | null) => {
      if (this.#gone) return;
      this.#gone = true;
      if (this.#memory !== undefined) closePictureMemory(this.#memory);
      events.onGone({ code, signal, lie });
    };
    this.#child.once("exit", gone);
    // Without a process there is no exit: too little memory to fork, no such program.
    this.#child.on("error", () => {
      if (this.#child.pid === undefined) gone(null, null);
    });
    lowerPriority(this.#child.pid, NICENESS);
    const { bundleFolder: folder, providers, enginesFolder: engines } = orders;
    this.#send({ kind: "open", folder, providers: [...providers], ...(engines === undefined ? {} : { engines }) });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @param place a place in shared memory that no frame of this worker uses at present */
  look(
    message: {
      readonly frame: number;
      readonly place: number;
      readonly reference: Uint8Array | undefined;
      readonly thumbnail: boolean;
      readonly covers: readonly LiveCover[];
    },
    picture: Buffer,
  ): void {
    const { frame, place, reference, thumbnail, covers } = message;
    const shared = this.#memory !== undefined && writePicture(this.#memory, place, picture);
    this.#send({
      kind: "look",
      frame,
      place,
      length: picture.length,
      thumbnail,
      covers: covers.map(({ label, box: [x1, y1, x2, y2] }) => ({ label, box: [x1, y1, x2, y2] })),
      ...(reference === undefined ? {} : { reference }),
      ...(shared ? {} : { bytes: picture }),
    });
  }

  /** Lets it end by itself; it exits when the channel closes. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #send(message: ToWorker): void {
    // A worker that has just died tells so by its exit, which is where its frames are dealt with.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
