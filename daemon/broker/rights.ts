import { ALL_TOPICS, matchTopic, type Role, type TopicMatch, type TopicRow } from "../../contract/topics.ts";
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
  const { role } = principal;
  return {
    publishes(topic) {
      const match = matchTopic(topic);
      return match?.row.publishers.includes(role) === true && holds(own, match) ? match : undefined;
    },
    reads(topic) {
      const match = matchTopic(topic);
      return match?.row.readers.includes(role) === true && holds(own, match);
    },
    subscribes(filter) {
      const levels = filter.split("/");
      let readable = false;
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
  const native = (ids: readonly string[]): ReadonlySet<string> =>
    new Set(
      Object.entries(configuration.dongles).flatMap(([dongle, entry]) =>
        ids.includes(dongle) ? [entry.nativeId] : [],
      ),
    );
  switch (role) {
    case "observer":
      return new Map(["camera", "dongle", "reader", "equipment", "bridge", "any"].map((level) => [level, "all"]));
    case "dongle":
      return new Map([
        ["dongle", new Set([id])],
        ["native", native([id])],
      ]);
    case "bridge": {
      const bridge = configuration.bridges[id];
      if (bridge === undefined) return new Map();
      return new Map<string, Ids>([
        ["bridge", new Set([id])],
        ["dongle", new Set(bridge.dongles)],
        ["native", native(bridge.dongles)],
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
    ["native", new Set(Object.values(configuration.dongles).map((dongle) => dongle.nativeId))],
    ["reader", new Set(Object.keys(configuration.readers))],
    ["equipment", new Set(Object.keys(configuration.equipment))],
    ["bridge", new Set(Object.keys(configuration.bridges))],
    ["any", "all"],
  ]);
}

function holds(own: ReadonlyMap<string, Ids>, { level, id }: TopicMatch): boolean {
  if (level === undefined || id === undefined) return true;
  const ids = own.get(level) ?? NOBODY;
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
  const pattern = row.pattern.split("/");
  const many = filter.at(-1) === "#";
  const fixed = many ? filter.slice(0, -1) : filter;
  if (fixed.includes("#") || fixed.length > pattern.length || (!many && fixed.length < pattern.length))
    return undefined;
  let wanted: Wanted = { level: undefined, ids: NOBODY };
  for (const [index, part] of pattern.entries()) {
    const asked = index < fixed.length ? fixed[index] : "+";
    if (part.startsWith("{")) {
      const level = part.slice(1, -1);
      wanted = { level, ids: asked === "+" || asked === undefined ? (shop.get(level) ?? NOBODY) : new Set([asked]) };
    } else if (asked !== "+" && asked !== part) return undefined;
  }
  return wanted;
}
