import type {
  ElectricAnswer,
  ElectricView,
  JobDiagnosticsView,
  RecordingAnswer,
  RecordingView,
  SignalChoicesView,
} from "../../contract/diagnostics-api.ts";
import type { DtcExplanation } from "../../contract/dtc-explanation.ts";
import { GatewayError } from "../../contract/errors.ts";
import type { JobId } from "../../contract/ids.ts";
import { vinMaker } from "../../vehicle-protocols/index.ts";
import { explainDtc, type ShopTexts } from "../fault-codes/index.ts";
import type { DiagnosticsApi, LiveLook, PersonRecordingRequest } from "../http/diagnostics-api.ts";
import type { Journal } from "../journal/journal.ts";
import { electricOfScan } from "../signals/electric.ts";
import type { LiveDesk } from "../signals/live-desk.ts";
import type { Recordings } from "../signals/recordings.ts";
import type { Telemetry } from "../signals/telemetry.ts";
import { diagnosticsOf, recordingOf } from "./diagnostics-view.ts";
import type { ShopPicture } from "./picture.ts";
import { storedScan } from "./scan-view.ts";

export interface DiagnosticsPageOptions {
  picture(): ShopPicture;
  readonly journal: Pick<Journal, "query" | "readEpoch">;
  readonly telemetry: Pick<Telemetry, "electric">;
  readonly live: Pick<LiveDesk, "choices" | "look">;
  readonly recordings: Pick<Recordings, "begin" | "end" | "since">;
  /** The shop's own notes on fault codes. */
  readonly texts: ShopTexts;
}

/** A job's diagnostics as the page sees them. */
export class DiagnosticsPage implements DiagnosticsApi {
  readonly #options: DiagnosticsPageOptions;

  constructor(options: DiagnosticsPageOptions) {
    this.#options = options;
  }

  diagnostics(jobId: JobId): JobDiagnosticsView {
    const picture = this.#options.picture();
    const view = diagnosticsOf(picture, jobId, {
      rows: this.#options.journal.query("diagnostics.of-job", { jobId }),
      electric: this.#electric(picture, jobId),
      explain: (codes, vin) => this.#explain(codes, vin),
    });
    if (view === undefined) throw new GatewayError("JOB_UNKNOWN");
    return view;
  }

  electric(jobId: JobId): ElectricAnswer {
    const picture = this.#options.picture();
    const { open, recentlyClosed } = picture.state.jobs;
    if (open[jobId] === undefined && !recentlyClosed.some((job) => job.jobId === jobId))
      throw new GatewayError("JOB_UNKNOWN");
    return { electric: this.#electric(picture, jobId) };
  }

  recording(jobId: JobId, id: string): RecordingView {
    const { journal, picture } = this.#options;
    const rows = journal.query("diagnostics.of-job", { jobId });
    const row = rows.find((each) => each.id === id && each.type === "signals.recorded");
    const [record] = row === undefined ? [] : journal.readEpoch(row.epoch, "diagnostics", row.seq - 1, 1);
    if (record?.id !== id || record.type !== "signals.recorded") throw new GatewayError("RECORDING_UNKNOWN");
    return recordingOf(picture(), id, record.body);
  }

  signalChoices(jobId: JobId, model: string | undefined): Promise<SignalChoicesView> {
    return this.#options.live.choices(jobId, model);
  }

  async look(
    jobId: JobId,
    names: readonly string[],
    model: string | undefined,
    onChange: () => void,
  ): Promise<LiveLook> {
    const { live, recordings } = this.#options;
    const look = await live.look({ jobId, names, model, onChange });
    return {
      update: () => ({ ...look.update(), recordingSince: recordings.since(jobId) }),
      close: () => look.close(),
    };
  }

  async record({ person, jobId, requestId, action, signals }: PersonRecordingRequest): Promise<RecordingAnswer> {
    const { recordings } = this.#options;
    if (action === "stop") return recordings.end(jobId, requestId);
    return recordings.begin({ jobId, requestId, by: { kind: "person", id: person.id }, signals });
  }

  /** What the dongle tells now; where it tells nothing of this job's car, what its last scan kept. */
  #electric(picture: ShopPicture, jobId: JobId): ElectricView | null {
    const bayId = picture.state.jobs.open[jobId]?.bayId ?? null;
    const place = bayId === null ? undefined : picture.policy.dongles[bayId];
    const live = place === undefined ? null : this.#options.telemetry.electric(place.dongleId);
    if (live !== null) return live;
    const last = picture.scansOfJob(jobId).at(-1);
    return electricOfScan((last === undefined ? undefined : storedScan(last))?.signals ?? []);
  }

  #explain(codes: Iterable<string>, vin: string | null): Record<string, DtcExplanation> {
    const { texts } = this.#options;
    const make = vin === null ? undefined : vinMaker(vin)?.en;
    const found = [...new Set(codes)].flatMap((code) => {
      const explanation = explainDtc(code, { texts, make });
      return explanation === undefined ? [] : [[code, explanation] as const];
    });
    return Object.fromEntries(found);
  }
}
