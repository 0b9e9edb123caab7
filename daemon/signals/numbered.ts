/** Bounds of the views; no car has more. */
const MOST = { "cell-voltage": 1_000, "probe-temperature": 400 } as const;

export type Numbered = keyof typeof MOST;

/** The number behind a name such as `cell-voltage.12`, counted from 1; undefined for another name or a number that no car has. */
export function numberOf(name: string, word: Numbered): number | undefined {
  if (!name.startsWith(`${word}.`)) return undefined;
  const text = name.slice(word.length + 1);
  if (!/^[1-9][0-9]{0,3}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= MOST[word] ? number : undefined;
}

/** Single cells or probes in their order; null for one that did not come. */
export function inOrder(values: Iterable<readonly [name: string, value: unknown]>, word: Numbered): (number | null)[] {
  const list: (number | null)[] = [];
  for (const [name, value] of values) {
    const number = numberOf(name, word);
    if (number === undefined || typeof value !== "number") continue;
    while (list.length < number) list.push(null);
    list[number - 1] = value;
  }
  return list;
}
