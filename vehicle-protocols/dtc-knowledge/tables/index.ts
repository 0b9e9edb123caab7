import type { DtcTable } from "../wording.ts";
import { CHASSIS } from "./chassis.ts";
import { NETWORK } from "./network.ts";
import { P0A } from "./p0a.ts";
import { P0B_P0C } from "./p0b-p0c.ts";
import { P2A_P2B, P34 } from "./p2a-p34.ts";
import { P00 } from "./p00.ts";
import { P01 } from "./p01.ts";
import { P02 } from "./p02.ts";
import { P03 } from "./p03.ts";
import { P04 } from "./p04.ts";
import { P05 } from "./p05.ts";
import { P06 } from "./p06.ts";
import { P07 } from "./p07.ts";
import { P08 } from "./p08.ts";
import { P09 } from "./p09.ts";
import { P20 } from "./p20.ts";
import { P21 } from "./p21.ts";
import { P22, P23 } from "./p22-p23.ts";
import { P24 } from "./p24.ts";
import { P25 } from "./p25.ts";
import { P26 } from "./p26.ts";
import { P27_P28 } from "./p27-p28.ts";
import { RESTRAINT } from "./restraint.ts";

/** Every table; no code stands in two of them. */
export const TABLES: readonly DtcTable[] = [
  P00,
  P01,
  P02,
  P03,
  P04,
  P05,
  P06,
  P07,
  P08,
  P09,
  P0A,
  P0B_P0C,
  P20,
  P21,
  P22,
  P23,
  P24,
  P25,
  P26,
  P27_P28,
  P2A_P2B,
  P34,
  CHASSIS,
  RESTRAINT,
  NETWORK,
];
