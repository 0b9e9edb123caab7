/** What an ELM327 writes, cut where it cuts: lines, and the prompt that ends an answer. */
export type ElmToken =
  /** `garbled`: the line held bytes that no ELM prints, or was longer than any answer; its text is not to be believed. */
  { readonly kind: "line"; readonly text: string; readonly garbled: boolean } | { readonly kind: "prompt" };

/** A KWP2000 message of 255 bytes with header, checksum and blanks is 780 characters; more than this is noise. */
const LONGEST_LINE = 1024;

const NUL = 0x00;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const PROMPT = 0x3e;

const PROMPT_TOKEN: ElmToken = { kind: "prompt" };

/**
 * Cuts the byte stream of an ELM327 into lines and prompts, however the bytes were split on their way. Lines end with CR, LF
 * or both; empty ones are dropped. NUL bytes are left out, as the data sheet advises. Keeps at most one line; never throws.
 */
export class ElmLineReader {
  #text = "";
  #garbled = false;

  push(bytes: Uint8Array): ElmToken[] {
    const tokens: ElmToken[] = [];
    for (const byte of bytes) {
      if (byte === CARRIAGE_RETURN || byte === LINE_FEED) this.#endLine(tokens);
      else if (byte === PROMPT) {
        this.#endLine(tokens);
        tokens.push(PROMPT_TOKEN);
      } else if (byte !== NUL) this.#add(byte);
    }
    return tokens;
  }

  /** Forgets what has begun: after a pause, or on a new connection. */
  reset(): void {
    this.#text = "";
    this.#garbled = false;
  }

  #add(byte: number): void {
    if (this.#text.length >= LONGEST_LINE) this.#garbled = true;
    else if (byte >= 0x20 && byte < 0x7f) this.#text += String.fromCharCode(byte);
    else if (byte !== TAB) this.#garbled = true;
  }

  #endLine(tokens: ElmToken[]): void {
    const text = this.#text.trim();
    if (text !== "" || this.#garbled) tokens.push({ kind: "line", text, garbled: this.#garbled });
    this.reset();
  }
}
