import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { RecordOnTheWire } from "../../contract/records.ts";
import { type ClockScale, clockEnvironment, SystemClock } from "../../machine/clock.ts";
import { killVisionWorker } from "../faults/vision-worker.ts";
import { Visitor } from "../people/visitor.ts";
import { type DialledDongles, openDialledDongles, ShopLife, type VisitLog } from "../shop/shop-life.ts";
import { GATEWAY } from "../shop/stage.ts";
import { LI, SCRIPT, SCRIPT_MS, type Visit, WANG } from "../shop/visit.ts";
import { FAULT_KEYS, listenToFaultKeys } from "./fault-keys.ts";
import { HeadquartersDesk } from "./headquarters-desk.ts";
import { ADVISOR, type House, MANAGER, openHouse } from "./house.ts";
import { type Evidence, judge, TOLERANCES } from "./judge.ts";
import { flatShareOf, type PhotoEvidence } from "./judge-photos.ts";

export interface DemoOptions {
  /** Real seconds for the scripted half hour; without it the demo stays up. */
  readonly seconds?: number;
  readonly broken?: readonly string[];
  readonly json: boolean;
  readonly keep: boolean;
}

/** How the demo can be broken on purpose, and what must notice it. */
const BREAKS = ["dropped-record", "swapped-dtc", "stuck-camera"] as const;
type Break = (typeof BREAKS)[number];

/** Twenty times as fast as life: slow enough to watch, fast enough that something happens. */
const WATCHING_SCALE = 20;
const DRAIN_MS = 30_000;
/** Headquarters is away for a quarter of the script. */
const AWAY = { from: SCRIPT_MS * 0.3, to: SCRIPT_MS * 0.55 } as const;
/** The vision worker is killed while both cars are being worked on and nothing changes. */
const KILL_AT = SCRIPT_MS * 0.6;
/** Real time in which a killed worker must be back at work; a bay may be unknown meanwhile. */
const WORKER_BACK_MS = 6_000;

const Exported = Compile(
  Type.Object(
    { records: Type.Array(Type.Object({ epoch: Type.String(), ...RecordOnTheWire.properties })) },
    { additionalProperties: true },
  ),
);
const Verified = Compile(Type.Object({ ok: Type.Boolean() }, { additionalProperties: true }));

/** Starts headquarters, gateway, bridge and a simulated shop. @returns the exit code */
export async function runDemo(options: DemoOptions): Promise<number> {
  const wanted = options.broken ?? [];
  const broken = BREAKS.filter((name) => wanted.includes(name));
  if (broken.length < wanted.length) {
    process.stderr.write(`--break takes ${BREAKS.join(", ")}\n`);
    return 2;
  }
  const folder = await mkdtemp(join(tmpdir(), "baygate-demo-"));
  const scale: ClockScale = {
    scale: options.seconds === undefined ? WATCHING_SCALE : SCRIPT_MS / 1000 / options.seconds,
    originMs: Date.now(),
  };
  const clock = new SystemClock(scale);
  const say = (line: string) => {
    if (!options.json) process.stdout.write(`${line}\n`);
  };
  const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]).then(
    () => "interrupted" as const,
  );
  let house: House | undefined;
  let life: ShopLife | undefined;
  let dialled: DialledDongles | undefined;
  try {
    say("Starting headquarters, gateway, bridge and a simulated shop …");
    dialled = await openDialledDongles();
    house = await openHouse({
      folder,
      lines: dialled.lines,
      environment: clockEnvironment(scale),
      ...(broken.includes("dropped-record") ? { daemonWords: ["--planted-bug", "forget-before-mark"] } : {}),
    });
    const advisor = new Visitor(house.page);
    await advisor.signIn(ADVISOR.login, house.passwords[ADVISOR.login] ?? "");
    const tablets = await signInTechnicians(house);
    life = new ShopLife({
      clock,
      login: house.deviceLogin,
      advisor,
      technician: (login) => tablets.get(login) ?? advisor,
      dialled,
      ...(broken.includes("swapped-dtc") ? { carInstead: withSwappedCode } : {}),
    });
    await life.start();
    await allBaysSeen(advisor);
    if (broken.includes("stuck-camera")) life.camera("bay1").breakDown("stuck");
    say(welcome(house, scale.scale));
    const running = { house, life, advisor, clock, scale: scale.scale };
    if (options.seconds === undefined) {
      const stopListening = listenToFaultKeys(house, life, say);
      await Promise.race([interrupted, liveOn(running)]);
      stopListening();
      say("Stopping …");
      return 0;
    }
    const report = await Promise.race([interrupted, scripted(running, broken)]);
    if (report === "interrupted") return 130;
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return report.ok ? 0 : 1;
  } finally {
    await life?.stop();
    await house?.stop();
    await dialled?.stop();
    if (options.keep) process.stderr.write(`kept: ${folder}\n`);
    else await rm(folder, { recursive: true, force: true });
  }
}

interface RunningDemo {
  readonly house: House;
  readonly life: ShopLife;
  readonly advisor: Visitor;
  readonly clock: SystemClock;
  readonly scale: number;
}

/** One visit after the other, with new repair orders, until someone ends it. */
async function liveOn({ life }: RunningDemo): Promise<never> {
  for (let round = 0; ; round += 1) {
    const visits = SCRIPT.map((visit, index) => ({
      ...visit,
      jobNumber: `RO-${1001 + round * SCRIPT.length + index}`,
    }));
    await life.perform(visits).done;
  }
}

async function scripted({ house, life, advisor, clock, scale }: RunningDemo, broken: readonly Break[]) {
  const startedAt = performance.now();
  const { beganAt, done } = life.perform(SCRIPT);
  const faults: {
    headquartersAway: { fromSeconds: number; toSeconds: number };
    visionWorkerKilledAtSeconds: number | null;
  } = {
    headquartersAway: { fromSeconds: AWAY.from / 1000, toSeconds: AWAY.to / 1000 },
    visionWorkerKilledAtSeconds: null,
  };
  clock.after(AWAY.from, () => house.gate.cut());
  clock.after(AWAY.to, () => house.gate.mend());
  const killed = new Promise<void>((resolve) => {
    clock.after(KILL_AT, () => {
      void killVisionWorker(house.daemon.pid).then((pid) => {
        faults.visionWorkerKilledAtSeconds = pid === undefined ? null : KILL_AT / 1000;
        resolve();
      });
    });
  });
  const logs = await done;
  await killed;
  await restOfScript(life, clock);
  const frames = { sent: life.framesSent, ...(await frameFigures(house.page)) };
  await life.stop();
  const photos = new Map<Visit, readonly PhotoEvidence[]>();
  for (const [visit, log] of logs) photos.set(visit, await storedPhotos(advisor, log));
  const readable = await readablePictures(join(house.dataFolder, "evidence", "pictures"));
  const drained = await waitUntilSent(advisor);
  const stoppedCleanly = await house.stopShop();
  const verified = await house.baygate(["journal", "verify"], [0, 1]);
  const exported = await house.baygate(["journal", "export"]);
  const desk = await HeadquartersDesk.open(house.headquartersUrl, house.headquartersData);
  const atHeadquarters = await desk.recordsOf(GATEWAY);
  await desk.close();
  if (!Exported.Check(exported)) throw new Error("the exported journal does not fit its schema");

  const evidence: Evidence = {
    beganAt,
    visits: SCRIPT.map((visit) => {
      const log = logs.get(visit);
      return { visit, performed: log === undefined ? NOTHING_PERFORMED : { ...log, photos: photos.get(visit) ?? [] } };
    }),
    blindWindows: [{ from: KILL_AT, to: KILL_AT + WORKER_BACK_MS * scale }],
    journal: exported.records.map(({ epoch: _epoch, ...record }) => record),
    headquarters: atHeadquarters.map(({ epoch: _epoch, receivedAt: _receivedAt, ...record }) => record),
  };
  const verdict = judge(evidence);
  const failures = [
    ...verdict.failures,
    ...(drained ? [] : ["records were still waiting when time was up"]),
    ...(stoppedCleanly ? [] : ["gateway or bridge did not end by themselves"]),
    ...(Verified.Check(verified) && verified.ok ? [] : ["the journal's chains do not verify"]),
    ...(faults.visionWorkerKilledAtSeconds === null ? ["there was no vision worker to kill"] : []),
    ...(readable.length === 0 ? [] : [`${readable.length} pictures lie readable on the disk`]),
    ...(frames.processed > 0 ? [] : ["no frame was looked at"]),
  ];
  return {
    ok: failures.length === 0,
    failures,
    broken,
    clockScale: scale,
    cores: availableParallelism(),
    realSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
    frames,
    faults,
    tolerances: TOLERANCES,
    bays: verdict.bays,
    labour: verdict.labour,
    dtcs: verdict.dtcs,
    differences: verdict.differences,
    photos: verdict.photos,
    journalRecords: verdict.journalRecords,
    headquarters: verdict.headquarters,
  };
}

const NOTHING_PERFORMED = {
  jobId: "",
  clockedOn: [],
  clockedOff: [],
  pausedAt: undefined,
  resumedAt: undefined,
  photos: [],
};

async function signInTechnicians({ page, passwords }: House): Promise<ReadonlyMap<string, Visitor>> {
  const tablets = new Map<string, Visitor>();
  for (const { login } of [WANG, LI]) {
    const tablet = new Visitor(page);
    await tablet.signIn(login, passwords[login] ?? "");
    tablets.set(login, tablet);
  }
  return tablets;
}

/** What the page gives out of each photo that was kept, held against what was on it. */
async function storedPhotos(advisor: Visitor, { jobId, photos }: VisitLog): Promise<readonly PhotoEvidence[]> {
  const stored = photos.length === 0 ? [] : (await advisor.photos(jobId)).photos;
  const evidence: PhotoEvidence[] = [];
  for (const { jpeg: _taken, ...photo } of photos) {
    const kept = stored.find(({ checkpoint }) => checkpoint === photo.checkpoint);
    const { plates, faces } = photo.truth;
    const flatShare =
      kept === undefined ? null : await flatShareOf(await advisor.picture(kept.picture.url), [...plates, ...faces]);
    evidence.push({ ...photo, flatShare });
  }
  return evidence;
}

/** Files of the store that begin as a JPEG does: there must be none. */
async function readablePictures(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder);
  const readable: string[] = [];
  for (const file of files)
    if ((await readFile(join(folder, file))).subarray(0, 2).equals(Buffer.from([0xff, 0xd8]))) readable.push(file);
  return readable;
}

/** The last state changes become certain some time after the last car has gone. */
function restOfScript(life: ShopLife, clock: SystemClock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(Math.max(0, SCRIPT_MS - life.scriptMs()), resolve);
  });
}

async function allBaysSeen(advisor: Visitor): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const { bays } = await advisor.today();
    if (bays.every((bay) => bay.state === "empty")) return;
    await pause(200);
  }
  throw new Error("the gateway did not see the empty bays in time");
}

async function waitUntilSent(visitor: Visitor): Promise<boolean> {
  const deadline = performance.now() + DRAIN_MS;
  while (performance.now() < deadline) {
    const { headquarters } = await visitor.today();
    if (headquarters.state === "all-sent" && headquarters.recordsWaiting === 0) return true;
    await pause(200);
  }
  return false;
}

/** Sums over the cameras, from the gateway's metrics. */
async function frameFigures(page: string): Promise<{ received: number; processed: number; dropped: number }> {
  const text = await (await fetch(`${page}/metrics`)).text();
  const sum = (name: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  return {
    received: sum("baygate_camera_frames_received_total"),
    processed: sum("baygate_camera_frames_processed_total"),
    dropped: sum("baygate_camera_frames_dropped_total"),
  };
}

function withSwappedCode(visit: Visit): Visit["car"] {
  const [engine, ...others] = visit.car.ecus;
  if (engine === undefined) return visit.car;
  return {
    ...visit.car,
    ecus: [{ ...engine, confirmed: engine.confirmed.map((code) => (code === "P0299" ? "P0298" : code)) }, ...others],
  };
}

function welcome({ page, passwords }: House, scale: number): string {
  return [
    "",
    `  The shop is open: ${page}`,
    `  店已开门:         ${page}`,
    "",
    `  manager     ${MANAGER.login} / ${passwords[MANAGER.login]}`,
    `  technician  ${WANG.login} / ${passwords[WANG.login]}`,
    `  advisor     ${ADVISOR.login} / ${passwords[ADVISOR.login]}`,
    "",
    `  Simulated time: ${scale} × as fast as life. Ctrl-C ends it.`,
    ...(process.stdin.isTTY
      ? ["", "  Break something:", ...FAULT_KEYS.map(({ key, what }) => `    ${key}  ${what}`)]
      : []),
    "",
  ].join("\n");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
