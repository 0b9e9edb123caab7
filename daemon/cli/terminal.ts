import { ERRORS, GatewayError, type Language } from "../../contract/errors.ts";

/** Where a command speaks: text for people, or one JSON document last for scripts. */
export interface Terminal {
  readonly language: Language;
  readonly json: boolean;
  /** A line for people; nothing in JSON mode. */
  say(line: string): void;
  /** The result: as JSON in JSON mode, else by the lines that `words` gives. */
  result(document: object, words: (language: Language) => readonly string[]): void;
}

export interface TerminalOptions {
  readonly json?: boolean;
  readonly lang?: string;
}

/** The terminal of this process. The language is what was asked for, else what the environment speaks. */
export function openTerminal(options: TerminalOptions): Terminal {
  const language = languageOf(
    options.lang ?? process.env.LC_ALL ?? process.env.LC_MESSAGES ?? process.env.LANG ?? "en",
  );
  const json = options.json === true;
  const print = (text: string) => process.stdout.write(`${text}\n`);
  return {
    language,
    json,
    say: (line) => {
      if (!json) print(line);
    },
    result: (document, words) => {
      if (json) print(JSON.stringify(document));
      else for (const line of words(language)) print(line);
    },
  };
}

function languageOf(text: string): Language {
  return text.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** An error as an operator should read it: what, why it may be, what to do, and the code. */
export function explain(
  error: unknown,
  language: Language,
): { readonly document: object; readonly lines: readonly string[] } {
  if (error instanceof GatewayError) {
    const { title, cause, remedy } = ERRORS[error.code];
    const detail = error.message.startsWith(`${title.en}: `) ? error.message.slice(title.en.length + 2) : undefined;
    return {
      document: {
        ok: false,
        code: error.code,
        title: title[language],
        remedy: remedy[language],
        ...(detail === undefined ? {} : { detail }),
      },
      lines: [
        `✗ ${title[language]}${detail === undefined ? "" : ` (${detail})`}`,
        `  ${cause[language]}`,
        `  → ${remedy[language]}  [${error.code}]`,
      ],
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { document: { ok: false, code: "UNEXPECTED", title: message }, lines: [`✗ ${message}`] };
}
