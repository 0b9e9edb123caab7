import type { Stamp } from "../../contract/records.ts";
import type { GroupWork } from "./channel.ts";
import { streamOf } from "./records.ts";

/** One of the orders that are committed together. */
export interface GroupOrder {
  readonly id: number;
  readonly work: GroupWork;
}

/** Labour, and what helps to make room, may use the last pages of the bound. */
export function mayUseReserve({ work }: GroupOrder): boolean {
  if (work.kind === "append") return work.records.some(({ draft }) => streamOf(draft.type) === "labour");
  return work.kind !== "quarantine";
}

/** The latest moment that an order of the group carries: the group's sign of life. */
export function lastMoment(orders: readonly GroupOrder[]): Stamp | undefined {
  for (const { work } of orders.toReversed()) if ("at" in work) return work.at;
  return undefined;
}
