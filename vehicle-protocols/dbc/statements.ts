import type { ExactNumber, SelectorRange } from "./model.ts";
import { ProblemList } from "./problems.ts";
import { readNumber, type Scanner, StatementError } from "./scanner.ts";

// The statements as written, before they are put together: `messageId` is still the file's number with its flag in bit 31.

export type SignalStatement = {
  readonly name: string;
  /** "", "M", "m3" or "m3M". */
  readonly multiplexing: string;
  readonly startBit: number;
  readonly bitLength: number;
  readonly byteOrder: "intel" | "motorola";
  readonly signed: boolean;
  readonly factor: number;
  readonly offset: number;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly unit: string;
  readonly receivers: readonly string[];
  readonly line: number;
};

export type MessageStatement = {
  readonly messageId: number;
  readonly name: string;
  readonly length: number;
  readonly sender: string | undefined;
  readonly signals: SignalStatement[];
  /** An SG_ line among them could not be read. */
  incomplete: boolean;
  readonly line: number;
};

/** What a comment, an attribute or a table is about. */
export type Subject =
  | { readonly kind: "file" }
  | { readonly kind: "node" | "variable"; readonly name: string }
  | { readonly kind: "message"; readonly messageId: number }
  | { readonly kind: "signal"; readonly messageId: number; readonly name: string };

export type ValueStatement = {
  readonly subject: Subject;
  /** The pairs, or the name of a table of VAL_TABLE_. */
  readonly values: ReadonlyMap<ExactNumber, string> | string;
  readonly line: number;
};

export type AttributeDefinition = {
  readonly name: string;
  readonly type: "INT" | "HEX" | "FLOAT" | "STRING" | "ENUM";
  readonly choices: readonly string[];
};

export type AttributeStatement = {
  readonly name: string;
  readonly subject: Subject;
  /** As written: text in quotes and number alike. */
  readonly value: string;
  readonly line: number;
};

export type SelectorStatement = {
  readonly messageId: number;
  readonly signal: string;
  readonly multiplexor: string;
  readonly ranges: readonly SelectorRange[];
  readonly line: number;
};

export type CommentStatement = { readonly subject: Subject; readonly text: string; readonly line: number };
export type SenderStatement = { readonly messageId: number; readonly names: readonly string[]; readonly line: number };
export type ValueTypeStatement = {
  readonly messageId: number;
  readonly signal: string;
  /** 0 integer, 1 IEEE 754 single, 2 double. */
  readonly type: number;
  readonly line: number;
};
export type GroupStatement = {
  readonly messageId: number;
  readonly name: string;
  readonly repetitions: number;
  readonly signals: readonly string[];
  readonly line: number;
};
export type VariableStatement = {
  readonly name: string;
  readonly type: number;
  readonly unit: string;
  readonly access: string;
};

/** Everything that was read, in the order of the file; put together by `assemble`. */
export class Statements {
  version = "";
  readonly nodes: string[] = [];
  readonly messages: MessageStatement[] = [];
  readonly senders: SenderStatement[] = [];
  readonly valueTypes: ValueTypeStatement[] = [];
  readonly selectors: SelectorStatement[] = [];
  readonly valueTables = new Map<string, ReadonlyMap<ExactNumber, string>>();
  readonly values: ValueStatement[] = [];
  readonly comments: CommentStatement[] = [];
  readonly definitions = new Map<string, AttributeDefinition>();
  readonly defaults = new Map<string, string>();
  readonly attributes: AttributeStatement[] = [];
  readonly groups: GroupStatement[] = [];
  readonly variables: VariableStatement[] = [];
  readonly passedOver = new Map<string, number>();
  readonly problems = new ProblemList();
}

const MOST_ID = 0xffffffff;
/** Wide enough for every start bit, length and selector that files hold; what is possible is judged later. */
const MOST_COUNT = Number.MAX_SAFE_INTEGER;
const MULTIPLEXING = /^(?:M|m\d{1,10}M?)$/;

/** `BO_ <id> <name> : <length> <sender>` */
export function readMessage(scanner: Scanner, line: number): MessageStatement {
  const messageId = scanner.count(MOST_ID);
  const name = scanner.word();
  scanner.expect(":");
  const length = scanner.count(MOST_COUNT);
  const sender = scanner.wordsOfLine()[0];
  return { messageId, name, length, sender, signals: [], incomplete: false, line };
}

/**
 * `SG_ <name> [<multiplexing>] : <start>|<length>@<order><sign> (<factor>,<offset>) [<min>|<max>] "<unit>" <receivers>`
 * @param unreadableLimits called when the limits are no numbers, which costs nothing but themselves
 */
export function readSignal(scanner: Scanner, line: number, unreadableLimits: () => void): SignalStatement {
  const name = scanner.word();
  const multiplexing = scanner.sees(":") ? "" : scanner.word();
  if (multiplexing !== "" && !MULTIPLEXING.test(multiplexing))
    throw new StatementError("broken-statement", multiplexing);
  scanner.expect(":");
  const startBit = scanner.count(MOST_COUNT);
  scanner.expect("|");
  const bitLength = scanner.count(MOST_COUNT);
  scanner.expect("@");
  const order = scanner.count(MOST_COUNT);
  const signed = scanner.take("-");
  if (!signed) scanner.expect("+");
  scanner.expect("(");
  const factor = scanner.number();
  scanner.expect(",");
  const offset = scanner.number();
  scanner.expect(")");
  scanner.expect("[");
  const minimum = readLimit(scanner, "|");
  const maximum = readLimit(scanner, "]");
  if (minimum === undefined || maximum === undefined) unreadableLimits();
  const unit = scanner.quoted();
  const receivers = scanner.wordsOfLine().filter(isNode);
  if (order > 1) throw new StatementError("signal-layout-impossible", name);
  const byteOrder = order === 1 ? "intel" : "motorola";
  return {
    name,
    multiplexing,
    startBit,
    bitLength,
    byteOrder,
    signed,
    factor,
    offset,
    minimum,
    maximum,
    unit,
    receivers,
    line,
  };
}

/** Undefined where nothing stands, or no number. */
function readLimit(scanner: Scanner, end: "|" | "]"): number | undefined {
  const limit = scanner.sees(end) ? undefined : readNumber(scanner.word());
  scanner.expect(end);
  return limit;
}

/** The name that tools write where nobody sends or receives. */
export function isNode(name: string): boolean {
  return name !== "Vector__XXX" && name !== "VECTOR__XXX";
}

/** `BO_ <id>`, `SG_ <id> <signal>`, `BU_ <node>`, `EV_ <variable>`, or nothing for the file. */
function readSubject(scanner: Scanner): Subject {
  const keyword = scanner.peekWord();
  switch (keyword) {
    case "BO_":
      scanner.take(keyword);
      return { kind: "message", messageId: scanner.count(MOST_ID) };
    case "SG_":
      scanner.take(keyword);
      return { kind: "signal", messageId: scanner.count(MOST_ID), name: scanner.word() };
    case "BU_":
    case "EV_":
      scanner.take(keyword);
      return { kind: keyword === "BU_" ? "node" : "variable", name: scanner.word() };
    default:
      return { kind: "file" };
  }
}

/** `VAL_ <id> <signal> <number> "<word>" … ;`, `VAL_ <variable> …`, or a table's name in place of the pairs. */
export function readValues(scanner: Scanner, line: number): ValueStatement {
  const about = scanner.word();
  const subject: Subject = /^\d+$/.test(about)
    ? { kind: "signal", messageId: Number(about), name: scanner.word() }
    : { kind: "variable", name: about };
  const table = scanner.peekWord();
  if (table !== "" && readNumber(table) === undefined) {
    scanner.word();
    scanner.expect(";");
    return { subject, values: table, line };
  }
  return { subject, values: readPairs(scanner), line };
}

/** `<number> "<word>" … ;` */
export function readPairs(scanner: Scanner): Map<ExactNumber, string> {
  const pairs = new Map<ExactNumber, string>();
  while (!scanner.take(";")) pairs.set(wholeNumber(scanner.word()), scanner.quoted());
  return pairs;
}

/** `BA_DEF_ [BU_|BO_|SG_|EV_] "<name>" <type> … ;` */
export function readAttributeDefinition(scanner: Scanner): AttributeDefinition {
  if (!scanner.sees('"')) scanner.word();
  const name = scanner.quoted();
  const type = scanner.word();
  const choices: string[] = [];
  if (type === "ENUM") {
    while (scanner.sees('"')) {
      choices.push(scanner.quoted());
      scanner.take(",");
    }
  } else if (type === "INT" || type === "HEX" || type === "FLOAT") {
    scanner.words();
  } else if (type !== "STRING") {
    throw new StatementError("broken-statement", `${name} ${type}`);
  }
  scanner.expect(";");
  return { name, type, choices };
}

/** `BA_ "<name>" [<subject>] <value> ;` */
export function readAttribute(scanner: Scanner, line: number): AttributeStatement {
  const name = scanner.quoted();
  const subject = readSubject(scanner);
  return { name, subject, value: readAttributeValue(scanner), line };
}

/** `<number> ;` or `"<text>" ;` */
export function readAttributeValue(scanner: Scanner): string {
  const value = scanner.sees('"') ? scanner.quoted() : scanner.word();
  scanner.expect(";");
  return value;
}

/** `SG_MUL_VAL_ <id> <signal> <multiplexor> <from>-<to>, … ;` */
export function readSelectors(scanner: Scanner, line: number): SelectorStatement {
  const messageId = scanner.count(MOST_ID);
  const signal = scanner.word();
  const multiplexor = scanner.word();
  const ranges: SelectorRange[] = [];
  while (!scanner.take(";")) {
    const from = scanner.count(MOST_COUNT);
    scanner.expect("-");
    ranges.push([from, scanner.count(MOST_COUNT)]);
    scanner.take(",");
  }
  return { messageId, signal, multiplexor, ranges, line };
}

/** `CM_ [<subject>] "<text>" ;` */
export function readComment(scanner: Scanner, line: number): CommentStatement {
  const subject = readSubject(scanner);
  const text = scanner.quoted();
  scanner.expect(";");
  return { subject, text, line };
}

/** `BO_TX_BU_ <id> : <node>, … ;` */
export function readSenders(scanner: Scanner, line: number): SenderStatement {
  const messageId = scanner.count(MOST_ID);
  scanner.expect(":");
  const names = scanner.words().filter(isNode);
  scanner.expect(";");
  return { messageId, names, line };
}

/** `SIG_VALTYPE_ <id> <signal> : <type> ;` */
export function readValueType(scanner: Scanner, line: number): ValueTypeStatement {
  const messageId = scanner.count(MOST_ID);
  const signal = scanner.word();
  scanner.take(":");
  const type = scanner.count(MOST_COUNT);
  scanner.expect(";");
  return { messageId, signal, type, line };
}

/** `SIG_GROUP_ <id> <name> <repetitions> : <signal> … ;` */
export function readGroup(scanner: Scanner, line: number): GroupStatement {
  const messageId = scanner.count(MOST_ID);
  const name = scanner.word();
  const repetitions = scanner.count(MOST_COUNT);
  scanner.expect(":");
  const signals = scanner.words();
  scanner.expect(";");
  return { messageId, name, repetitions, signals, line };
}

/** `EV_ <name> : <type> [<min>|<max>] "<unit>" <initial> <id> <access> <nodes> ;` */
export function readVariable(scanner: Scanner): VariableStatement {
  const name = scanner.word();
  scanner.expect(":");
  const type = scanner.count(MOST_COUNT);
  scanner.expect("[");
  scanner.number();
  scanner.expect("|");
  scanner.number();
  scanner.expect("]");
  const unit = scanner.quoted();
  scanner.number();
  scanner.number();
  const [access = ""] = scanner.words();
  scanner.expect(";");
  return { name, type, unit, access };
}

function wholeNumber(text: string): ExactNumber {
  if (/^[-+]?\d{16,}$/.test(text)) {
    const exact = BigInt(text.replace("+", ""));
    return exact >= Number.MIN_SAFE_INTEGER && exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact;
  }
  const value = readNumber(text);
  if (value === undefined) throw new StatementError("broken-statement", text);
  // -0 is no key of its own.
  return value + 0;
}

/** Names hold no blanks, so that no two subjects have one key. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case "file":
      return "file";
    case "message":
      return `BO_ ${subject.messageId}`;
    case "signal":
      return `SG_ ${subject.messageId} ${subject.name}`;
    default:
      return `${subject.kind === "node" ? "BU_" : "EV_"} ${subject.name}`;
  }
}
