import { DIALECT_ROWS } from "../../contract/dialects/index.ts";
import {
  ALL_TOPICS,
  matchTopic,
  NAMED_TOPIC,
  type Role,
  type TopicMatch,
  type TopicRow,
} from "../../contract/topics.ts";
import type { Configuration } from "../configuration/configuration.ts";

/** Roles that can hold a credential; `gateway` is the daemon itself. */
export type DeviceRole = Exclude<Role, "gateway">;

/** Who a connection is, by its credential alone. What a client calls itself has no say. */
export interface Principal {
  readonly role: DeviceRole;
  readonly id: string;
}

/** What one principal may do. Closed by default: whatever the topic table does not grant is refused. */
export interface DeviceRights {
  /** The row under which the principal may publish on a topic, or undefined. */
  publishes(topic: string): TopicMatch | undefined;
  /** Whether a message on a concrete topic may be delivered to the principal. */
  reads(topic: string): boolean;
  /** Whether every topic of this shop that the filter can match may be read, and it can match one. */
  subscribes(filter: string): boolean;
}

/** The ids a principal may put into a `{…}` level; `all` where the level is not a matter of whose device it is. */
type Ids = ReadonlySet<string> | "all";

const NOBODY: ReadonlySet<string> = new Set();

/** Whether the configuration knows the device behind a credential. Observers are people's tools and stand in no configuration. */
export function isConfigured(configuration: Configuration, { role, id }: Principal): boolean {
  switch (role) {
    case "observer":
      return true;
    case "camera":
      return Object.hasOwn(configuration.cameras, id);
    case "dongle":
      return Object.hasOwn(configuration.dongles, id);
    case "reader":
      return Object.hasOwn(configuration.readers, id);
    case "equipment":
      return Object.hasOwn(configuration.equipment, id);
    case "bridge":
      return Object.hasOwn(configuration.bridges, id);
  }
}

export function rightsOf(configuration: Configuration, principal: Principal): DeviceRights {
  const own = ownIds(configuration, principal);
  const shop = shopIds(configuration);
  const named = namedTopics(configuration);
  const { role } = principal;
  const matchOf = (topic: string): TopicMatch | undefined => named.get(topic) ?? matchTopic(topic);
  return {
    publishes(topic) {
      const match = matchOf(topic);
      return match?.row.publishers.includes(role) === true && holds(own, match) ? match : undefined;
    },
    reads(topic) {
      const match = matchOf(topic);
      return match?.row.readers.includes(role) === true && holds(own, match);
    },
    subscribes(filter) {
      const levels = filter.split("/");
      const match = named.get(filter);
      let readable = match?.row.readers.includes(role) === true && holds(own, match);
      for (const row of ALL_TOPICS) {
        const wanted = idsWanted(row, levels, shop);
        if (wanted === undefined) continue;
        if (!row.readers.includes(role) || !covers(own, wanted)) return false;
        readable = true;
      }
      return readable;
    },
  };
}

function ownIds(configuration: Configuration, { role, id }: Principal): ReadonlyMap<string, Ids> {
  switch (role) {
    case "observer":
      return new Map(["camera", "dongle", "reader", "equipment", "bridge", "any"].map((level) => [level, "all"]));
    case "dongle":
      return new Map<string, Ids>([["dongle", new Set([id])], ...nativeIds(configuration, (dongle) => dongle === id)]);
    case "bridge": {
      const bridge = configuration.bridges[id];
      if (bridge === undefined) return new Map();
      const dongles = new Set<string>(bridge.dongles);
      return new Map<string, Ids>([
        ["bridge", new Set([id])],
        ["dongle", dongles],
        ...nativeIds(configuration, (dongle) => dongles.has(dongle)),
        ["camera", new Set(bridge.cameras)],
        ["reader", new Set(bridge.readers)],
        ["equipment", new Set(bridge.equipment)],
        ["any", "all"],
      ]);
    }
    default:
      return new Map([[role, new Set([id])]]);
  }
}

/** Every id that can stand in a level in this shop: what a wildcard there would reach. */
function shopIds(configuration: Configuration): ReadonlyMap<string, Ids> {
  return new Map<string, Ids>([
    ["camera", new Set(Object.keys(configuration.cameras))],
    ["dongle", new Set(Object.keys(configuration.dongles))],
    ...nativeIds(configuration, () => true),
    ["reader", new Set(Object.keys(configuration.readers))],
    ["equipment", new Set(Object.keys(configuration.equipment))],
    ["bridge", new Set(Object.keys(configuration.bridges))],
    ["any", "all"],
  ]);
}

/** Native ids by dialect: what two firmwares call themselves may be the same. */
function nativeIds(configuration: Configuration, has: (dongle: string) => boolean): [string, ReadonlySet<string>][] {
  const byDialect = new Map<string, Set<string>>();
  for (const [dongle, { dialect, nativeId }] of Object.entries(configuration.dongles)) {
    const key = levelKey("native", dialect);
    const ids = byDialect.get(key) ?? new Set();
    if (has(dongle)) ids.add(nativeId);
    byDialect.set(key, ids);
  }
  return [...byDialect];
}

function levelKey(level: string, dialect: string | undefined): string {
  return dialect === undefined ? level : `${level} of ${dialect}`;
}

/** The topics that dongles' options name, and whose each is. */
function namedTopics({ dongles }: Configuration): ReadonlyMap<string, TopicMatch> {
  return new Map(
    Object.entries(dongles).flatMap(([id, { dialect, options }]) =>
      (DIALECT_ROWS.get(dialect)?.topicsIn?.(options) ?? []).map(({ topic }): [string, TopicMatch] => [
        topic,
        { row: NAMED_TOPIC, level: "dongle", id },
      ]),
    ),
  );
}

function holds(own: ReadonlyMap<string, Ids>, { row, level, id }: TopicMatch): boolean {
  if (level === undefined || id === undefined) return true;
  const ids = own.get(levelKey(level, row.dialect)) ?? NOBODY;
  return ids === "all" || ids.has(id);
}

interface Wanted {
  /** Undefined where the row names no device. */
  readonly level: string | undefined;
  readonly ids: Ids;
}

function covers(own: ReadonlyMap<string, Ids>, { level, ids }: Wanted): boolean {
  if (level === undefined) return true;
  const allowed = own.get(level) ?? NOBODY;
  if (allowed === "all") return true;
  return ids !== "all" && [...ids].every((id) => allowed.has(id));
}

/** What a filter would reach in a row: undefined for nothing. MQTT 3.1.1 §4.7.1: `#` also matches its parent level. */
function idsWanted(row: TopicRow, filter: readonly string[], shop: ReadonlyMap<string, Ids>): Wanted | undefined {
  if (filter.slice(0, -1).includes("#")) return undefined;
  let wanted: Wanted = { level: undefined, ids: NOBODY };
  const pattern = row.pattern.split("/");
  for (let index = 0; index < Math.max(pattern.length, filter.length); index += 1) {
    const part = pattern[index];
    const asked = filter[index];
    if (asked === "#") {
      const device = pattern.slice(index).find((rest) => rest.startsWith("{"));
      return device === undefined ? wanted : wantedAt(row, device, "+", shop);
    }
    if (part === undefined || asked === undefined) return undefined;
    // What stands under a row's own `#` names nobody any more.
    if (part === "#") return wanted;
    if (part.startsWith("{")) {
      const found = wantedAt(row, part, asked, shop);
      if (found === undefined) return undefined;
      wanted = found;
    } else if (asked !== "+" && part !== "+" && asked !== part) return undefined;
  }
  return wanted;
}

/** The devices of this shop that a level can name; undefined for none, since then nobody can ever say anything there. */
function wantedAt(row: TopicRow, part: string, asked: string, shop: ReadonlyMap<string, Ids>): Wanted | undefined {
  const level = levelKey(part.slice(1, -1), row.dialect);
  const known = shop.get(level) ?? NOBODY;
  if (asked === "+") return known === "all" || known.size > 0 ? { level, ids: known } : undefined;
  return known === "all" || known.has(asked) ? { level, ids: new Set([asked]) } : undefined;
}
