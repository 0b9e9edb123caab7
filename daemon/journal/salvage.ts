import type { WriterSetup } from "./channel.ts";

/** @returns whether the database had to be salvaged */
export function openOrSalvage(_setup: WriterSetup): { readonly salvaged: boolean } {
  return { salvaged: false };
}
