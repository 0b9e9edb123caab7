import { describe, expect, test } from "vitest";
import { mutateText, surviveMutations } from "../mutations.fixture.ts";
import { compileSignalSets } from "./compile.ts";
import { OWN_SET } from "./own-set.fixture.ts";
import { parseSignalSet } from "./parse.ts";
import type { SignalSet } from "./signal-set.ts";

function parse(value: unknown): SignalSet {
  const set = parseSignalSet(value);
  if (!set.ok) throw set.error;
  return set.value;
}

const SIGNAL = { id: "S", name: "S", fmt: { len: 8, max: 255, unit: "scalar" } };
const COMMAND = { hdr: "7E0", rax: "7E8", cmd: { "22": "F190" }, freq: 1, signals: [SIGNAL] };

describe("a sound set", () => {
  test("is read with nothing left over", () => {
    const set = parse(OWN_SET);
    expect(set).toMatchObject({ problems: [], session: 3 });
    expect(set.commands.map(({ id }) => id)).toEqual([
      "7E4.7EC.22D001|fc=1,f=2020-",
      "7E4.7EC.22D001|f=-2019;2021",
      "7E4.7ED.22D001",
      "7E4.7EC.22D002",
      "750.758.2116|e=2A",
      "6F1.607.22DD01|e=07",
      "FC00.FE007B.22028C|ta=7B",
      "7C4.2143",
    ]);
    expect(set.groups).toEqual([
      { id: "OWN_CELLS", name: "Cells", path: "Battery", pattern: "OWN_C_V_(\\d+)", suggestedMetricGroup: undefined },
    ]);
    expect(set.synthetics[0]?.ratio).toEqual({ a: "OWN_RANGE", b: "OWN_SOC" });
  });

  test.each([
    [{ hdr: "7E0", rax: "7E8" }, "can-11-bit", 0x7e0, 0x7e8],
    [{ hdr: "7C4" }, "can-11-bit", 0x7c4, undefined],
    [{ hdr: "DB33" }, "can-29-bit", 0x18db33f1, undefined],
    [{ hdr: "DA10", rax: "10" }, "can-29-bit", 0x18da10f1, 0x18daf110],
    [{ hdr: "DA10", rax: "10", pri: "14" }, "can-29-bit", 0x14da10f1, 0x14daf110],
    [{ hdr: "FC00", rax: "FE007B", pri: "17", tst: "7B" }, "can-29-bit", 0x17fc007b, 0x17fe007b],
    [{ hdr: "D016", rax: "1EC60E80", pri: "1D", tst: "30" }, "can-29-bit", 0x1dd01630, 0x1ec60e80],
    [{ hdr: "686A", proto: "9141-2" }, "k-line", 0x686af1, undefined],
  ])("%j is sent and answered at the right ids", (keys, line, requestId, responseId) => {
    const { commands } = parse({ commands: [{ ...COMMAND, rax: undefined, ...keys }] });
    expect(commands[0]?.address).toMatchObject({ line, requestId, responseId });
  });
});

describe("what is not sound", () => {
  test("is left out, said with its place, and the rest stays", () => {
    const { commands, problems } = parse({
      commands: [
        COMMAND,
        { ...COMMAND, hdr: "7E" },
        { ...COMMAND, cmd: { "22": "F19" } },
        { ...COMMAND, cmd: { "22": "F190", "01": "0C" } },
        {
          ...COMMAND,
          colour: "red",
          signals: [
            SIGNAL,
            { ...SIGNAL, fmt: { max: 1, unit: "scalar" } },
            { ...SIGNAL, fmt: { len: -8, max: 1 } },
            { ...SIGNAL, fmt: { len: 8, div: 0 } },
            { ...SIGNAL, fmt: { len: "8" } },
            "S",
          ],
        },
        7,
      ],
      signalGroups: [{ id: "G" }],
      synthetics: [{ id: "Y", formula: { op: "sum", a: "A", b: "B" } }],
    });
    expect(commands.map(({ signals }) => signals.length)).toEqual([1, 1]);
    expect(problems.map(({ at, problem }) => `${at} ${problem}`)).toEqual([
      "commands[1].hdr invalid",
      "commands[2].cmd invalid",
      "commands[3].cmd invalid",
      "commands[4].signals[1].fmt invalid",
      "commands[4].signals[1].fmt invalid",
      "commands[4].signals[2].fmt invalid",
      "commands[4].signals[2].fmt invalid",
      "commands[4].signals[3].fmt invalid",
      "commands[4].signals[3].fmt invalid",
      "commands[4].signals[4].fmt.len invalid",
      "commands[4].signals[4].fmt invalid",
      "commands[4].signals[4].fmt invalid",
      "commands[4].signals[5] invalid",
      "commands[4].colour unknown-key",
      "commands[5] invalid",
      "signalGroups[0].matchingRegex missing",
      "synthetics[0].formula invalid",
    ]);
  });

  test.each([null, 7, "set", [], {}, { commands: {} }])("%j is no signal set", (value) => {
    expect(parseSignalSet(value)).toMatchObject({ ok: false, error: { code: "invalid-definition" } });
  });

  test("keys that would reach into an object's prototype stay data", () => {
    const document: unknown = JSON.parse(
      '{"commands":[{"hdr":"7E0","cmd":{"22":"F190"},"freq":1,"signals":[{"id":"__proto__","name":"x","fmt":{"len":8,"max":9,"unit":"scalar","__proto__":{"len":1}}}]}],"__proto__":{"polluted":true}}',
    );
    const { commands, problems } = parse(document);
    expect(commands[0]?.signals[0]).toMatchObject({ id: "__proto__", format: { bits: 8 } });
    expect(problems).toEqual([
      { at: "commands[0].signals[0].fmt.__proto__", problem: "unknown-key" },
      { at: "__proto__", problem: "unknown-key" },
    ]);
    expect({}).not.toHaveProperty("polluted");
  });

  test("a list of problems stays readable", () => {
    const { problems } = parse({ commands: Array.from({ length: 3_000 }, () => 7) });
    expect(problems).toHaveLength(200);
  });
});

test("100,000 mutated files are read or refused, never thrown at", { timeout: 180_000 }, () => {
  const { signals, ...command } = OWN_SET.commands[0];
  surviveMutations({
    seeds: [
      ...signals.map((signal) => ({ commands: [{ hdr: "7E0", cmd: { "22": "F190" }, freq: 1, signals: [signal] }] })),
      ...OWN_SET.commands.slice(1).map((each) => ({ commands: [each] })),
      { commands: [{ ...command, signals: [] }], signalGroups: OWN_SET.signalGroups, synthetics: OWN_SET.synthetics },
    ].map((set) => JSON.stringify(set)),
    mutate: mutateText,
    parse: (text) => {
      let document: unknown;
      try {
        document = JSON.parse(text);
      } catch {
        return undefined;
      }
      const set = parseSignalSet(document);
      return set.ok ? compileSignalSets([set.value], { year: 2024 }).commands : set;
    },
  });
});
