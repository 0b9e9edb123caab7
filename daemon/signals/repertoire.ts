import type { DongleId } from "../../contract/ids.ts";
import type { Dialogue } from "./dialogue.ts";
import {
  type MaximaOfUnits,
  maximaQuestions,
  type Question,
  readMaxima,
  readSupport,
  type SupportedPids,
  standardNames,
  standardQuestions,
  supportQuestion,
} from "./questions.ts";

/** What a car can be asked. */
export interface Repertoire {
  readonly standard: SupportedPids;
  /** With which scales the units tell some of it, where they are not the usual ones. */
  readonly maxima?: MaximaOfUnits;
  /** Questions of the vehicle catalogue that fit this car. */
  readonly own: readonly Question[];
  /** Why the car could not be asked what it knows of the standard; null when it was. */
  readonly code: string | null;
}

/** Three digits, and two more where a byte in front tells units apart. */
const LONGEST_11_BIT_ADDRESS = 5;

/** A car as far as it must be known to be asked. */
export interface AskedCar {
  readonly dongleId: DongleId;
  /** Ids from which its units answered a scan, in hex; empty before there was one. */
  readonly units: readonly string[];
}

/** Asks all units which standard PIDs they know, map after map, by the identifiers that the scan found or else by both kinds. */
export async function learnStandard(
  dialogue: Dialogue,
  { dongleId, units }: AskedCar,
): Promise<Omit<Repertoire, "own">> {
  const known = units.length > 0;
  const widths = known ? [units.some((unit) => unit.length > LONGEST_11_BIT_ADDRESS)] : [false, true];
  let code: string | null = null;
  for (const extended of widths) {
    const supported = new Map<string, Set<number>>();
    let base: number | undefined = 0;
    while (base !== undefined) {
      const outcome = await dialogue.read(dongleId, [supportQuestion(base, extended)]);
      const answers = outcome.readings.flatMap((reading) => reading.answers);
      code = answers.length > 0 ? null : (outcome.code ?? "CAR_SILENT");
      base = answers.length > 0 ? readSupport(answers, base, supported) : undefined;
    }
    if (supported.size === 0) continue;
    const questions = maximaQuestions(supported, extended);
    if (questions.length === 0) return { standard: supported, code: null };
    const { readings } = await dialogue.read(dongleId, questions);
    return { standard: supported, maxima: readMaxima(readings.flatMap(({ answers }) => answers)), code: null };
  }
  return { standard: new Map(), code };
}

/** Every value that the car can be asked for: name, unit and what its file calls it. */
export function askable({
  standard,
  own,
}: Repertoire): ReadonlyMap<string, { readonly unit: string; readonly label: string }> {
  const found = new Map<string, { unit: string; label: string }>();
  for (const name of standardNames(standard)) found.set(name, { unit: "", label: name });
  for (const { signals } of own)
    for (const { name, unit, label } of signals) if (!found.has(name)) found.set(name, { unit, label });
  return found;
}

/** The questions that tell these values, as few as there may be; names that the car cannot be asked for are passed over. */
export function questionsFor(
  names: ReadonlySet<string>,
  { standard, maxima, own }: Repertoire,
  together: boolean,
): readonly Question[] {
  const ofStandard = new Set(standardNames(standard));
  const questions = [
    ...standardQuestions(
      [...names].filter((name) => ofStandard.has(name)),
      standard,
      together,
      maxima,
    ),
  ];
  const open = new Set([...names].filter((name) => !ofStandard.has(name)));
  for (const question of own) {
    const told = question.signals.filter(({ name }) => open.has(name));
    if (told.length === 0) continue;
    questions.push(question);
    for (const { name } of told) open.delete(name);
  }
  return questions;
}
