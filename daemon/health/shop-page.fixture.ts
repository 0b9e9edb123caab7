import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Registry } from "prom-client";
import { GatewayError } from "../../contract/errors.ts";
import type { BayId, CameraId, DongleId, JobId } from "../../contract/ids.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import type { Broker, GatewayMessages } from "../broker/broker.ts";
import { checkConfiguration } from "../configuration/configuration.ts";
import { type EvidenceOptions, openEvidence } from "../evidence/evidence.ts";
import { ShopTexts } from "../fault-codes/index.ts";
import { Desk } from "../gateway/desk.ts";
import { Dongles } from "../gateway/dongles.ts";
import { Intake } from "../gateway/intake.ts";
import { PhotoDesk } from "../gateway/photo-desk.ts";
import { shopPolicyOf } from "../gateway/shop-policy.ts";
import { createHttp, type Http } from "../http/http.ts";
import { openJournal } from "../journal/index.ts";
import { createPasswordHashing, createSetupCode, openPeople } from "../people/index.ts";
import { createExecutor } from "../shop/executor.ts";
import { shop } from "../shop/shop.ts";
import type { PhotoLook } from "../vision/index.ts";
import { DiagnosticsPage } from "./diagnostics-page.ts";
import { PhotosPage } from "./photos-page.ts";
import { type PictureParts, ShopPage } from "./shop-page.ts";

/** What the gateway said on the broker. */
export interface Said {
  readonly name: keyof GatewayMessages;
  readonly id: string;
  readonly payload: GatewayMessages[keyof GatewayMessages];
}

const SHOP = `
shop: { name: { en: Demo, zh-CN: 演示 }, gateway: demo-1, timeZone: Asia/Shanghai }
bays:
  bay-1: { name: { en: Bay 1, zh-CN: 1 号工位 }, cameras: { north: { zone: [[0,0],[1,0],[1,1]] } }, dongle: obd-1 }
  bay-2: { cameras: { south: { zone: [[0,0],[1,0],[1,1]] } } }
cameras: { north: {}, south: {} }
dongles: { obd-1: { dialect: wican, nativeId: aabbccddeeff } }
`;

const NORTH = "north" as CameraId;
export const BAY_1 = "bay-1" as BayId;
export const OBD_1 = "obd-1" as DongleId;
export const MINUTE = 60_000;

/** A shop of two bays, cameras and one dongle, with the real domain, journal, people, live values and page; what goes to the broker is kept in `said`. */
export async function testShop(
  options: {
    readonly clearDeadlineMs?: number;
    /** What vision says of a photo; without it nobody looks at photos. */
    readonly look?: (photo: Buffer) => Promise<PhotoLook>;
    readonly evidence?: Partial<EvidenceOptions>;
  } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), "shop-page-"));
  const clock = new ManualClock();
  const log = pino({ level: "silent" });
  const loaded = await checkConfiguration(SHOP, directory);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { configuration } = loaded;
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const people = await openPeople({
    directory,
    clock,
    newId,
    hashing: createPasswordHashing({ cost: { memoryKib: 64, passes: 1 } }),
  });
  const by = { kind: "gateway", id: "test" } as const;
  const wang = (await people.add({ login: "wang", name: "王伟", role: "technician", password: "a long password" }, by))
    .person;
  const li = (await people.add({ login: "li", name: "李娜", role: "advisor", password: "a long password" }, by)).person;
  const zhao = (await people.add({ login: "zhao", name: "赵", role: "technician", password: "a long password" }, by))
    .person;
  await people.add({ login: "sun", name: "孙店长", role: "manager", password: "a long password" }, by);
  const policy = shopPolicyOf(configuration);
  const journal = await openJournal({ directory: join(directory, "journal"), clock, log });
  const executor = createExecutor({
    decider: shop(policy),
    journal,
    clock,
    newId,
  });
  const cameras = new Map<
    CameraId,
    { state: "live" | "silent"; frozen: boolean; lastFrameAt: ReturnType<typeof clock.stamp> }
  >([
    [NORTH, { state: "live", frozen: false, lastFrameAt: clock.stamp() }],
    ["south" as CameraId, { state: "live", frozen: false, lastFrameAt: clock.stamp() }],
  ]);
  const said: Said[] = [];
  const broker: Pick<Broker, "publish"> = {
    publish: async (name, id, payload) => {
      if (payload !== null) said.push({ name, id, payload });
    },
  };
  const observer = { flush: () => [], onEquipment: () => [] };
  const desk = new Desk({ executor, observer, clock, log });
  const dongles = new Dongles({
    configuration,
    policy,
    state: () => executor.state,
    desk,
    intake: new Intake({ configuration, desk, people, observer, clock }),
    broker,
    clock,
    log,
    ownQuestions: async () => ({ questions: [], models: [] }),
    ...(options.clearDeadlineMs === undefined ? {} : { clearDeadlineMs: options.clearDeadlineMs }),
  });
  const parts = (): PictureParts => ({
    configuration,
    policy,
    isScanning: (dongleId) => dongles.isScanning(dongleId),
    clockScale: 1,
    people,
    cameras,
    thumbnailAt: (cameraId) => (cameraId === NORTH ? cameras.get(NORTH)?.lastFrameAt : undefined),
    seenOn: (cameraId) => (cameraId === NORTH ? [{ what: "person", box: [0.1, 0.2, 0.3, 0.9] }] : []),
    vision: {
      state: "running",
      provider: "cpu",
      refusedProviders: [{ provider: "cuda", reason: "not there" }],
      model: { name: "bay", version: "1", sha256: "0" },
      problem: undefined,
      next: undefined,
      medianLookMs: 12,
    },
    uplink: undefined,
    disk: { freeBytes: 50e9, totalBytes: 100e9, daysLeft: null },
    temperatureC: null,
    safeMode: undefined,
  });
  const page = new ShopPage({
    executor,
    execute: (command, origin) => desk.execute(command, origin),
    journal,
    clock,
    log,
    parts,
  });
  const diagnostics = new DiagnosticsPage({
    picture: () => page.picture(),
    journal,
    telemetry: dongles.values.telemetry,
    live: dongles.values.desk,
    recordings: dongles.values.recordings,
    texts: ShopTexts.NONE,
  });
  const evidence = await openEvidence({
    directory: join(directory, "evidence"),
    maxBytes: 1_000_000,
    onDrop: async (picture, bytes) => {
      const body = { picture, bytes, reason: "quota", at: clock.stamp() } as const;
      await desk.execute(
        { kind: "note", record: { type: "picture.dropped", body } },
        { source: "evidence", messageId: picture },
      );
    },
    ...options.evidence,
  });
  const photoDesk = new PhotoDesk({
    look: options.look ?? (() => Promise.reject(new GatewayError("VISION_NOT_RUNNING"))),
    evidence,
    desk,
    journal,
    state: () => executor.state,
    clock,
  });
  const photos = new PhotosPage({ picture: () => page.picture(), journal, evidence, desk: photoDesk });
  executor.onCommitted((records) => dongles.take(records));
  dongles.start();
  await executor.execute(
    { kind: "gateway-started", version: "0", nodeVersion: "24", clean: true, lastSignOfLife: null, clockScale: 1 },
    { source: "gateway" },
  );
  return {
    directory,
    clock,
    page,
    executor,
    journal,
    dongles,
    diagnostics,
    evidence,
    photos,
    said,
    cameras,
    people,
    wang,
    li,
    zhao,
    /** The page's server over this shop; whoever makes it stops it. */
    http: () =>
      createHttp({
        shop: page,
        diagnostics,
        photos,
        people,
        setupCode: createSetupCode(people, () => undefined),
        clock,
        log,
        metrics: new Registry(),
        listen: { address: "127.0.0.1", port: 0 },
        certificateDirectory: directory,
        pageDirectory: join(directory, "dist"),
        shopFacts: () => ({
          shopName: { en: "Demo", "zh-CN": "演示" },
          language: "zh-CN",
          timeZone: "Asia/Shanghai",
          clockScale: 1,
          safeMode: false,
          version: "0",
        }),
        thumbnail: () => undefined,
        record: async () => undefined,
        live: () => true,
        ready: () => ({ ready: true, parts: {} }),
      }),
    /** Headers of somebody who has signed in. */
    signIn: async (http: Pick<Http, "inject">, login: string): Promise<Record<string, string>> => {
      const signedIn = await http.inject({
        method: "POST",
        url: "/api/session",
        payload: { login, password: "a long password" },
      });
      return {
        cookie: `${signedIn.cookies[0]?.name}=${signedIn.cookies[0]?.value}`,
        "x-csrf-token": signedIn.json<{ csrfToken: string }>().csrfToken,
      };
    },
    [Symbol.asyncDispose]: async () => {
      page.stop();
      await dongles.stop();
      await journal.close(clock.stamp());
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type TestShop = Awaited<ReturnType<typeof testShop>>;

let requests = 0;
export const request = () => `request-${++requests}`;

export async function openJob({ page, li, wang, clock }: TestShop, number = "RO-1"): Promise<JobId> {
  const job = {
    number,
    work: "刹车片",
    plate: "沪A12345",
    bay: BAY_1,
    technicianId: wang.id,
    flatRateHours: 1,
    promisedAt: clock.now() + 90 * MINUTE,
  };
  const { ids } = await page.execute({ person: li, requestId: request(), action: { kind: "open-job", job } });
  return ids.job as JobId;
}
