import { isIP } from "node:net";
import { DIALECT_ROWS } from "../../contract/dialects/index.ts";
import { matchTopic } from "../../contract/topics.ts";
import { isLoopback } from "../../machine/loopback.ts";
import { threeInLine, zoneFault } from "./polygon.ts";
import { type Finding, type Sentence, shown } from "./problems.ts";
import type { Configuration } from "./resolved.ts";
import { closest, walkSchema } from "./schema-walk.ts";

type Path = readonly (string | number)[];

export interface CrossFindings {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** What no schema can see: names that must exist elsewhere, zones that enclose something, nothing claimed twice. */
export function crossCheck(configuration: Configuration): CrossFindings {
  const problems = [
    ...checkShop(configuration),
    ...checkBays(configuration),
    ...checkPlanes(configuration),
    ...checkDongles(configuration),
    ...checkBridges(configuration),
    ...checkListeners(configuration),
    ...checkHeadquarters(configuration),
  ];
  return { problems, warnings: [...warnOfListeners(configuration), ...warnOfUnused(configuration)] };
}

function checkShop({ shop }: Configuration): Finding[] {
  try {
    new Intl.DateTimeFormat("en", { timeZone: shop.timeZone });
    return [];
  } catch {
    // The constructor is the only judge of names that this Node knows, aliases included.
    const near = closest(shop.timeZone, Intl.supportedValuesOf("timeZone"));
    const remedy: Sentence =
      near === undefined
        ? { en: "Write an IANA name such as Asia/Shanghai.", "zh-CN": "请填写 IANA 时区名,如 Asia/Shanghai。" }
        : { en: `Did you mean "${near}"?`, "zh-CN": `是否想写“${near}”?` };
    return [
      invalid(["shop", "timeZone"], shop.timeZone, { en: "No such time zone.", "zh-CN": "没有此时区。" }, remedy),
    ];
  }
}

function checkBays(configuration: Configuration): Finding[] {
  const claims = new Claims();
  const findings = Object.entries(configuration.bays).flatMap(([bay, entry]) => {
    const base = ["bays", bay];
    const found: Finding[] = [];
    for (const [camera, view] of Object.entries(entry.cameras)) {
      found.push(...mustExist([...base, "cameras", camera], camera, "cameras", configuration, "key"));
      const fault = zoneFault(view.zone);
      if (fault !== undefined) found.push(badZone([...base, "cameras", camera, "zone"], fault));
    }
    if (entry.dongle !== undefined) {
      found.push(
        ...mustExist([...base, "dongle"], entry.dongle, "dongles", configuration),
        ...claims.claim([...base, "dongle"], `dongle ${entry.dongle}`),
      );
    }
    if (entry.lift !== undefined)
      found.push(
        ...checkLift([...base, "lift"], entry.lift, configuration),
        ...claims.claim([...base, "lift"], `lift ${entry.lift}`),
      );
    for (const [index, reader] of entry.readers.entries()) {
      const path = [...base, "readers", index];
      found.push(...mustExist(path, reader, "readers", configuration), ...claims.claim(path, `reader ${reader}`));
    }
    return found;
  });
  return findings;
}

function checkPlanes({ cameras }: Configuration): Finding[] {
  return Object.entries(cameras).flatMap(([id, { plane }]) => {
    if (plane === undefined) return [];
    return (["at", "metres"] as const)
      .filter((which) => threeInLine(plane.points.map((point) => point[which])))
      .map((which) =>
        invalid(
          ["cameras", id, "plane", "points"],
          plane.points.map((point) => point[which]),
          { en: "Three of the first four marks stand in a line.", "zh-CN": "前四个标记点中有三个在一条直线上。" },
          {
            en: "Choose four marks that are the corners of a large four-sided area.",
            "zh-CN": "请选取一块较大四边形区域的四个角作为标记点。",
          },
        ),
      );
  });
}

function checkLift(path: Path, lift: string, configuration: Configuration): Finding[] {
  const missing = mustExist(path, lift, "equipment", configuration);
  if (missing.length > 0) return missing;
  const kind = Object.entries(configuration.equipment).find(([id]) => id === lift)?.[1].kind;
  return kind === "lift"
    ? []
    : [
        invalid(
          path,
          lift,
          { en: `"${lift}" is a ${kind}, not a lift.`, "zh-CN": `“${lift}”不是举升机。` },
          { en: "Name equipment of kind lift.", "zh-CN": "请引用 kind 为 lift 的设备。" },
        ),
      ];
}

function checkDongles({ dongles }: Configuration): Finding[] {
  const ids = new Claims();
  const topics = new Claims();
  return Object.entries(dongles).flatMap(([id, dongle]) => {
    const base = ["dongles", id];
    const row = DIALECT_ROWS.get(dongle.dialect);
    if (row === undefined) return [unknownDialect([...base, "dialect"], dongle.dialect)];
    // Native ids become topic levels; two dongles with one id would be one dongle to the broker.
    const found = ids.claim([...base, "nativeId"], `${dongle.dialect} ${dongle.nativeId.toLowerCase()}`);
    if (row.nativeId !== undefined && !row.nativeId.pattern.test(dongle.nativeId)) {
      const { en, "zh-CN": zh } = row.nativeId.expected;
      const message = { en: `Expected ${en}.`, "zh-CN": `应为${zh}。` };
      found.push(invalid([...base, "nativeId"], dongle.nativeId, message));
    }
    const options = dongle.options ?? {};
    const walked = walkSchema(row.options, options);
    found.push(...walked.findings.map((finding) => ({ ...finding, path: [...base, "options", ...finding.path] })));
    for (const { topic, path } of row.topicsIn?.(options) ?? []) {
      const place = [...base, "options", ...path];
      if (matchTopic(topic) !== undefined) found.push(reservedTopic(place, topic));
      else found.push(...topics.claim(place, `topic ${topic}`));
    }
    return found;
  });
}

function unknownDialect(path: Path, dialect: string): Finding {
  const known = [...DIALECT_ROWS.keys()];
  const near = closest(dialect, known);
  const list = known.join(", ");
  return invalid(
    path,
    dialect,
    { en: "No such firmware dialect.", "zh-CN": "没有此固件方言。" },
    near === undefined
      ? { en: `Known: ${list}.`, "zh-CN": `可用:${list}。` }
      : { en: `Did you mean "${near}"? Known: ${list}.`, "zh-CN": `是否想写“${near}”?可用:${list}。` },
  );
}

function reservedTopic(path: Path, topic: string): Finding {
  return invalid(
    path,
    topic,
    { en: "This topic has a fixed meaning here.", "zh-CN": "该主题在此有固定用途。" },
    {
      en: "Leave it out if it is the firmware's own topic for it; otherwise let the device send to another topic.",
      "zh-CN": "若为固件自带主题,请删除此项;否则请让设备发送到其他主题。",
    },
  );
}

function checkBridges(configuration: Configuration): Finding[] {
  const claims = new Claims();
  const sections = ["dongles", "cameras", "readers", "equipment"] as const;
  return Object.entries(configuration.bridges).flatMap(([bridge, entry]) =>
    sections.flatMap((section) =>
      entry[section].flatMap((id, index) => {
        const path = ["bridges", bridge, section, index];
        return [...mustExist(path, id, section, configuration), ...claims.claim(path, `${section} ${id}`)];
      }),
    ),
  );
}

function checkListeners({ broker, http }: Configuration): Finding[] {
  const claims = new Claims();
  const notAnAddress = { en: "Not an IP address.", "zh-CN": "不是 IP 地址。" };
  const remedy = {
    en: "Write the address of one network of this machine, e.g. 192.168.10.1, or 127.0.0.1 for this machine alone.",
    "zh-CN": "请填写本机某个网络的地址,如 192.168.10.1;仅本机使用则填 127.0.0.1。",
  };
  const findings = broker.listeners.flatMap((listener, index) => {
    const path = ["broker", "listeners", index];
    if (isIP(listener.address) === 0) return [invalid([...path, "address"], listener.address, notAnAddress, remedy)];
    return listener.port === 0 ? [] : claims.claim([...path, "port"], `${listener.address} port ${listener.port}`);
  });
  if (isIP(http.address) === 0) findings.push(invalid(["http", "address"], http.address, notAnAddress, remedy));
  else if (http.port !== 0) findings.push(...claims.claim(["http", "port"], `${http.address} port ${http.port}`));
  return findings;
}

function checkHeadquarters({ headquarters }: Configuration): Finding[] {
  if (headquarters === undefined) return [];
  const findings: Finding[] = [];
  const url = URL.parse(headquarters.url);
  if (url === null)
    findings.push(
      invalid(["headquarters", "url"], headquarters.url, { en: "Not a web address.", "zh-CN": "不是有效网址。" }),
    );
  else if (url.username !== "" || url.password !== "") findings.push(inlineSecret(["headquarters", "url"]));
  for (const key of ["authorityFile", "claimCodeFile"] as const) {
    const file = headquarters[key];
    if (file?.includes("-----BEGIN") || file?.includes("\n")) findings.push(inlineSecret(["headquarters", key]));
  }
  return findings;
}

function warnOfListeners({ broker }: Configuration): Finding[] {
  return broker.listeners.flatMap((listener, index) => {
    if (listener.tls || isLoopback(listener.address)) return [];
    const message = {
      en: `The listener on ${listener.address} is not encrypted and not confined to this machine.`,
      "zh-CN": `${listener.address} 上的监听未加密,且不限于本机。`,
    };
    return [
      { code: "CONFIG_PLAIN_LISTENER" as const, path: ["broker", "listeners", index, "tls"], found: "false", message },
    ];
  });
}

function warnOfUnused(configuration: Configuration): Finding[] {
  const bays = Object.values(configuration.bays);
  const bridged = Object.values(configuration.bridges);
  const used = new Set<string>(bays.flatMap((bay) => Object.keys(bay.cameras).map((id) => `cameras.${id}`)));
  for (const bay of bays) {
    if (bay.dongle !== undefined) used.add(`dongles.${bay.dongle}`);
    for (const reader of bay.readers) used.add(`readers.${reader}`);
  }
  const findings: Finding[] = [];
  for (const section of ["cameras", "dongles", "readers"] as const) {
    for (const id of Object.keys(configuration[section])) {
      if (!used.has(`${section}.${id}`))
        findings.push(unused([section, id], { en: `No bay uses "${id}".`, "zh-CN": `没有工位使用“${id}”。` }));
    }
  }
  for (const id of Object.keys(configuration.dongles)) {
    if (bridged.some((bridge) => bridge.dongles.some((dongle) => dongle === id))) continue;
    findings.push(
      unused(["dongles", id], {
        en: `No bridge speaks for "${id}": it will stay silent.`,
        "zh-CN": `没有固件桥负责“${id}”,它将一直无数据。`,
      }),
    );
  }
  return findings;
}

class Claims {
  readonly #first = new Map<string, Path>();

  claim(path: Path, what: string): Finding[] {
    const earlier = this.#first.get(what);
    if (earlier === undefined) {
      this.#first.set(what, path);
      return [];
    }
    const where = earlier.join(".");
    return [
      {
        code: "CONFIG_DUPLICATE",
        path,
        found: what,
        message: { en: `Already taken by ${where}.`, "zh-CN": `已被 ${where} 使用。` },
      },
    ];
  }
}

function mustExist(
  path: Path,
  id: string,
  section: "cameras" | "dongles" | "readers" | "equipment",
  configuration: Configuration,
  at?: "key",
): Finding[] {
  const known = Object.keys(configuration[section]);
  if (known.includes(id)) return [];
  const near = closest(id, known);
  const finding: Finding = {
    code: "CONFIG_REFERENCE_UNKNOWN",
    path,
    found: shown(id),
    message: { en: `There is no "${id}" under ${section}.`, "zh-CN": `${section} 中没有“${id}”。` },
    ...(at === undefined ? {} : { at }),
  };
  return [
    near === undefined
      ? finding
      : {
          ...finding,
          remedy: {
            en: `Did you mean "${near}"? Otherwise add "${id}" under ${section}.`,
            "zh-CN": `是否想写“${near}”?否则请在 ${section} 中添加“${id}”。`,
          },
        },
  ];
}

function badZone(path: Path, fault: "crossing" | "empty"): Finding {
  const message =
    fault === "crossing"
      ? { en: "The edges of this zone cross each other.", "zh-CN": "该区域的边线相互交叉。" }
      : { en: "This zone encloses next to nothing.", "zh-CN": "该区域几乎没有面积。" };
  return { code: "CONFIG_ZONE_INVALID", path, message };
}

function invalid(path: Path, value: unknown, message: Sentence, remedy?: Sentence): Finding {
  return {
    code: "CONFIG_VALUE_INVALID",
    path,
    found: shown(value),
    message,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function inlineSecret(path: Path): Finding {
  return {
    code: "CONFIG_SECRET_INLINE",
    path,
    message: { en: "A secret stands here in the open.", "zh-CN": "此处直接写入了密钥。" },
  };
}

function unused(path: Path, message: Sentence): Finding {
  return { code: "CONFIG_UNUSED", path, at: "key", message };
}
