import { GatewayError } from "../../contract/errors.ts";
import type { AttentionItem, Committed, JobView, MyJobView, TodayView } from "../../contract/http-api.ts";
import type { PersonId } from "../../contract/ids.ts";
import type { Clock } from "../../machine/clock.ts";
import type { Logger } from "../../machine/log.ts";
import type { PersonRequest, ShopApi } from "../http/shop-api.ts";
import type { Journal } from "../journal/journal.ts";
import type { ShopCommand } from "../shop/commands.ts";
import type { Executor, Origin, Outcome } from "../shop/executor.ts";
import type { ShopState } from "../shop/shop.ts";
import { type AttentionState, NO_ATTENTION, stepAttention } from "./attention.ts";
import { causesOf } from "./causes.ts";
import { dayOf } from "./day.ts";
import { isScanned } from "./diagnostics-now.ts";
import { myJobOf } from "./my-job.ts";
import { commandOf, committedOf } from "./person-command.ts";
import { jobNumberOf, type ShopPicture } from "./picture.ts";
import { RecentLabour } from "./recent-labour.ts";
import { jobsOf, todayOf } from "./today.ts";

/** What of the picture only the composition root can see. */
export type PictureParts = Omit<
  ShopPicture,
  "now" | "state" | "labourOfJob" | "scansOfJob" | "yesterday" | "today" | "journal"
>;

export interface ShopPageOptions {
  readonly executor: Pick<Executor<ShopState, ShopCommand>, "state" | "onCommitted">;
  /** Runs a command with the evidence that it rests on (the gateway's desk). */
  execute(command: ShopCommand, origin: Origin): Promise<Outcome>;
  readonly journal: Pick<Journal, "heads" | "read" | "query" | "statistics">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Cameras, vision, line, disk and people as they are now. */
  parts(): PictureParts;
  /** Machine milliseconds between two looks at what is no record (silence, disk, line). */
  readonly lookEveryMs?: number;
}

/** A view is made anew at most this often, however many ask. */
const LOOK_EVERY_MS = 1_000;

/** The shop as the page sees it: makes the views, keeps the "needs you" list, and passes on what people do. */
export class ShopPage implements ShopApi {
  readonly #options: ShopPageOptions;
  readonly #recentLabour = new RecentLabour();
  readonly #listeners = new Set<() => void>();
  #attentionState: AttentionState = NO_ATTENTION;
  #attention: readonly AttentionItem[] = [];
  /** Begins with the time, so that it goes on rising after a restart. */
  #revision: number;
  #timer: NodeJS.Timeout | undefined;
  #lastSeen = "";
  #failing = false;

  constructor(options: ShopPageOptions) {
    this.#options = options;
    this.#revision = Math.max(0, Math.floor(Date.now()));
    this.#recentLabour.load(options.journal);
    options.executor.onCommitted((records) => {
      this.#recentLabour.take(records);
      this.#changed();
    });
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), this.#options.lookEveryMs ?? LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The cards as they were at the last look. */
  attention(): readonly AttentionItem[] {
    return this.#attention;
  }

  /** Looks at everything once: steps the cards, and tells listeners when something a person would see has changed. */
  look(): void {
    try {
      const picture = this.picture();
      const jobs = jobsOf(picture);
      const step = stepAttention(this.#attentionState, causesOf(picture, jobs), picture.now);
      this.#attentionState = step.state;
      this.#attention = step.items;
      const seen = withoutTime(todayOf(picture, jobs, step.items, 0));
      if (seen !== this.#lastSeen) this.#changed();
      this.#lastSeen = seen;
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.log.error({ err: error }, "the shop cannot be looked at");
      this.#failing = true;
    }
  }

  today(): TodayView {
    const picture = this.picture();
    return todayOf(picture, jobsOf(picture), this.#attention, this.#revision);
  }

  myJob(personId: PersonId): MyJobView {
    const picture = this.picture();
    const day = dayOf(picture.now.wallMs, picture.configuration.shop.timeZone);
    const closed = this.#recentLabour
      .of(personId, day)
      .map((interval) => ({ ...interval, jobNumber: jobNumberOf(picture.state, interval.jobId) }));
    return myJobOf(picture, jobsOf(picture), personId, closed, this.#revision);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async execute(request: PersonRequest): Promise<Committed> {
    const { people, policy, isScanning } = this.#options.parts();
    const { state } = this.#options.executor;
    const command = commandOf(request, state, people);
    // The domain does not know of scans under way; a dongle has one conversation at a time.
    if (command.kind === "clear-codes" && isScanned({ state, policy, isScanning }, command.jobId))
      throw new GatewayError("DONGLE_BUSY");
    const origin = { source: `person/${request.person.id}`, messageId: request.requestId };
    return committedOf(await this.#options.execute(command, origin));
  }

  #changed(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  /** Everything that views are made of, as it is now. */
  picture(): ShopPicture {
    const { executor, journal, clock } = this.#options;
    const parts = this.#options.parts();
    const now = clock.stamp();
    const { state } = executor;
    const day = dayOf(now.wallMs, parts.configuration.shop.timeZone);
    const dayBefore = dayOf(day.fromMs - 1, parts.configuration.shop.timeZone);
    return {
      ...parts,
      now,
      state,
      journal: journal.statistics(),
      labourOfJob: (jobId) => journal.query("labour.of-job", { jobId }),
      scansOfJob: (jobId) => journal.query("scans.of-job", { jobId }),
      yesterday: totals(journal, dayBefore),
      today: totals(journal, day),
    };
  }
}

function totals(
  journal: Pick<Journal, "query">,
  day: { readonly fromMs: number; readonly toMs: number },
): ShopPicture["today"] {
  const none = { jobsClosed: 0, labourMs: 0, coveredMs: 0, observableMs: 0, onTime: 0, promised: 0 };
  return journal.query("day.totals", day)[0] ?? none;
}

/** What stays the same while nothing but time passes. */
function withoutTime(view: TodayView): string {
  const still = (jobs: readonly JobView[]) =>
    jobs.map((job) => ({ ...job, labourMs: 0, running: job.running.map((each) => ({ ...each, elapsedMs: 0 })) }));
  return JSON.stringify({
    ...view,
    asOf: 0,
    jobs: still(view.jobs),
    bays: view.bays.map((bay) => ({
      ...bay,
      stateForMs: 0,
      lastPictureAt: 0,
      technicians: bay.technicians.map((each) => ({ ...each, elapsedMs: 0 })),
    })),
    headquarters: {
      ...view.headquarters,
      since: view.headquarters.state === "not-configured" ? 0 : view.headquarters.since,
    },
    box: {
      ...view.box,
      diskFreeBytes: 0,
      diskDaysLeft: view.box.diskDaysLeft === null ? null : Math.round(view.box.diskDaysLeft),
      temperatureC: Math.round(view.box.temperatureC ?? 0),
      vision: { ...view.box.vision, medianMs: Math.round(view.box.vision.medianMs ?? 0) },
    },
  });
}
