import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Registry } from "prom-client";
import type { LiveUpdate, RecordingAnswer, SignalChoicesView } from "../../contract/diagnostics-api.ts";
import { GatewayError } from "../../contract/errors.ts";
import type { Committed, MyJobView, PersonRole, PersonSummary, TodayView } from "../../contract/http-api.ts";
import type { JobId } from "../../contract/ids.ts";
import type { JobPhotosView } from "../../contract/photos-api.ts";
import type { Draft } from "../../contract/records.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { createPasswordHashing, createSetupCode, openPeople, type People } from "../people/index.ts";
import type { DiagnosticsApi, LiveLook } from "./diagnostics-api.ts";
import { createHttp, type Http, type HttpDependencies } from "./http.ts";
import type { PersonPhoto, PhotosApi } from "./photos-api.ts";
import type { PersonRequest, ShopApi } from "./shop-api.ts";

export const PASSWORD = "a long password";
const ROLES: readonly PersonRole[] = ["technician", "advisor", "manager", "installer"];

/** A shop that answers with empty views and remembers what it was asked; the road to the real one is tested where it is built. */
class TestShop implements ShopApi {
  readonly requests: PersonRequest[] = [];
  readonly #listeners = new Set<() => void>();
  revision = 1;
  attention: TodayView["attention"] = [];
  answer: (request: PersonRequest) => Promise<Committed> = async () => ({ committed: true, duplicate: false, ids: {} });

  today(): TodayView {
    const figures = { jobsClosed: 0, labourMs: 0, coverage: null, onTime: 0, promised: 0 };
    return {
      asOf: 1,
      revision: this.revision,
      attention: this.attention,
      bays: [],
      jobs: [],
      headquarters: {
        state: "not-configured",
        since: 1,
        recordsWaiting: 0,
        oldestWaitingAt: null,
        lastSentAt: null,
        sentToday: 0,
        lost: 0,
        errorCode: null,
      },
      box: {
        diskFreeBytes: null,
        diskDaysLeft: null,
        temperatureC: null,
        vision: { state: "preparing", provider: null, refused: [], model: null, nextModel: null, medianMs: null },
        cameras: { live: 0, configured: 0 },
        dongles: { live: 0, configured: 0 },
        polling: true,
        clock: "trusted",
        journal: "ok",
      },
      yesterday: figures,
      todaySoFar: figures,
      clockScale: 1,
      safeMode: null,
    };
  }

  myJob(): MyJobView {
    return {
      asOf: 1,
      revision: this.revision,
      running: null,
      current: null,
      scans: [],
      choices: [],
      today: [],
      todayMs: 0,
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(): void {
    this.revision += 1;
    for (const listener of this.#listeners) listener();
  }

  async execute(request: PersonRequest): Promise<Committed> {
    this.requests.push(request);
    return this.answer(request);
  }
}

/** Answers that no car is known of; the road to the real one is tested where it is built. */
class TestDiagnostics implements DiagnosticsApi {
  readonly looks: { readonly names: readonly string[]; readonly onChange: () => void; isClosed: boolean }[] = [];
  update: LiveUpdate = { at: 1, signals: [], recordingSince: null, paused: null };
  answer: (what: string) => never = () => {
    throw new GatewayError("JOB_UNKNOWN");
  };

  diagnostics(): never {
    return this.answer("diagnostics");
  }

  electric(): never {
    return this.answer("electric");
  }

  recording(): never {
    return this.answer("recording");
  }

  async signalChoices(): Promise<SignalChoicesView> {
    return { signals: [], code: "POLLING_OFF", models: [] };
  }

  async look(
    _job: JobId,
    names: readonly string[],
    _model: string | undefined,
    onChange: () => void,
  ): Promise<LiveLook> {
    const look = { names, onChange, isClosed: false };
    this.looks.push(look);
    return {
      update: () => this.update,
      close: () => {
        look.isClosed = true;
      },
    };
  }

  async record(): Promise<RecordingAnswer> {
    return { since: 1, recording: null };
  }
}

/** Takes every photo and shows the same picture to everybody. */
class TestPhotos implements PhotosApi {
  readonly taken: PersonPhoto[] = [];
  readonly looks: { readonly person: string; readonly picture: string }[] = [];

  photos(jobId: JobId): JobPhotosView {
    return { asOf: 1, jobId, takeNow: { possible: true, code: null }, photos: [], refused: [] };
  }

  async take(photo: PersonPhoto): Promise<Committed> {
    this.taken.push(photo);
    return { committed: true, duplicate: false, ids: { photo: "photo-1" } };
  }

  async picture(person: PersonSummary, picture: string): Promise<Buffer> {
    this.looks.push({ person: person.name, picture });
    return Buffer.from("a picture");
  }
}

export interface TestServer extends AsyncDisposable {
  readonly http: Http;
  readonly shop: TestShop;
  readonly diagnostics: TestDiagnostics;
  readonly photos: TestPhotos;
  readonly people: People;
  readonly records: Draft[];
  readonly setupCode: string;
  readonly directory: string;
  /** Moves the machine's monotonic time, by which sessions and pauses run. */
  advance(ms: number): void;
  /** A signed-in person of a role: headers for further requests. */
  signIn(role: PersonRole): Promise<Record<string, string>>;
}

/** A server with one person per role (login = role), cheap hashes and a machine time that only the test moves. */
export async function testServer(
  options: Partial<HttpDependencies> & { readonly empty?: boolean } = {},
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), "http-"));
  const clock = new ManualClock();
  let ids = 0;
  const hashing = createPasswordHashing({ cost: { memoryKib: 64, passes: 1 } });
  const people = await openPeople({ directory, clock, newId: () => `person-${++ids}`, hashing });
  const by = { kind: "gateway", id: "test" } as const;
  if (options.empty !== true)
    for (const role of ROLES) await people.add({ login: role, name: role, role, password: PASSWORD }, by);
  let setupCode = "";
  const shop = new TestShop();
  const diagnostics = new TestDiagnostics();
  const photos = new TestPhotos();
  const records: Draft[] = [];
  let machineMs = 1_000;
  const http = await createHttp({
    shop,
    diagnostics,
    photos,
    people,
    setupCode: createSetupCode(people, (code) => {
      setupCode = code;
    }),
    clock,
    log: pino({ level: "silent" }),
    metrics: new Registry(),
    listen: { address: "127.0.0.1", port: 0 },
    certificateDirectory: directory,
    pageDirectory: join(directory, "dist"),
    shopFacts: () => ({
      shopName: { en: "Shop", "zh-CN": "门店" },
      language: "zh-CN",
      timeZone: "Asia/Shanghai",
      clockScale: 1,
      safeMode: false,
      version: "0.0.0",
    }),
    thumbnail: () => undefined,
    record: async (drafts) => {
      records.push(...drafts);
    },
    live: () => true,
    ready: () => ({ ready: true, parts: { journal: "ok" } }),
    machineMs: () => machineMs,
    ...options,
  });
  return {
    http,
    shop,
    diagnostics,
    photos,
    people,
    records,
    directory,
    get setupCode() {
      return setupCode;
    },
    advance: (ms) => {
      machineMs += ms;
    },
    signIn: async (role) => {
      const response = await http.inject({
        method: "POST",
        url: "/api/session",
        payload: { login: role, password: PASSWORD },
      });
      return headersOf(response);
    },
    [Symbol.asyncDispose]: async () => {
      await http.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Cookie and token of a session answer. */
export function headersOf(response: Awaited<ReturnType<Http["inject"]>>): Record<string, string> {
  const cookie = response.cookies[0];
  const { csrfToken } = response.json<{ csrfToken: string }>();
  return { cookie: `${cookie?.name}=${cookie?.value}`, "x-csrf-token": csrfToken };
}
