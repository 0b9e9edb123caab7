import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { Gate } from "../faults/gate.ts";
import { GATEWAY, SHOP_BAYS, shopYaml } from "../shop/stage.ts";
import { LI, type Person, WANG } from "../shop/visit.ts";
import { Program, runCommand } from "./program.ts";

const HeadquartersLine = Compile(Type.Object({ url: Type.String(), authority: Type.String() }));
const ClaimLine = Compile(Type.Object({ claimCode: Type.String() }, { additionalProperties: true }));
const DevicesLine = Compile(
  Type.Object(
    { devices: Type.Array(Type.Object({ username: Type.String(), password: Type.String() })) },
    { additionalProperties: true },
  ),
);
const RunningFile = Type.Object(
  {
    pid: Type.Integer(),
    page: Type.String(),
    brokers: Type.Array(Type.Object({ port: Type.Integer(), tls: Type.Boolean() }, { additionalProperties: true })),
  },
  { additionalProperties: true },
);
type RunningFile = Static<typeof RunningFile>;
const runningFile = Compile(RunningFile);

export const MANAGER = { login: "chen", name: "Chen Hui" } as const;
export const ADVISOR = { login: "zhao", name: "Zhao Xin" } as const;

export interface HouseOptions {
  /** Everything is kept below this folder. */
  readonly folder: string;
  /** For every process: the shared clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where dongles that are dialled out to are reached, by their ids. */
  readonly lines: Readonly<Record<string, string>>;
  /** Words for `baygate start`, e.g. a planted fault. */
  readonly daemonWords?: readonly string[];
}

/** The real processes of a shop and its headquarters, started on embedded defaults. */
export interface House {
  readonly headquartersUrl: string;
  readonly headquartersData: string;
  readonly dataFolder: string;
  readonly gate: Gate;
  readonly daemon: Program;
  readonly page: string;
  readonly brokerUrl: string;
  readonly passwords: Readonly<Record<string, string>>;
  /** Password of a device by user name, e.g. `camera/bay1-north`. */
  deviceLogin(username: string): { readonly brokerUrl: string; readonly username: string; readonly password: string };
  /** `baygate …` on this house's data, answering JSON. */
  baygate(words: readonly string[], accepted?: readonly number[]): Promise<unknown>;
  /** Stops bridge and gateway; headquarters stays, to be asked. @returns whether both ended by themselves */
  stopShop(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts headquarters, gateway and bridge, with people and devices of their own. */
export async function openHouse({ folder, environment, lines, daemonWords = [] }: HouseOptions): Promise<House> {
  const logFolder = join(folder, "logs");
  const dataFolder = join(folder, "gateway");
  const headquartersData = join(folder, "headquarters");
  const shopFile = join(folder, "shop.yaml");
  await mkdir(logFolder, { recursive: true });
  const program = (name: string, ...command: string[]) => new Program({ name, command, logFolder, environment });
  const baygate = (words: readonly string[], accepted?: readonly number[]) =>
    runCommand(
      ["bin/baygate.ts", ...words, "--json", "--demo", "--data", dataFolder, "--config", shopFile],
      environment,
      accepted,
    );

  const headquarters = program(
    "headquarters",
    "headquarters/main.ts",
    "serve",
    "--data",
    headquartersData,
    "--port",
    "0",
    "--demo",
  );
  const started: Program[] = [headquarters];
  try {
    const people = preparePeople(folder, baygate);
    const devices = prepareDevices(baygate);
    const line = await headquarters.firstJson();
    if (!HeadquartersLine.Check(line)) throw new Error("headquarters did not say where it listens");
    const gate = new Gate(Number(new URL(line.url).port));
    const gatePort = await gate.start();
    const claim = await runCommand(["headquarters/main.ts", "claim", GATEWAY, "--data", headquartersData], environment);
    if (!ClaimLine.Check(claim)) throw new Error("headquarters gave no claim code");
    const claimCodeFile = join(folder, "claim-code");
    await writeFile(claimCodeFile, claim.claimCode, { mode: 0o600 });
    await writeFile(
      shopFile,
      shopYaml({ url: `https://127.0.0.1:${gatePort}`, authorityFile: line.authority, claimCodeFile }, lines),
    );
    const passwords = await people;
    const deviceSecrets = await devices;

    const daemon = program(
      "gateway",
      "bin/baygate.ts",
      "start",
      "--demo",
      "--data",
      dataFolder,
      "--config",
      shopFile,
      ...daemonWords,
    );
    started.push(daemon);
    const running = await waitForGateway(join(dataFolder, "running.json"), daemon);
    const brokerPort = running.brokers.find((listener) => !listener.tls)?.port;
    if (brokerPort === undefined) throw new Error("the gateway opened no plain listener");
    const brokerUrl = `mqtt://127.0.0.1:${brokerPort}`;
    const bridgePassword = join(folder, "bridge-password");
    await writeFile(bridgePassword, deviceSecrets.get("bridge/main") ?? "", { mode: 0o600 });
    const bridge = program(
      "bridge",
      "firmware-bridge/main.ts",
      "--id",
      "main",
      "--broker",
      brokerUrl,
      "--password-file",
      bridgePassword,
      "--demo",
    );
    started.push(bridge);

    const stopShop = async () => {
      const ends = [await bridge.stop(), await daemon.stop()];
      return ends.every(Boolean);
    };
    return {
      headquartersUrl: line.url,
      headquartersData,
      dataFolder,
      gate,
      daemon,
      page: running.page,
      brokerUrl,
      passwords,
      deviceLogin: (username) => ({ brokerUrl, username, password: deviceSecrets.get(username) ?? "" }),
      baygate,
      stopShop,
      stop: async () => {
        await stopShop();
        gate.stop();
        await headquarters.stop();
      },
    };
  } catch (error) {
    for (const each of started.reverse()) await each.stop();
    throw error;
  }
}

async function preparePeople(folder: string, baygate: House["baygate"]): Promise<Record<string, string>> {
  const passwords: Record<string, string> = {};
  const everybody: readonly (Pick<Person, "login" | "name"> & { readonly role: string; readonly badge?: string })[] = [
    { ...MANAGER, role: "manager" },
    { ...ADVISOR, role: "advisor" },
    { login: WANG.login, name: WANG.name, badge: WANG.badge, role: "technician" },
    { login: LI.login, name: LI.name, badge: LI.badge, role: "technician" },
  ];
  for (const { login, name, role, badge } of everybody) {
    const password = randomBytes(9).toString("base64url");
    const file = join(folder, `password-${login}`);
    await writeFile(file, password, { mode: 0o600 });
    passwords[login] = password;
    await baygate([
      "user",
      "add",
      login,
      "--role",
      role,
      "--name",
      name,
      "--password-file",
      file,
      ...(badge === undefined ? [] : ["--badge", badge]),
    ]);
  }
  return passwords;
}

async function prepareDevices(baygate: House["baygate"]): Promise<ReadonlyMap<string, string>> {
  const words = SHOP_BAYS.flatMap(({ camera, reader, dongle, dialect, lift }) => [
    "camera",
    camera,
    "reader",
    reader,
    // One that is dialled out to needs no login.
    ...(dialect === "wican" ? ["dongle", dongle] : []),
    ...(lift === undefined ? [] : ["equipment", lift]),
  ]);
  const answer = await baygate(["device", "add", "bridge", "main", ...words]);
  if (!DevicesLine.Check(answer)) throw new Error("the devices got no passwords");
  return new Map(answer.devices.map(({ username, password }) => [username, password]));
}

async function waitForGateway(file: string, daemon: Program): Promise<RunningFile> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (!daemon.running) throw new Error("the gateway ended while it started; see its log");
    const value = await readJson(file);
    if (runningFile.Check(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the gateway did not start in time");
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    // Not there yet; it is written whole or not at all.
    return undefined;
  }
}
