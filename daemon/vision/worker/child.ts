import { setPriority } from "node:os";

/** What our processes need of the daemon's environment. Secrets that stand there are none of their business. */
const ENVIRONMENT = /^(PATH|HOME|TMPDIR|LANG|TZ|LD_LIBRARY_PATH|(CUDA|NVIDIA|ORT|TRT)_.*)$/;

/** Environment of a process that decodes pictures. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => ENVIRONMENT.test(name))),
    // One decode beside inference; more arenas than threads only fragment the memory that decoders use.
    UV_THREADPOOL_SIZE: "2",
    MALLOC_ARENA_MAX: "2",
  };
}

/**
 * Lets a process of ours yield to more urgent ones. One that is gone, or a system that forbids it, is no error.
 * @param niceness 1 to 19, 19 the most yielding (setpriority(2))
 */
export function lowerPriority(pid: number | undefined, niceness: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
  } catch (error) {
    // Gone already, or forbidden by a container: it works at our priority then.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
