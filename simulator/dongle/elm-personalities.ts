/** How one member of the ELM327 family differs from the others. */
export interface ElmPersonality {
  /** Answer to `ATZ` and `ATI`. */
  readonly banner: string;
  /** Answer to `ATI`, where it is another. */
  readonly identity?: string;
  /** Answer to `STI`. */
  readonly stn?: string;
  /** Beginnings of commands that it answers with `?`. */
  readonly lacks: readonly string[];
  /** A character ends its waiting for the car. */
  readonly takesInterruption: boolean;
  /** It knows the digit that says after how many answers to stop. */
  readonly takesCount: boolean;
  /** `ATSP0` goes through all lines; otherwise only CAN by number works. */
  readonly searches: boolean;
  /** Prints no padding bytes behind a single frame. */
  readonly cutsPadding: boolean;
  /** With headers off it prints length and line index of long answers. */
  readonly printsIndex: boolean;
  /** Says OK to `ATE0` and `ATL0` and goes on as before. */
  readonly keepsPrinting?: boolean;
  /** Said before every third answer of the car: a line of its own, and bytes that no chip prints. */
  readonly noise?: string;
}

const GENUINE = {
  lacks: ["ST"],
  takesInterruption: true,
  takesCount: true,
  searches: true,
  cutsPadding: false,
  printsIndex: true,
} as const;

export const ELM_PERSONALITIES = {
  "genuine-1.4b": { ...GENUINE, banner: "ELM327 v1.4b", lacks: ["ST", "ATTA"] },
  "genuine-2.3": { ...GENUINE, banner: "ELM327 v2.3" },
  /** A copy of v1.4 under a higher number. */
  "clone-1.5": { ...GENUINE, banner: "ELM327 v1.5", lacks: ["ST", "ATAL", "ATTA", "ATCEA"] },
  /** A program of its own behind a name: knows little, prints too much. */
  "clone-2.1": {
    ...GENUINE,
    banner: "ELM327 v2.1",
    lacks: ["ST", "ATAL", "ATM", "ATAT0", "ATCEA", "ATTA", "ATFC", "ATCAF", "ATPC"],
    takesCount: false,
    cutsPadding: true,
    keepsPrinting: true,
    noise: "VENDOR OPTION\r\u0000\u00fe\u0081\r",
  },
  stn1110: { ...GENUINE, banner: "ELM327 v1.4b", stn: "STN1110 v4.2.0", lacks: [] },
  /** The emulation in the plain WiCAN. */
  wican: {
    banner: "ELM327 v1.3a",
    identity: "OBDLink MX",
    lacks: ["ST", "ATAL", "ATCAF", "ATCEA", "ATTA", "ATAR", "ATWS"],
    takesInterruption: false,
    takesCount: true,
    searches: false,
    cutsPadding: true,
    printsIndex: false,
  },
} as const satisfies Readonly<Record<string, ElmPersonality>>;

export type ElmPersonalityName = keyof typeof ELM_PERSONALITIES;
