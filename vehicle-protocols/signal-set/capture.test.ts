import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { toHex } from "../can-frame.ts";
import { mutateText, surviveMutations } from "../mutations.fixture.ts";
import { decodeCapture, parseCaptureFrame } from "./capture.ts";
import { parseCommandText } from "./command-text.ts";
import { compileSignalSets, type SignalDecoder } from "./compile.ts";
import { OWN_SET, OWN_STANDARD_SET } from "./own-set.fixture.ts";
import { parseSignalSet } from "./parse.ts";

function decoderOf(documents: readonly unknown[], year?: number): SignalDecoder {
  return compileSignalSets(
    documents.map((document) => {
      const set = parseSignalSet(document);
      if (!set.ok) throw set.error;
      return set.value;
    }),
    { year },
  );
}

function decode(decoder: SignalDecoder, command: string, lines: readonly string[]) {
  const frames = lines.map((line) => parseCaptureFrame(line, command)).filter((frame) => frame !== undefined);
  const { payloads, readings } = decodeCapture(decoder, { command, frames });
  return {
    payloads: payloads.map(({ id, extended, payload }) => [
      id
        .toString(16)
        .toUpperCase()
        .padStart(extended ? 8 : 3, "0"),
      toHex(payload),
    ]),
    values: Object.fromEntries(readings.map(({ signal, value }) => [signal.id, value])),
  };
}

describe("frames as captures write them", () => {
  test.each([
    ["7E803410D00", 0x7e8, false, "03410D00"],
    ["7e8 03 41 0d 00", 0x7e8, false, "03410D00"],
    ["7E8#03410D00", 0x7e8, false, "03410D00"],
    ["0x7E8: 03 41 0D 00", 0x7e8, false, "03410D00"],
    ["7 E 8 0 3 4 1 0 D 0 0", 0x7e8, false, "03410D00"],
    ["18DAF11003410D00", 0x18daf110, true, "03410D00"],
    ["18 DA F1 10 03 41 0D 00", 0x18daf110, true, "03410D00"],
    ["18DAF110#03410D00", 0x18daf110, true, "03410D00"],
    ["000007E8 03410D00", 0x7e8, false, "03410D00"],
    ["07E803410D00", 0x7e8, false, "03410D00"],
    ["7E8#", 0x7e8, false, ""],
  ])("%s", (text, id, extended, data) => {
    const frame = parseCaptureFrame(text, "7E0.010D");
    expect(frame && { ...frame, data: toHex(frame.data) }).toEqual({ id, extended, data });
  });

  test.each(["", "7E", "NO DATA", "7E8#0", "FFF0341", "FFFFFFFF0341", "7E8#xx"])("%j is no frame", (text) => {
    expect(parseCaptureFrame(text)).toBeUndefined();
  });
});

test.each([
  ["7E0.7E8.22F190|e=2A,fc=1,f=2020-", "22F190", "7E0", "7E8"],
  ["DB33.0104", "0104", "DB33", undefined],
  ["22f190", "22F190", undefined, undefined],
  ["7E0: 22 F1 90", "22F190", "7E0", undefined],
  ["010C1", "010C", undefined, undefined],
])("the command %s asks %s", (text, request, header, receiveAddress) => {
  const command = parseCommandText(text);
  expect(command.request && toHex(command.request)).toBe(request);
  expect(command).toMatchObject({ header, receiveAddress });
});

describe("an answer in several frames", () => {
  test("of two ECUs at once", () => {
    const decoder = decoderOf([OWN_SET], 2024);
    expect(
      decode(decoder, "7E4.22D001", ["7EC 10 08 62 D0 01 A0 FF 38", "7ED0462D00107", "7EC 21 10 0E 00 00"]),
    ).toEqual({
      payloads: [
        ["7EC", "62D001A0FF38100E"],
        ["7ED", "62D00107"],
      ],
      values: { OWN_SOC: 80, OWN_CURRENT: -20, OWN_VOLTS_TURNED: 360, OWN_OTHER_ECU: 7 },
    });
  });

  test("of two ECUs for one signal: the answer that was whole last counts", () => {
    const decoder = decoderOf([OWN_STANDARD_SET]);
    const frames = ["7E803410D10", "7E903410D20", "7E803410D30"];
    expect(decode(decoder, "7DF.010D", frames).values).toEqual({ SPEED: 0x30 });
    expect(decode(decoder, "7DF.010D", frames.slice(0, 2)).values).toEqual({ SPEED: 0x20 });
  });

  test("which breaks off says nothing", () => {
    expect(decode(decoderOf([OWN_SET], 2024), "7E4.22D001", ["7EC100862D001A0FF38"])).toEqual({
      payloads: [],
      values: {},
    });
  });
});

describe("an address byte before the PCI", () => {
  const answer = { payloads: [["758", "611652"]], values: { OWN_TYRE: 42 } };

  test("is known from the command", () => {
    expect(decode(decoderOf([OWN_SET]), "750.758.2116|e=2A", ["7582A03611652"])).toEqual(answer);
  });

  test("is known from the set", () => {
    expect(decode(decoderOf([OWN_SET]), "750.2116", ["7582A03611652"])).toEqual(answer);
    expect(decode(decoderOf([OWN_SET]), "6F1.607.22DD01", ["607F1100762DD010E10", "607F121FFFF"]).values).toEqual({
      OWN_PACK: 360,
    });
  });

  test("is found where nobody names it", () => {
    expect(decode(decoderOf([OWN_SET]), "2116", ["7582A03611652"])).toEqual(answer);
    expect(decode(decoderOf([]), "2116", ["7584003611652"])).toEqual({ payloads: [["758", "611652"]], values: {} });
  });
});

test("questions, flow control and refusals in a capture do no harm", () => {
  const lines = ["7E0#0322D0015555", "7EC#037F2278", "7EC#100862D001A0FF38", "7E4#300000", "7EC#21100E", "garbage"];
  expect(decode(decoderOf([OWN_SET, OWN_STANDARD_SET], 2024), "7E4.7EC.22D001", lines).values).toEqual({
    OWN_SOC: 80,
    OWN_CURRENT: -20,
    OWN_VOLTS_TURNED: 360,
  });
});

test("100,000 mutated captures are read without exception", { timeout: 180_000 }, () => {
  const decoder = decoderOf([OWN_SET, OWN_STANDARD_SET], 2024);
  surviveMutations({
    seeds: [
      "7E4.7EC.22D001|fc=1\n7EC100862D001A0FF38\n7EC21100E0000",
      "750.758.2116|e=2A\n7582A03611652",
      "DB33.010D\n18DAF11003410D30\n18DAF11D03410D31",
      "7E4.22D001D002\n7EC#100B62D001A0FF38\n7EC#21D002012C",
    ],
    mutate: mutateText,
    parse: (text) => {
      const [command = "", ...lines] = text.split("\n");
      return decode(decoder, command, lines);
    },
  });
});

const DATA = new URL("../../../shared/data/obd/", import.meta.url);

// The captures of real cars are not part of this repository; they lie beside it where BayGate is developed.
test.skipIf(!existsSync(DATA))("every value of the captured vectors is right (skipped without ../shared)", () => {
  const sets = new Map(
    readdirSync(new URL("signalsets/", DATA)).map((file): [string, unknown] => [
      file.replace(".json", ""),
      JSON.parse(readFileSync(new URL(`signalsets/${file}`, DATA), "utf8")),
    ]),
  );
  const decoders = new Map<string, SignalDecoder>();
  const wrong: string[] = [];
  let values = 0;
  for (const line of readFileSync(new URL("vectors.jsonl", DATA), "utf8").split("\n").filter(Boolean)) {
    const { vehicle, year, command, frames, payloads, expected } = JSON.parse(line);
    const key = `${vehicle} ${year}`;
    const decoder = decoders.get(key) ?? decoderOf([sets.get(vehicle), sets.get("SAEJ1979")], year);
    decoders.set(key, decoder);
    const got = decode(decoder, command, frames);
    if (JSON.stringify(got.payloads) !== JSON.stringify(payloads)) wrong.push(`${command} ${frames}: payloads`);
    for (const [id, value] of Object.entries(expected)) {
      values += 1;
      if (!isNear(got.values[id], value))
        wrong.push(`${key} ${command} ${frames}: ${id} ${got.values[id]}, not ${value}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(values).toBeGreaterThan(3_000);
});

function isNear(got: unknown, wanted: unknown): boolean {
  if (typeof got !== "number" || typeof wanted !== "number") return got === wanted;
  return Math.abs(got - wanted) <= 1e-3 * Math.abs(wanted);
}
