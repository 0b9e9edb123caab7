import { mkdir } from "node:fs/promises";
import type { Command } from "commander";
import { DIALECT_ROWS, type SetUpLine } from "../../contract/dialects/index.ts";
import { GatewayError } from "../../contract/errors.ts";
import { systemClock } from "../../machine/clock.ts";
import { DEVICE_ROLES, DeviceCredentials, type DeviceRole } from "../broker/broker.ts";
import { loadConfiguration } from "../configuration/configuration.ts";
import type { Add, Places } from "./program.ts";

interface Login {
  readonly username: string;
  readonly password: string;
}

/** What goes into a device's settings; `setUp` where its firmware wants more than a login. */
interface AddedDevice extends Login {
  readonly setUp?: readonly SetUpLine[];
}

/** `baygate device add|list|rotate|remove`: a password of its own for every device, printed this once. */
export function deviceCommands(program: Command, add: Add): void {
  const device = program.command("device").description("credentials of cameras, dongles, readers, equipment, bridges");

  add(
    device,
    "add <role> <id> [more...]",
    `give devices passwords, printed once: device add camera bay1-north [role id …]; roles: ${DEVICE_ROLES.join(", ")}`,
    async (terminal, options, ...words) => {
      const credentials = await open(options);
      const added: AddedDevice[] = [];
      for (const { role, id } of pairs(words)) {
        const setUp = role === "dongle" ? await setUpOf(id, options) : [];
        const login = { username: `${role}/${id}`, password: await credentials.add(role, id) };
        added.push(setUp.length === 0 ? login : { ...login, setUp });
      }
      terminal.result({ ok: true, devices: added }, (language) => [
        ...added.flatMap(({ username, password, setUp = [] }) => [
          `${username}\t${password}`,
          ...setUp.map(({ field, value }) => `  ${field[language]}\t${value}`),
        ]),
        language === "en"
          ? "Type user name and password into the device; the password is not shown again."
          : "请把用户名和密码填入设备;密码不会再次显示。",
      ]);
      return 0;
    },
  );

  add(device, "rotate <role> <id>", "replace a device's password", async (terminal, options, ...words) => {
    const [first] = pairs(words);
    if (first === undefined) throw new GatewayError("CREDENTIAL_UNKNOWN");
    const login: Login = {
      username: `${first.role}/${first.id}`,
      password: await (await open(options)).rotate(first.role, first.id),
    };
    terminal.result({ ok: true, devices: [login] }, () => [`${login.username}\t${login.password}`]);
    return 0;
  });

  add(device, "remove <role> <id>", "take a device's access away", async (terminal, options, ...words) => {
    for (const { role, id } of pairs(words)) await (await open(options)).remove(role, id);
    terminal.result({ ok: true }, (language) => [language === "en" ? "✓ removed" : "✓ 已删除"]);
    return 0;
  });

  add(device, "list", "list devices that have a password", async (terminal, options) => {
    const devices = await (await open(options)).list();
    terminal.result({ devices }, () =>
      devices.map(({ role, id, createdAt }) => `${role}/${id}\t${new Date(createdAt).toISOString()}`),
    );
    return 0;
  });
}

/** What an installer types into the firmware of a configured dongle; nothing while the configuration does not describe it. */
async function setUpOf(id: string, { config }: Places): Promise<readonly SetUpLine[]> {
  const loaded = await loadConfiguration(config);
  if (!loaded.ok) return [];
  const dongle = new Map(Object.entries(loaded.configuration.dongles)).get(id);
  return (dongle === undefined ? undefined : DIALECT_ROWS.get(dongle.dialect)?.setUp?.(dongle.nativeId)) ?? [];
}

async function open(options: Places): Promise<DeviceCredentials> {
  await mkdir(options.data, { recursive: true });
  const clock = systemClock({ demo: options.demo === true });
  return new DeviceCredentials(options.data, () => clock.now());
}

/** `camera bay1-north reader bay1` as pairs of role and id. */
function pairs(words: readonly string[]): { role: DeviceRole; id: string }[] {
  const list: { role: DeviceRole; id: string }[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const role = DEVICE_ROLES.find((known) => known === words[index]);
    const id = words[index + 1];
    if (role === undefined || id === undefined)
      throw new GatewayError("CREDENTIAL_UNKNOWN", {
        detail: `"${words.slice(index, index + 2).join(" ")}" is not a role and an id; roles: ${DEVICE_ROLES.join(", ")}`,
      });
    list.push({ role, id });
  }
  return list;
}
