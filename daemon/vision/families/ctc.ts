import { GatewayError } from "../../../contract/errors.ts";
import type { ModelManifest } from "../registry/manifest.ts";
import type { OnnxFile } from "../registry/onnx-file.ts";

/**
 * PP-OCR text recognition: connectionist temporal classification (Graves et al. 2006), read greedily.
 *
 * Output `[1, T, K]` of float32: for each of T columns of the line, the probability of each of K classes. Class 0 is the blank, class k the k-th
 * character of the dictionary; PP-OCR's files put a space behind it that no dictionary lists.
 */
export interface CtcText {
  readonly text: string;
  /** Mean over the characters of the probability with which each was read; 0 where nothing was read. */
  readonly confidence: number;
}

const BLANK = 0;

/**
 * The best class of each column, without repetitions and blanks. Of equal classes the first is the best; what is no number is none.
 * @param probabilities `T × K`
 * @param characters by class; the blank's is empty
 */
export function readGreedily(probabilities: Float32Array, characters: readonly string[]): CtcText {
  const classes = characters.length;
  let text = "";
  let sum = 0;
  let read = 0;
  let before = BLANK;
  for (let from = 0; from + classes <= probabilities.length; from += classes) {
    let best = BLANK;
    let probability = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < classes; index++) {
      if (!(probabilities[from + index]! > probability)) continue;
      best = index;
      probability = probabilities[from + index]!;
    }
    if (best !== BLANK && best !== before) {
      text += characters[best]!;
      sum += probability;
      read++;
    }
    before = best;
  }
  return { text, confidence: read === 0 ? 0 : sum / read };
}

/**
 * The characters behind a network's classes: the card's, else the file's own, with the blank before them and, where the network has one class more,
 * the space behind them.
 * @param classes K, as the network puts them out
 * @throws GatewayError MODEL_LABELS_MISMATCH where there is no dictionary, two that differ, or one of another length
 */
export function charactersOf(
  { characters }: Pick<ModelManifest, "characters">,
  { metadata }: Pick<OnnxFile, "metadata">,
  classes: number,
): string[] {
  const listed = metadata.get("character");
  const own = listed === undefined ? undefined : linesOf(listed);
  const dictionary = characters ?? own;
  if (dictionary === undefined) throw mismatch("neither the card nor the file lists the characters");
  if (characters !== undefined && own !== undefined && !same(characters, own))
    throw mismatch(`the card lists ${characters.length} characters, the file ${own.length}, and they are not the same`);
  if (classes === dictionary.length + 1) return ["", ...dictionary];
  if (classes === dictionary.length + 2) return ["", ...dictionary, " "];
  throw mismatch(
    `${dictionary.length} characters make ${dictionary.length + 1} or ${dictionary.length + 2} classes, the network has ${classes}`,
  );
}

/** One character a line; the last line may end or not. A line may hold any kind of space. */
function linesOf(listed: string): string[] {
  const lines = listed.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function mismatch(detail: string): GatewayError {
  return new GatewayError("MODEL_LABELS_MISMATCH", { detail });
}
