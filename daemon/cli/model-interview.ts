import { GatewayError } from "../../contract/errors.ts";
import {
  type Answers,
  type Missing,
  type OnnxFile,
  type Proposal,
  proposeCard,
  type Question,
} from "../vision/models.ts";

/** Asks a person; undefined when nobody answers any more. */
export type Ask = (missing: Missing) => Promise<string | undefined>;

/**
 * Completes the card of a bare ONNX file: from the file, the flags, and a person's answers where there is one to ask.
 * @param ask undefined: nobody is there
 * @throws GatewayError MODEL_FLAGS_MISSING naming every flag that is missing and what fits
 */
export async function interview(
  fileName: string,
  sha256: string,
  file: OnnxFile,
  given: Answers,
  ask: Ask | undefined,
): Promise<Proposal> {
  let answers = given;
  for (;;) {
    const proposal = proposeCard(fileName, sha256, file, answers);
    const [next] = proposal.missing;
    if (next === undefined) return proposal;
    const text = ask === undefined ? undefined : await ask(next);
    if (text === undefined) throw flagsMissing(proposal);
    answers = { ...answers, ...answered(next, text.trim()) };
  }
}

/** An answer that does not fit is none: it is asked again. */
function answered({ question, choices, count }: Missing, text: string): Answers {
  if (text === "" || (choices.length > 0 && !choices.includes(text))) return {};
  if (question === "size") return { size: parseSize(text) };
  if (question !== "labels") return { [question satisfies Exclude<Question, "size" | "labels">]: text };
  const labels = parseLabels(text);
  return count === undefined || labels.length === count ? { labels } : {};
}

/** `640x480` or `640`: width and height in pixels. */
export function parseSize(text: string): Answers["size"] {
  const [, width, height = width] = /^(\d{2,4})(?:[x×](\d{2,4}))?$/.exec(text) ?? [];
  return width === undefined ? undefined : { width: Number(width), height: Number(height) };
}

/** `scratch,dent,…` in the order of the network's outputs. */
export function parseLabels(text: string): string[] {
  return text
    .split(/[,，、]/)
    .map((label) => label.trim())
    .filter((label) => label !== "");
}

function flagsMissing({ missing, file }: Proposal): GatewayError {
  const flags = missing.map((each) => `--${each.question}${hintOf(each)}`);
  return new GatewayError("MODEL_FLAGS_MISSING", {
    detail: `${flags.join(", ")}; the file has ${file.inputs.join(", ")} → ${file.outputs.join(", ")}`,
    details: { missing, file },
  });
}

export function hintOf({ choices, count }: Missing): string {
  if (choices.length > 0) return ` (${choices.join(" | ")})`;
  return count === undefined ? "" : ` (${count})`;
}
