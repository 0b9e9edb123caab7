import type { Command } from "commander";
import { type ErrorCode, GatewayError, type Language } from "../../contract/errors.ts";
import {
  DbcDatabase,
  type DbcFile,
  describeProblem,
  lossesFirst,
  type MessageReading,
  parseDbc,
} from "../../vehicle-protocols/dbc/index.ts";
import { readVehicleFile } from "../vehicles/vehicle-file.ts";
import { answerLines, lineError, TOO_LONG } from "./json-lines.ts";
import type { Add } from "./program.ts";

/** A message put together from many frames has up to 4096 bytes. */
const MOST_DATA_BYTES = 4096;
const MOST_LINE_LENGTH = 20_000;
const MOST_PROBLEM_LINES = 20;

/** `baygate dbc decode`: frames in, values out, one JSON document a line, by the same code as the running gateway. */
export function dbcCommands(program: Command, add: Add): void {
  const dbc = program.command("dbc").description("read CAN frames by DBC files");
  add<{ dbc: readonly string[]; choices?: boolean }>(
    dbc,
    "decode",
    'decode frames: JSON lines {"id","extended"?,"data":hex} on stdin, {"message","signals"} on stdout',
    async (terminal, options) => {
      const files: DbcFile[] = [];
      for (const path of options.dbc) {
        const file = await readDbc(path);
        files.push(file);
        // Beside the answers, not among them: standard output is one line for each line of input.
        for (const line of problemLines(path, file, terminal.language)) process.stderr.write(`${line}\n`);
      }
      const database = new DbcDatabase(files);
      let refused = 0;
      await answerLines(process.stdin, process.stdout, MOST_LINE_LENGTH, (line) => {
        const frame = line === TOO_LONG ? "longer than a frame is" : parseFrameLine(line);
        if (typeof frame !== "string")
          return answerFrame(database, frame, { language: terminal.language, words: options.choices === true });
        refused += 1;
        return answerJson(null, new Map(), errorJson("DBC_FRAME_INVALID", terminal.language, frame));
      });
      return refused === 0 ? 0 : 1;
    },
  )
    .requiredOption(
      "--dbc <file>",
      "a DBC file; may be given several times, and of two descriptions of a message the later counts",
      (file: string, files: readonly string[] | undefined) => [...(files ?? []), file],
    )
    .option("--choices", "the file's words in place of numbers, where it has words");
}

async function readDbc(path: string): Promise<DbcFile> {
  const file = parseDbc(await readVehicleFile(path));
  if (!file.ok)
    throw new GatewayError("VEHICLE_FILE_INVALID", { detail: `${path}: ${file.error.message}`, cause: file.error });
  return file.value;
}

function* problemLines(path: string, file: DbcFile, language: Language): Generator<string> {
  const { problems, furtherProblems } = file;
  for (const problem of lossesFirst(problems).slice(0, MOST_PROBLEM_LINES))
    yield `${path}: ${describeProblem(problem, language)}`;
  const more = problems.length + furtherProblems - MOST_PROBLEM_LINES;
  if (more > 0) yield language === "en" ? `${path}: and ${more} more` : `${path}:另有 ${more} 处`;
}

export interface FrameLine {
  readonly id: number;
  /** Undefined where the line does not say. */
  readonly extended: boolean | undefined;
  readonly data: Uint8Array;
}

/** The frame of a line, or what is wrong with it. Bit 31 of an id marks it as extended, as in DBC files. */
export function parseFrameLine(line: string): FrameLine | string {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return "not JSON";
  }
  if (typeof document !== "object" || document === null || !("id" in document) || !("data" in document))
    return "no id and data";
  const { id: written, data } = document;
  if (typeof written !== "number" || !Number.isInteger(written)) return "id is not a whole number";
  const marked = written >= 0x80000000;
  const id = marked ? written - 0x80000000 : written;
  if (id < 0 || id > 0x1fffffff) return "id is none that CAN has";
  const said = "extended" in document && document.extended !== null ? document.extended : undefined;
  if (said !== undefined && typeof said !== "boolean") return "extended is neither true nor false";
  if (said === false && (marked || id > 0x7ff)) return "id has more than 11 bits, but extended is false";
  if (typeof data !== "string" || data.length > 2 * MOST_DATA_BYTES || !/^(?:[0-9a-fA-F]{2})*$/.test(data))
    return "data is not a text of hex bytes";
  return { id, extended: marked || id > 0x7ff ? true : said, data: Buffer.from(data, "hex") };
}

function answerFrame(
  database: DbcDatabase,
  { id, extended, data }: FrameLine,
  { language, words }: { readonly language: Language; readonly words: boolean },
): string {
  const reading =
    database.decode(id, extended ?? false, data) ??
    (extended === undefined ? database.decode(id, true, data) : undefined);
  if (reading === undefined) return answerJson(null, new Map(), errorJson("DBC_MESSAGE_UNKNOWN", language));
  const signals = new Map(
    reading.signals.map(({ signal, value, word }) => [signal.name, valueJson(value, words ? word : undefined)]),
  );
  return answerJson(reading.message.name, signals, absenceJson(reading, language));
}

/** JSON by hand: numbers beyond a double's precision keep all their digits, as JSON allows and `JSON.stringify` does not. */
function answerJson(message: string | null, signals: ReadonlyMap<string, string>, error: string | undefined): string {
  const entries = [...signals].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const end = error === undefined ? "" : `,"error":${error}`;
  return `{"message":${JSON.stringify(message)},"signals":{${entries.join(",")}}${end}}`;
}

/** A floating-point signal that is no number (NaN, infinity) is `null`: JSON has no word for it. */
function valueJson(value: number | bigint, word: string | undefined): string {
  if (word !== undefined) return JSON.stringify(word);
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function absenceJson({ absent }: MessageReading, language: Language): string | undefined {
  if (absent.length === 0) return undefined;
  return errorJson("DBC_FRAME_SHORT", language, absent.map(({ name }) => name).join(", "));
}

function errorJson(code: ErrorCode, language: Language, detail?: string): string {
  return JSON.stringify(lineError(code, language, detail).error);
}
