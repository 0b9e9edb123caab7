/** Where a car was built, by the first character of its number (ISO 3780). */
export type VinRegion = "africa" | "asia" | "china" | "europe" | "north-america" | "oceania" | "south-america";

/** Who built a car, in both languages of the page. `en` is also the stable name. */
export type VehicleMaker = { readonly en: string; readonly "zh-CN": string };

// World manufacturer identifiers of the makes that workshops meet. Two characters stand for all identifiers that begin with them;
// three characters win over two.
const MAKERS: readonly (readonly [en: string, zh: string, identifiers: string])[] = [
  ["Acura", "讴歌", "JH4 19U 19V 2HN 5J8"],
  ["Aion", "埃安", "LNA"],
  ["Alfa Romeo", "阿尔法·罗密欧", "ZAR ZAS"],
  ["Alpine", "阿尔派", "VFA"],
  ["Aston Martin", "阿斯顿·马丁", "SCF"],
  ["Audi", "奥迪", "WAU WA1 WUA WU1 TRU"],
  ["BAIC", "北汽", "LNB"],
  ["Beijing Hyundai", "北京现代", "LBE"],
  ["Bentley", "宾利", "SCB SJA"],
  ["BMW", "宝马", "WBA WBS WBX WBY WB1 4US 5UX 5UM 5YM 3MW ABM X4X LBV"],
  ["Buick", "别克", "1G4 2G4 5GA KL4 LRB"],
  ["BYD", "比亚迪", "LGX LC0"],
  ["Cadillac", "凯迪拉克", "1G6 1GY 3GY"],
  ["Changan", "长安", "LS4 LS5 LS6"],
  ["Changan Ford", "长安福特", "LVS"],
  ["Changan Mazda", "长安马自达", "LVR"],
  ["Chery", "奇瑞", "LVV LVT LVU"],
  ["Chevrolet", "雪佛兰", "1G1 1GC 1GN 1GB 2G1 2GN 3G1 3GC 3GN KL1 KL7 KL8 9BG 8AG"],
  [
    "Chrysler, Dodge, Jeep, Ram",
    "克莱斯勒、道奇、吉普、公羊",
    "1B3 1B7 1C3 1C4 1C6 1D3 1D4 1D7 1J4 1J8 2B3 2C3 2C4 2D4 3C3 3C4 3C6 3C7 3D7",
  ],
  ["Citroën", "雪铁龙", "VF7 VR7 935 8BC"],
  ["Dacia", "达契亚", "UU1"],
  ["DAF", "达夫", "XLR"],
  ["Dongfeng", "东风", "LGA LGG LGJ"],
  ["Dongfeng Honda", "东风本田", "LVH"],
  ["Dongfeng Nissan", "东风日产", "LGB"],
  ["Dongfeng Peugeot-Citroën", "神龙汽车", "LDC"],
  ["DS", "DS", "VR1"],
  ["FAW", "一汽", "LFP LFB LFN"],
  ["FAW Toyota", "一汽丰田", "LFM LTV"],
  ["FAW-Volkswagen", "一汽-大众", "LFV"],
  ["Ferrari", "法拉利", "ZFF"],
  ["Fiat", "菲亚特", "ZFA ZFC 9BD 8AP NM4"],
  [
    "Ford",
    "福特",
    "1FA 1FB 1FC 1FD 1FM 1FT 1ZV 2FA 2FM 2FT 3FA 3FE 3FM 3FT WF0 WF1 NM0 6FP 9BF 8AF AFA MAJ MNB UN1 VS6",
  ],
  ["GAC Honda", "广汽本田", "LHG LUC"],
  ["GAC Toyota", "广汽丰田", "LVG"],
  ["GAC Trumpchi", "广汽传祺", "LMG"],
  ["Geely", "吉利", "LB3 L6T"],
  ["GMC", "吉姆西", "1GT 1GK 1GD 2GT 2GK 3GT"],
  ["Great Wall", "长城", "LGW"],
  ["Holden", "霍顿", "6G1 6H8"],
  ["Honda", "本田", "JHM JHL JHG 1HG 2HG 2HJ 2HK 3HG 3CZ 5FN 5FP 5J6 7FA 19X SHH SHS NLA MAK MRH 93H 8C3"],
  ["Hozon Neta", "哪吒", "LUZ"],
  ["Hyundai", "现代", "KMH KM8 KMF 5NP 5NM 5NT TMA NLH MAL 9BH 2HM X7M"],
  ["Infiniti", "英菲尼迪", "JNK JNR JNX 5N3 3PC SJK"],
  ["Isuzu", "五十铃", "JAA JAB JAC JAL MPA 4NU"],
  ["Iveco", "依维柯", "ZCF"],
  ["JAC, NIO", "江淮、蔚来", "LJ1"],
  ["Jaguar", "捷豹", "SAJ SAD"],
  ["Jeep", "吉普", "ZAC LWV 988"],
  ["Jetour", "捷途", "HJR"],
  ["Kia", "起亚", "KNA KND KNC KNE 5XX 5XY 3KP U5Y U6Y MZB LJD"],
  ["Lada", "拉达", "XTA"],
  ["Lamborghini", "兰博基尼", "ZHW ZPB"],
  ["Lancia", "蓝旗亚", "ZLA"],
  ["Land Rover", "路虎", "SAL"],
  ["Leapmotor", "零跑", "LFZ"],
  ["Lexus", "雷克萨斯", "JTH JTJ 2T2 58A"],
  ["Li Auto", "理想", "HLX LW4"],
  ["Lincoln", "林肯", "1LN 2LM 3LN 5LM"],
  ["Lotus", "路特斯", "SCC"],
  ["Mahindra", "马恒达", "MA1"],
  ["MAN", "曼恩", "WMA"],
  ["Maserati", "玛莎拉蒂", "ZAM ZN6"],
  ["Mazda", "马自达", "JM0 JM1 JM3 JM4 JM6 JM7 JMZ 1YV 3MV 3MZ 4F2 4F4 7MM MM7 MM8"],
  [
    "Mercedes-Benz",
    "梅赛德斯-奔驰",
    "WDA WDB WDC WDD WDF WDP WDR WDZ W1K W1N W1T W1V W1W W1X W1Y 4JG 55S 8AC 9BM VSA LB1 LE4 NMB",
  ],
  ["MG", "名爵", "LSJ SDP"],
  ["Mini", "迷你", "WMW WMZ XMC"],
  ["Mitsubishi", "三菱", "JA3 JA4 JA7 JMB JMY JMA 4A3 4A4 6MM MMA MMB MMC MMT ML3"],
  ["Nissan", "日产", "JN 1N4 1N6 3N1 3N6 3N8 4N2 5N1 SJN VSK VWA MDH MNT 94D Z8N"],
  ["Opel", "欧宝", "W0L W0V VXK"],
  ["Peugeot", "标致", "VF3 VR3 936 8AD"],
  ["Polestar", "极星", "LPS YSM"],
  ["Porsche", "保时捷", "WP0 WP1"],
  ["Proton", "宝腾", "PL1"],
  ["Renault", "雷诺", "VF1 VF2 VF6 VS5 KNM MEE 93Y 8A1 X7L NM1"],
  ["Rivian", "里维安", "7FC 7PD"],
  ["Rolls-Royce", "劳斯莱斯", "SCA SLA"],
  ["Saab", "萨博", "YS3"],
  ["SAIC Maxus", "上汽大通", "LSK LSF LSH"],
  ["SAIC Volkswagen", "上汽大众", "LSV"],
  ["SAIC-GM", "上汽通用", "LSG"],
  ["SAIC-GM-Wuling", "上汽通用五菱", "LZW LK6"],
  ["Scania", "斯堪尼亚", "YS2 XLE VLU 9BS"],
  ["Seat", "西雅特", "VSS"],
  ["Seres", "赛力斯", "LM8"],
  ["Škoda", "斯柯达", "TMB"],
  ["smart", "smart", "WME HES"],
  ["SsangYong", "双龙", "KPA KPB KPT"],
  ["Subaru", "斯巴鲁", "JF 4S3 4S4"],
  ["Suzuki", "铃木", "JS TSM MA3 MBH VSE"],
  ["Tata", "塔塔", "MAT"],
  ["Tesla", "特斯拉", "5YJ 7SA 7G2 LRW XP7 SFZ"],
  [
    "Toyota",
    "丰田",
    "JT 1NX 2T1 2T3 3TM 3TY 4T1 4T3 4T4 5TB 5TD 5TE 5TF 5YF 7MU 7SV SB1 VNK NMT MBJ MHF MR0 MR2 6T1 9BR 8AJ AHT TW0 TW1 XW7 YAR",
  ],
  ["Volkswagen", "大众", "WVW WVG WV1 WV2 WV3 WV4 WV5 1VW 1V2 3VW 3VV AAV 9BW 8AW XW8 MEX HVW"],
  ["Volvo", "沃尔沃", "YV1 YV4 7JR 7JD LYV LVY"],
  ["Volvo Trucks", "沃尔沃卡车", "YV2 4V4"],
  ["Voyah", "岚图", "LDP"],
  ["XPeng", "小鹏", "L1N"],
];

const BY_IDENTIFIER: ReadonlyMap<string, VehicleMaker> = new Map(
  MAKERS.flatMap(([en, zh, identifiers]) =>
    identifiers.split(" ").map((identifier) => [identifier, { en, "zh-CN": zh }] as const),
  ),
);

/** The make by the first three characters of a VIN; undefined for identifiers outside the table. */
export function vinMaker(vin: string): VehicleMaker | undefined {
  return BY_IDENTIFIER.get(vin.slice(0, 3)) ?? BY_IDENTIFIER.get(vin.slice(0, 2));
}

/** undefined for characters that no VIN begins with. */
export function vinRegion(vin: string): VinRegion | undefined {
  const first = vin.charAt(0);
  // H belonged to Africa and was given to China when L ran out of identifiers.
  if (first === "L" || first === "H") return "china";
  if (/^[A-G]/.test(first)) return "africa";
  if (/^[J-NPR]/.test(first)) return "asia";
  if (/^[S-Z]/.test(first)) return "europe";
  // Of 7, only 7A to 7E are New Zealand's; the rest went to the United States.
  if (/^([1-5]|7[F-Z0-9])/.test(vin)) return "north-america";
  if (/^[67]/.test(first)) return "oceania";
  return /^[89]/.test(first) ? "south-america" : undefined;
}
