/** "P0301" → 03 01; "U0405-81" → C4 05 81: two bits of system, two of the first digit, then three hex digits, then the failure type. */
export function codeBytes(code: string): number[] {
  const system = "PCBU".indexOf(code.charAt(0));
  const failureType = code.slice(6, 8);
  return [
    (system << 6) | (Number(code.charAt(1)) << 4) | Number.parseInt(code.charAt(2), 16),
    Number.parseInt(code.slice(3, 5), 16),
    ...(failureType === "" ? [] : [Number.parseInt(failureType, 16)]),
  ];
}

/** Letters as bytes, filled with zeros. */
export function ascii(text: string, length: number): number[] {
  return Array.from({ length }, (_, index) => (index < text.length ? text.charCodeAt(index) : 0));
}
