import { type Decoded, decoded, refused } from "../errors.ts";
import { type DocumentProblem, isObject, type JsonObject, note, ObjectReader } from "../foreign-json.ts";
import { addressOf } from "./addressing.ts";
import { parseSignal } from "./parse-signal.ts";
import type {
  CommandAddress,
  SignalDefinition,
  SignalGroup,
  SignalSet,
  SignalSetCommand,
  SyntheticSignal,
  YearFilter,
} from "./signal-set.ts";
import { filterText } from "./years.ts";

/** The largest sets known hold some 300 commands and 2,000 signals. */
const MOST_COMMANDS = 5_000;
const MOST_SIGNALS = 2_000;
const MOST_GROUPS = 500;
const MOST_YEARS = 200;

/**
 * Reads an OBDb signal set (format v3) from parsed JSON. A command or signal that is not sound is left out and listed in
 * `problems`; the rest stays usable. Unknown keys are listed too.
 * @returns error `invalid-definition` if the value is no signal set at all. Never throws.
 */
export function parseSignalSet(value: unknown): Decoded<SignalSet> {
  if (!isObject(value) || !Array.isArray(value.commands))
    return refused("invalid-definition", "a signal set is an object with a list of commands");
  const problems: DocumentProblem[] = [];
  const reader = new ObjectReader(value, "", problems);
  const session = hexByte(reader, "diagnosticLevel");
  const commands = reader
    .list("commands", MOST_COMMANDS)
    .map((command, index) => parseCommand(command, `commands[${index}]`, problems))
    .filter((command) => command !== undefined);
  const groups = reader
    .list("signalGroups", MOST_GROUPS)
    .map((group, index) => parseGroup(group, `signalGroups[${index}]`, problems))
    .filter((group) => group !== undefined);
  const synthetics = reader
    .list("synthetics", MOST_GROUPS)
    .map((synthetic, index) => parseSynthetic(synthetic, `synthetics[${index}]`, problems))
    .filter((synthetic) => synthetic !== undefined);
  reader.unknownKeys();
  return decoded({ commands, groups, synthetics, session, problems });
}

function parseCommand(value: unknown, at: string, problems: DocumentProblem[]): SignalSetCommand | undefined {
  if (!isObject(value)) {
    note(problems, at, "invalid");
    return undefined;
  }
  const reader = new ObjectReader(value, at, problems);
  const keys = {
    hdr: reader.text("hdr") ?? "",
    rax: reader.text("rax"),
    eax: reader.text("eax"),
    tst: reader.text("tst"),
    pri: reader.text("pri"),
    proto: reader.text("proto"),
    fcm1: reader.flag("fcm1"),
  };
  const address = addressOf(keys);
  const request = parseRequest(reader.object("cmd"));
  const everySeconds = reader.number("freq");
  const timeout = hexByte(reader, "tmo");
  const years = parseYears(reader.object("filter"), `${at}.filter`, problems);
  const sessionBefore = hexByte(reader, "din");
  const sessionAfter = hexByte(reader, "dout");
  // What the set's own app shows while a command is being found out; it says nothing about the answer.
  reader.flag("dbg");
  reader.object("dbgfilter");
  const signals = reader
    .list("signals", MOST_SIGNALS)
    .map((signal, index) => parseSignal(signal, `${at}.signals[${index}]`, problems))
    .filter((signal): signal is SignalDefinition => signal !== undefined);
  reader.unknownKeys();
  if (address === undefined) reader.problem(keys.hdr === "" ? "missing" : "invalid", "hdr");
  if (request === undefined) reader.problem("invalid", "cmd");
  if (address === undefined || request === undefined) return undefined;
  return {
    id: commandId(keys, request, timeout, years, address),
    ...request,
    address,
    years,
    everySeconds: everySeconds !== undefined && everySeconds > 0 ? everySeconds : 1,
    sessionBefore,
    sessionAfter,
    signals,
  };
}

type Request = { readonly service: number; readonly parameter: readonly number[] };

/** `{"22": "F190"}`: the service and, as its value, the identifier. */
function parseRequest(cmd: JsonObject | undefined): Request | undefined {
  if (cmd === undefined) return undefined;
  const [entry, ...more] = Object.entries(cmd);
  if (entry === undefined || more.length > 0) return undefined;
  const [service, parameter] = entry;
  if (!/^[0-9a-fA-F]{2}$/.test(service) || typeof parameter !== "string") return undefined;
  if (!/^(?:[0-9a-fA-F]{2}){1,8}$/.test(parameter)) return undefined;
  return {
    service: Number.parseInt(service, 16),
    parameter: Array.from({ length: parameter.length / 2 }, (_, i) =>
      Number.parseInt(parameter.slice(2 * i, 2 * i + 2), 16),
    ),
  };
}

function parseYears(filter: JsonObject | undefined, at: string, problems: DocumentProblem[]): YearFilter | undefined {
  if (filter === undefined || Object.keys(filter).length === 0) return undefined;
  const reader = new ObjectReader(filter, at, problems);
  const from = reader.number("from");
  const to = reader.number("to");
  const years = reader.list("years", MOST_YEARS).filter((year) => typeof year === "number");
  reader.unknownKeys();
  return { from, to, years };
}

/** The id that the set's own tools give a command, so that captures which name commands can be matched. */
function commandId(
  keys: { readonly hdr: string; readonly rax?: string | undefined; readonly proto?: string | undefined },
  request: Request,
  timeout: number | undefined,
  years: YearFilter | undefined,
  address: CommandAddress,
): string {
  const message = [request.service, ...request.parameter].map(hexText).join("");
  const properties = [
    ...(timeout === undefined ? [] : [`t=${hexText(timeout)}`]),
    ...(address.targetByte === undefined ? [] : [`e=${hexText(address.targetByte)}`]),
    ...(address.testerByte === undefined ? [] : [`ta=${hexText(address.testerByte)}`]),
    ...(address.manualFlowControl ? ["fc=1"] : []),
    ...(keys.proto === "9141-2" ? ["p=9141-2"] : []),
    ...(years === undefined ? [] : [`f=${filterText(years)}`]),
  ];
  const way = [keys.hdr, ...(keys.rax === undefined ? [] : [keys.rax]), message].join(".");
  return properties.length === 0 ? way : `${way}|${properties.join(",")}`;
}

function parseGroup(value: unknown, at: string, problems: DocumentProblem[]): SignalGroup | undefined {
  if (!isObject(value)) {
    note(problems, at, "invalid");
    return undefined;
  }
  const reader = new ObjectReader(value, at, problems);
  const id = reader.text("id");
  const pattern = reader.text("matchingRegex");
  const group = {
    name: reader.text("name"),
    path: reader.text("path"),
    suggestedMetricGroup: reader.text("suggestedMetricGroup"),
  };
  reader.unknownKeys();
  if (id === undefined || pattern === undefined) {
    reader.problem("missing", id === undefined ? "id" : "matchingRegex");
    return undefined;
  }
  return { id, pattern, ...group };
}

function parseSynthetic(value: unknown, at: string, problems: DocumentProblem[]): SyntheticSignal | undefined {
  if (!isObject(value)) {
    note(problems, at, "invalid");
    return undefined;
  }
  const reader = new ObjectReader(value, at, problems);
  const id = reader.text("id");
  const formula = reader.object("formula");
  const synthetic = {
    name: reader.text("name") ?? id ?? "",
    path: reader.text("path"),
    suggestedMetric: reader.text("suggestedMetric"),
    unit: reader.text("unit") ?? "scalar",
    min: reader.number("min") ?? 0,
    max: reader.number("max") ?? 0,
  };
  reader.unknownKeys();
  const terms = formula === undefined ? undefined : new ObjectReader(formula, `${at}.formula`, problems);
  const operation = terms?.text("op");
  const a = terms?.text("a");
  const b = terms?.text("b");
  terms?.unknownKeys();
  if (id === undefined || operation !== "ratio" || a === undefined || b === undefined) {
    reader.problem("invalid", "formula");
    return undefined;
  }
  return { id, ...synthetic, ratio: { a, b } };
}

function hexByte(reader: ObjectReader, key: string): number | undefined {
  const text = reader.text(key);
  if (text === undefined) return undefined;
  if (/^[0-9a-fA-F]{1,2}$/.test(text)) return Number.parseInt(text, 16);
  reader.problem("invalid", key);
  return undefined;
}

function hexText(byte: number): string {
  return byte.toString(16).padStart(2, "0").toUpperCase();
}
