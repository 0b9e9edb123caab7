import {
  ATTENTION_VALUES,
  type AttentionItem,
  type BayView,
  type JobView,
  type TodayView,
} from "../../../contract/http-api.ts";
import { LABOUR_FLAGS } from "../../../contract/records.ts";
import type { Format } from "../language/format.ts";
import type { Translate } from "../language/i18n.ts";

const URGENCY_ORDER = { now: 0, soon: 1, info: 2 } as const;

/** The most urgent first, and of those the one that has waited longest. */
export function sortAttention(items: readonly AttentionItem[]): readonly AttentionItem[] {
  return items.toSorted((a, b) => URGENCY_ORDER[a.urgency] - URGENCY_ORDER[b.urgency] || a.since - b.since);
}

export interface AttentionWords {
  readonly sentence: string;
  readonly meaning: string;
  /** What to do, where no error code says it better. */
  readonly remedy: string;
}

type ValueName = (typeof ATTENTION_VALUES)[AttentionItem["kind"]][number];
/** The words' library keeps `count` for choosing plurals; in a sentence it is `amount`. */
type ValueSlot = Exclude<ValueName, "count"> | "amount";

const NO_VALUES: Readonly<Record<ValueSlot, string>> = {
  amount: "",
  bay: "",
  bridge: "",
  camera: "",
  codes: "",
  coverage: "",
  daysLeft: "",
  dongle: "",
  expected: "",
  flag: "",
  found: "",
  job: "",
  limit: "",
  model: "",
  person: "",
  problems: "",
  promisedAt: "",
  reader: "",
  technician: "",
  value: "",
  waiting: "",
};

function slotOf(name: ValueName): ValueSlot {
  return name === "count" ? "amount" : name;
}

/** The card's sentences. Where a value is missing a shorter sentence is said, never one with a hole in it. */
export function attentionWords(
  item: AttentionItem,
  t: Translate,
  format: Format,
  now: number,
  bayName: (id: string) => string,
): AttentionWords {
  const { kind } = item;
  const meaning: string = t(`attention.${kind}.meaning`);
  const remedy: string = t(`attention.${kind}.remedy`);
  const values = { ...NO_VALUES };
  let isWhole = true;
  for (const name of ATTENTION_VALUES[kind]) {
    const value = item.values[name];
    if (value === undefined || value === "") isWhole = false;
    else values[slotOf(name)] = valueWords(name, value, t, format, now, bayName);
  }
  if (isWhole) return { sentence: t(`attention.${kind}.whole`, values), meaning, remedy };
  const { camera } = values;
  // Many cameras at once have no one bay.
  if (kind === "camera-silent" && camera !== "")
    return { sentence: t("attention.camera-silent.some", { camera }), meaning, remedy };
  return { sentence: t(`attention.${kind}.plain`), meaning, remedy };
}

function valueWords(
  name: string,
  value: string | number,
  t: Translate,
  format: Format,
  now: number,
  bayName: (id: string) => string,
): string {
  if (name === "bay") return String(value).split(", ").map(bayName).join(", ");
  if (name === "flag") {
    const flag = LABOUR_FLAGS.find((known) => known === value);
    return flag === undefined ? String(value) : t(`flag.${flag}`);
  }
  if (typeof value === "string") return value;
  if (name === "coverage") return format.percent(value);
  if (name === "promisedAt") return format.moment(value, now);
  return format.number(value);
}

/** What a card's button does in this version: something real, or the explanation. */
export type AttentionDeed =
  | { readonly kind: "show-bay"; readonly bay: BayView }
  | { readonly kind: "open-job"; readonly job: JobView }
  | { readonly kind: "call"; readonly name: string | null }
  | { readonly kind: "scan-again"; readonly job: JobView }
  | { readonly kind: "show-panel"; readonly panel: "box" | "headquarters" }
  | { readonly kind: "explain" };

export function deedOf(item: AttentionItem, view: TodayView): AttentionDeed {
  switch (item.action) {
    case "see-camera":
    case "see-bay": {
      const bay = bayOf(item, view);
      return bay === undefined ? { kind: "explain" } : { kind: "show-bay", bay };
    }
    case "open-job": {
      const job = jobOf(item, view);
      return job === undefined ? { kind: "explain" } : { kind: "open-job", job };
    }
    case "retry": {
      const job = jobOf(item, view);
      return job === undefined ? { kind: "explain" } : { kind: "scan-again", job };
    }
    case "call-technician":
      return { kind: "call", name: technicianOf(item, view) };
    case "see-devices":
      return { kind: "show-panel", panel: "box" };
    case "see-records":
      return { kind: "show-panel", panel: "headquarters" };
    case "read-remedy":
      return { kind: "explain" };
  }
}

function bayOf(item: AttentionItem, view: TodayView): BayView | undefined {
  const { target, values } = item;
  return view.bays.find(
    (bay) =>
      bay.id === target ||
      bay.id === String(values.bay).split(", ")[0] ||
      (target !== null && bay.thumbnail?.url.includes(`/cameras/${target}/`) === true),
  );
}

function jobOf(item: AttentionItem, view: TodayView): JobView | undefined {
  return view.jobs.find((job) => job.id === item.target || job.number === item.values.job);
}

function technicianOf(item: AttentionItem, view: TodayView): string | null {
  const { target, values } = item;
  if (typeof values.technician === "string" && values.technician !== "") return values.technician;
  const people = view.jobs.flatMap((job) => [job.assignedTo, ...job.running.map((running) => running.technician)]);
  const job = jobOf(item, view);
  return (
    people.find((person) => person?.id === target)?.name ??
    job?.running[0]?.technician.name ??
    job?.assignedTo?.name ??
    null
  );
}
