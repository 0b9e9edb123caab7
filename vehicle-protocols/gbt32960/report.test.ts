import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { generalAlarms } from "./alarms.ts";
import type { Block, Block2025 } from "./blocks.ts";
import { REPORT_2016, REPORT_2025 } from "./own-packets.fixture.ts";
import type { Edition } from "./packet.ts";
import { decodeReport, encodeReport, type Report, reportTimeOf, unixMsOf } from "./report.ts";

const TIME = "12081C0B2506";

function read(edition: Edition, hex: string) {
  const report = decodeReport(edition, fromHex(hex));
  if (!report.ok) throw report.error;
  return report.value;
}

function block<Kind extends Block["kind"]>(edition: Edition, hex: string, kind: Kind) {
  const found = read(edition, TIME + hex).blocks.find((each) => each.kind === kind);
  return found as Extract<Block, { kind: Kind }> | undefined;
}

describe("a GB/T 32960.3-2016 report", () => {
  it("has the time of China in plain binary", () => {
    const { time } = read(2016, TIME);
    expect(time).toEqual({ year: 2018, month: 8, day: 28, hour: 11, minute: 37, second: 6 });
    expect(new Date(unixMsOf(time) ?? 0).toISOString()).toBe("2018-08-28T03:37:06.000Z");
    expect(reportTimeOf(Date.UTC(2018, 7, 28, 3, 37, 6))).toEqual(time);
    expect(unixMsOf({ ...time, month: 13 })).toBeUndefined();
    expect(unixMsOf({ ...time, month: 2, day: 30 })).toBeUndefined();
  });

  it("tells the vehicle's state", () => {
    const vehicle = block(2016, "01 020301 0000 000030FC 0EE3 2726 5E 02 CF 0BB8 0000", "vehicle");
    expect(vehicle?.value).toEqual({
      state: "off",
      charging: "not-charging",
      mode: "electric",
      speedKmh: 0,
      odometerKm: 1254,
      voltageV: 381.1,
      currentA: 2.2,
      socPercent: 94,
      dcDc: "off",
      gear: { position: "P", driving: false, braking: false, upperBits: 3 },
      insulationKohm: 3000,
      acceleratorPercent: 0,
      brakePercent: 0,
    });
  });

  it("tells each motor with its signs", () => {
    const motors = block(2016, "02 02 0103504E1F4E20500EE32710 0201FE4E21FFFFFF0EE32711", "motors");
    expect(motors?.value).toEqual([
      {
        motor: 1,
        state: "off",
        controllerC: 40,
        speedRpm: -1,
        torqueNm: 0,
        temperatureC: 40,
        inputV: 381.1,
        busA: 0,
      },
      {
        motor: 2,
        state: "consuming",
        controllerC: "abnormal",
        speedRpm: 1,
        torqueNm: "invalid",
        temperatureC: "invalid",
        inputV: 381.1,
        busA: 0.1,
      },
    ]);
  });

  it("tells the extremes and the place", () => {
    const { blocks } = read(2016, `${TIME} 05 00 06F39350 0263E2CC 06 0150103F 01400FEA 010647 010D43`);
    expect(blocks).toEqual([
      { kind: "position", value: { status: 0, longitudeDegrees: 116.626256, latitudeDegrees: 40.100556 } },
      {
        kind: "extremes",
        value: {
          highestVoltageSystem: 1,
          highestVoltageCell: 80,
          highestVoltageV: 4.159,
          lowestVoltageSystem: 1,
          lowestVoltageCell: 64,
          lowestVoltageV: 4.074,
          hottestSystem: 1,
          hottestProbe: 6,
          hottestC: 31,
          coldestSystem: 1,
          coldestProbe: 13,
          coldestC: 27,
        },
      },
    ]);
  });

  it("tells alarms with their names", () => {
    const alarms = block(2016, "07 03 00000001 00 00 00 00", "alarms");
    expect(alarms?.value).toEqual({
      level: 3,
      general: 1,
      batteryFaults: [],
      motorFaults: [],
      engineFaults: [],
      otherFaults: [],
    });
    expect(generalAlarms(2016, 0x0008_0821)).toEqual({
      alarms: [
        expect.objectContaining({ bit: 0, word: "temperature-spread" }),
        expect.objectContaining({ bit: 5, "zh-CN": "单体电压过高" }),
        expect.objectContaining({ bit: 11, en: "Insulation fault" }),
      ],
      unknownBits: [19],
    });
    expect(generalAlarms(2025, 0x8008_0000)).toEqual({
      alarms: [expect.objectContaining({ word: "motor-overspeed" })],
      unknownBits: [31],
    });
  });

  it("tells cells with the number of the first, and probes", () => {
    const { blocks } = read(2016, `${TIME} 08 01 01 0EE3 2726 005C 0059 03 102B FFFE FFFF 09 01 01 0002 47 FF`);
    expect(blocks).toEqual([
      {
        kind: "cells",
        value: [
          {
            system: 1,
            voltageV: 381.1,
            currentA: 2.2,
            cells: 92,
            firstCell: 89,
            cellsV: [4.139, "abnormal", "invalid"],
          },
        ],
      },
      { kind: "probes", value: [{ system: 1, probesC: [31, "invalid"] }] },
    ]);
  });

  it("keeps words and positions that the standard does not have", () => {
    const vehicle = block(2016, "01 09FEFF 0000 00000000 0000 2710 64 00 3D 0000 FF 65", "vehicle");
    expect(vehicle?.value).toMatchObject({ state: 9, charging: "abnormal", mode: "invalid", brakePercent: "pressed" });
    expect(vehicle?.value.gear).toEqual({ position: "R", driving: true, braking: true, upperBits: 0 });
  });
});

describe("what cannot be read", () => {
  it("is handed over from the first block of a reserved type on, and nothing is guessed behind it", () => {
    const report = read(2016, `${TIME} 04 01 0384 0050 0A 112233 04 01 0384 0050`);
    expect(report.blocks).toEqual([
      { kind: "engine", value: { state: "started", crankshaftRpm: 900, consumptionLPer100Km: 0.8 } },
    ]);
    expect(report.undecoded).toEqual({
      reason: "unknown-type",
      type: 0x0a,
      bytes: fromHex("0A112233040103840050"),
    });
  });

  it("is handed over where a block is cut off, or counts more than there is", () => {
    expect(read(2016, `${TIME} 04 01 03`)).toMatchObject({ blocks: [], undecoded: { reason: "truncated", type: 4 } });
    expect(read(2025, `${TIME} 07 01 01 0000 0000 FFF0 1000`).undecoded?.reason).toBe("truncated");
  });

  it("of a maker's own block is passed over by its length", () => {
    const report = read(2016, `${TIME} 90 0003 AABBCC 04 01 0384 0050`);
    expect(report.blocks[0]).toEqual({ kind: "custom", type: 0x90, value: fromHex("AABBCC") });
    expect(report.blocks[1]?.kind).toBe("engine");
  });

  it("is refused without a time", () => {
    expect(decodeReport(2016, fromHex("1208")).ok).toBe(false);
  });

  it("is not written either: a maker's block under a type of the standard, a number out of range", () => {
    const write = (block: Block2025) => () => encodeReport({ ...REPORT_2025, blocks: [block] });
    expect(write({ kind: "custom", type: 0x05, value: new Uint8Array() })).toThrow("no such block");
    expect(write({ kind: "engine", value: { crankshaftRpm: 70_000 } })).toThrow("does not fit");
  });
});

describe("writing and reading", () => {
  it.each([REPORT_2016, REPORT_2025])("gives the same report of $edition with every block", (report) => {
    expect(decodeReport(report.edition, encodeReport(report))).toEqual({ ok: true, value: report });
  });

  it("gives the same bytes for any bytes that are a report, whatever they hold", () => {
    const bodies: Readonly<Record<Edition, readonly (readonly [type: number, bytes: number])[]>> = {
      2016: [
        [1, 20],
        [4, 5],
        [5, 9],
        [6, 14],
      ],
      2025: [
        [1, 18],
        [3, 12],
        [4, 2],
        [5, 10],
        [0x32, 18],
      ],
    };
    const reports = fc.constantFrom<Edition>(2016, 2025).chain((edition) => {
      const block = fc
        .constantFrom(...bodies[edition])
        .chain(([type, bytes]) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((body) => [type, ...body]));
      const time = fc.uint8Array({ minLength: 6, maxLength: 6 });
      return fc.record({ edition: fc.constant(edition), time, blocks: fc.array(block) });
    });
    fc.assert(
      fc.property(reports, ({ edition, time, blocks }) => {
        const hex = toHex(Uint8Array.from([...time, ...blocks.flat()]));
        const report = read(edition, hex);
        expect(report.undecoded).toBeUndefined();
        expect(report.blocks.length).toBe(blocks.length);
        expect(toHex(encodeReport(report))).toBe(hex);
      }),
    );
  });

  it.each([REPORT_2016, REPORT_2025])(
    "survives 50,000 damaged reports of $edition and writes each as it came",
    (whole) => {
      surviveMutations({
        seeds: whole.blocks.map((each) => encodeReport({ ...whole, blocks: [each] } as Report)),
        mutate: mutateBytes,
        parse: (bytes) => {
          const report = decodeReport(whole.edition, bytes);
          if (report.ok && Buffer.compare(encodeReport(report.value), bytes) !== 0)
            throw new Error("written otherwise");
          return report;
        },
      });
    },
  );
});
