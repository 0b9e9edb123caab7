import type { Readable, Writable } from "node:stream";
import { ERRORS, type ErrorCode, type Language } from "../../contract/errors.ts";

/** A line that was longer than allowed; its text is gone. */
export const TOO_LONG: unique symbol = Symbol("too long");

/**
 * Answers every line of the input with one line of output, in order, for inputs of any length: a line is answered as soon as
 * it is there, a slow reader slows the input down, and never more than one chunk and one line are held. Empty lines are
 * passed over. Ends early, without an error, when the reader of the output goes away.
 * @param mostLength characters of a line; of a longer one `answer` gets `TOO_LONG`
 */
export async function answerLines(
  input: Readable,
  output: Writable,
  mostLength: number,
  answer: (line: string | typeof TOO_LONG) => string,
): Promise<void> {
  let gone = false;
  const onError = (error: NodeJS.ErrnoException) => {
    gone = true;
    if (error.code !== "EPIPE") input.destroy(error);
  };
  output.on("error", onError);
  const decoder = new TextDecoder();
  let rest = "";
  let tooLong = false;
  const answers = (text: string): string => {
    let written = "";
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (tooLong || line.length > mostLength) written += `${answer(TOO_LONG)}\n`;
      else if (line.trim() !== "") written += `${answer(line)}\n`;
      tooLong = false;
    }
    if (rest.length > mostLength) {
      tooLong = true;
      rest = "";
    }
    return written;
  };
  try {
    for await (const chunk of input) {
      const text = answers(decoder.decode(chunk, { stream: true }));
      if (gone) return;
      if (text !== "" && !output.write(text)) await drained(output);
    }
    const text = answers(`${decoder.decode()}\n`);
    if (text !== "" && !gone) output.write(text);
  } finally {
    output.off("error", onError);
  }
}

/** Resolves when the stream takes more, or will never again. */
function drained(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      output.off("drain", done);
      output.off("close", done);
      resolve();
    };
    output.on("drain", done);
    output.on("close", done);
  });
}

/** What stands in an answer in place of, or beside, what could not be read. */
export function lineError(code: ErrorCode, language: Language, detail?: string) {
  const { title, remedy } = ERRORS[code];
  return { error: { code, title: title[language], remedy: remedy[language], detail } };
}
