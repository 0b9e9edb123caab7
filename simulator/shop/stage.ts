import type { BayStage } from "./bay-scene.ts";

/** Two bays of one hall, each with the camera that an installer would put there. The zone is the bay's floor in that camera's picture. */
export interface ShopBay {
  readonly id: string;
  readonly camera: string;
  readonly reader: string;
  readonly dongle: string;
  /** A workshop buys whatever dongle is in stock. */
  readonly dialect: "wican" | "elm327";
  readonly nativeId: string;
  readonly lift: string | undefined;
  readonly zone: readonly (readonly [x: number, y: number])[];
  readonly stage: BayStage;
}

const FRAME = { widthPx: 960, heightPx: 540 } as const;

export const SHOP_BAYS: readonly ShopBay[] = [
  {
    id: "bay1",
    camera: "bay1-north",
    reader: "bay1",
    dongle: "bay1",
    dialect: "wican",
    nativeId: "a1b2c3d4e501",
    lift: "lift1",
    zone: [
      [0.2, 0.3],
      [0.72, 0.3],
      [0.76, 0.95],
      [0.16, 0.95],
    ],
    stage: {
      bay: {
        seed: 3,
        floor: "#8b8d8c",
        wall: "#c9ccc6",
        marking: "#d9b32a",
        lift: "two-post",
        liftColour: "#1f5fae",
        clutter: 0.5,
      },
      camera: { viewpoint: "front-left" },
      light: { brightness: 1 },
      ...FRAME,
    },
  },
  {
    id: "bay2",
    camera: "bay2-north",
    reader: "bay2",
    dongle: "bay2",
    dialect: "elm327",
    nativeId: "bay2-elm",
    lift: undefined,
    zone: [
      [0.28, 0.3],
      [0.8, 0.3],
      [0.84, 0.95],
      [0.24, 0.95],
    ],
    stage: {
      bay: {
        seed: 11,
        floor: "#7c8793",
        wall: "#dfe1dd",
        marking: "#e8e8e2",
        lift: "none",
        liftColour: "#60666b",
        clutter: 0.35,
      },
      camera: { viewpoint: "front-right" },
      light: { brightness: 0.95 },
      ...FRAME,
    },
  },
];

const SHOP_NAME = { en: "Jinqiao Service Centre", "zh-CN": "金桥服务中心" } as const;
export const GATEWAY = "shop-0001";

/**
 * `shop.yaml` of the simulated shop.
 * @param lines where the dongles that are dialled out to are reached, by their ids
 */
export function shopYaml(
  headquarters: { readonly url: string; readonly authorityFile: string; readonly claimCodeFile: string },
  lines: Readonly<Record<string, string>>,
): string {
  const text = [
    "shop:",
    `  name: { en: ${JSON.stringify(SHOP_NAME.en)}, zh-CN: ${JSON.stringify(SHOP_NAME["zh-CN"])} }`,
    `  gateway: ${GATEWAY}`,
    "  timeZone: Asia/Shanghai",
    "locale: zh-CN",
    "bays:",
    ...SHOP_BAYS.flatMap((bay, index) => [
      `  ${bay.id}:`,
      `    name: { en: Bay ${index + 1}, zh-CN: ${index + 1} 号工位 }`,
      `    cameras: { ${bay.camera}: { zone: ${JSON.stringify(bay.zone)} } }`,
      `    dongle: ${bay.dongle}`,
      `    readers: [${bay.reader}]`,
      ...(bay.lift === undefined ? [] : [`    lift: ${bay.lift}`]),
    ]),
    "cameras:",
    ...SHOP_BAYS.map((bay) => `  ${bay.camera}: {}`),
    "dongles:",
    ...SHOP_BAYS.map(({ dongle, dialect, nativeId }) => {
      const address = lines[dongle];
      const options = address === undefined ? "" : `, options: { address: ${JSON.stringify(address)} }`;
      return `  ${dongle}: { dialect: ${dialect}, nativeId: ${nativeId}${options} }`;
    }),
    "readers:",
    ...SHOP_BAYS.map((bay) => `  ${bay.reader}: {}`),
    "equipment:",
    ...SHOP_BAYS.flatMap((bay) => (bay.lift === undefined ? [] : [`  ${bay.lift}: { kind: lift }`])),
    "broker:",
    "  listeners: [{ address: 127.0.0.1, port: 0, tls: false }]",
    "http: { address: 127.0.0.1, port: 0 }",
    "headquarters:",
    `  url: ${headquarters.url}`,
    `  authorityFile: ${JSON.stringify(headquarters.authorityFile)}`,
    `  claimCodeFile: ${JSON.stringify(headquarters.claimCodeFile)}`,
    "  longestPauseSeconds: 1",
  ];
  return `${text.join("\n")}\n`;
}
