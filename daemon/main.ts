import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Registry } from "prom-client";
import { systemClock } from "../machine/clock.ts";
import { writeDurably } from "../machine/durable-file.ts";
import { createLog } from "../machine/log.ts";
import { createUuidV7 } from "../machine/uuid.ts";
import { createBroker, DeviceCredentials } from "./broker/broker.ts";
import { createCameras } from "./cameras/index.ts";
import { openEvidence } from "./evidence/evidence.ts";
import { Announcer } from "./gateway/announcer.ts";
import { observeBays } from "./gateway/bay-watch.ts";
import { DailyBackup } from "./gateway/daily-backup.ts";
import { Desk, GATEWAY } from "./gateway/desk.ts";
import { fromPresence, fromStatus } from "./gateway/device-events.ts";
import { Dongles } from "./gateway/dongles.ts";
import { Intake } from "./gateway/intake.ts";
import { registerGatewayMetrics } from "./gateway/metrics.ts";
import { OwnFiles } from "./gateway/own-questions.ts";
import { PhotoDesk } from "./gateway/photo-desk.ts";
import { placesIn } from "./gateway/places.ts";
import { Quarantine } from "./gateway/quarantine.ts";
import { readConfiguration } from "./gateway/read-configuration.ts";
import { readinessOf } from "./gateway/readiness.ts";
import { Rhythm } from "./gateway/rhythm.ts";
import type { Running } from "./gateway/running.ts";
import { shopFactsOf } from "./gateway/shop-facts.ts";
import { shopPolicyOf } from "./gateway/shop-policy.ts";
import { shopTextsOf } from "./gateway/shop-texts.ts";
import { ClockWatch } from "./health/clock-watch.ts";
import { DiagnosticsPage } from "./health/diagnostics-page.ts";
import { DiskGuardian } from "./health/disk.ts";
import { LiveBoxes } from "./health/live-boxes.ts";
import { PhotosPage } from "./health/photos-page.ts";
import { bayIds, hasCameras } from "./health/picture.ts";
import { LoopDelayMonitor, registerProcessMetrics, temperatureC } from "./health/process-watch.ts";
import { Progress } from "./health/progress.ts";
import { ShopPage } from "./health/shop-page.ts";
import { createHttp } from "./http/http.ts";
import { openJournal, type PlantedFaults } from "./journal/index.ts";
import { createSetupCode, openPeople } from "./people/index.ts";
import { createExecutor } from "./shop/executor.ts";
import { shop } from "./shop/shop.ts";
import { createUplink, type Uplink } from "./sync/uplink.ts";
import { openVehicleCatalogue } from "./vehicles/index.ts";
import { ActiveModelFollower, createVision } from "./vision/index.ts";
import { ModelStore } from "./vision/models.ts";

export interface GatewayOptions {
  readonly configurationFile: string;
  readonly dataDirectory: string;
  readonly version: string;
  /** Allows a clock scale and planted faults. */
  readonly demo: boolean;
  readonly faults?: PlantedFaults;
  /** For the console: addresses and the setup code. */
  readonly print: (line: string) => void;
}

export interface Gateway {
  readonly running: Running;
  /** Stops in reverse order: nothing new comes in, what is open is written down, headquarters gets a moment to take it. */
  stop(reason: string): Promise<void>;
}

const ROOT = join(import.meta.dirname, "..");
const PHOTO_ONLY_ROLES = ["damage", "face", "plate"] as const;
const MB = 1_000_000;
/** Machine time that headquarters gets at the end; what it does not take is sent after the next start. */
const LAST_SYNC_MS = 3_000;

/**
 * The composition root: builds the parts and starts them in order. What is absent or broken outside (a camera, headquarters, the model, the
 * configuration itself) is a state on the page and never a reason not to start.
 * @throws GatewayError when the journal cannot be opened or the page cannot listen: without them the gateway can promise nothing
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { demo, version, dataDirectory } = options;
  const log = createLog("daemon");
  const clock = systemClock({ demo });
  const newId = createUuidV7(clock);
  const places = placesIn(dataDirectory);
  await mkdir(dataDirectory, { recursive: true });
  const { configuration, problems, hash } = await readConfiguration(options);

  const journal = await openJournal({
    directory: places.journal,
    clock,
    log: log.child({ part: "journal" }),
    limits: {
      maxBytes: configuration.retention.journalMaxMb * MB,
      retentionMs: configuration.retention.keepSentDays * 86_400_000,
    },
    demo,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const people = await openPeople({ directory: places.people, clock, newId });
  const policy = shopPolicyOf(configuration);
  const executor = createExecutor({
    decider: shop(policy),
    journal,
    clock,
    newId,
    log: log.child({ part: "shop" }),
  });
  const life = journal.previousLife;
  await executor.execute(
    {
      kind: "gateway-started",
      version,
      nodeVersion: process.version,
      clean: life?.clean ?? true,
      lastSignOfLife: life?.stamp ?? null,
      clockScale: clock.scale,
    },
    GATEWAY,
  );
  if (hash !== undefined)
    await executor.execute(
      { kind: "note", record: { type: "configuration.applied", body: { hash, at: clock.stamp() } } },
      GATEWAY,
    );

  const observer = observeBays(configuration, executor, clock);
  const desk = new Desk({ executor, observer, clock, log });
  const progress = new Progress(() => performance.now());

  const liveBoxes = new LiveBoxes();
  const models = new ModelStore({
    directory: places.models,
    shipped: configuration.vision.models ?? join(ROOT, "models"),
  });
  const bayModel = await models.active("bay");
  const photoModels = await Promise.all(
    PHOTO_ONLY_ROLES.map(async (role) => [role, await models.active(role)] as const),
  );
  const vision = createVision({
    bundleFolder: bayModel.folder,
    bundleName: bayModel.name,
    photoBundles: Object.fromEntries(photoModels.map(([role, { folder }]) => [role, folder])),
    enginesFolder: places.engines,
    workers: configuration.vision.workers,
    providers: configuration.vision.providers,
    hangMs: configuration.vision.hangSeconds * 1000,
    maxWorkerMemoryBytes: configuration.vision.maxWorkerMemoryMb * MB,
    liveThumbnails: configuration.privacy.liveThumbnails,
    clock,
    log: log.child({ part: "vision" }),
    onResult: (result) => {
      liveBoxes.take(result);
      desk.take(observer.onFrame(result));
    },
    onBundleRefused: (folder, problem) => void bayModelFollower.refuse(folder, problem),
    onWorker: (event) => {
      if (event.kind !== "restarting") return;
      desk.note({
        kind: "note",
        record: { type: "vision.worker-restarted", body: { worker: event.worker, reason: event.reason, at: event.at } },
      });
    },
  });
  const bayModelFollower = new ActiveModelFollower(bayModel, {
    store: models,
    role: "bay",
    takeOver: (folder, name) => vision.takeOver(folder, name),
    log,
  });
  const photoModelFollowers = photoModels.map(
    ([role, model]) =>
      new ActiveModelFollower(model, {
        store: models,
        role,
        takeOver: (folder) => vision.usePhotoBundle(role, folder),
        log,
      }),
  );
  const cameras = createCameras({
    cameras: new Map(
      Object.entries(configuration.cameras).map(([id, camera]) => [
        id as keyof typeof configuration.cameras,
        { silentAfterMs: camera.silentAfterSeconds * 1000, maxFramesPerSecond: camera.maxFramesPerSecond },
      ]),
    ),
    clock,
    log: log.child({ part: "cameras" }),
    deliver: (cameraId, jpeg, at) => vision.submit(cameraId, jpeg, at),
    onSilent: (deviceId) => desk.note({ kind: "device-changed", device: "camera", deviceId, state: "silent" }),
    onBack: (deviceId) => desk.note({ kind: "device-changed", device: "camera", deviceId, state: "online" }),
  });

  const intake = new Intake({ configuration, desk, people, observer, clock });
  const quarantine = new Quarantine({ journal, desk, log });
  const broker = createBroker({
    configuration,
    credentials: new DeviceCredentials(dataDirectory, () => clock.now()),
    dataDirectory,
    clock,
    log: log.child({ part: "broker" }),
    intake: (message) => {
      if (message.kind === "readerTap") return intake.tap(message.device, message.payload);
      if (message.kind === "equipmentEvent") return intake.equipment(message.device, message.payload);
      dongles.scanCame(message.payload.transaction);
      return intake.scan(message.device, message.payload);
    },
    quarantine: (message) => quarantine.keep(message),
    onCameraFrame: (cameraId, jpeg) => void cameras.receive(cameraId, jpeg),
    onStatus: (kind, id, status) => {
      if (kind !== "camera") desk.note(fromStatus(kind, id, status));
    },
    onResponse: (dongleId, response, at) => dongles.answered(dongleId, response, at),
    onSignals: (dongleId, signals, at) => dongles.values.signals(dongleId, signals, at),
    onReadings: (dongleId, readings) => dongles.values.readings(dongleId, readings),
    onPresence: (presence) => {
      const change = fromPresence(presence);
      if (change !== undefined) desk.note(change);
    },
  });
  const ownFiles = new OwnFiles(
    openVehicleCatalogue(places.vehicles, () => clock.now()),
    log.child({ part: "vehicles" }),
  );
  const dongles = new Dongles({
    configuration,
    policy,
    state: () => executor.state,
    desk,
    intake,
    broker,
    clock,
    log,
    ownQuestions: (vin, model) => ownFiles.questionsOf(vin, model),
  });

  const uplink =
    configuration.headquarters === undefined
      ? undefined
      : createUplink({
          journal,
          config: configuration.headquarters,
          gateway: configuration.shop.gateway,
          timeZone: configuration.shop.timeZone,
          version,
          directory: places.headquarters,
          clock,
          log: log.child({ part: "headquarters" }),
          raiseFloor: (wallMs) => clock.raiseFloor(wallMs),
        });
  const disk = new DiskGuardian(dataDirectory, () => clock.monotonicMs());
  let temperature: number | null = null;
  const page = new ShopPage({
    executor,
    execute: (command, origin) => desk.execute(command, origin),
    journal,
    clock,
    log: log.child({ part: "page" }),
    parts: () => ({
      configuration,
      policy,
      isScanning: (dongleId) => dongles.isScanning(dongleId),
      clockScale: clock.scale,
      people,
      cameras: cameras.status(),
      thumbnailAt: (cameraId) => vision.thumbnail(cameraId)?.at,
      seenOn: (cameraId, at) => liveBoxes.seenOn(cameraId, at),
      vision: vision.status(),
      uplink: uplink?.status(),
      disk: disk.room(),
      temperatureC: temperature,
      safeMode: problems,
    }),
  });

  const diagnostics = new DiagnosticsPage({
    picture: () => page.picture(),
    journal,
    telemetry: dongles.values.telemetry,
    live: dongles.values.desk,
    recordings: dongles.values.recordings,
    texts: await shopTextsOf(configuration, log),
  });
  const evidence = await openEvidence({
    directory: places.evidence,
    maxBytes: configuration.retention.picturesMaxMb * MB,
    onDrop: async (picture, bytes) => {
      const body = { picture, bytes, reason: "quota", at: clock.stamp() } as const;
      await desk.execute(
        { kind: "note", record: { type: "picture.dropped", body } },
        { source: "evidence", messageId: picture },
      );
    },
    log: log.child({ part: "evidence" }),
  });
  const photoDesk = new PhotoDesk({
    look: (photo) => vision.lookAtPhoto(photo),
    evidence,
    desk,
    journal,
    state: () => executor.state,
    clock,
  });
  const photos = new PhotosPage({ picture: () => page.picture(), journal, evidence, desk: photoDesk });
  const announcer = new Announcer(broker, clock, log, bayIds(configuration));
  executor.onCommitted((records) => {
    announcer.announce(executor.state);
    uplink?.nudge();
    dongles.take(records);
  });

  const loop = new LoopDelayMonitor();
  const metrics = new Registry();
  registerProcessMetrics(metrics, loop, { recordsWaiting: () => uplink?.status().recordsWaiting ?? 0 });
  registerGatewayMetrics(metrics, { cameras, vision, journal, dongles: () => dongles.heard() });
  const http = await createHttp({
    shop: page,
    diagnostics,
    photos,
    people,
    setupCode: createSetupCode(people, (code) => options.print(`Setup code 设置码: ${code}`)),
    clock,
    log: log.child({ part: "http" }),
    metrics,
    listen: configuration.http,
    ...(configuration.http.names === undefined ? {} : { names: configuration.http.names }),
    idleMinutes: configuration.http.idleMinutes,
    certificateDirectory: places.page,
    pageDirectory: join(ROOT, "status-page", "dist"),
    shopFacts: () => shopFactsOf(configuration, { clockScale: clock.scale, version, safeMode: problems !== undefined }),
    thumbnail: (cameraId) => {
      const shot = vision.thumbnail(cameraId);
      return shot && { jpeg: shot.jpeg, at: shot.at.wallMs };
    },
    record: async (drafts) => {
      for (const record of drafts) await desk.execute({ kind: "note", record }, GATEWAY);
    },
    live: () => progress.stuck().length === 0,
    ready: () =>
      readinessOf({
        journal,
        broker,
        vision: hasCameras(configuration) ? vision : undefined,
        uplink,
        safeMode: problems !== undefined,
      }),
  });

  const clockWatch = new ClockWatch(clock);
  const rhythm = new Rhythm(clock, log, progress);
  // Shop time: what people and cars do.
  rhythm.everyShopMs("bays", 2_000, () => desk.take(observer.onTick(clock.stamp())));
  rhythm.everyShopMs("shop", 5_000, () => {
    desk.note({ kind: "tick" });
    dongles.plan();
    const jump = clockWatch.look();
    if (jump !== undefined) desk.note({ kind: "clock-jumped", ...jump });
  });
  rhythm.everyShopMs("sign of life", 10_000, () => journal.beat(clock.stamp()));
  const dailyBackup = new DailyBackup({
    folder: places.backups,
    keep: configuration.retention.backups,
    journal,
    clock,
    log,
  });
  rhythm.everyShopMs("backup", 3_600_000, () => dailyBackup.whenDue());
  // Machine time: what the box does.
  rhythm.everyMachineMs("box", 60_000, async () => {
    await disk.measure();
    temperature = await temperatureC();
  });
  rhythm.everyMachineMs("models", 2_000, async () => {
    for (const follower of [bayModelFollower, ...photoModelFollowers]) await follower.look();
  });
  const startedAt = clock.now();
  const announceBox = (state: "running" | "safe-mode" | "stopping") => {
    const attention = page.attention();
    announcer.attention({ count: attention.length, kinds: [...new Set(attention.map(({ kind }) => kind))] });
    const recordsWaiting = uplink?.status().recordsWaiting ?? 0;
    announcer.health({
      version,
      startedAt,
      state,
      recordsWaiting,
      clockTrusted: clock.trusted(),
      clockScale: clock.scale,
    });
  };
  rhythm.everyMachineMs("announcements", 1_000, () => announceBox(problems === undefined ? "running" : "safe-mode"));
  loop.start();
  cameras.start();
  // A shop without cameras needs no worker; its photos are looked at all the same.
  vision.start(hasCameras(configuration));
  await broker.start();
  announcer.announce(executor.state);
  await dongles.configureBridges();
  dongles.start();
  uplink?.start();
  page.start();
  await http.start();
  rhythm.start();
  const running: Running = {
    pid: process.pid,
    version,
    startedAt,
    page: http.address()?.url ?? "",
    brokers: broker.listeners().map(({ address, port, tls }) => ({ address, port, tls })),
    safeMode: problems !== undefined,
  };
  await writeDurably(places.running, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  log.info({ page: running.page, brokers: running.brokers, safeMode: running.safeMode }, "the gateway is up");

  let stopping: Promise<void> | undefined;
  const stop = async (reason: string) => {
    log.info({ reason }, "stopping");
    rhythm.stop();
    announceBox("stopping");
    await http.stop();
    page.stop();
    await dongles.stop();
    await broker.stop();
    cameras.stop();
    await vision.stop();
    await photoDesk.idle();
    await desk.execute({ kind: "gateway-stopped", reason }, GATEWAY);
    if (uplink !== undefined) await lastSync(uplink);
    await uplink?.stop();
    loop.stop();
    await executor.checkpoint();
    await journal.close(clock.stamp());
    await rm(places.running, { force: true });
  };
  return {
    running,
    stop: (reason) => {
      stopping ??= stop(reason);
      return stopping;
    },
  };
}

/** Gives headquarters a moment to take the last records, so that an orderly stop leaves nothing waiting. */
async function lastSync(uplink: Uplink): Promise<void> {
  uplink.nudge();
  const deadline = performance.now() + LAST_SYNC_MS;
  while (performance.now() < deadline && uplink.status().recordsWaiting > 0 && uplink.status().state !== "offline") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
