import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutateText, surviveMutations } from "../mutations.fixture.ts";
import { adviceFor, type DtcKnowledge, knowDtc, knownDtcs, lampsOfJ1939, parseDtcCode } from "./index.ts";
import { TABLES } from "./tables/index.ts";

function know(code: string): DtcKnowledge {
  const known = knowDtc(code);
  if (!known.ok) throw known.error;
  return known.value;
}

const CODES = knownDtcs();
const TEXTS = CODES.map((code) => ({ code, known: know(code) })).map(({ code, known }) => ({
  code,
  known,
  en: known.text?.en ?? "",
  zh: known.text?.["zh-CN"] ?? "",
}));

describe("the tables", () => {
  test("hold several thousand codes, none of them twice", () => {
    expect(CODES.length).toBeGreaterThan(3000);
    const all = TABLES.flatMap((table) => Object.keys(table));
    expect(all.length).toBe(new Set(all).size);
  });

  test("hold only codes of the generic ranges", () => {
    for (const { code, known } of TEXTS) {
      expect(code).toMatch(/^(P0|P2|P34|C0|B0|U0|U30)[0-9A-F]+$/);
      expect(code).toHaveLength(5);
      expect(known.structure).toMatchObject({ kind: "j2012", origin: "generic", failureType: null });
    }
  });

  test("explain the failure type byte, and leave the maker's own without words", () => {
    expect(know("U0405-81").structure).toMatchObject({
      failureType: { byte: "81", text: { en: "invalid data received", "zh-CN": "收到无效数据" } },
    });
    expect(know("P0301-F5").structure).toMatchObject({ failureType: { byte: "F5", text: null } });
  });

  test("say every code in both languages, shortly, and no two codes alike", () => {
    for (const { code, en, zh } of TEXTS) {
      expect(en, code).toMatch(/^[A-Z0-9][\x20-\x7e]+[\w)]$/);
      expect(en.length, code).toBeLessThanOrEqual(90);
      expect(zh, code).toMatch(/[\u4e00-\u9fff]/);
      expect(zh.length, code).toBeLessThanOrEqual(90);
      // What stays in Latin letters is what the trade writes so: names, letters of parts, abbreviations.
      expect(zh.replaceAll(/\b[A-Z][A-Z0-9/]*\b|[A-Z]+(?=[\u4e00-\u9fff])|Bus Off/g, ""), code).not.toMatch(/[a-z]{2}/);
    }
  });

  test("agree between the languages on low and high, banks, sensors and cylinders", () => {
    for (const { code, en, zh } of TEXTS) {
      expect(/\b(low|lower|below)\b/i.test(en), `${code} ${en} ${zh}`).toBe(zh.includes("低"));
      expect(/\b(high|higher)\b/i.test(en), `${code} ${en} ${zh}`).toBe(zh.includes("高"));
      expect(/\blean\b/.test(en), code).toBe(zh.includes("稀"));
      expect(/\brich\b/.test(en), code).toBe(zh.includes("浓"));
      expect(/\bleft\b/i.test(en), code).toBe(zh.includes("左"));
      expect(/\bright\b/i.test(en) && !en.includes("right one"), code).toBe(zh.includes("右"));
      const bank = /bank (\d)(?: sensor (\d))?/.exec(en);
      if (bank?.[1] !== undefined && !en.includes("swapped") && !en.includes("bank 1 and bank 2")) {
        expect(zh, code).toContain(`${bank[1]}排`);
        if (bank[2] !== undefined) expect(zh, code).toContain(`${bank[1]}排${bank[2]}号`);
      }
      const cylinder = /cylinder (\d+)/i.exec(en)?.[1];
      if (cylinder !== undefined) expect(zh, code).toMatch(new RegExp(`^${cylinder}缸`));
    }
  });

  test("name everybody's judgement", () => {
    for (const { code, known } of TEXTS) {
      expect(known.advice, code).not.toBe("not-known");
      expect(known.severity, code).not.toBeNull();
      expect(known.hint?.en.length, code).toBeGreaterThan(20);
      expect(known.hint?.["zh-CN"], code).toMatch(/[\u4e00-\u9fff]{4}/);
      // What is dangerous forbids driving, and nothing else does.
      expect(known.advice === "do-not-drive", code).toBe(known.severity === "critical");
      if (known.severity === "low") expect(known.advice, code).toBe("drive");
    }
  });
});

describe("the families that count", () => {
  const cylinders = Array.from({ length: 12 }, (_, index) => index + 1);
  const decimal = (first: number) => `P${String(first).padStart(4, "0")}`;
  const hex = (first: number) => `P${first.toString(16).toUpperCase().padStart(4, "0")}`;

  test.each([
    ["misfire", (n: number) => decimal(300 + n)],
    ["injector circuit", (n: number) => decimal(200 + n)],
    ["injector low", (n: number) => decimal(261 + (n - 1) * 3)],
    ["injector high", (n: number) => decimal(262 + (n - 1) * 3)],
    ["balance", (n: number) => decimal(263 + (n - 1) * 3)],
    ["glow plug circuit", (n: number) => decimal(670 + n)],
    ["knock", (n: number) => decimal(2335 + n)],
    ["deactivation", (n: number) => decimal(3401 + (n - 1) * 8)],
    ["fuel trim at maximum", (n: number) => hex(0x029a + (n - 1) * 4)],
    ["leaking", (n: number) => hex(0x029d + (n - 1) * 4)],
    ["injector control out of range", (n: number) => hex(0x02ee + n - 1)],
    ["glow plug range", (n: number) => hex(0x06b9 + n - 1)],
    ["wrong type", (n: number) => hex(0x06c5 + n - 1)],
  ])("%s: cylinder n in the text is cylinder n of the code", (_, code) => {
    for (const n of cylinders) {
      expect(know(code(n)).text?.en, code(n)).toMatch(new RegExp(`ylinder ${n}(?![0-9])`));
      expect(know(code(n)).text?.["zh-CN"], code(n)).toMatch(new RegExp(`^${n}缸`));
    }
  });

  test("letters of coils, solenoids and buses follow one another", () => {
    for (const [index, letter] of [..."ABCDEFGHIJKL"].entries()) {
      expect(know(decimal(351 + index)).text?.en).toContain(`Ignition coil ${letter}:`);
      expect(know(decimal(2300 + index * 3)).text?.en).toContain(`Ignition coil ${letter} primary`);
    }
    for (const [index, letter] of [..."ABCDE"].entries()) {
      expect(know(decimal(750 + index * 5)).text?.en).toContain(`Shift solenoid ${letter}:`);
      expect(know(`U00${28 + index * 9}`).text?.en).toContain(`Vehicle bus ${letter}`);
    }
  });

  test("software and data codes of one number name the same unit", () => {
    for (let n = 1; n <= 31; n += 1) {
      const two = String(n).padStart(2, "0");
      const software = know(`U03${two}`).text?.en.replace("Software not compatible with ", "");
      expect(know(`U04${two}`).text?.en).toBe(`Invalid data received from ${software}`);
    }
  });
});

describe("codes that nobody has explained to us", () => {
  test.each([
    ["P1234", "maker", "powertrain"],
    ["P3012", "maker", "powertrain"],
    ["P33FF", "maker", "powertrain"],
    ["P3A00", "reserved", "powertrain"],
    ["P3FFF", "reserved", "powertrain"],
    ["C1201", "maker", "chassis"],
    ["C2001", "maker", "chassis"],
    ["C3001", "reserved", "chassis"],
    ["B1342", "maker", "body"],
    ["B2799", "maker", "body"],
    ["B3055", "reserved", "body"],
    ["U1000", "maker", "network"],
    ["U2100", "maker", "network"],
    ["U3100", "reserved", "network"],
    ["P05FF", "generic", "powertrain"],
    ["P2FFF", "generic", "powertrain"],
    ["P39FF", "generic", "powertrain"],
    ["U30FF", "generic", "network"],
  ])("%s is %s, of the %s", (code, origin, group) => {
    const known = know(code);
    expect(known).toMatchObject({ text: null, severity: null, hint: null, advice: "not-known" });
    expect(known.structure).toMatchObject({ kind: "j2012", origin, group: { en: group } });
  });

  test("tell their subsystem all the same", () => {
    expect(know("P07FF")).toMatchObject({ system: { id: "transmission" }, structure: { area: { "zh-CN": "变速器" } } });
    expect(know("P1351")).toMatchObject({ system: { id: "ignition" } });
    expect(know("U0599")).toMatchObject({ system: { id: "network" } });
    expect(know("B1000")).toMatchObject({ system: null, structure: { area: null } });
  });

  test("are never fit to drive", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffff }), (raw) => {
        const letter = "PCBU".charAt(raw >> 14);
        const known = know(letter + (raw & 0x3fff).toString(16).toUpperCase().padStart(4, "0"));
        if (known.text === null) expect(known.advice).toBe("not-known");
        if (known.structure.kind === "j2012" && known.structure.origin !== "generic") expect(known.text).toBeNull();
      }),
    );
  });
});

describe("reading a code", () => {
  test.each([
    ["P0420", "P0420"],
    [" p0420 ", "P0420"],
    ["U0405-81", "U0405-81"],
    ["P0301:00", "P0301-00"],
    ["P042000", "P0420-00"],
    ["C0035 5a", "C0035-5A"],
    ["SPN110-FMI0", "SPN110-FMI0"],
    ["spn 3216 fmi 13", "SPN3216-FMI13"],
  ])("%s is %s", (written, code) => {
    expect(know(written).code).toBe(code);
  });

  test.each([
    "",
    "P042",
    "P04200",
    "X0420",
    "P4420",
    "P04G0",
    "P0420-",
    "P0420-8",
    "SPN1",
    "SPN524288-FMI0",
    "SPN1-FMI32",
  ])("%j is no code", (text) => {
    expect(parseDtcCode(text)).toMatchObject({ ok: false, error: { code: "invalid-argument" } });
  });

  test("a code of a truck is told by its parameter and its failure mode", () => {
    expect(know("SPN110-FMI0")).toMatchObject({
      text: { en: "Engine coolant temperature: too high (most severe)", "zh-CN": "发动机冷却液温度:数值过高(最严重)" },
      structure: { kind: "j1939", spn: 110, fmi: 0 },
      advice: "do-not-drive",
      system: { id: "cooling" },
    });
    expect(know("SPN100-FMI1")).toMatchObject({ advice: "do-not-drive", severity: "critical" });
    expect(know("SPN100-FMI4")).toMatchObject({ advice: "not-known", severity: null, system: null, hint: null });
    expect(know("SPN91-FMI3").text?.["zh-CN"]).toContain("加速踏板");
  });

  test("two readings of one number are both told", () => {
    expect(know("C0035").otherReading?.en).toContain("right front");
    expect(know("C0040").otherReading?.["zh-CN"]).toContain("制动踏板开关");
    expect(know("P0420").otherReading).toBeNull();
  });

  test("survives 100,000 mutated codes", { timeout: 120_000 }, () => {
    surviveMutations({
      seeds: ["P0420", "U0405-81", "P0301:00", "SPN110-FMI0", "spn 3216 fmi 13"],
      mutate: mutateText,
      parse: (text) => {
        const known = knowDtc(text);
        return known.ok ? known.value.code : known.error.code;
      },
    });
  });
});

describe("whether a car may be driven", () => {
  test("is decided by its gravest code", () => {
    expect(adviceFor(["P0456"])).toEqual({
      advice: "drive",
      because: [{ kind: "code", code: "P0456" }],
      notKnown: [],
    });
    expect(adviceFor(["P0456", "P0302"]).advice).toBe("drive-with-care");
    expect(adviceFor(["P0456", "P0302", "P0524"])).toMatchObject({
      advice: "do-not-drive",
      because: [{ kind: "code", code: "P0524" }],
    });
  });

  test.each(["P0217", "P0524", "P0AA6", "P0A0A", "P0AA1", "P0A7E", "C0021", "P0093", "P2111", "P0218"])(
    "%s forbids it",
    (code) => {
      expect(adviceFor([code]).advice).toBe("do-not-drive");
    },
  );

  test("is never a plain yes with a code that nobody knows", () => {
    expect(adviceFor(["P1234"])).toEqual({
      advice: "not-known",
      because: [{ kind: "code", code: "P1234" }],
      notKnown: ["P1234"],
    });
    expect(adviceFor(["P0456", "P1234"])).toMatchObject({ advice: "not-known", notKnown: ["P1234"] });
    expect(adviceFor(["P0302", "P1234"])).toMatchObject({ advice: "drive-with-care", notKnown: ["P1234"] });
    expect(adviceFor(["SPN91-FMI3"]).advice).toBe("not-known");
    expect(adviceFor(["nonsense"])).toMatchObject({ advice: "not-known", notKnown: ["nonsense"] });
  });

  test("is not known without any code or lamp, and yes where the lamps are known to be off", () => {
    expect(adviceFor([])).toEqual({ advice: "not-known", because: [], notKnown: [] });
    expect(adviceFor([], { malfunction: "off" }).advice).toBe("drive");
  });

  test("takes the lamps of a truck as its DM1 shows them", () => {
    const dark = { state: "off", flash: "steady" } as const;
    const lamps = { malfunction: dark, redStop: dark, amberWarning: dark, protect: dark };
    expect(lampsOfJ1939({ ...lamps, protect: { state: "not-available", flash: "steady" } })).toEqual({
      malfunction: "off",
      redStop: "off",
      amberWarning: "off",
    });
    expect(lampsOfJ1939({ ...lamps, redStop: { state: "on", flash: "steady" } }).redStop).toBe("on");
    expect(lampsOfJ1939({ ...lamps, malfunction: { state: "on", flash: "fast" } }).malfunction).toBe("flashing");
    expect(lampsOfJ1939({ ...lamps, malfunction: { state: "on", flash: "slow" } }).malfunction).toBe("on");
    expect(lampsOfJ1939({ ...lamps, malfunction: { state: "error", flash: "fast" } })).not.toHaveProperty(
      "malfunction",
    );
  });

  test("is raised by lamps and never lowered by them", () => {
    expect(adviceFor(["P0302"], { malfunction: "flashing" })).toMatchObject({
      advice: "do-not-drive",
      because: [{ kind: "lamp", lamp: "malfunction", state: "flashing" }],
    });
    expect(adviceFor(["P0456"], { malfunction: "on" }).advice).toBe("drive-with-care");
    expect(adviceFor(["P0456"], { redStop: "on" }).advice).toBe("do-not-drive");
    expect(adviceFor(["SPN91-FMI3"], { amberWarning: "on" })).toMatchObject({
      advice: "drive-with-care",
      notKnown: ["SPN91-FMI3"],
    });
    expect(adviceFor(["P0524"], { malfunction: "off", redStop: "off" }).advice).toBe("do-not-drive");
    const state = fc.constantFrom("off", "on", "flashing");
    const order = ["drive", "not-known", "drive-with-care", "do-not-drive"];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...CODES, "P1234"), { minLength: 1, maxLength: 5 }),
        fc.record({ malfunction: state, redStop: state, amberWarning: state, protect: state }, { requiredKeys: [] }),
        (codes, lamps) => {
          const withLamps = order.indexOf(adviceFor(codes, lamps).advice);
          expect(withLamps).toBeGreaterThanOrEqual(order.indexOf(adviceFor(codes).advice));
        },
      ),
    );
  });
});
