import type { DtcSystem } from "./families.ts";

/** A phrase in both languages. */
export interface DtcPhrase {
  readonly en: string;
  readonly "zh-CN": string;
}

/** Who gives a code its meaning. `reserved`: the standard has given it to nobody yet. */
export type DtcOrigin = "generic" | "maker" | "reserved";

/** What the characters of a J2012 code say by themselves, known code or not. */
export interface DtcStructure {
  readonly letter: "P" | "C" | "B" | "U";
  readonly group: DtcPhrase;
  readonly origin: DtcOrigin;
  readonly originText: DtcPhrase;
  /** Subsystem by the third character; null where the standard has no such order. */
  readonly area: DtcPhrase | null;
  /** System of that area, for codes whose text is not known. */
  readonly areaSystem: DtcSystem | null;
}

const phrase = (en: string, zh: string): DtcPhrase => ({ en, "zh-CN": zh });

const GROUPS = {
  P: phrase("powertrain", "动力总成"),
  C: phrase("chassis", "底盘"),
  B: phrase("body", "车身"),
  U: phrase("network", "网络通信"),
} as const;

const ORIGINS: Readonly<Record<DtcOrigin, DtcPhrase>> = {
  generic: phrase("generic: the same for all makes (SAE/ISO)", "通用码:各品牌含义相同(SAE/ISO)"),
  maker: phrase("maker's own: its meaning differs from make to make", "厂家码:含义因品牌而异"),
  reserved: phrase("reserved by the standard", "标准保留码"),
};

type Area = readonly [system: DtcSystem, text: DtcPhrase];

const AIR_EMISSIONS: Area = [
  "fuel-air",
  phrase("fuel, air and auxiliary emission controls", "燃油、进气与辅助排放控制"),
];
const AIR: Area = ["fuel-air", phrase("fuel and air metering", "燃油与进气计量")];
const INJECTION: Area = ["fuel-air", phrase("fuel and air metering, injectors", "燃油与进气计量(喷油器)")];
const IGNITION: Area = ["ignition", phrase("ignition and misfire", "点火与失火")];
const EMISSIONS: Area = ["emissions", phrase("auxiliary emission controls", "辅助排放控制")];
const SPEED_IDLE: Area = [
  "engine",
  phrase("vehicle speed, idle control, auxiliary inputs", "车速、怠速控制与辅助输入"),
];
const COMPUTER: Area = ["control-unit", phrase("control unit and auxiliary outputs", "控制单元与辅助输出")];
const GEARBOX: Area = ["transmission", phrase("transmission", "变速器")];
const HYBRID: Area = ["high-voltage", phrase("hybrid and electric propulsion", "混合动力与电驱动")];
const CUT_OFF: Area = ["engine", phrase("cylinder deactivation", "停缸")];
const BUS: Area = ["network", phrase("network electrics", "网络电气")];
const SILENCE: Area = ["network", phrase("lost communication", "失去通信")];
const SOFTWARE: Area = ["network", phrase("software compatibility", "软件兼容性")];
const DATA: Area = ["network", phrase("invalid data", "无效数据")];

/** By the first three characters, SAE J2012. Makers keep to the same order in P1 and P30 to P33. */
const AREAS: ReadonlyMap<string, Area> = new Map([
  ...areas("P0", [AIR_EMISSIONS, AIR, INJECTION, IGNITION, EMISSIONS, SPEED_IDLE, COMPUTER, GEARBOX, GEARBOX, GEARBOX]),
  ...areas("P1", [AIR_EMISSIONS, AIR, INJECTION, IGNITION, EMISSIONS, SPEED_IDLE, COMPUTER, GEARBOX, GEARBOX, GEARBOX]),
  ...areas("P2", [
    AIR_EMISSIONS,
    AIR_EMISSIONS,
    AIR_EMISSIONS,
    IGNITION,
    EMISSIONS,
    SPEED_IDLE,
    COMPUTER,
    GEARBOX,
    GEARBOX,
  ]),
  ...[..."ABCDEF"].map((digit): [string, Area] => [`P0${digit}`, HYBRID]),
  ["P1A", HYBRID],
  ["P2A", AIR_EMISSIONS],
  ["P2B", AIR_EMISSIONS],
  ["P30", AIR_EMISSIONS],
  ["P33", IGNITION],
  ["P34", CUT_OFF],
  ["U00", BUS],
  ["U01", SILENCE],
  ["U02", SILENCE],
  ["U03", SOFTWARE],
  ["U04", DATA],
  ["U05", DATA],
]);

function areas(prefix: string, list: readonly Area[]): [string, Area][] {
  return list.map((area, digit) => [`${prefix}${digit}`, area]);
}

/** @param code a two-byte J2012 code in capitals, as `parseDtcCode` gives it */
export function structureOf(code: string): DtcStructure {
  const letter = letterOf(code);
  const origin = originOf(letter, code);
  const [areaSystem, area] = AREAS.get(code.slice(0, 3)) ?? [null, null];
  return { letter, group: GROUPS[letter], origin, originText: ORIGINS[origin], area, areaSystem };
}

function letterOf(code: string): DtcStructure["letter"] {
  const letter = code.charAt(0);
  return letter === "C" || letter === "B" || letter === "U" ? letter : "P";
}

/**
 * SAE J2012: P0, P2 and P34 to P39 are generic, P1 and P30 to P33 the maker's, P3A and above reserved. B0, C0 and U0 are generic,
 * B1, B2, C1, C2, U1 and U2 the maker's, B3 and C3 reserved; of U3, U30 is in generic use.
 */
function originOf(letter: DtcStructure["letter"], code: string): DtcOrigin {
  const second = code.charAt(1);
  const third = code.charAt(2);
  if (second === "0") return "generic";
  if (letter === "P") {
    if (second === "1") return "maker";
    if (second === "2") return "generic";
    return third <= "3" ? "maker" : third <= "9" ? "generic" : "reserved";
  }
  if (second === "3") return letter === "U" && third === "0" ? "generic" : "reserved";
  return "maker";
}
