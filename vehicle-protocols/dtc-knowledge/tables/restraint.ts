import { type DtcTable, driver, fault, hexRun, part } from "../wording.ts";

type Seat = readonly [en: string, zh: string];

const DRIVER: Seat = ["Driver", "驾驶员"];
const CENTRE_1: Seat = ["First row centre", "前排中间"];
const PASSENGER: Seat = ["Passenger", "副驾驶"];
const LEFT_2: Seat = ["Second row left", "第二排左"];
const CENTRE_2: Seat = ["Second row centre", "第二排中间"];
const RIGHT_2: Seat = ["Second row right", "第二排右"];
const LEFT_3: Seat = ["Third row left", "第三排左"];
const CENTRE_3: Seat = ["Third row centre", "第三排中间"];
const RIGHT_3: Seat = ["Third row right", "第三排右"];
const SEATS = [DRIVER, CENTRE_1, PASSENGER, LEFT_2, CENTRE_2, RIGHT_2, LEFT_3, CENTRE_3, RIGHT_3];

const squib = (en: string, zh: string) => driver(part("airbag", en, zh));
const frontal = ([en, zh]: Seat, stage: number) =>
  squib(`${en} front airbag, stage ${stage}`, `${zh}正面气囊 ${stage}级`);
const side = ([en, zh]: Seat) => squib(`${en} side airbag`, `${zh}侧气囊`);
const curtain = (side: Seat, n: number) => squib(`${side[0]} curtain airbag ${n}`, `${side[1]}侧气帘${n}`);
const buckle = ([en, zh]: Seat) => fault(part("occupant-sensing", `${en} seat belt sensor`, `${zh}安全带传感器`));
const tensioner = ([en, zh]: Seat, letter = "") =>
  squib(`${en} belt tensioner${letter === "" ? "" : ` ${letter}`}`, `${zh}安全带预紧器${letter}`);
const limiter = ([en, zh]: Seat) => squib(`${en} belt load limiter`, `${zh}安全带限力器`);
const crash = (en: string, zh: string) => fault(part("airbag", en, zh));
const sideCrash = (en: string, zh: string, n: number) => crash(`${en} side crash sensor ${n}`, `${zh}侧碰撞传感器${n}`);
const occupant = (en: string, zh: string) => fault(part("occupant-sensing", en, zh));
const lamp = (en: string, zh: string) => fault(part("safety-lamp", en, zh));

/** Sensors of one front seat: occupant classes A to E, seat track and backrest, occupant position A to E. */
const seatSensors = ([en, zh]: Seat) => [
  ...[..."ABCDE"].map((letter) =>
    occupant(`${en} seat occupant class sensor ${letter}`, `${zh}座椅乘员分类传感器${letter}`),
  ),
  occupant(`${en} seat track position sensor`, `${zh}座椅滑轨位置传感器`),
  occupant(`${en} seat recline position sensor`, `${zh}座椅靠背角度传感器`),
  ...[..."ABCDE"].map((letter) =>
    occupant(`${en} seat occupant position sensor ${letter}`, `${zh}座椅乘员位置传感器${letter}`),
  ),
];

const LEFT: Seat = ["Left", "左"];
const RIGHT: Seat = ["Right", "右"];

/** B00xx: airbags, belts and their sensors. */
export const RESTRAINT: DtcTable = {
  ...hexRun(
    "B0001",
    [1, 2, 3].map((stage) => frontal(DRIVER, stage)),
  ),
  B0004: squib("Driver knee airbag", "驾驶员膝部气囊"),
  B0005: squib("Collapsible steering column", "可溃缩转向柱"),
  ...hexRun(
    "B0010",
    [1, 2, 3].map((stage) => frontal(PASSENGER, stage)),
  ),
  B0013: squib("Passenger knee airbag", "副驾驶膝部气囊"),
  B0020: side(LEFT),
  B0021: curtain(LEFT, 1),
  B0022: curtain(LEFT, 2),
  B0028: side(RIGHT),
  B0029: curtain(RIGHT, 1),
  B002A: curtain(RIGHT, 2),
  B0030: side(LEFT_2),
  ...hexRun(
    "B0031",
    [1, 2, 3].map((stage) => frontal(LEFT_2, stage)),
  ),
  B0038: side(RIGHT_2),
  ...hexRun(
    "B0039",
    [1, 2, 3].map((stage) => frontal(RIGHT_2, stage)),
  ),
  B0040: side(LEFT_3),
  ...hexRun(
    "B0041",
    [1, 2, 3].map((stage) => frontal(LEFT_3, stage)),
  ),
  B0048: side(RIGHT_3),
  ...hexRun(
    "B0049",
    [1, 2, 3].map((stage) => frontal(RIGHT_3, stage)),
  ),
  ...hexRun("B0050", SEATS.map(buckle)),
  B0060: occupant("Driver belt tension sensor", "驾驶员安全带张力传感器"),
  B0061: occupant("Passenger belt tension sensor", "副驾驶安全带张力传感器"),
  B0070: tensioner(DRIVER, "A"),
  B0071: tensioner(CENTRE_1),
  B0072: tensioner(PASSENGER, "A"),
  ...hexRun(
    "B0073",
    [LEFT_2, CENTRE_2, RIGHT_2, LEFT_3, CENTRE_3, RIGHT_3].map((seat) => tensioner(seat)),
  ),
  B0079: tensioner(DRIVER, "B"),
  B007A: tensioner(PASSENGER, "B"),
  B007B: tensioner(LEFT_2, "B"),
  B007C: tensioner(RIGHT_2, "B"),
  B007D: tensioner(CENTRE_2, "B"),
  B007E: tensioner(DRIVER, "C"),
  B007F: tensioner(PASSENGER, "C"),
  ...hexRun("B0080", SEATS.map(limiter)),
  B0090: crash("Left front crash sensor", "左前碰撞传感器"),
  ...hexRun(
    "B0091",
    [1, 2, 3].map((n) => sideCrash("Left", "左", n)),
  ),
  B0094: crash("Centre front crash sensor", "中前碰撞传感器"),
  B0095: crash("Right front crash sensor", "右前碰撞传感器"),
  ...hexRun(
    "B0096",
    [1, 2, 3].map((n) => sideCrash("Right", "右", n)),
  ),
  B0099: crash("Roll-over sensor", "翻车传感器"),
  ...hexRun(
    "B009A",
    [4, 5, 6].map((n) => sideCrash("Left", "左", n)),
  ),
  ...hexRun(
    "B009D",
    [4, 5, 6].map((n) => sideCrash("Right", "右", n)),
  ),
  B00A0: occupant("Occupant classification system", "乘员分类系统"),
  B00A1: occupant("Occupant position system", "乘员位置系统"),
  ...hexRun("B00B0", seatSensors(DRIVER)),
  ...hexRun("B00C0", seatSensors(PASSENGER)),
  B00D0: lamp("Driver seat belt lamp", "驾驶员安全带指示灯"),
  B00D1: lamp("Passenger seat belt lamp", "副驾驶安全带指示灯"),
  B00D2: lamp("Airbag warning lamp 1", "安全气囊故障灯1"),
  B00D3: lamp("Airbag warning lamp 2", "安全气囊故障灯2"),
  B00D4: lamp("Airbag warning sound", "安全气囊报警音"),
  B00D5: lamp("Passenger airbag off lamp", "副驾驶气囊关闭指示灯"),
  B00DF: occupant("Passenger airbag off switch", "副驾驶气囊关闭开关"),
};
