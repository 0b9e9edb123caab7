import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import type { ExchangeOptions } from "../exchange/index.ts";
import { addressWithByte, normalAddress } from "../iso-tp/index.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { ask, type ElmAsked } from "./ask.ts";
import { ElmChip } from "./chip.ts";
import { ElmDialog, type ElmProcedure, type ElmStep } from "./dialog.ts";
import { findCar, leaveCar, searchSteps } from "./find-car.ts";
import { prepare, readVolts } from "./setup.ts";

type Reply = string | readonly string[];

/** Answers commands from a list, `OK` to what is not on it; lists of answers are used up one by one, the last one stays. */
class Script {
  readonly sent: string[] = [];
  readonly #replies: Map<string, string[]>;
  readonly chip = new ElmChip();
  readonly #dialog = new ElmDialog((part) => this.chip.hearUnasked(part));
  nowMs = 0;
  /** Prompts stay away while a command on this list is answered. */
  readonly withoutPrompt: Set<string>;

  constructor(replies: Readonly<Record<string, Reply>>, withoutPrompt: readonly string[] = []) {
    const all: Record<string, Reply> = { ATZ: "\r\rELM327 v1.5", STI: "?", ...replies };
    this.#replies = new Map(
      Object.entries(all).map(([command, reply]) => [command, typeof reply === "string" ? [reply] : [...reply]]),
    );
    this.withoutPrompt = new Set(withoutPrompt);
  }

  run<Result>(procedure: ElmProcedure<Result>): Result | "lost" {
    const ends: (Result | "lost")[] = [];
    let step = this.#dialog.begin(procedure, this.nowMs, (end) => {
      ends.push(end.kind === "done" ? end.result : "lost");
    });
    for (let turns = 0; ends.length === 0; turns++) {
      if (turns > 1000) throw new Error("the procedure does not end");
      step = this.#turn(step);
    }
    return ends[0]!;
  }

  /** Gives these bytes as the answer to every request of the car. */
  hearAll<Result>(procedure: ElmProcedure<Result>, input: Uint8Array): Result | "lost" {
    const text = Buffer.from(input).toString("latin1");
    for (const request of ["0902", "3E80"]) {
      this.#replies.set(request, [text]);
      this.withoutPrompt.add(request);
    }
    return this.run(procedure);
  }

  hear(text: string): void {
    this.#dialog.receive(Buffer.from(text, "latin1"), this.nowMs);
  }

  #turn(step: ElmStep): ElmStep {
    let answer = "";
    for (const text of step.send) {
      const command = text.replace(/\r$/, "");
      this.sent.push(command);
      if (text === " ") answer += this.withoutPrompt.has(" ") ? "" : "STOPPED\r\r>";
      else {
        const list = this.#replies.get(command) ?? ["OK"];
        const reply = list.length > 1 ? list.shift() : list[0];
        answer += this.withoutPrompt.has(command) ? `${reply}\r` : `${reply}\r\r>`;
      }
    }
    if (answer !== "") return this.#dialog.receive(Buffer.from(answer, "latin1"), this.nowMs);
    this.nowMs = step.wakeAtMs ?? this.nowMs;
    return this.#dialog.tick(this.nowMs);
  }
}

const EVERYBODY = { kind: "functional", idBits: 11 } as const;
const ENGINE = { kind: "physical", address: normalAddress(0x7e0, 0x7e8) } as const;

function question(request: string, more: Partial<ExchangeOptions> = {}): ExchangeOptions {
  return { target: EVERYBODY, request: fromHex(request), ...more };
}

function answers(asked: ElmAsked | "lost"): unknown {
  if (asked === "lost" || asked.kind === "unusable") return asked;
  const { outcome } = asked;
  if (outcome.error !== undefined) return outcome.error.code;
  return outcome.answers.map((answer) => {
    const who = answer.ecuId.toString(16).toUpperCase();
    if (answer.kind === "positive") return `${who} ${toHex(answer.payload)}`;
    return answer.kind === "negative" ? `${who} refused ${answer.name}` : `${who} failed ${answer.error.code}`;
  });
}

const asking = (script: Script, options: ExchangeOptions) =>
  answers(script.run(ask(script.chip, options, script.nowMs)));

describe("bringing a chip to a known state", () => {
  test("resets it, says how to print, and learns its name", () => {
    const script = new Script({ STI: "STN1110 v4.2.0" });
    expect(script.run(prepare(script.chip))).toBe(true);
    expect(script.sent).toEqual(["ATZ", "ATE0", "ATL0", "ATS0", "ATH1", "ATCAF1", "ATAL", "ATM0", "ATAT0", "STI"]);
    expect(script.chip.identity).toEqual({ banner: "ELM327 v1.5", stn: "STN1110 v4.2.0" });
  });

  test("says the reset again when the first letter only ended what was going on", () => {
    const script = new Script({ ATZ: ["STOPPED", "?", "ELM327 v2.1"] });
    expect(script.run(prepare(script.chip))).toBe(true);
    expect(script.sent.filter((command) => command === "ATZ")).toHaveLength(3);
  });

  test("does without what a clone lacks", () => {
    const script = new Script({ ATAL: "?", ATM0: "?", ATAT0: "?", ATS0: "?" });
    expect(script.run(prepare(script.chip))).toBe(true);
  });

  test("takes nothing that behaves differently for an ELM327", () => {
    const modem = new Script({ ATZ: "OK" });
    expect(modem.run(prepare(modem.chip))).toBe(false);
    const parrot = new Script({ ATZ: "login:", ATE0: "Password:" });
    expect(parrot.run(prepare(parrot.chip))).toBe(false);
    const silent = new Script({}, ["ATZ"]);
    expect(silent.run(prepare(silent.chip))).toBe(true);
  });

  test("reads the voltage at the plug", () => {
    const script = new Script({ ATRV: "12.4V" });
    expect(script.run(readVolts(script.chip))).toEqual({ kind: "volts", volts: 12.4 });
    const without = new Script({ ATRV: "?" });
    expect(without.run(readVolts(without.chip))).toEqual({ kind: "untold" });
    expect(new Script({ ATRV: "0.0V" }).run(readVolts(new ElmChip()))).toEqual({ kind: "untold" });
    expect(new Script({ ATRV: "OK" }).run(readVolts(new ElmChip()))).toEqual({ kind: "unusable" });
  });
});

describe("a question through an ELM327", () => {
  test("keeps several units apart and puts their frames together", () => {
    const script = new Script({
      "0902":
        "7E81014490201314434\r7EA1014490201314434\r7E82147503030523535\r7EA2147503030523535\r7E82242313233343536\r7EA2242313233343537",
    });
    expect(asking(script, question("0902"))).toEqual([
      "7E8 4902013144344750303052353542313233343536",
      "7EA 4902013144344750303052353542313233343537",
    ]);
    expect(script.sent.slice(-4)).toEqual(["ATSP6", "ATSTF5", "ATSH7DF", "0902"]);
  });

  test("says settings once", () => {
    const script = new Script({ "0100": "7E8064100BE3FA813", "0120": "7E8064120BE3FA813" });
    asking(script, question("0100"));
    script.sent.length = 0;
    asking(script, question("0120"));
    expect(script.sent).toEqual(["0120"]);
  });

  test("ends the chip's waiting as soon as all known units have answered", () => {
    const script = new Script({ "03": "7E8024300" }, ["03"]);
    expect(asking(script, question("03", { expectedEcuIds: [0x7e8] }))).toEqual(["7E8 4300"]);
    expect(script.sent.slice(-2)).toEqual(["03", " "]);
    expect(script.nowMs).toBeLessThan(1000);
  });

  test("says after how many answers to stop once that is sure, and never again when it was wrong", () => {
    const script = new Script({
      "010C": "7E804410C1AF8",
      "010C1": ["7E804410C1AF8", "NO DATA"],
    });
    const rpm = question("010C", { target: ENGINE });
    for (let i = 0; i < 4; i++) expect(asking(script, rpm)).toEqual(["7E8 410C1AF8"]);
    expect(script.sent.filter((command) => command.startsWith("010C"))).toEqual([
      "010C",
      "010C",
      "010C1",
      "010C1",
      "010C",
    ]);
  });

  test("does without that digit where a clone does not know it", () => {
    const script = new Script({ "010C": "7E804410C1AF8", "010C1": "?" });
    const rpm = question("010C", { target: ENGINE });
    for (let i = 0; i < 5; i++) expect(asking(script, rpm)).toEqual(["7E8 410C1AF8"]);
    expect(script.sent.filter((command) => command === "010C1")).toHaveLength(1);
  });

  test("gives a unit outside ISO 15765-4 its header, filter and flow control, and takes them back", () => {
    const script = new Script({ "22C00B": "7A80462C00B11", "0100": "7E8064100BE3FA813" });
    const tyres = { kind: "physical", address: normalAddress(0x7a0, 0x7a8) } as const;
    expect(asking(script, question("22C00B", { target: tyres }))).toEqual(["7A8 62C00B11"]);
    expect(script.sent.slice(-6)).toEqual(["ATSH7A0", "ATCRA7A8", "ATFCSH7A0", "ATFCSD300000", "ATFCSM1", "22C00B"]);
    script.sent.length = 0;
    asking(script, question("0100"));
    expect(script.sent).toEqual(["ATSH7DF", "ATCRA", "ATFCSM0", "0100"]);
  });

  test("puts the byte of extended addressing before the frames", () => {
    const script = new Script({ "22F190": "607F10562F1903132" });
    const address = addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1);
    expect(asking(script, question("22F190", { target: { kind: "physical", address } }))).toEqual(["607 62F1903132"]);
    expect(script.sent).toEqual(expect.arrayContaining(["ATSH6F1", "ATCRA607", "ATFCSD07300000", "ATCEA07"]));
  });

  test("asks a maker's group one by one, since flow control goes to one unit", () => {
    const script = new Script({ "22F150": ["607F10462F15011", "612F10462F15022"] });
    const unit = (byte: number) => addressWithByte(normalAddress(0x6f1, 0x600 + byte), byte, 0xf1);
    const group = { transmitId: 0x6f1, extended: false, transmitAddressByte: 0xdf };
    const target = { kind: "group", request: group, ecus: [unit(0x07), unit(0x12)] } as const;
    expect(asking(script, question("22F150", { target }))).toEqual(["607 62F15011", "612 62F15022"]);
    expect(script.sent).toEqual(expect.arrayContaining(["ATCEA07", "ATCEA12"]));
  });

  test("says so when the chip cannot do that", () => {
    const script = new Script({ ATCEA07: "?" });
    const address = addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1);
    expect(asking(script, question("22F190", { target: { kind: "physical", address } }))).toBe("unsupported-by-dongle");
    expect(asking(script, question("22F190F18CF187F195", { target: ENGINE }))).toBe("iso-tp-too-long");
  });

  test("listens on for an announced answer without asking again", () => {
    const script = new Script({ "1902FF": "7E8037F1978", "3E80": ["7E8037F1978", "7E8065902FF012345"] });
    expect(asking(script, question("1902FF", { target: ENGINE }))).toEqual(["7E8 5902FF012345"]);
    expect(script.sent.filter((command) => command === "1902FF")).toHaveLength(1);
    expect(script.sent).toContain("ATSTFF");
  });

  test("gives an endless announcement up", () => {
    const script = new Script({ "1902FF": "7E8037F1978", "3E80": "7E8037F1978" });
    expect(asking(script, question("1902FF", { target: ENGINE }))).toEqual(["7E8 failed pending-too-long"]);
  });

  test("repeats the question to a busy unit alone", () => {
    const script = new Script({ "03": ["7E8037F0321\r7E9024300", "7E8024300"] });
    expect(asking(script, question("03"))).toEqual(["7E8 4300", "7E9 4300"]);
    expect(script.sent.slice(-3)).toEqual(["03", "ATSH7E0", "03"]);
  });

  test("passes refusals on by name", () => {
    const script = new Script({ "1902FF": "7E8037F1933" });
    expect(asking(script, question("1902FF", { target: ENGINE }))).toEqual(["7E8 refused security-access-denied"]);
  });

  test.each([["STOPPED"], ["BUFFER FULL"], ["7E8064100BE <RX ERROR"], ["7E8064100BE3FA8\u00fc13"], ["BUS BUSY"]])(
    "asks again after %j",
    (trouble) => {
      const script = new Script({ "0100": [trouble, "7E8064100BE3FA813"] });
      expect(asking(script, question("0100"))).toEqual(["7E8 4100BE3FA813"]);
    },
  );

  test("gives up after three tries and says what the chip says", () => {
    const script = new Script({ "0100": "CAN ERROR" });
    const asked = script.run(ask(script.chip, question("0100"), 0));
    expect(asked).toMatchObject({ kind: "asked", outcome: { error: { code: "no-answer" } } });
    expect(JSON.stringify(asked !== "lost" && asked.kind === "asked" && asked.outcome.error?.message)).toContain(
      "can-error",
    );
    const busy = new Script({ "0100": "BUS BUSY" });
    expect(asking(busy, question("0100"))).toBe("no-answer");
    expect(busy.sent.filter((command) => command === "0100")).toHaveLength(3);
  });

  test.each([["LV RESET\r\rELM327 v1.5"], ["ELM327 v1.5"], ["ERR94"], ["?"]])(
    "sets the chip up anew after %j",
    (trouble) => {
      const script = new Script({ "0100": [trouble, "7E8064100BE3FA813"] });
      expect(asking(script, question("0100"))).toEqual(["7E8 4100BE3FA813"]);
      expect(script.sent.filter((command) => command === "ATZ")).toHaveLength(2);
    },
  );

  test("sets it up anew when it said unasked that it was reset", () => {
    const script = new Script({ "0100": "7E8064100BE3FA813" });
    asking(script, question("0100"));
    script.hear("\r\rELM327 v1.5\r\r>");
    asking(script, question("0100"));
    expect(script.sent.filter((command) => command === "ATZ")).toHaveLength(2);
  });

  test("outlives echoes, blanks and line feeds that a clone does not switch off", () => {
    const script = new Script({
      "0100": "0100\r\nSEARCHING...\r\n7E8 06 41 00 BE 3F A8 13 \r\n",
      ATSH7DF: "ATSH7DF\r\nOK",
    });
    expect(asking(script, question("0100"))).toEqual(["7E8 4100BE3FA813"]);
  });

  test("understands a chip that prints no headers", () => {
    const script = new Script({
      ATH1: "?",
      "010C": "41 0C 1A F8",
      "0902": "014\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r2: 42 31 32 33 34 35 36",
    });
    expect(asking(script, question("010C", { target: ENGINE }))).toEqual(["7E8 410C1AF8"]);
    expect(asking(script, question("0902", { target: ENGINE }))).toEqual([
      "7E8 4902013144344750303052353542313233343536",
    ]);
  });

  test("interrupts a chip that does not come back to its prompt, and calls it lost when that does not help", () => {
    const script = new Script({ "0100": "SEARCHING..." }, ["0100"]);
    expect(asking(script, question("0100"))).toBe("no-answer");
    const dead = new Script({ "0100": "SEARCHING..." }, ["0100", " "]);
    expect(asking(dead, question("0100"))).toBe("lost");
    expect(dead.nowMs).toBeLessThan(45_000);
  });

  test("ends in bounded time whatever the chip prints", () => {
    const seeds = [
      "7E81014490201314434\r7EA1014490201314434\r7E82147503030523535\r7E82242313233343536\r\r>",
      "SEARCHING...\rUNABLE TO CONNECT\r\r>",
      "7F0378\r7E8037F0978\r7E8037F0921\r\r>",
      "014\r0: 49 02 01 31 44 34\r1: 47 50 30 30 52 35 35\r\r>STOPPED\r\r>",
      "\r\rELM327 v1.5\r\r>LV RESET\r\r>?\r\r>OK\r\r>",
      "486B104902010000003147\r7E8\r12.3V\rBUFFER FULL\r\r>",
    ];
    surviveMutations({
      seeds: seeds.map((text) => Buffer.from(text, "latin1")),
      mutate: mutateBytes,
      // Each input is a whole conversation; the reader of its lines has its hundred thousand in reply-line.test.ts.
      runs: 20_000,
      parse: (input) => {
        const script = new Script({});
        script.chip.isReady = true;
        script.chip.identity = { banner: "ELM327 v1.5", stn: undefined };
        return script.hearAll(ask(script.chip, question("0902"), 0), input);
      },
    });
  });
});

describe("looking for a car", () => {
  function find(script: Script) {
    for (const step of searchSteps(script.chip)) {
      const found = script.run(findCar(script.chip, step, script.nowMs));
      if (found !== "silent") return found === "found" ? script.chip.carProtocol?.name : found;
    }
    return "silent";
  }

  test("tries 500 kbit/s with both widths, by OBD and by UDS, then 250, then the chip's own search", () => {
    const script = new Script({ "0100": "NO DATA", "3E00": "NO DATA" });
    expect(find(script)).toBe("silent");
    const tried = script.sent.filter((command) => /^(ATSP|0100|3E00)/.test(command));
    expect(tried.join(" ")).toBe("ATSP6 0100 ATSP7 0100 ATSP6 3E00 ATSP7 3E00 ATSP8 0100 ATSP9 0100 ATSP0 0100");
  });

  test("finds a 29-bit car and begins there the next time", () => {
    const script = new Script({ "0100": ["NO DATA", "18DAF110064100BE3FA813"] });
    expect(find(script)).toBe("iso15765-4-29bit");
    expect(find(script)).toBe("iso15765-4-29bit");
    expect(script.sent.filter((command) => command.startsWith("ATSP"))).toEqual(["ATSP6", "ATSP7"]);
  });

  test("finds an electric car that knows UDS only", () => {
    const script = new Script({ "0100": "NO DATA", "3E00": ["NO DATA", "18DAF1D0027E00"] });
    expect(find(script)).toBe("iso15765-4-29bit");
  });

  test("finds a K-line car and takes each of its messages for an answer", () => {
    const script = new Script({
      "0100": ["NO DATA", "NO DATA", "NO DATA", "NO DATA", "SEARCHING...BUS INIT: ...OK\r486B104100BE3EB811C9"],
      "3E00": "NO DATA",
      ATDPN: "A3",
      "03": "486B10430133000000003A\r486B10430420000000002A",
    });
    expect(find(script)).toBe("iso9141-2");
    const asked = script.run(ask(script.chip, question("03"), 0));
    expect(asked).toMatchObject({ kind: "asked", format: "legacy" });
    expect(answers(asked)).toEqual(["10 43013300000000", "10 43042000000000"]);
    expect(script.sent.slice(-3)).toEqual(["ATSP3", "ATSH686AF1", "03"]);
    expect(find(script)).toBe("iso9141-2");
    script.run(leaveCar(script.chip));
    expect(script.sent.slice(-2)).toEqual(["0100", "ATPC"]);
  });
});
