import { basename, dirname, extname, join } from "node:path";
import { KNOWN_MAKES } from "./wmi.ts";

/** Which vehicles a file, or one part of it, is for. */
export interface VehicleName {
  /** As people write them. Empty: a make is not known, the identifiers must do. */
  readonly makes: readonly string[];
  /** Empty: all models of the makes. */
  readonly models: readonly string[];
  readonly years?: YearRange;
  /** What a VIN begins with, three to eleven characters. */
  readonly wmi?: readonly string[];
}

export interface YearRange {
  readonly from?: number;
  readonly to?: number;
}

/** Other names under which makes go in files and in people's mouths. */
const ALIASES: Readonly<Record<string, string>> = {
  vw: "volkswagen",
  mercedes: "mercedesbenz",
  gwm: "greatwall",
  haval: "greatwall",
  chevy: "chevrolet",
  minicooper: "mini",
  citroën: "citroen",
  škoda: "skoda",
};

/** A make or model without what people write differently: case, blanks, hyphens. */
export function normalName(text: string): string {
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}#]+/gu, "");
  return Object.hasOwn(ALIASES, plain) ? (ALIASES[plain] ?? plain) : plain;
}

/**
 * `Kia: EV9`, `Kia/Hyundai: Niro/Soul/Kona`, `Toyota: bZ4X 2022-2025` as WiCAN profiles write it.
 * @returns undefined if there is no make before a colon
 */
export function nameFromCarModel(carModel: string): VehicleName | undefined {
  const [, before = "", after = ""] = /^([^:]+):(.*)$/.exec(carModel) ?? [];
  const makes = pieces(before);
  const dated = withoutYears(after);
  // A model may be called like a year (Peugeot 2008).
  const { text, years } = dated.text.trim() === "" ? { text: after, years: undefined } : dated;
  const models = pieces(text);
  if (makes.length === 0 || models.length === 0) return undefined;
  return { makes, models, ...(years === undefined ? {} : { years }) };
}

/**
 * The vehicle that a file's name and folders tell: `Kia-EV9.json`, or `Kia-EV9/signalsets/v3/2021-2023.json`. Only a
 * name that begins with a known make counts.
 */
export function nameFromPath(path: string): VehicleName | undefined {
  const own = basename(path, extname(path));
  const { text, years } = withoutYears(own);
  const folders: string[] = [];
  for (let folder = dirname(path); folders.length < 4 && basename(folder) !== ""; folder = dirname(folder))
    folders.push(basename(folder));
  for (const candidate of [text, ...folders]) {
    const make = makeBefore(candidate);
    if (make === undefined) continue;
    const model = modelBehind(make, candidate);
    // A model may be called like a year (Peugeot-2008).
    if (model === "" && candidate === text && years !== undefined && years.from === years.to)
      return { makes: [make], models: [modelBehind(make, own)] };
    return { makes: [make], models: model === "" ? [] : [model], ...(years === undefined ? {} : { years }) };
  }
  return undefined;
}

function modelBehind(make: string, name: string): string {
  return name.slice(make.length).replace(/^[-_ ]+|[-_ ]+$/g, "");
}

/** What several files of one vehicle have in common, and the years that this one is for. */
export interface EditionOfFile {
  /** Folder and name without the years. */
  readonly stem: string;
  readonly years: YearRange | undefined;
}

/** `RAV4-2019-2021.json` and `RAV4.json`, `2019-2021.json` and `default.json` are editions of one vehicle's file. */
export function editionOfPath(path: string): EditionOfFile {
  const own = basename(path, extname(path));
  const { text, years } = withoutYears(own);
  const name = text
    .replace(/[-_ ]*default$/i, "")
    .replace(/[-_ ]+$/, "")
    .toLowerCase();
  // A model may be called like a year (Peugeot-2008).
  if (years !== undefined && years.from === years.to && makeBefore(name)?.length === name.length)
    return { stem: join(dirname(path), own.toLowerCase()), years: undefined };
  return { stem: join(dirname(path), name), years };
}

/** The known make that a name begins with, the longest if several do. */
function makeBefore(name: string): string | undefined {
  return KNOWN_MAKES.filter(
    (make) =>
      name.toLowerCase().replace(/[_ ]/g, "-").startsWith(make.toLowerCase()) &&
      !/[\p{L}\p{N}]/u.test(name.charAt(make.length)),
  ).toSorted((a, b) => b.length - a.length)[0];
}

/** `2022-2025`, `2022-`, `-2018`, `2020`: years that stand by themselves at the end of a name, and the name without them. */
function withoutYears(text: string): { readonly text: string; readonly years?: YearRange } {
  const match = /(?:^|[-_ (])((?:0000|19\d\d|20\d\d)?(?:-|–)?(?:19\d\d|20\d\d|9999)?)\)?$/.exec(text.trim());
  const years = match?.[1] === undefined ? undefined : parseYears(match[1]);
  if (years === undefined || match === null) return { text };
  return { text: text.trim().slice(0, match.index), years };
}

/**
 * `2022-2025`, `2022-`, `-2018` or `2020`.
 * @returns undefined for anything else
 */
export function parseYears(text: string): YearRange | undefined {
  const [, first = "", dash, last = ""] = /^\s*(\d{4})?\s*([-–])?\s*(\d{4})?\s*$/.exec(text) ?? [];
  if (first === "" && last === "") return undefined;
  if (dash === undefined) return last === "" ? { from: Number(first), to: Number(first) } : undefined;
  // Files write 0000 and 9999 for an open end.
  const from = first === "" || first === "0000" ? undefined : Number(first);
  const to = last === "" || last === "9999" ? undefined : Number(last);
  if (from !== undefined && to !== undefined && from > to) return undefined;
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export function isInYears(years: YearRange | undefined, year: number): boolean {
  return year >= (years?.from ?? 0) && year <= (years?.to ?? 9999);
}

/** `2022-2025`, `2022-`, `2020`; empty for all years. */
export function yearsText(years: YearRange | undefined): string {
  const { from, to } = years ?? {};
  return from === undefined && to === undefined ? "" : from === to ? String(from) : `${from ?? ""}-${to ?? ""}`;
}

/** `Kia EV9 2024-`, `Kia/Hyundai Niro/Soul`: for lists and sentences. */
export function vehicleText({ makes, models, years, wmi }: VehicleName): string {
  const name = [makes.join("/"), models.join("/"), yearsText(years)].filter((part) => part !== "").join(" ");
  return name === "" ? `VIN ${wmi?.join(", ") ?? "…"}` : name;
}

function pieces(text: string): string[] {
  return text
    .split(/[/,]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}
