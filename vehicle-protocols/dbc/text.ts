/**
 * The text of a DBC file, which carries no mark of its encoding: a byte order mark counts, then well-formed UTF-8; of the
 * rest, GBK when most bytes beyond ASCII stand in pairs as Chinese text has them, else Windows-1252.
 */
export function decodeDbcText(bytes: Uint8Array): { readonly text: string; readonly encoding: string } {
  const marked = markedEncoding(bytes);
  if (marked !== undefined) return { text: new TextDecoder(marked).decode(bytes), encoding: marked };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8" };
  } catch {
    const encoding = looksChinese(bytes) ? "gb18030" : "windows-1252";
    return { text: new TextDecoder(encoding).decode(bytes), encoding };
  }
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

/** GB 2312: both bytes from A1; Chinese words have at least two characters, European ones rarely four accents in a row. */
function looksChinese(bytes: Uint8Array): boolean {
  let chinese = 0;
  let european = 0;
  for (let from = 0; from < bytes.length; from++) {
    if (bytes[from]! < 0x80) continue;
    let to = from;
    let pairs = true;
    while (to < bytes.length && bytes[to]! >= 0x80) {
      if (bytes[to]! < 0xa1 || bytes[to]! === 0xff) pairs = false;
      to++;
    }
    const length = to - from;
    // A1 E6 is the sign ℃.
    const celsius = length === 2 && bytes[from] === 0xa1 && bytes[from + 1] === 0xe6;
    if (celsius || (pairs && length >= 4 && length % 2 === 0)) chinese += length;
    else european += length;
    from = to;
  }
  return chinese > european;
}
