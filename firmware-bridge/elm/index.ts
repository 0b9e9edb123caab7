import { Elm327Options } from "../../contract/dialects/elm327.ts";
import { ask, findCar, leaveCar, prepare, readVolts, searchSteps } from "../../vehicle-protocols/elm/index.ts";
import type { ExchangeOptions } from "../../vehicle-protocols/index.ts";
import {
  type Adapter,
  type AdapterSurroundings,
  type CarConversation,
  type CarLine,
  type CarOutcome,
  ConversationFailure,
  type Dialect,
} from "../dialect.ts";
import { optionsOf } from "../options.ts";
import { placeOf } from "../place.ts";
import { StreamLine } from "../stream-line.ts";
import { ChipLine } from "./chip-line.ts";

/** How these devices are delivered. */
const USUAL_PLACE = { port: 35_000, baudRate: 38_400 };
/** As long as the exchange itself gives a question that says nothing else. */
const LONGEST_QUESTION_MS = 45_000;
/** The question ends by itself first, with what it has heard. */
const GRACE_MS = 2_000;
/** When nobody has asked for this long the chip closes the bus. */
const LEAVE_CAR_AFTER_MS = 20_000;

/** ELM327, STN11xx and their clones over TCP, serial ports and WebSocket. */
export const elm327: Dialect = { name: "elm327", create: (surroundings) => new ElmAdapter(surroundings) };

class ElmAdapter implements Adapter {
  readonly topics = [];
  /** A question and its answer take forty milliseconds on a good chip, and rounds hold several. */
  readonly fastestMs = 100;
  readonly car: CarConversation;
  readonly #at: AdapterSurroundings;
  readonly #line: StreamLine;
  readonly #chip: ChipLine;
  readonly #looksForOldLines: boolean;
  #leaveTimer: NodeJS.Timeout | undefined;

  constructor(at: AdapterSurroundings) {
    const { address, lines = "all" } = optionsOf(Elm327Options, at.settings.options);
    this.#at = at;
    this.#looksForOldLines = lines === "all";
    this.#line = new StreamLine({
      at,
      protocol: "elm327",
      place: placeOf(address, USUAL_PLACE),
      events: {
        opened: () => this.#opened(),
        received: (bytes) => this.#chip.receive(bytes),
        lost: () => this.#chip.close(),
      },
    });
    this.#chip = new ChipLine({ write: (text) => this.#line.write(Buffer.from(text, "latin1")) }, () =>
      this.#line.drop(),
    );
    this.car = {
      ask: (question) => this.#ask(question),
      findLine: () => this.#findLine(),
      close: () => {
        if (this.#chip.isBusy) this.#chip.interrupt();
      },
    };
  }

  start(): void {
    this.#line.start(() => this.#probe());
  }

  receive(): void {}

  async batteryVolts(): Promise<number | undefined> {
    try {
      const read = await this.#chip.run((chip) => readVolts(chip));
      if (read.kind === "unusable") throw this.#unusable();
      this.#heard();
      return read.kind === "volts" ? read.volts : undefined;
    } catch (error) {
      throw error instanceof ConversationFailure ? new ConversationFailure("dongle-silent") : error;
    }
  }

  stop(): void {
    clearTimeout(this.#leaveTimer);
    this.#chip.close();
    this.#line.stop();
  }

  #opened(): void {
    this.#chip.open();
    void this.#inBackground(async () => {
      const isChip = await this.#chip.run((chip) => prepare(chip));
      const { identity } = this.#chip.chip;
      if (!isChip) this.#line.drop();
      else {
        this.#at.log.info({ chip: identity?.banner, stn: identity?.stn }, "the dongle is set up");
        this.#line.prove();
      }
    });
  }

  /** An ELM says nothing by itself: its own supply voltage is the sign of life that costs the car nothing. */
  #probe(): boolean {
    if (this.#chip.isBusy) return false;
    void this.#inBackground(() => this.batteryVolts());
    return true;
  }

  async #ask(question: ExchangeOptions): Promise<CarOutcome> {
    return this.#withApproval(question, async () => {
      const asked = await this.#inTime(question, () => this.#chip.run((chip, nowMs) => ask(chip, question, nowMs)));
      if (asked.kind === "unusable") throw this.#unusable();
      this.#heard();
      const { outcome, format } = asked;
      return format === "can" ? outcome : { ...outcome, format };
    });
  }

  /** A chip that must be set up first, more than once perhaps, may take longer than the question may. */
  async #inTime<Result>(
    { overallMs = LONGEST_QUESTION_MS }: ExchangeOptions,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const timer = setTimeout(() => this.#chip.interrupt(), overallMs + GRACE_MS);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  async #findLine(): Promise<CarLine | undefined> {
    for (const step of searchSteps(this.#chip.chip)) {
      if (step.protocol === "auto" && !this.#looksForOldLines) continue;
      const found = await this.#withApproval(step.question, () =>
        this.#chip.run((chip, nowMs) => findCar(chip, step, nowMs)),
      );
      if (found === "unusable") throw this.#unusable();
      this.#heard();
      if (found === "found") return this.#lineOfCar();
    }
    return undefined;
  }

  #lineOfCar(): CarLine | undefined {
    const protocol = this.#chip.chip.carProtocol;
    if (protocol === undefined) return undefined;
    const { name, bus } = protocol;
    const isCan = bus === "can-11" || bus === "can-29";
    return { protocol: name, idBits: bus === "can-29" ? 29 : 11, format: isCan ? "can" : "legacy" };
  }

  /** Questions wait for each other before they are approved, so that one's end does not take the other's approval. */
  #turn: Promise<unknown> = Promise.resolve();

  #withApproval<Result>(question: ExchangeOptions, work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(async () => {
      clearTimeout(this.#leaveTimer);
      this.#at.egress.approve(question);
      try {
        return await work();
      } finally {
        this.#at.egress.withdraw();
        this.#leaveTimer = setTimeout(() => this.#leaveCar(), LEAVE_CAR_AFTER_MS);
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #leaveCar(): void {
    void this.#inBackground(() => this.#chip.run((chip) => leaveCar(chip)));
  }

  #heard(): void {
    this.#line.prove();
  }

  #unusable(): ConversationFailure {
    this.#line.drop();
    return new ConversationFailure("link-lost", "what answers is no ELM327");
  }

  /** What nobody waits for: a lost line is told by the line itself. */
  async #inBackground(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ConversationFailure)) this.#at.log.error({ err: error }, "the dongle's adapter failed");
    }
  }
}
