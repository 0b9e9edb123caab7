import type { DbcProblemCode } from "./problems.ts";

/** One statement cannot be read; caught by the parser's loop, never seen outside this folder. */
export class StatementError extends Error {
  readonly code: DbcProblemCode;

  constructor(code: DbcProblemCode, about: string) {
    super(about);
    this.code = code;
  }
}

const MOST_TEXT = 1_000_000;
// Anything but blanks and the signs that separate: names of real files are not always C identifiers.
const WORD = /[^\s:;,|@()[\]"]+/y;
const DIGITS = /\d+/y;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * Reads the text of a DBC file from front to back, in time linear in its length. Every method that does not find what it
 * names throws a StatementError.
 */
export class Scanner {
  readonly #text: string;
  readonly #isKeyword: (word: string) => boolean;
  #at = 0;
  #line = 1;
  #nextLineBreak: number;

  /** @param isKeyword whether a word begins a statement, if it stands at the beginning of a line */
  constructor(text: string, isKeyword: (word: string) => boolean) {
    this.#text = text;
    this.#isKeyword = isKeyword;
    this.#nextLineBreak = text.indexOf("\n");
  }

  /** The line where the scanner stands, counted from 1. */
  get line(): number {
    while (this.#nextLineBreak >= 0 && this.#nextLineBreak < this.#at) {
      this.#line += 1;
      this.#nextLineBreak = this.#text.indexOf("\n", this.#nextLineBreak + 1);
    }
    return this.#line;
  }

  /** Passes blanks, line breaks and `//` comments; whether text is left. */
  skipBlanks(): boolean {
    for (;;) {
      while (isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
      if (!this.#text.startsWith("//", this.#at)) return this.#at < this.#text.length;
      this.skipLine();
    }
  }

  /** The next word without taking it; empty where none stands. */
  peekWord(): string {
    this.skipBlanks();
    return this.#wordHere();
  }

  /** The next word, unless the next statement begins with it: then this one has lost its end. */
  word(): string {
    const word = this.peekWord();
    if (word === "" || this.#startsStatement(word)) throw this.#broken();
    this.#at += word.length;
    return word;
  }

  /** Words of this line with commas or blanks between them; the line may break after a comma. */
  wordsOfLine(): string[] {
    const words: string[] = [];
    for (;;) {
      this.#skipBlanksOfLine();
      if (this.#text[this.#at] === ",") {
        this.#at += 1;
        this.skipBlanks();
      }
      const word = this.#wordHere();
      if (word === "" || word.startsWith("//") || this.#startsStatement(word)) return words;
      this.#at += word.length;
      words.push(word);
    }
  }

  /** Words over any number of lines, commas between them or not, up to the next statement or to something else. */
  words(): string[] {
    const words: string[] = [];
    for (;;) {
      if (this.take(",")) this.skipBlanks();
      const word = this.peekWord();
      if (word === "" || this.#startsStatement(word)) return words;
      this.#at += word.length;
      words.push(word);
    }
  }

  /** Words of this line, and of the lines below that hold nothing but words and begin no statement. */
  wordsOfLines(): string[] {
    const words = this.wordsOfLine();
    for (;;) {
      const before = this.#at;
      this.skipBlanks();
      const more = this.wordsOfLine();
      if (more.length > 0 && this.#endsLine()) words.push(...more);
      else {
        this.#at = before;
        return words;
      }
    }
  }

  /** A whole number of digits only, up to `most`. */
  count(most: number): number {
    this.skipBlanks();
    DIGITS.lastIndex = this.#at;
    const digits = DIGITS.exec(this.#text)?.[0];
    if (digits === undefined || Number(digits) > most) throw this.#broken();
    this.#at += digits.length;
    return Number(digits);
  }

  /** A finite number with sign, point and exponent as they come. */
  number(): number {
    const value = readNumber(this.peekWord());
    if (value === undefined) throw this.#broken();
    this.word();
    return value;
  }

  /** Whether `sign` stands next; takes it if so. */
  take(sign: string): boolean {
    if (!this.sees(sign)) return false;
    this.#at += sign.length;
    return true;
  }

  expect(sign: string): void {
    if (!this.take(sign)) throw this.#broken();
  }

  /** Whether `sign` stands next, without taking it. */
  sees(sign: string): boolean {
    this.skipBlanks();
    return this.#text.startsWith(sign, this.#at);
  }

  /** A text in quotes, which may run over lines; `\"` is a quote within it. */
  quoted(): string {
    this.expect('"');
    const from = this.#at;
    for (let to = from; ; to++) {
      to = this.#text.indexOf('"', to);
      if (to < 0 || to - from > MOST_TEXT) throw new StatementError("unterminated-text", this.#excerpt(from));
      if (to > from && this.#text[to - 1] === "\\") continue;
      this.#at = to + 1;
      return this.#text.slice(from, to).replaceAll('\\"', '"');
    }
  }

  /** Passes what is left of the statement: up to its semicolon, or to a line that begins with a statement. */
  skipStatement(): void {
    while (this.skipBlanks()) {
      if (this.take(";")) return;
      if (this.sees('"')) {
        this.quoted();
        continue;
      }
      const word = this.#wordHere();
      if (this.#startsStatement(word)) return;
      this.#at += Math.max(1, word.length);
    }
  }

  /** After something unreadable: on to the next line that begins with a statement, which may be this one. */
  recover(): void {
    if (this.#startsStatement(this.#wordHere())) return;
    do {
      this.skipLine();
      this.#at += 1;
      this.#skipBlanksOfLine();
    } while (this.#at < this.#text.length && !this.#isKeyword(this.#wordHere()));
  }

  /** The words after NS_ on its line, and those that stand alone on the lines below. */
  skipLoneWords(): void {
    this.wordsOfLine();
    for (;;) {
      const before = this.#at;
      const word = this.peekWord();
      this.#at += word.length;
      this.#skipBlanksOfLine();
      const alone = this.#at >= this.#text.length || this.#text[this.#at] === "\n";
      if (word !== "" && alone) continue;
      this.#at = before;
      return;
    }
  }

  skipLine(): void {
    const lineBreak = this.#text.indexOf("\n", this.#at);
    this.#at = lineBreak < 0 ? this.#text.length : lineBreak;
  }

  #wordHere(): string {
    WORD.lastIndex = this.#at;
    return WORD.exec(this.#text)?.[0] ?? "";
  }

  #skipBlanksOfLine(): void {
    for (let code = this.#text.charCodeAt(this.#at); isBlank(code) && code !== 0x0a; ) {
      this.#at += 1;
      code = this.#text.charCodeAt(this.#at);
    }
  }

  #endsLine(): boolean {
    return this.#at >= this.#text.length || this.#text[this.#at] === "\n" || this.#text.startsWith("//", this.#at);
  }

  /** Whether `word`, the one that stands here, begins a statement. */
  #startsStatement(word: string): boolean {
    if (!this.#isKeyword(word)) return false;
    let before = this.#at - 1;
    while (before >= 0 && this.#text[before] !== "\n" && isBlank(this.#text.charCodeAt(before))) before -= 1;
    return before < 0 || this.#text[before] === "\n";
  }

  #broken(): StatementError {
    return new StatementError("broken-statement", this.#excerpt(this.#at));
  }

  #excerpt(at: number): string {
    return (
      this.#text
        .slice(at, at + 40)
        .split("\n", 1)[0]
        ?.trim() ?? ""
    );
  }
}

/** A finite number as DBC files write it; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

// What `\s` matches in WORD, so that a character is either part of a word or passed over.
function isBlank(code: number): boolean {
  return (
    code === 0x20 ||
    (code >= 0x09 && code <= 0x0d) ||
    code === 0xa0 ||
    code === 0xfeff ||
    (code >= 0x1680 && /\s/.test(String.fromCharCode(code)))
  );
}
