/**
 * World manufacturer identifiers (ISO 3780, the first three characters of a VIN) of the makes that shops meet, under the
 * names that vehicle files use. Joint ventures build several makes under one identifier. What is not here is not guessed.
 */
const BY_MAKE: Readonly<Record<string, string>> = {
  AITO: "LM8",
  Acura: "JH4 19U 2HN 5J8",
  "Alfa-Romeo": "ZAR",
  "Aston-Martin": "SCF",
  Audi: "WAU WA1 WUA TRU LFV",
  BMW: "WBA WBS WBX WBY WB1 5UX 5UM 5YM 4US 3MW LBV",
  BYD: "LGX LC0 LPE",
  Bentley: "SCB",
  Buick: "1G4 2G4 KL4 LSG LRB",
  Cadillac: "1G6 1GY 3GY LSG",
  Changan: "LS4 LS5",
  Chery: "LVV LVT LNN",
  Chevrolet: "1G1 1GC 1GN 2G1 2GC 3G1 3GC 3GN KL1 KL7 KLA LSG",
  Chrysler: "1C3 2C3 2C4 3C3",
  Citroen: "VF7 VR7 LDC",
  Cupra: "VSS",
  DS: "VR1",
  Dacia: "UU1",
  Dodge: "1B3 1C3 2B3 2C3 3C4",
  Dongfeng: "LGJ LGG",
  Ferrari: "ZFF",
  Fiat: "ZFA",
  Ford: "1FA 1FB 1FC 1FD 1FM 1FT 2FA 2FM 2FT 3FA 3FM NM0 WF0 LVS MAJ",
  GAC: "LMG LNA",
  GMC: "1GD 1GK 1GT 2GK 2GT 3GK 3GT",
  Geely: "L6T LB3",
  Genesis: "KMT KMU",
  "Great-Wall": "LGW",
  Honda: "JHL JHM 1HG 19X 2HG 2HK 3HG 5FN 5FP 5J6 7FA SHH SHS LHG LVH MRH",
  Hongqi: "LFP",
  Hyundai: "KMH KM8 2HM 5NM 5NP TMA NLH MAL LBE",
  Infiniti: "JNK JNR 5N3 3PC",
  JAC: "LJ1",
  Jaguar: "SAJ SAD",
  Jeep: "1J4 1J8 1C4 3C4 ZAC",
  Kia: "KNA KNC KND KNE 3KP 5XX 5XY U5Y U6Y LJD MZB",
  Lamborghini: "ZHW ZPB",
  Lancia: "ZLA",
  "Land-Rover": "SAL",
  Leapmotor: "LFZ",
  Lexus: "JTH JTJ 2T2 58A",
  "Li-Auto": "LW4",
  Lincoln: "1LN 2LM 3LN 5LM LVS",
  Lotus: "SCC",
  Lucid: "50E",
  MG: "LSJ SDP",
  Maserati: "ZAM ZN6",
  Maxus: "LSK LSH",
  Mazda: "JM1 JM3 JM6 JM7 JMZ 3MZ 4F2 4F4 7MM LVR",
  "Mercedes-Benz": "WDB WDC WDD WDF W1K W1N W1V W1W 4JG 55S LE4",
  Mini: "WMW",
  Mitsubishi: "JA3 JA4 JMB JMY 4A3 4A4 MMB ML3",
  NIO: "LJ1",
  Neta: "LUZ",
  Nissan: "JN1 JN8 1N4 1N6 3N1 5N1 SJN VSK LGB MNT",
  Opel: "W0L W0V VSX",
  Peugeot: "VF3 VR3 LDC",
  Polestar: "YSM LPS",
  Porsche: "WP0 WP1",
  Ram: "1C6 3C6 1D7 3D7",
  Renault: "VF1 VF6 KNM",
  Rivian: "7FC 7PD",
  Roewe: "LSJ",
  "Rolls-Royce": "SCA",
  SEAT: "VSS",
  Saab: "YS3",
  Skoda: "TMB LSV",
  Smart: "WME HES",
  SsangYong: "KPA KPB KPT",
  Subaru: "JF1 JF2 4S3 4S4",
  Suzuki: "JS2 JS3 JSA TSM MA3 MBH",
  Tesla: "5YJ 7SA 7G2 LRW XP7 SFZ",
  Toyota:
    "JTD JTE JTF JTG JTK JTL JTM JTN JTB JT2 JT3 1NX 2T1 2T3 3TM 3TY 4T1 4T3 4T4 5TB 5TD 5TE 5TF 5YF 6T1 7MU 7SV SB1 VNK NMT MR0 LFM LVG LTV",
  Volkswagen: "WVW WVG WV1 WV2 WV3 1VW 1V2 3VW 3VV 9BW AAV MEX LFV LSV",
  Volvo: "YV1 YV4 YV2 7JR LYV LVY",
  Wuling: "LZW",
  XPeng: "L1N",
};

const MAKES: ReadonlyMap<string, readonly string[]> = byIdentifier();

/** Makes that build under the identifier a VIN begins with; none if it is not in the table. */
export function makesOfVin(vin: string): readonly string[] {
  return MAKES.get(vin.slice(0, 3).toUpperCase()) ?? [];
}

/** Every make of the table, by the name that vehicle files use. */
export const KNOWN_MAKES: readonly string[] = Object.keys(BY_MAKE);

function byIdentifier(): ReadonlyMap<string, readonly string[]> {
  const makes = new Map<string, string[]>();
  for (const [make, identifiers] of Object.entries(BY_MAKE))
    for (const identifier of identifiers.split(" ")) makes.set(identifier, [...(makes.get(identifier) ?? []), make]);
  return makes;
}
