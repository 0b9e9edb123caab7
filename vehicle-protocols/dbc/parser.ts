import { type Decoded, decoded, refused } from "../errors.ts";
import { assemble } from "./assembly.ts";
import type { DbcFile } from "./model.ts";
import { Scanner, StatementError } from "./scanner.ts";
import {
  type MessageStatement,
  readAttribute,
  readAttributeDefinition,
  readAttributeValue,
  readComment,
  readGroup,
  readMessage,
  readPairs,
  readSelectors,
  readSenders,
  readSignal,
  readValues,
  readValueType,
  readVariable,
  Statements,
} from "./statements.ts";
import { decodeDbcText } from "./text.ts";

/** The largest known files of real vehicles have a tenth of each. */
const LIMITS = { bytes: 64_000_000, messages: 50_000, signals: 500_000, statements: 4_000_000 } as const;

/** Known statements without a word about values in frames. Signal types (SGTYPE_) only repeat what SG_ says in full. */
const PASSED_OVER = new Set(
  "BA_DEF_REL_ BA_DEF_DEF_REL_ BA_REL_ BU_SG_REL_ BU_EV_REL_ BU_BO_REL_ CAT_DEF_ CAT_ FILTER EV_DATA_ ENVVAR_DATA_ SGTYPE_ SGTYPE_VAL_ BA_DEF_SGTYPE_ BA_SGTYPE_ SIG_TYPE_REF_ SIGTYPE_VALTYPE_ NS_DESC_".split(
    " ",
  ),
);

/**
 * Reads a DBC file: Vector's grammar as tools and real files use it, in any of the encodings that they come in.
 * A statement that is unknown, broken or contradicts itself costs no more than itself and stands in `problems`.
 * @returns refused `too-large` beyond 64 MB, 50 000 messages, 500 000 signals or 4 million statements, and `not-understood`
 *   when nothing in the input is a statement of a DBC file
 */
export function parseDbc(input: Uint8Array | string): Decoded<DbcFile> {
  if (input.length > LIMITS.bytes) return refused("too-large", `a DBC file of more than ${LIMITS.bytes} bytes`);
  const { text, encoding } = typeof input === "string" ? { text: input, encoding: "text" } : decodeDbcText(input);
  const statements = new Statements();
  const reader = new StatementReader(text.includes("\n") ? text : text.replaceAll("\r", "\n"), statements);
  const excess = reader.readAll();
  if (excess !== undefined) return refused("too-large", `a DBC file of more than ${excess}`);
  if (reader.understood === 0) return refused("not-understood", "no statement of a DBC file in it");
  return decoded(assemble(statements, encoding));
}

class StatementReader {
  understood = 0;
  readonly #scanner: Scanner;
  readonly #into: Statements;
  #signals = 0;
  /** The message that SG_ lines belong to; undefined where none was, null after one that could not be read. */
  #message: MessageStatement | undefined | null;

  constructor(text: string, into: Statements) {
    this.#scanner = new Scanner(text, (word) => KEYWORDS.has(word));
    this.#into = into;
  }

  /** @returns the limit that was passed, if one was */
  readAll(): string | undefined {
    const scanner = this.#scanner;
    for (let count = 0; scanner.skipBlanks(); count++) {
      if (count > LIMITS.statements) return `${LIMITS.statements} statements`;
      if (this.#into.messages.length > LIMITS.messages) return `${LIMITS.messages} messages`;
      if (this.#signals > LIMITS.signals) return `${LIMITS.signals} signals`;
      const line = scanner.line;
      const keyword = scanner.peekWord();
      if (keyword !== "SG_" && keyword !== "BO_") this.#message = undefined;
      try {
        scanner.expect(keyword === "" ? ";" : keyword);
        this.#readStatement(keyword, line);
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        if (keyword === "BO_") this.#message = null;
        if (keyword === "SG_" && this.#message) this.#message.incomplete = true;
        this.#into.problems.add(error.code, line, `${keyword} ${error.message}`.trim());
        scanner.recover();
      }
    }
    return undefined;
  }

  /** A statement counts when it was read to its end. */
  #readStatement(keyword: string, line: number): void {
    const scanner = this.#scanner;
    const into = this.#into;
    switch (keyword) {
      case "":
        return;
      case "VERSION":
        into.version = scanner.quoted();
        break;
      case "NS_":
        scanner.expect(":");
        scanner.skipLoneWords();
        break;
      case "BS_":
        // Bit timing, of no use to who listens: `BS_: [baudrate : btr1 , btr2]`
        scanner.skipLine();
        break;
      case "BU_":
        scanner.expect(":");
        into.nodes.push(...scanner.wordsOfLines());
        break;
      case "BO_":
        this.#message = readMessage(scanner, line);
        into.messages.push(this.#message);
        break;
      case "SG_":
        this.#readSignal(line);
        break;
      case "BO_TX_BU_":
        into.senders.push(readSenders(scanner, line));
        break;
      case "SIG_VALTYPE_":
        into.valueTypes.push(readValueType(scanner, line));
        break;
      case "SG_MUL_VAL_":
        into.selectors.push(readSelectors(scanner, line));
        break;
      case "VAL_TABLE_":
        into.valueTables.set(scanner.word(), readPairs(scanner));
        break;
      case "VAL_":
        into.values.push(readValues(scanner, line));
        break;
      case "CM_":
        into.comments.push(readComment(scanner, line));
        break;
      case "BA_DEF_": {
        const definition = readAttributeDefinition(scanner);
        into.definitions.set(definition.name, definition);
        break;
      }
      case "BA_DEF_DEF_":
        into.defaults.set(scanner.quoted(), readAttributeValue(scanner));
        break;
      case "BA_":
        into.attributes.push(readAttribute(scanner, line));
        break;
      case "SIG_GROUP_":
        into.groups.push(readGroup(scanner, line));
        break;
      case "EV_":
        into.variables.push(readVariable(scanner));
        break;
      default:
        if (PASSED_OVER.has(keyword)) into.passedOver.set(keyword, (into.passedOver.get(keyword) ?? 0) + 1);
        else into.problems.add("unknown-statement", line, keyword);
        scanner.skipStatement();
        if (!PASSED_OVER.has(keyword)) return;
    }
    this.understood += 1;
  }

  #readSignal(line: number): void {
    const { problems } = this.#into;
    const signal = readSignal(this.#scanner, line, () => problems.add("limits-unreadable", line, "SG_"));
    this.#signals += 1;
    if (this.#message === undefined) throw new StatementError("signal-outside-message", signal.name);
    this.#message?.signals.push(signal);
  }
}

const KEYWORDS = new Set([
  ...PASSED_OVER,
  ..."VERSION NS_ BS_ BU_ BO_ SG_ BO_TX_BU_ SIG_VALTYPE_ SG_MUL_VAL_ VAL_TABLE_ VAL_ CM_ BA_DEF_ BA_DEF_DEF_ BA_ SIG_GROUP_ EV_".split(
    " ",
  ),
]);
