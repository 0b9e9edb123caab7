import { type Decoded, decoded, refused } from "../errors.ts";
import type { DocumentProblem } from "../foreign-json.ts";
import { isObject, type JsonObject, note, ObjectReader } from "../foreign-json.ts";
import { type ElmSetup, elmSetup } from "./elm-setup.ts";
import { type Expression, evaluateExpression, parseExpression } from "./expression.ts";
import { framedBytes } from "./framed-bytes.ts";

/** What one car of a WiCAN vehicle profile can be asked. */
export type WicanProfile = {
  /** As written, usually `Make: Model`. */
  readonly carModel: string;
  readonly commands: readonly WicanCommand[];
};

export type WicanCommand = {
  /** The request, service id first. */
  readonly request: Uint8Array;
  readonly setup: ElmSetup;
  readonly parameters: readonly WicanParameter[];
};

export type WicanParameter = {
  /** WiCAN's name, for example `SOC` or `HV_C_V_001`. */
  readonly name: string;
  readonly expression: Expression;
  /** As the file says; the files of single cars leave it out. */
  readonly unit: string | undefined;
  /** A value outside is not one. */
  readonly min: number | undefined;
  readonly max: number | undefined;
};

export type WicanProfiles = {
  readonly cars: readonly WicanProfile[];
  /** What was left out and why, each with its place in the file. */
  readonly problems: readonly DocumentProblem[];
};

/** The merged file of all cars holds some hundred. */
const MOST_CARS = 2_000;
const MOST_PIDS = 1_000;
const MOST_PARAMETERS = 2_000;
/** `extends` chains longer than this are taken for a circle. */
const LONGEST_CHAIN = 8;

/**
 * Reads a WiCAN vehicle profile: the file of a single car, or the merged file with many (`{"cars": […]}`). What is not
 * sound is left out and listed in `problems`; the rest stays usable.
 * @returns error `invalid-definition` if the value is no profile at all. Never throws.
 */
export function parseWicanProfiles(value: unknown): Decoded<WicanProfiles> {
  const list = isObject(value) ? (Array.isArray(value.cars) ? value.cars : [value]) : [];
  if (!list.some((car) => isObject(car) && Array.isArray(car.pids)))
    return refused("invalid-definition", "a vehicle profile is an object with a list of pids, or a list of such cars");
  const problems: DocumentProblem[] = [];
  if (list.length > MOST_CARS) note(problems, "cars", "too-many");
  const cars = list.slice(0, MOST_CARS).filter(isObject);
  const byName = new Map(cars.map((car): [unknown, JsonObject] => [car.car_model, car]));
  return decoded({ cars: cars.map((car, index) => parseCar(car, `cars[${index}]`, byName, problems)), problems });
}

function parseCar(
  car: JsonObject,
  at: string,
  byName: ReadonlyMap<unknown, JsonObject>,
  problems: DocumentProblem[],
): WicanProfile {
  const reader = new ObjectReader(car, at, problems);
  const carModel = reader.text("car_model") ?? "";
  const parent = reader.text("extends");
  if (carModel === "") reader.problem("missing", "car_model");
  for (const key of ["init", "pids", "note", "comment", "$comments", "add_to_docs"]) reader.raw(key);
  reader.unknownKeys();
  const lineage = [car];
  for (let name: unknown = parent; name !== undefined; name = lineage.at(-1)?.extends) {
    const ancestor = byName.get(name);
    if (ancestor === undefined || lineage.length > LONGEST_CHAIN) {
      reader.problem("invalid", "extends");
      break;
    }
    lineage.push(ancestor);
  }
  // A car's own set-up comes after that of the one it extends; its own command goes before the same one there.
  const init = lineage.toReversed().map(({ init: text }) => (typeof text === "string" ? text : ""));
  const commands: WicanCommand[] = [];
  for (const [generation, member] of lineage.entries()) {
    const place = generation === 0 ? at : `${at}.extends`;
    const pids = new ObjectReader(member, place, problems).list("pids", MOST_PIDS);
    const inherited = pids
      .map((pid, index) => parsePid(pid, init, `${place}.pids[${index}]`, problems))
      .filter((command) => command !== undefined)
      .filter((command) => !commands.some((own) => isSameQuestion(own, command)));
    commands.push(...inherited);
  }
  return { carModel, commands };
}

function isSameQuestion(a: WicanCommand, b: WicanCommand): boolean {
  return a.setup.requestId === b.setup.requestId && a.request.join() === b.request.join();
}

function parsePid(
  value: unknown,
  init: readonly string[],
  at: string,
  problems: DocumentProblem[],
): WicanCommand | undefined {
  if (!isObject(value)) {
    note(problems, at, "invalid");
    return undefined;
  }
  const reader = new ObjectReader(value, at, problems);
  const pid = reader.text("pid")?.replace(/\s+/g, "") ?? "";
  const ownInit = reader.text("pid_init") ?? "";
  const parameters = parseParameters(reader.raw("parameters"), `${at}.parameters`, problems);
  reader.raw("period");
  reader.raw("$comments");
  reader.unknownKeys();
  // A digit more than whole bytes is the ELM327's count of expected answers.
  const digits = pid.slice(0, pid.length - (pid.length % 2));
  if (!/^(?:[0-9a-fA-F]{2}){1,8}$/.test(digits)) {
    reader.problem(pid === "" ? "missing" : "invalid", "pid");
    return undefined;
  }
  const request = Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return { request, setup: elmSetup(...init, ownInit), parameters };
}

/** `{"SOC": "B10/2"}` in the file of a car, `[{"name": "SOC", "expression": "B10/2", "unit": "%"}]` in the merged one. */
function parseParameters(value: unknown, at: string, problems: DocumentProblem[]): readonly WicanParameter[] {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((entry, index) => [`[${index}]`, entry])
    : isObject(value)
      ? Object.entries(value).map(([name, expression]) => [
          `.${name}`,
          isObject(expression) ? { name, ...expression } : { name, expression },
        ])
      : [];
  if (value !== undefined && entries.length === 0 && !Array.isArray(value) && !isObject(value))
    note(problems, at, "invalid");
  if (entries.length > MOST_PARAMETERS) note(problems, at, "too-many");
  return entries.slice(0, MOST_PARAMETERS).flatMap(([place, entry]) => {
    const parameter = parseParameter(entry, `${at}${place}`, problems);
    return parameter === undefined ? [] : [parameter];
  });
}

function parseParameter(value: unknown, at: string, problems: DocumentProblem[]): WicanParameter | undefined {
  if (!isObject(value)) {
    note(problems, at, "invalid");
    return undefined;
  }
  const reader = new ObjectReader(value, at, problems);
  const name = reader.text("name") ?? "";
  const expression = parseExpression(reader.text("expression") ?? "");
  const unit = reader.text("unit");
  if (name === "" || !expression.ok) {
    reader.problem("invalid", name === "" ? "name" : "expression");
    return undefined;
  }
  return {
    name,
    expression: expression.value,
    unit: unit === "none" ? "" : unit,
    min: limit(reader.raw("min")),
    max: limit(reader.raw("max")),
  };
}

/** Limits stand as text in the merged file; an empty one is none. */
function limit(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export type WicanReading = { readonly parameter: WicanParameter; readonly value: number };

/**
 * The parameters of an answer put together by ISO-TP. One whose bytes are not there, or whose value is outside its limits,
 * is not among them.
 * @param payload positive answer of the ECU, service id first
 * @param voltage the dongle's supply voltage, for expressions with `V`
 */
export function readWicanParameters(
  { parameters, setup, request }: WicanCommand,
  payload: Uint8Array,
  voltage?: number,
): readonly WicanReading[] {
  if (!answers(payload, request)) return [];
  // The ECU writes the tester's address before the PCI; which byte it is does not matter to the numbering.
  const byteAt = framedBytes(payload, setup.targetByte === undefined ? undefined : 0xf1);
  return parameters.flatMap((parameter) => {
    const value = evaluateExpression(parameter.expression, byteAt, voltage);
    if (value === undefined || value < (parameter.min ?? value) || value > (parameter.max ?? value)) return [];
    return [{ parameter, value }];
  });
}

/** The positive answer to a request: service id + 40 hex and the same identifier. */
function answers(payload: Uint8Array, request: Uint8Array): boolean {
  const width = request[0] === 0x22 ? 3 : 2;
  return (
    payload[0] === (request[0] ?? 0) + 0x40 &&
    request.subarray(1, width).every((byte, index) => payload[index + 1] === byte)
  );
}
