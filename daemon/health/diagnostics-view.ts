import { Compile } from "typebox/compile";
import type {
  ClearingView,
  ElectricView,
  JobDiagnosticsView,
  RecordingSummary,
  RecordingView,
} from "../../contract/diagnostics-api.ts";
import type { JobView } from "../../contract/http-api.ts";
import type { JobId } from "../../contract/ids.ts";
import { BATTERY_ALERTS, type DraftOf, RECORDS } from "../../contract/records.ts";
import { pollingRefusal } from "../diagnostics/decide.ts";
import { type JobScans, scansOf } from "../diagnostics/scans.ts";
import type { ClosedJob } from "../jobs/jobs.ts";
import type { QueryRow } from "../journal/journal.ts";
import { viewJobs } from "../shop/views.ts";
import { wordsOf } from "../signals/words.ts";
import { clearNow, diagnosticsVersionOf, scanNow } from "./diagnostics-now.ts";
import { nameOf, personOf, viewOfJob } from "./job-view.ts";
import type { ShopPicture } from "./picture.ts";
import { fullScanOf } from "./scan-view.ts";

type Row = QueryRow["diagnostics.of-job"];

/** The newest of each kind; a job has a handful. */
const MOST_SHOWN = 50;

/** What a job's diagnostics are made of beside the shop's picture. */
export interface DiagnosticsSources {
  readonly rows: readonly Row[];
  readonly electric: ElectricView | null;
  /** What is known of codes, by the code. */
  explain(codes: Iterable<string>, vin: string | null): JobDiagnosticsView["explanations"];
}

/** Everything the dongle told about a job's car; undefined for a job that is neither open nor lately closed. */
export function diagnosticsOf(
  picture: ShopPicture,
  jobId: JobId,
  { rows, electric, explain }: DiagnosticsSources,
): JobDiagnosticsView | undefined {
  const { state, now, policy } = picture;
  const job = jobOf(picture, jobId);
  if (job === undefined) return undefined;
  const known = scansOf(state.diagnostics, jobId);
  const scans = picture
    .scansOfJob(jobId)
    .slice(-MOST_SHOWN)
    .flatMap((row) => fullScanOf(row, job.vin));
  const difference = differenceOf(rows);
  const codes = [
    ...scans.flatMap((scan) => scan.ecus.flatMap(({ dtcs }) => dtcs.map(({ code }) => code))),
    ...(difference?.found.codes.map(({ code }) => code) ?? []),
  ];
  return {
    asOf: now.wallMs,
    version: diagnosticsVersionOf(picture, jobId),
    job,
    scans,
    explanations: explain(codes, job.vin),
    difference,
    scanNow: scanNow(picture, jobId),
    clearNow: clearNow(picture, jobId),
    departureScanDue: known.departureDue,
    clearings: clearingsOf(picture, rows).slice(-MOST_SHOWN),
    electric,
    alerts: alertsOf(known),
    recordings: recordingsOf(picture, rows).slice(-MOST_SHOWN),
    pollingEnabled: pollingRefusal(state.operations, policy) === undefined,
  };
}

/** A job that is open or was closed lately. */
function jobOf(picture: ShopPicture, jobId: JobId): JobView | undefined {
  const open = viewJobs(picture.state, picture.now).find((job) => job.jobId === jobId);
  if (open !== undefined) return viewOfJob(picture, open);
  const closed = picture.state.jobs.recentlyClosed.find((job) => job.jobId === jobId);
  return closed === undefined ? undefined : closedJobOf(picture, closed);
}

function closedJobOf(picture: ShopPicture, job: ClosedJob): JobView {
  const scans = scansOf(picture.state.diagnostics, job.jobId);
  const view = viewOfJob(picture, { ...job, state: "open", running: [], scans });
  // Whether the promise was kept stands in the day's figures.
  return { ...view, state: "closed", waitReason: null, risk: "none" };
}

function differenceOf(rows: readonly Row[]): JobDiagnosticsView["difference"] {
  const last = bodiesOf(rows, "scan.compared").at(-1)?.body;
  if (last === undefined) return null;
  const { at, arrival, departure, difference } = last;
  return { at: at.wallMs, arrival, departure, found: difference };
}

/** Requests with their ends; a late answer that corrects an unknown end counts. */
function clearingsOf(picture: ShopPicture, rows: readonly Row[]): readonly ClearingView[] {
  const ends = new Map(bodiesOf(rows, "codes.cleared").map(({ body }) => [body.transaction, body]));
  return bodiesOf(rows, "codes.clear-requested").map(({ body: { transaction, technicianId, at } }) => {
    const end = ends.get(transaction);
    return {
      at: at.wallMs,
      technician: personOf(picture, technicianId),
      outcome: end?.outcome ?? "running",
      code: end?.code ?? null,
      ecus: end?.ecus ?? [],
    };
  });
}

function alertsOf({ alerts }: JobScans): JobDiagnosticsView["alerts"] {
  return BATTERY_ALERTS.flatMap((alert) => {
    const raised = alerts[alert];
    if (raised === undefined) return [];
    const { value, limit, unit, at } = raised;
    return [{ alert, value, limit, unit, since: at.wallMs }];
  });
}

function recordingsOf(picture: ShopPicture, rows: readonly Row[]): readonly RecordingSummary[] {
  return bodiesOf(rows, "signals.recorded").map(({ id, body }) => ({
    ...headOf(picture, id, body),
    series: body.series.map(({ name, unit, minimum, maximum, last, count }) => ({
      name,
      ...wordsOf(name, unit),
      minimum,
      maximum,
      last,
      count,
    })),
  }));
}

/** A recording with its points, as its record holds them. */
export function recordingOf(
  picture: ShopPicture,
  id: string,
  body: DraftOf<"signals.recorded">["body"],
): RecordingView {
  const series = body.series.map((each) => {
    const { label, digits, group } = wordsOf(each.name, each.unit);
    return { label, digits, group, ...each };
  });
  return { ...headOf(picture, id, body), series };
}

function headOf(picture: ShopPicture, id: string, { from, to, by }: DraftOf<"signals.recorded">["body"]) {
  return { id, from: from.wallMs, to: to.wallMs, by: nameOf(picture, by.id) };
}

type Kept = "scan.compared" | "codes.clear-requested" | "codes.cleared" | "signals.recorded";

const SCHEMAS = {
  "scan.compared": Compile(RECORDS["scan.compared"].body),
  "codes.clear-requested": Compile(RECORDS["codes.clear-requested"].body),
  "codes.cleared": Compile(RECORDS["codes.cleared"].body),
  "signals.recorded": Compile(RECORDS["signals.recorded"].body),
} as const;

/** Bodies of one type, in order; one of a later version that this one cannot read is left out. */
function bodiesOf<T extends Kept>(
  rows: readonly Row[],
  type: T,
): readonly { readonly id: string; readonly body: DraftOf<T>["body"] }[] {
  return rows.flatMap((row) => {
    if (row.type !== type) return [];
    const body: unknown = JSON.parse(row.body);
    return isBody(type, body) ? [{ id: row.id, body }] : [];
  });
}

function isBody<T extends Kept>(type: T, body: unknown): body is DraftOf<T>["body"] {
  return SCHEMAS[type].Check(body);
}
