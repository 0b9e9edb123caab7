import { type AttributesOf, attributeReader } from "./attributes.ts";
import { layoutOf } from "./layout.ts";
import type { DbcFile, DbcMessage, DbcSignal, ValueTable } from "./model.ts";
import { withConditions } from "./multiplexing.ts";
import { findOverlaps } from "./overlaps.ts";
import type { ProblemList } from "./problems.ts";
import {
  isNode,
  type MessageStatement,
  type SignalStatement,
  type Statements,
  type Subject,
  subjectKey,
} from "./statements.ts";

const EXTENDED_FLAG = 0x80000000;
const INDEPENDENT_SIGNALS = "VECTOR__INDEPENDENT_SIG_MSG";
/** CAN FD ends at 64 bytes, J1939 transport at 1785; the rest is room for other transports. */
const MOST_BYTES = 4096;
const NO_WORDS: ValueTable = new Map();
const VARIABLE_KINDS = ["integer", "float", "text"] as const;

/** Puts the statements of a file together and looks for contradictions between them. */
export function assemble(statements: Statements, textEncoding: string): DbcFile {
  const { problems } = statements;
  const attributes = attributeReader(statements);
  const known = knownSubjects(statements);
  for (const { subject, line } of [...statements.comments, ...statements.values, ...statements.attributes])
    if (!known.has(subject)) problems.add("reference-unknown", line, subjectKey(subject));

  const context: Context = {
    statements,
    attributes,
    comments: new Map(statements.comments.map(({ subject, text }) => [subjectKey(subject), text])),
    words: wordsBySignal(statements),
    floats: floatsBySignal(statements, known),
    byMessage: groupStatements(statements, known),
  };
  const messages: DbcMessage[] = [];
  const unassignedSignals: DbcSignal[] = [];
  const seen = new Set<string>();
  const overlaps = findOverlaps();
  for (const statement of statements.messages) {
    if (statement.name === INDEPENDENT_SIGNALS) {
      unassignedSignals.push(...signalsOf(statement, context));
      continue;
    }
    const message = assembleMessage(statement, context);
    if (message === undefined) continue;
    const key = `${message.id}${message.extended ? "x" : ""}`;
    if (seen.has(key)) problems.add("duplicate-message-id", message.line, message.name);
    seen.add(key);
    for (const { code, line, about } of overlaps(message)) problems.add(code, line, about);
    messages.push(message);
  }
  return {
    version: statements.version,
    textEncoding,
    nodes: statements.nodes.map((name) => ({
      name: text(attributes, { kind: "node", name }, "SystemNodeLongSymbol") ?? name,
      comment: context.comments.get(subjectKey({ kind: "node", name })),
      attributes: attributes.own({ kind: "node", name }),
    })),
    messages,
    unassignedSignals,
    valueTables: statements.valueTables,
    environmentVariables: statements.variables.map(({ name, type, unit, access }) => ({
      name,
      // Access types from 8000 on mark a variable of text.
      kind: /8\d{3}$/.test(access) ? "text" : (VARIABLE_KINDS[type] ?? "data"),
      unit,
      comment: context.comments.get(subjectKey({ kind: "variable", name })),
    })),
    attributes: attributes.own({ kind: "file" }),
    comment: context.comments.get(subjectKey({ kind: "file" })),
    problems: problems.problems,
    furtherProblems: problems.further,
    passedOver: statements.passedOver,
  };
}

type Context = {
  readonly statements: Statements;
  readonly attributes: AttributesOf;
  readonly comments: ReadonlyMap<string, string>;
  readonly words: ReadonlyMap<string, ValueTable>;
  readonly floats: ReadonlyMap<string, number>;
  readonly byMessage: ReturnType<typeof groupStatements>;
};

function assembleMessage(statement: MessageStatement, context: Context): DbcMessage | undefined {
  const { problems } = context.statements;
  const { messageId, name: shortName, length, line } = statement;
  const flagged = messageId >= EXTENDED_FLAG;
  const id = flagged ? messageId - EXTENDED_FLAG : messageId;
  if (id > 0x1fffffff) {
    problems.add("message-id-impossible", line, `${shortName} ${messageId}`);
    return undefined;
  }
  if (length > MOST_BYTES) {
    problems.add("message-too-long", line, `${shortName} ${length}`);
    return undefined;
  }
  if (!flagged && id > 0x7ff) problems.add("identifier-flag-missing", line, `${shortName} ${messageId}`);
  const extended = flagged || id > 0x7ff;
  const subject: Subject = { kind: "message", messageId };
  const signals = signalsOf(statement, context);
  for (const signal of signals)
    if (layoutOf(signal).bytesNeeded > length)
      problems.add("signal-outside-data", signal.line, `${shortName}.${signal.name}`);
  const { sender, groups } = context.byMessage.get(messageId) ?? { sender: [], groups: [] };
  const cycleTime = context.attributes.value(subject, "GenMsgCycleTime");
  const format = frameFormat(context.attributes.value(subject, "VFrameFormat"));
  return {
    id,
    extended,
    name: text(context.attributes, subject, "SystemMessageLongSymbol") ?? shortName,
    shortName,
    length,
    fd: format?.endsWith("_FD") === true,
    j1939: extended && isJ1939(format, context.attributes),
    senders: [...new Set([...(statement.sender === undefined ? [] : [statement.sender]), ...sender].filter(isNode))],
    cycleTimeMs: typeof cycleTime === "number" && cycleTime > 0 ? cycleTime : undefined,
    signals,
    groups,
    comment: context.comments.get(subjectKey(subject)),
    attributes: context.attributes.own(subject),
    line,
  };
}

/** Vector's list of frame formats, for files that give VFrameFormat as a bare number. */
const FRAME_FORMATS: Readonly<Record<number, string>> = {
  0: "StandardCAN",
  1: "ExtendedCAN",
  3: "J1939PG",
  14: "StandardCAN_FD",
  15: "ExtendedCAN_FD",
};

function frameFormat(value: number | string | undefined): string | undefined {
  return typeof value === "number" ? FRAME_FORMATS[value] : value;
}

/** The message's own frame format counts; where the file has none, the network's protocol does. */
function isJ1939(format: string | undefined, attributes: AttributesOf): boolean {
  if (format !== undefined) return format === "J1939PG";
  return attributes.value({ kind: "file" }, "ProtocolType") === "J1939";
}

function signalsOf(message: MessageStatement, context: Context): DbcSignal[] {
  const { statements, attributes, comments, words, floats } = context;
  const { problems } = statements;
  const names = new Map<string, SignalStatement>();
  const possible = message.signals.filter((signal) => {
    const key = signalKey(message.messageId, signal.name);
    const before = names.get(signal.name);
    // One name under two selector values is how some tools write a signal that moves.
    if (before !== undefined && before.multiplexing === signal.multiplexing)
      problems.add("duplicate-signal-name", signal.line, `${message.name}.${signal.name}`);
    names.set(signal.name, signal);
    return isPossible(signal, floats.get(key), problems);
  });
  const selectors = context.byMessage.get(message.messageId)?.selectors ?? [];
  return withConditions(message, possible, selectors, problems, (signal, condition) => {
    const key = signalKey(message.messageId, signal.name);
    const subject: Subject = { kind: "signal", messageId: message.messageId, name: signal.name };
    if (signal.factor === 0) problems.add("factor-zero", signal.line, `${message.name}.${signal.name}`);
    // [0|0] is how files say that there are no limits.
    const limited = signal.minimum !== 0 || signal.maximum !== 0;
    return {
      name: text(attributes, subject, "SystemSignalLongSymbol") ?? signal.name,
      shortName: signal.name,
      startBit: signal.startBit,
      bitLength: signal.bitLength,
      byteOrder: signal.byteOrder,
      signed: signal.signed,
      encoding: floats.has(key) ? "float" : "integer",
      factor: signal.factor,
      offset: signal.offset,
      minimum: limited ? signal.minimum : undefined,
      maximum: limited ? signal.maximum : undefined,
      unit: signal.unit,
      receivers: signal.receivers,
      isMultiplexor: signal.multiplexing.endsWith("M"),
      condition,
      words: words.get(key) ?? NO_WORDS,
      comment: comments.get(key),
      attributes: attributes.own(subject),
      line: signal.line,
    };
  });
}

function isPossible(signal: SignalStatement, floatType: number | undefined, problems: ProblemList): boolean {
  const { name, startBit, bitLength, line } = signal;
  if (bitLength === 0 || bitLength > 8 * MOST_BYTES || startBit >= 8 * MOST_BYTES) {
    problems.add("signal-layout-impossible", line, `${name} ${startBit}|${bitLength}`);
    return false;
  }
  if (layoutOf(signal).bytesNeeded > MOST_BYTES) {
    problems.add("signal-layout-impossible", line, `${name} ${startBit}|${bitLength}`);
    return false;
  }
  if (floatType === undefined) return true;
  if (floatType !== 1 && floatType !== 2) {
    problems.add("signal-type-unknown", line, `${name} ${floatType}`);
    return false;
  }
  if (bitLength !== 16 && bitLength !== 32 && bitLength !== 64) {
    problems.add("float-length-impossible", line, `${name} ${bitLength}`);
    return false;
  }
  if (bitLength !== 32 * floatType) problems.add("float-type-mismatch", line, `${name} ${bitLength}`);
  return true;
}

function wordsBySignal({ values, valueTables, problems }: Statements): Map<string, ValueTable> {
  const words = new Map<string, ValueTable>();
  for (const { subject, values: given, line } of values) {
    const table = typeof given === "string" ? valueTables.get(given) : given;
    if (table === undefined) problems.add("reference-unknown", line, String(given));
    else words.set(subjectKey(subject), table);
  }
  return words;
}

/** Type 0 is an integer and needs no mention. */
function floatsBySignal({ valueTypes, problems }: Statements, known: KnownSubjects): Map<string, number> {
  const floats = new Map<string, number>();
  for (const { messageId, signal, type, line } of valueTypes) {
    if (!known.has({ kind: "signal", messageId, name: signal })) problems.add("reference-unknown", line, signal);
    if (type !== 0) floats.set(signalKey(messageId, signal), type);
  }
  return floats;
}

function groupStatements({ senders, groups, selectors, problems }: Statements, known: KnownSubjects) {
  type Group = {
    sender: string[];
    groups: DbcMessage["groups"][number][];
    selectors: Statements["selectors"];
  };
  const byMessage = new Map<number, Group>();
  const of = (messageId: number, line: number): Group => {
    const found = byMessage.get(messageId);
    if (found !== undefined) return found;
    if (!known.has({ kind: "message", messageId })) problems.add("reference-unknown", line, String(messageId));
    const group: Group = { sender: [], groups: [], selectors: [] };
    byMessage.set(messageId, group);
    return group;
  };
  for (const { messageId, names, line } of senders) of(messageId, line).sender.push(...names);
  for (const { messageId, name, repetitions, signals, line } of groups)
    of(messageId, line).groups.push({ name, repetitions, signals });
  for (const selector of selectors) {
    of(selector.messageId, selector.line).selectors.push(selector);
    if (!known.has({ kind: "signal", messageId: selector.messageId, name: selector.signal }))
      problems.add("reference-unknown", selector.line, selector.signal);
  }
  return byMessage;
}

type KnownSubjects = { has(subject: Subject): boolean };

function knownSubjects({ messages, nodes, variables }: Statements): KnownSubjects {
  const keys = new Set([subjectKey({ kind: "file" })]);
  for (const name of nodes) keys.add(subjectKey({ kind: "node", name }));
  for (const { name } of variables) keys.add(subjectKey({ kind: "variable", name }));
  for (const { messageId, signals } of messages) {
    keys.add(subjectKey({ kind: "message", messageId }));
    for (const { name } of signals) keys.add(signalKey(messageId, name));
  }
  return { has: (subject) => keys.has(subjectKey(subject)) };
}

function text(attributes: AttributesOf, subject: Subject, name: string): string | undefined {
  const value = attributes.value(subject, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function signalKey(messageId: number, name: string): string {
  return subjectKey({ kind: "signal", messageId, name });
}
