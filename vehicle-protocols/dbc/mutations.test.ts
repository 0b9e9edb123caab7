import { expect, test } from "vitest";
import { mutateBytes, mutateText, surviveMutations } from "../mutations.fixture.ts";
import { DbcDatabase } from "./database.ts";
import { parseDbc } from "./parser.ts";

const SEEDS = [
  `NS_ :
	CM_
BS_:
BU_: A B
BO_ 100 M: 8 A
 SG_ P M : 0|8@1+ (1,0) [0|255] "" B
 SG_ Q m1M : 8|8@1+ (1,0) [0|0] "km" A,B
 SG_ R m2 : 23|16@0- (0.5,-40) [-1E+3|1E+3] "" Vector__XXX
SG_MUL_VAL_ 100 Q P 1-1;
SG_MUL_VAL_ 100 R Q 2-2, 5-9;
`,
  `BO_ 2566834709 N: 64 B
 SG_ U : 0|64@1+ (3,1) [0|0] "" A
 SG_ F : 64|32@1- (1,0) [0|0] "" B
SIG_VALTYPE_ 2566834709 F : 1;
VAL_TABLE_ T 1 "on" 0 "off" ;
VAL_ 2566834709 U 0 "zero" 18446744073709551615 "most" ;
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","J1939PG";
BA_ "VFrameFormat" BO_ 2566834709 1;
`,
  `VERSION "1"
BO_ 1 M: 8 A
BO_TX_BU_ 1 : A,B;
EV_ E: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 A;
CM_ BO_ 1 "two
lines \\"quoted\\"";
SIG_GROUP_ 1 G 1 : P Q;
BA_DEF_DEF_ "X" "Y";
BA_REL_ "X" BU_SG_REL_ A SG_ 1 P 5;
// remark
`,
];

const FRAMES = [new Uint8Array(3).fill(0x5a), new Uint8Array(64).fill(0x01)];

/** Problems and what every frame of every message says, as it would be shown. */
function readAndDecode(input: string | Uint8Array): unknown {
  const file = parseDbc(input);
  if (!file.ok) return file.error.code;
  const database = new DbcDatabase([file.value]);
  const readings = file.value.messages.flatMap(({ id, extended }) =>
    FRAMES.map((data) => database.decode(id, extended, data)?.signals.map(({ value, word }) => [String(value), word])),
  );
  return [file.value.problems, readings];
}

test("a hundred thousand damaged texts make no exception, no hang and no growth", { timeout: 180_000 }, () => {
  surviveMutations({ seeds: SEEDS, mutate: mutateText, parse: readAndDecode });
});

test("nor do damaged bytes", { timeout: 60_000 }, () => {
  surviveMutations({
    seeds: SEEDS.map((seed) => Buffer.from(seed, "latin1")),
    mutate: mutateBytes,
    parse: readAndDecode,
    runs: 20_000,
  });
});

test("the undamaged seeds are understood", () => {
  for (const seed of SEEDS) expect(parseDbc(seed)).toMatchObject({ ok: true });
});
