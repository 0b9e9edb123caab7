/** One system call of a traced process, as `strace -f -y` writes it; calls that others interrupted are put together again. */
export interface SystemCall {
  readonly name: string;
  /** Everything between the brackets. */
  readonly text: string;
  /** What it returned; negative for an error, undefined where the process ended first. */
  readonly result: number | undefined;
  /** Lines of the log at which it was entered and at which it had returned. */
  readonly enteredAt: number;
  readonly returnedAt: number;
}

const WHOLE = /^(\d+) +([a-z0-9_]+)\((.*)\) += (-?\d+)[^=]*$/;
const UNFINISHED = /^(\d+) +([a-z0-9_]+)\((.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. ([a-z0-9_]+) resumed>(.*)\) += (-?\d+)[^=]*$/;

/** Reads a log of strace, in the order in which the calls returned. Signals and ends of threads are passed over. */
export function readSystemCalls(log: string): readonly SystemCall[] {
  const calls: SystemCall[] = [];
  const entered = new Map<string, { readonly name: string; readonly text: string; readonly line: number }>();
  for (const [line, text] of log.split("\n").entries()) {
    const whole = WHOLE.exec(text);
    const unfinished = UNFINISHED.exec(text);
    const resumed = RESUMED.exec(text);
    if (whole !== null) calls.push(callOf(whole[2], whole[3], whole[4], line, line));
    else if (unfinished !== null)
      entered.set(unfinished[1] ?? "", { name: unfinished[2] ?? "", text: unfinished[3] ?? "", line });
    else if (resumed !== null) {
      const began = entered.get(resumed[1] ?? "");
      entered.delete(resumed[1] ?? "");
      if (began !== undefined && began.name === resumed[2])
        calls.push(callOf(began.name, `${began.text}${resumed[3]}`, resumed[4], began.line, line));
    }
  }
  return calls;
}

function callOf(
  name: string | undefined,
  text: string | undefined,
  result: string | undefined,
  enteredAt: number,
  returnedAt: number,
): SystemCall {
  return { name: name ?? "", text: text ?? "", result: Number(result), enteredAt, returnedAt };
}
