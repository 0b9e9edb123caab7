import { cellIsWhite, MARKER_DICTIONARIES } from "./markers/dictionaries.ts";

const DICTIONARY = "apriltag-36h11";

/** How many different cards there are. */
export const CARDS = (MARKER_DICTIONARIES.find(({ name }) => name === DICTIONARY)?.words.length ?? 0) / 2;

/**
 * A marker card to print, as an SVG in true millimetres: AprilTag 36h11 with its white margin, a scale of the same length to check the print by, and
 * what to do with it in both languages.
 * @param sideMm of the black square
 * @param id from 0 to CARDS − 1; a shop needs one only
 */
export function printableCard(sideMm: number, id: number): string {
  const dictionary = MARKER_DICTIONARIES.find(({ name }) => name === DICTIONARY);
  if (dictionary === undefined) throw new TypeError(`no dictionary ${DICTIONARY}`);
  const side = dictionary.cells + 2;
  const cell = sideMm / side;
  const margin = Math.max(2 * cell, 8);
  const white = Array.from({ length: dictionary.cells ** 2 }, (_, at) => [
    Math.floor(at / dictionary.cells),
    at % dictionary.cells,
  ])
    .filter(([row, column]) => cellIsWhite(dictionary, id, row!, column!))
    .map(
      ([row, column]) => `M${mm((column! + 1) * cell)} ${mm((row! + 1) * cell)}h${mm(cell)}v${mm(cell)}h${mm(-cell)}z`,
    );
  const width = sideMm + 2 * margin;
  const text = Math.max(2.2, sideMm / 18);
  const height = width + 5 * text;
  const line = (at: number, words: string) =>
    `<text x="${mm(margin)}" y="${mm(width + at * text)}" font-size="${mm(text)}" font-family="sans-serif">${words}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${mm(width)}mm" height="${mm(height)}mm" viewBox="0 0 ${mm(width)} ${mm(height)}">
<rect width="100%" height="100%" fill="#fff"/>
<g transform="translate(${mm(margin)} ${mm(margin)})">
<rect width="${mm(sideMm)}" height="${mm(sideMm)}" fill="#000"/>
<path fill="#fff" d="${white.join("")}"/>
</g>
<path d="M${mm(margin)} ${mm(width)}h${mm(sideMm)}m0 -1v2m${mm(-sideMm)} 0v-2" stroke="#000" stroke-width=".3" fill="none"/>
${line(1.5, `${mm(sideMm)} mm · 36h11 ${id}`)}
${line(2.8, "Print at 100 %, then measure this line.")}
${line(4.1, "按 100% 打印,并用尺核对上方线段长度。")}
</svg>
`;
}

/** Thousandths are finer than any printer. */
function mm(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
