import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childEnvironment, lowerPriority } from "../worker/child.ts";
import { FromPhotoProcess, type ToPhotoProcess } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Below the live workers: a photo may take a second longer, a bay may not. */
const NICENESS = 10;

/** One life of the photo process. */
export class PhotoProcess {
  readonly #child: ChildProcess;
  #killed = false;

  /**
   * @param events.onGone once; after it nothing more comes. A message that no process of ours sends ends it too.
   * @param program another program than ours, for tests
   */
  constructor(
    events: {
      readonly onMessage: (message: FromPhotoProcess) => void;
      readonly onGone: (detail: string) => void;
    },
    program = PROGRAM,
  ) {
    this.#child = spawn(process.execPath, ["--max-old-space-size=256", program], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
      env: childEnvironment(),
    });
    let gone = false;
    const onGone = (detail: string) => {
      if (gone) return;
      gone = true;
      events.onGone(detail);
    };
    this.#child.on("message", (message: unknown) => {
      if (gone || this.#killed) return;
      if (FromPhotoProcess.Check(message)) events.onMessage(message);
      else this.kill();
    });
    this.#child.once("exit", (code, signal) => onGone(signal ?? `exit code ${code ?? "none"}`));
    // Without a process there is no exit: too little memory to fork, no such program.
    this.#child.on("error", (error) => {
      if (this.#child.pid === undefined) onGone(error.message);
    });
    lowerPriority(this.#child.pid, NICENESS);
  }

  send(message: ToPhotoProcess): void {
    // A process that has just died tells so by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Lets it end by itself; it exits when the channel closes. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** What it may still have said before is not heard. */
  kill(): void {
    this.#killed = true;
    this.#child.kill("SIGKILL");
  }
}
