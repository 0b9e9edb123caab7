import type { Command } from "commander";
import { GatewayError, type Language } from "../../contract/errors.ts";
import { toHex } from "../../vehicle-protocols/index.ts";
import {
  compileSignalSets,
  decodeCapture,
  parseCaptureFrame,
  parseSignalSet,
  type SignalDecoder,
  type SignalSet,
} from "../../vehicle-protocols/signal-set/index.ts";
import { editionOfPath, isInYears, readJsonFile } from "../vehicles/index.ts";
import { answerLines, lineError, TOO_LONG } from "./json-lines.ts";
import type { Add } from "./program.ts";

/** An ISO-TP message of 4,095 bytes in frames of 20 digits, several times over. */
const MOST_LINE_LENGTH = 4_000_000;
const MOST_FRAMES = 100_000;

/** `baygate obd decode`: captures in, payloads and values out, one JSON document a line, by the same code as the running gateway. */
export function obdCommands(program: Command, add: Add): void {
  const obd = program.command("obd").description("read what cars answer");
  add<{ signalset: readonly string[] }>(
    obd,
    "decode",
    'decode captures: JSON lines {"command","frames":[hex id and data],"year"?} on stdin, {"payloads","values"} on stdout',
    async (terminal, options) => {
      const sets = await Promise.all(options.signalset.map(async (file) => ({ file, set: await readSignalSet(file) })));
      const decoderFor = byYear(sets);
      let refused = 0;
      await answerLines(process.stdin, process.stdout, MOST_LINE_LENGTH, (line) => {
        const result = decodeLine(line, decoderFor, terminal.language);
        if ("error" in result) refused += 1;
        return JSON.stringify(result);
      });
      return refused === 0 ? 0 : 1;
    },
  ).requiredOption(
    "--signalset <file>",
    "an OBDb signal set; may be given several times",
    (file: string, files: readonly string[] | undefined) => [...(files ?? []), file],
  );
}

async function readSignalSet(file: string): Promise<SignalSet> {
  const set = parseSignalSet(await readJsonFile(file));
  if (!set.ok)
    throw new GatewayError("VEHICLE_FILE_INVALID", { detail: `${file}: ${set.error.message}`, cause: set.error });
  return set.value;
}

interface SetFile {
  readonly file: string;
  readonly set: SignalSet;
}

/** Decoders by model year, each made once. */
function byYear(sets: readonly SetFile[]): (year: number | undefined) => SignalDecoder {
  const decoders = new Map<number | undefined, SignalDecoder>();
  return (year) => {
    const known = decoders.get(year);
    if (known !== undefined) return known;
    const decoder = compileSignalSets(editionsFor(sets, year), { year });
    decoders.set(year, decoder);
    return decoder;
  };
}

/** Of several files of one vehicle whose names tell years, the one for the fewest that hold this year; the others as they are. */
export function editionsFor(sets: readonly SetFile[], year: number | undefined): readonly SignalSet[] {
  const editions = sets.map(({ file, set }) => ({ set, ...editionOfPath(file) }));
  const span = ({ years }: (typeof editions)[number]) => (years?.to ?? 9_999) - (years?.from ?? 0);
  return editions
    .filter((edition) => {
      const siblings = editions.filter(({ stem }) => stem === edition.stem);
      if (siblings.length === 1) return true;
      if (year === undefined) return edition.years === undefined || siblings.every(({ years }) => years !== undefined);
      const fitting = siblings.filter(({ years }) => isInYears(years, year)).toSorted((a, b) => span(a) - span(b));
      return edition === fitting[0];
    })
    .map(({ set }) => set);
}

interface DecodedLine {
  /** Id and payload of every whole message, as hex. */
  readonly payloads: readonly (readonly [id: string, payload: string])[];
  readonly values: Readonly<Record<string, number | string>>;
  /** Frames that are no frames, as they stood. */
  readonly ignored?: readonly string[];
}

/** One line of `obd decode`. A line that is no capture is answered by its error, and the next one goes on. */
function decodeLine(
  line: string | typeof TOO_LONG,
  decoderFor: (year: number | undefined) => SignalDecoder,
  language: Language,
): DecodedLine | ReturnType<typeof lineError> {
  const capture = line === TOO_LONG ? "longer than a capture is" : parseCapture(line);
  if (typeof capture === "string") return lineError("CAPTURE_LINE_INVALID", language, capture);
  const frames = capture.frames.map((text) => ({ text, frame: parseCaptureFrame(text, capture.command) }));
  const { payloads, readings } = decodeCapture(decoderFor(capture.year), {
    command: capture.command,
    frames: frames.map(({ frame }) => frame).filter((frame) => frame !== undefined),
  });
  const ignored = frames.filter(({ frame }) => frame === undefined).map(({ text }) => text.slice(0, 100));
  return {
    payloads: payloads.map(
      ({ id, extended, payload }) =>
        [
          id
            .toString(16)
            .toUpperCase()
            .padStart(extended ? 8 : 3, "0"),
          toHex(payload),
        ] as const,
    ),
    values: Object.fromEntries(readings.map(({ signal, value }) => [signal.id, value])),
    ...(ignored.length === 0 ? {} : { ignored }),
  };
}

interface Capture {
  readonly command: string;
  readonly frames: readonly string[];
  readonly year: number | undefined;
}

/** The capture of a line, or what is wrong with it. */
function parseCapture(line: string): Capture | string {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return "not JSON";
  }
  if (typeof document !== "object" || document === null || !("frames" in document)) return "no list of frames";
  const { frames } = document;
  if (!Array.isArray(frames) || frames.length > MOST_FRAMES || !frames.every((frame) => typeof frame === "string"))
    return "frames is not a list of texts";
  const command = "command" in document ? document.command : "";
  if (typeof command !== "string") return "command is not a text";
  const year = "year" in document && document.year !== null ? Number(document.year) : undefined;
  if (year !== undefined && !Number.isInteger(year)) return "year is not a whole number";
  return { command, frames, year };
}
