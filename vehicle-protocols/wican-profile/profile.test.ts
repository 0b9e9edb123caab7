import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { addressWithByte, IsoTpSender, normalAddress } from "../iso-tp/index.ts";
import { mutateText, surviveMutations } from "../mutations.fixture.ts";
import { elmSetup } from "./elm-setup.ts";
import { framedBytes } from "./framed-bytes.ts";
import { parseWicanProfiles, readWicanParameters, type WicanProfiles } from "./profile.ts";

/** A car that does not exist, as the file of a single car writes it. */
const OWN_CAR = {
  car_model: "Own: Car",
  init: "ATSP6;ATSH7E4;ATCRA7EC;",
  pids: [
    { pid: "22D0012", parameters: { SOC: "B4/2", HV_V: "[B9:B10]/10", LV_V: "V" } },
    { pid: "22D0021", pid_init: "ATSH7C6;ATCRA7CE;", parameters: { ODOMETER: "[B4:B6]" } },
  ],
};

/** The same as the merged file of many cars writes it. */
const MERGED = {
  cars: [
    {
      car_model: "Own: Car",
      init: "ATSP6;ATSH7E4;ATCRA7EC;",
      pids: [
        {
          pid: "22D0012",
          parameters: [
            { name: "SOC", expression: "B4/2", unit: "%", class: "battery", min: "0", max: "100" },
            { name: "GEAR", expression: "B5", unit: "none", class: "none" },
          ],
        },
      ],
    },
    {
      car_model: "Own: Longer Car",
      extends: "Own: Car",
      pids: [{ pid: "22D003", parameters: [{ name: "RANGE", expression: "B4", unit: "km" }] }],
    },
  ],
};

function parse(value: unknown): WicanProfiles {
  const profiles = parseWicanProfiles(value);
  if (!profiles.ok) throw profiles.error;
  return profiles.value;
}

function readings(document: unknown, car: number, command: number, hex: string, voltage?: number) {
  const wanted = parse(document).cars[car]?.commands[command];
  if (wanted === undefined) throw new Error("no such command");
  return Object.fromEntries(
    readWicanParameters(wanted, fromHex(hex), voltage).map(({ parameter, value }) => [parameter.name, value]),
  );
}

describe("a profile", () => {
  test("of a single car says whom to ask what, and reads the answer by its raw frames", () => {
    const { cars, problems } = parse(OWN_CAR);
    expect(problems).toEqual([]);
    expect(cars[0]?.commands.map(({ request, setup }) => [[...request], setup.requestId, setup.responseId])).toEqual([
      [[0x22, 0xd0, 0x01], 0x7e4, 0x7ec],
      [[0x22, 0xd0, 0x02], 0x7c6, 0x7ce],
    ]);
    // Frames 10 08 62D001 A0 FFFF / 21 0E10: B4 is D0's successor in the first frame, B9 the first after the second PCI.
    expect(readings(OWN_CAR, 0, 0, "62D001A0FFFF0E10", 12.4)).toEqual({ SOC: 0.5, HV_V: 360, LV_V: 12.4 });
    expect(readings(OWN_CAR, 0, 1, "62D002012345")).toEqual({ ODOMETER: 0x012345 });
  });

  test("of many cars carries units and limits, and a car may extend another", () => {
    const { cars, problems } = parse(MERGED);
    expect(problems).toEqual([]);
    expect(cars.map(({ carModel, commands }) => [carModel, commands.length])).toEqual([
      ["Own: Car", 1],
      ["Own: Longer Car", 2],
    ]);
    expect(cars[1]?.commands[1]?.setup).toMatchObject({ requestId: 0x7e4, responseId: 0x7ec });
    expect(cars[0]?.commands[0]?.parameters).toMatchObject([{ unit: "%" }, { unit: "" }]);
    expect(readings(MERGED, 0, 0, "62D0013005")).toEqual({ SOC: 24, GEAR: 5 });
    expect(readings(MERGED, 0, 0, "62D001FF05")).toEqual({ GEAR: 5 });
  });

  test("reads no answer but its own", () => {
    for (const hex of ["7F2231", "62D002A0", "61D001A0", "62D0", ""]) expect(readings(OWN_CAR, 0, 0, hex)).toEqual({});
    expect(readings(OWN_CAR, 0, 0, "62D001")).toEqual({});
    expect(readings(OWN_CAR, 0, 0, "62D00150")).toEqual({ SOC: 40 });
  });

  test("that is not sound keeps what is, and says the rest", () => {
    const { cars, problems } = parse({
      car_model: 7,
      extends: "Nobody",
      wheels: 4,
      pids: [
        7,
        { pid: "XY", parameters: {} },
        { pid: "22D001", parameters: { SOC: "B4/2)", SOH: "B5" } },
        { pid: "22D002", parameters: [{ expression: "B4" }, "B5"] },
        { pid: "22D003", parameters: 7 },
      ],
    });
    expect(cars[0]?.commands.map(({ parameters }) => parameters.map(({ name }) => name))).toEqual([["SOH"], [], []]);
    expect(problems.map(({ at, problem }) => `${at} ${problem}`)).toEqual([
      "cars[0].car_model invalid",
      "cars[0].car_model missing",
      "cars[0].wheels unknown-key",
      "cars[0].extends invalid",
      "cars[0].pids[0] invalid",
      "cars[0].pids[1].pid invalid",
      "cars[0].pids[2].parameters.SOC.expression invalid",
      "cars[0].pids[3].parameters[0].name invalid",
      "cars[0].pids[3].parameters[1] invalid",
      "cars[0].pids[4].parameters invalid",
    ]);
  });

  test("that extends itself ends", () => {
    const { problems } = parse({ cars: [{ car_model: "A", extends: "A", pids: [] }] });
    expect(problems).toEqual([{ at: "cars[0].extends", problem: "invalid" }]);
  });

  test.each([null, 7, [], {}, { cars: [] }, { cars: [{}] }, { commands: [] }])("%j is none", (value) => {
    expect(parseWicanProfiles(value)).toMatchObject({ ok: false, error: { code: "invalid-definition" } });
  });
});

describe("the set-up of an ELM327", () => {
  test.each([
    [["ATSP6;ATSH7E4;ATST96;"], "can-11-bit", 0x7e4, undefined, undefined],
    [["ATSP7;ATSH17FC0076;ATCRA17FE0076"], "can-29-bit", 0x17fc0076, 0x17fe0076, undefined],
    [["ATCP18;AT SH DA10F1;"], "can-29-bit", 0x18da10f1, undefined, undefined],
    [["ATCEA07;ATSH6F1;ATCRA607;"], "can-11-bit", 0x6f1, 0x607, 0x07],
    [["ATSH7E4;ATCRA7EC;", "ATSH7C6;ATCRA;"], "can-11-bit", 0x7c6, undefined, undefined],
    [["ATSPA6;"], "can-11-bit", undefined, undefined, undefined],
    [["ATSP5;ATSH8110F1;"], "other", undefined, undefined, undefined],
    [["atsh7e4;atd;"], "can-11-bit", undefined, undefined, undefined],
  ])("%j", (texts, line, requestId, responseId, targetByte) => {
    const setup = elmSetup(...texts);
    expect(setup.line).toBe(line);
    if (line !== "other") expect(setup).toMatchObject({ requestId, responseId, targetByte });
  });

  test("keeps requests among the commands apart", () => {
    expect(elmSetup("ATSH7E4;1003;3E00;nonsense;").requests).toEqual([fromHex("1003"), fromHex("3E00")]);
  });
});

test("the numbering of bytes is that of the frames on the bus", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), (payload, addressed) => {
      const base = normalAddress(0x7ec, 0x7e4);
      const sender = new IsoTpSender(addressed ? addressWithByte(base, 0xf1, 0xf1) : base, payload);
      const frames = sender.start(0).map(({ data }) => data);
      for (let now = 1; sender.state.kind !== "sent"; now++) {
        const flow = { id: 0x7e4, extended: false, data: fromHex(addressed ? "F1300000" : "300000") };
        const step = sender.state.kind === "waiting-for-flow-control" ? sender.receive(flow, now) : sender.tick(now);
        frames.push(...step.map(({ data }) => data));
      }
      const bus = frames.flatMap((data) => [...data]);
      const byteAt = framedBytes(payload, addressed ? 0xf1 : undefined);
      const known = bus.map((_, index) => byteAt(index)).filter((byte) => byte !== undefined);
      expect(known).toEqual(bus.slice(0, known.length));
      expect(bus.length - known.length).toBeLessThan(8);
    }),
    { numRuns: 500 },
  );
});

test("100,000 mutated profiles are read or refused", { timeout: 180_000 }, () => {
  const answers = ["62D001A0FFFF0E10", "62D002012345", "7F2231", ""].map((hex) => fromHex(hex));
  surviveMutations({
    seeds: [JSON.stringify(OWN_CAR), JSON.stringify(MERGED)],
    mutate: mutateText,
    parse: (text) => {
      let document: unknown;
      try {
        document = JSON.parse(text);
      } catch {
        return undefined;
      }
      const profiles = parseWicanProfiles(document);
      if (!profiles.ok) return profiles;
      const read = profiles.value.cars.flatMap(({ commands }) =>
        commands.flatMap((command) => answers.map((answer) => readWicanParameters(command, answer, 12))),
      );
      return [profiles.value, read.flat().map(({ value }) => value)];
    },
  });
});
