import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Command } from "commander";
import { GatewayError } from "../../contract/errors.ts";
import { PERSON_ROLES, type PersonRole } from "../../contract/http-api.ts";
import { systemClock } from "../../machine/clock.ts";
import { createUuidV7 } from "../../machine/uuid.ts";
import { placesIn } from "../gateway/places.ts";
import { openPeople, type People } from "../people/index.ts";
import type { Add, Places } from "./program.ts";

/** `baygate user add|list|disable`. Passwords come from a file or standard input, never from the command line, where others can read them. */
export function userCommands(program: Command, add: Add): void {
  const user = program.command("user").description("people who use the page or a badge");

  add<{ name: string; role: string; badge?: string; passwordFile?: string }>(
    user,
    "add <login>",
    "add a person",
    async (terminal, options, login) => {
      const people = await open(options);
      const role = PERSON_ROLES.find((known): known is PersonRole => known === options.role);
      if (role === undefined || login === undefined)
        throw new GatewayError("PEOPLE_DETAILS_INVALID", { detail: `role is one of ${PERSON_ROLES.join(", ")}` });
      const password = options.passwordFile === undefined ? undefined : await readPassword(options.passwordFile);
      const { person } = await people.add(
        {
          login,
          name: options.name ?? login,
          role,
          ...(password === undefined ? {} : { password }),
          ...(options.badge === undefined ? {} : { badge: options.badge }),
        },
        { kind: "person", id: `cli:${userInfo().username}` },
      );
      terminal.result({ ok: true, person }, (language) => [
        language === "en" ? `✓ ${person.name} (${person.role})` : `✓ 已添加 ${person.name}(${person.role})`,
      ]);
      return 0;
    },
  )
    .requiredOption("--role <role>", PERSON_ROLES.join(", "))
    .option("--name <name>", "as it is shown on the page")
    .option("--badge <id>", "what the reader reads off the badge")
    .option("--password-file <file>", "file with the password; - for standard input");

  add(user, "list", "list people", async (terminal, options) => {
    const people = (await open(options)).list();
    terminal.result({ people }, () =>
      people.map((person) => `${person.login}\t${person.role}\t${person.name}${person.disabled ? "\t(disabled)" : ""}`),
    );
    return 0;
  });

  add(user, "disable <login>", "end a person's access; his records stay", async (terminal, options, login) => {
    const people = await open(options);
    const person = people.byLogin(login ?? "");
    if (person === undefined) throw new GatewayError("PEOPLE_UNKNOWN", { detail: login ?? "" });
    await people.disable(person.id, { kind: "person", id: `cli:${userInfo().username}` });
    terminal.result({ ok: true }, (language) => [
      language === "en" ? `✓ ${person.name} has no access any more` : `✓ 已停用 ${person.name}`,
    ]);
    return 0;
  });
}

function open(options: Places): Promise<People> {
  const clock = systemClock({ demo: options.demo === true });
  return openPeople({ directory: placesIn(options.data).people, clock, newId: createUuidV7(clock) });
}

async function readPassword(file: string): Promise<string> {
  if (file !== "-") return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
