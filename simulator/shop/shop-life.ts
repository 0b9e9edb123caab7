import { randomUUID } from "node:crypto";
import type { Checkpoint } from "../../contract/photos.ts";
import type { Clock } from "../../machine/clock.ts";
import { SimulatedCamera } from "../devices/camera.ts";
import type { DeviceLogin } from "../devices/device.ts";
import { SimulatedLift, SimulatedReader } from "../devices/reader.ts";
import { CarOnBus, type SimulatedCar } from "../dongle/car.ts";
import { ElmDongle } from "../dongle/elm.ts";
import { type Served, serveTcp } from "../dongle/serve.ts";
import { WicanDongle } from "../dongle/wican.ts";
import type { Visitor } from "../people/visitor.ts";
import { type TakenPhoto, takePhoto } from "../photo/car-photo.ts";
import { sceneAt } from "./bay-scene.ts";
import { SHOP_BAYS, type ShopBay } from "./stage.ts";
import type { Visit } from "./visit.ts";

/** Real frames a second; a demo's clock makes them seconds of shop time apart. */
const FRAMES_PER_SECOND = 4;
/** An advisor who knows his trade promises a little later than he hopes. */
const PROMISE_SLACK_MS = 25 * 60_000;

/** How often somebody who waits for the page looks at it, in milliseconds of the script. */
const LOOKS_EVERY_MS = 10_000;

/** After so many refusals a technician goes on with his work. */
const PHOTO_TRIES = 6;

export interface ShopLifeOptions {
  readonly clock: Clock;
  readonly login: (username: string) => DeviceLogin;
  readonly advisor: Visitor;
  /** The page as a technician sees it, by his login. */
  readonly technician: (login: string) => Visitor;
  readonly dialled: DialledDongles;
  /** What the dongle's car says in place of the visit's, to break the truth on purpose. */
  readonly carInstead?: (visit: Visit) => SimulatedCar;
}

/** What the shop needs of a dongle, whatever it speaks. */
interface Pluggable {
  plugInto(car: CarOnBus | undefined): void;
  fallSilent(silent: boolean): void;
}

/** Dongles that wait to be dialled: they are there before the gateway, which is told where. */
export interface DialledDongles {
  readonly dongles: ReadonlyMap<string, ElmDongle>;
  /** Address by dongle id, for `shop.yaml`. */
  readonly lines: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function openDialledDongles(): Promise<DialledDongles> {
  const dongles = new Map<string, ElmDongle>();
  const served: Served[] = [];
  const lines: Record<string, string> = {};
  for (const { dongle, dialect } of SHOP_BAYS) {
    if (dialect !== "elm327") continue;
    const device = new ElmDongle();
    const line = await serveTcp(device);
    dongles.set(dongle, device);
    served.push(line);
    lines[dongle] = line.address;
  }
  return {
    dongles,
    lines,
    stop: async () => {
      await Promise.all(served.map((line) => line.close()));
    },
  };
}

/** When people really did what the script says, in milliseconds of the script. */
export interface VisitLog {
  readonly jobId: string;
  readonly clockedOn: number[];
  readonly clockedOff: number[];
  pausedAt: number | undefined;
  resumedAt: number | undefined;
  readonly photos: TakenAtCar[];
}

/** A photo as it was taken, and why it had to be taken again before it could be kept. */
export interface TakenAtCar extends TakenPhoto {
  readonly checkpoint: Checkpoint;
  readonly refusals: readonly string[];
}

/** Brings the simulated shop to life: cars, people and devices follow the script as the shop's clock goes. */
export class ShopLife {
  readonly #options: ShopLifeOptions;
  readonly #cameras = new Map<string, SimulatedCamera>();
  readonly #readers = new Map<string, SimulatedReader>();
  readonly #lifts = new Map<string, SimulatedLift>();
  readonly #dongles = new Map<string, Pluggable>();
  readonly #wicans: WicanDongle[] = [];
  #visits: readonly Visit[] = [];
  /** Monotonic shop time at which the script began. */
  #beganMs = Number.POSITIVE_INFINITY;
  readonly #cancels: (() => void)[] = [];

  constructor(options: ShopLifeOptions) {
    this.#options = options;
  }

  /** Connects every device; the cameras show empty bays from now on. */
  async start(): Promise<void> {
    await Promise.all(SHOP_BAYS.map((bay) => this.#startBay(bay)));
  }

  camera(bayId: string): SimulatedCamera {
    const camera = this.#cameras.get(bayId);
    if (camera === undefined) throw new RangeError(`no camera at ${bayId}`);
    return camera;
  }

  dongle(bayId: string): Pluggable {
    const dongle = this.#dongles.get(bayId);
    if (dongle === undefined) throw new RangeError(`no dongle at ${bayId}`);
    return dongle;
  }

  get framesSent(): number {
    return [...this.#cameras.values()].reduce((sum, camera) => sum + camera.framesSent, 0);
  }

  /** Milliseconds of the script that have passed; negative before it begins. */
  scriptMs(): number {
    return this.#options.clock.monotonicMs() - this.#beganMs;
  }

  /**
   * Lets the visits happen, from now on.
   * @returns the wall time (shop clock) of the beginning, and a promise of what was really done, which rejects when a step failed
   */
  perform(visits: readonly Visit[]): {
    readonly beganAt: number;
    readonly done: Promise<ReadonlyMap<Visit, VisitLog>>;
  } {
    this.#visits = visits;
    this.#beganMs = this.#options.clock.monotonicMs();
    const beganAt = this.#options.clock.now();
    const logs = new Map<Visit, VisitLog>();
    const done = Promise.all(visits.map(async (visit) => logs.set(visit, await this.#visit(visit)))).then(() => logs);
    return { beganAt, done };
  }

  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    const devices = [...this.#cameras.values(), ...this.#readers.values(), ...this.#lifts.values(), ...this.#wicans];
    await Promise.all(devices.map((device) => device.stop()));
  }

  async #startBay(bay: ShopBay): Promise<void> {
    const { login } = this.#options;
    const camera = new SimulatedCamera({
      id: bay.camera,
      login: login(`camera/${bay.camera}`),
      framesPerSecond: FRAMES_PER_SECOND,
      look: () =>
        sceneAt(
          bay.stage,
          this.#visits.filter((visit) => visit.bay === bay.id),
          this.scriptMs(),
        ),
    });
    const reader = new SimulatedReader(bay.reader, login(`reader/${bay.reader}`), randomUUID);
    const dialled = this.#options.dialled.dongles.get(bay.dongle);
    const wican =
      dialled === undefined ? new WicanDongle({ ...login(`dongle/${bay.dongle}`), nativeId: bay.nativeId }) : undefined;
    if (wican !== undefined) this.#wicans.push(wican);
    const dongle = dialled ?? wican;
    if (dongle === undefined) throw new RangeError(`no dongle for ${bay.id}`);
    this.#cameras.set(bay.id, camera);
    this.#readers.set(bay.id, reader);
    this.#dongles.set(bay.id, dongle);
    await Promise.all([camera.start(), reader.start(), wican?.start()]);
    if (bay.lift === undefined) return;
    const lift = new SimulatedLift(bay.lift, login(`equipment/${bay.lift}`), randomUUID);
    this.#lifts.set(bay.id, lift);
    await lift.start();
  }

  async #visit(visit: Visit): Promise<VisitLog> {
    const { advisor } = this.#options;
    const lift = beside(this.#lift(visit));
    await this.#until(visit.parkedAt);
    const car = new CarOnBus(this.#options.carInstead?.(visit) ?? visit.car);
    this.dongle(visit.bay).plugInto(car);
    await this.#until(visit.jobOpenedAt);
    const technician = await advisor.personNamed(visit.technician.name);
    const jobId = await advisor.openJob({
      number: visit.jobNumber,
      work: visit.work,
      plate: visit.plate,
      flatRateHours: visit.flatRateHours,
      promisedAt: this.#options.clock.now() + visit.goneAt - visit.jobOpenedAt + PROMISE_SLACK_MS,
      bay: visit.bay,
      technicianId: technician.id,
    });
    const repair = beside(this.#repair(visit, car, jobId));
    const log: VisitLog = {
      jobId,
      clockedOn: [],
      clockedOff: [],
      pausedAt: undefined,
      resumedAt: undefined,
      photos: [],
    };
    const photos = beside(this.#photos(visit, log));
    await this.#until(visit.clockOnAt);
    await this.#tap(visit, "on", log.clockedOn);
    if (visit.wait !== undefined) {
      await this.#until(visit.wait.from);
      log.pausedAt = this.scriptMs();
      await advisor.pauseJob(jobId, visit.wait.reason);
      log.clockedOff.push(log.pausedAt);
      await this.#until(visit.wait.to);
      log.resumedAt = this.scriptMs();
      await advisor.resumeJob(jobId);
      await this.#tap(visit, "on", log.clockedOn);
    }
    await this.#until(visit.clockOffAt);
    await this.#tap(visit, "off", log.clockedOff);
    await this.#until(visit.jobClosedAt);
    // Looking at a photo takes seconds of real time, which are minutes of the script.
    await photos;
    await advisor.closeJob(jobId);
    await this.#until(visit.departsAt);
    this.dongle(visit.bay).plugInto(undefined);
    await this.#until(visit.goneAt);
    await Promise.all([lift, repair]);
    return log;
  }

  /** Photographs the car. What could not be covered for certain is taken again, as the page advises. */
  async #photos(visit: Visit, log: VisitLog): Promise<void> {
    const tablet = this.#options.technician(visit.technician.login);
    for (const { checkpoint, at, isWindscreenCracked } of visit.photos) {
      await this.#until(at);
      const refusals: string[] = [];
      for (;;) {
        const photo = await takePhoto({
          plate: visit.plate,
          paint: visit.colour,
          overalls: visit.technician.overalls,
          seed: log.photos.length * PHOTO_TRIES + refusals.length + 1,
          isWindscreenCracked,
        });
        const refusal = await tablet.sendPhoto(log.jobId, checkpoint, photo.jpeg);
        if (refusal !== null) refusals.push(refusal);
        if (refusal !== null && refusals.length < PHOTO_TRIES) continue;
        log.photos.push({ ...photo, checkpoint, refusals });
        break;
      }
    }
  }

  /** The technician's own work at the car and on his tablet. */
  async #repair({ repair, technician }: Visit, car: CarOnBus, jobId: string): Promise<void> {
    const tablet = this.#options.technician(technician.login);
    if (repair.clearAt !== undefined) {
      await this.#until(repair.clearAt);
      await this.#clear(tablet, jobId);
    }
    await this.#until(repair.doneAt);
    for (const { requestId, codes } of repair.leaves) {
      const unit = car.codesOf(requestId);
      if (unit !== undefined) Object.assign(unit, codes);
    }
    await this.#until(repair.scanAt);
    await tablet.requestScan(jobId);
  }

  /** Presses the button once the page offers it, and waits until the car has answered; asks for the scan that it needs. */
  async #clear(tablet: Visitor, jobId: string): Promise<void> {
    let asked = false;
    for (;;) {
      const { clearNow, scanNow } = await tablet.diagnostics(jobId);
      if (clearNow.possible) break;
      if (clearNow.code !== "DONGLE_BUSY" && clearNow.code !== "CLEAR_NEEDS_SCAN") {
        throw new Error(`the codes of ${jobId} cannot be cleared: ${clearNow.code}`);
      }
      if (clearNow.code === "CLEAR_NEEDS_SCAN" && scanNow.possible && !asked) {
        await tablet.requestScan(jobId);
        asked = true;
      }
      await this.#until(this.scriptMs() + LOOKS_EVERY_MS);
    }
    await tablet.clearCodes(jobId);
    while ((await tablet.diagnostics(jobId)).clearNow.running) await this.#until(this.scriptMs() + LOOKS_EVERY_MS);
  }

  async #lift(visit: Visit): Promise<void> {
    const lift = this.#lifts.get(visit.bay);
    if (visit.lift === undefined || lift === undefined) return;
    await this.#until(visit.lift.raisedAt);
    await lift.move("lift-raised");
    await this.#until(visit.lift.loweredAt);
    await lift.move("lift-lowered");
  }

  async #tap(visit: Visit, action: "on" | "off", times: number[]): Promise<void> {
    times.push(this.scriptMs());
    await this.#readers.get(visit.bay)?.tap(visit.technician.badge, action);
  }

  #until(scriptMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#cancels.push(this.#options.clock.after(Math.max(0, scriptMs - this.scriptMs()), resolve));
    });
  }
}

/** For work that goes on beside: what fails is told where it is awaited, and does not end the process before. */
function beside<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
