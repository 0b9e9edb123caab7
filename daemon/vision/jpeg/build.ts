import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Compiles the decoder. With `--check` it only compares: exit code 1 when the committed binary is not what the source gives. */
const SOURCES = join(import.meta.dirname, "assembly");
const BINARY = join(import.meta.dirname, "reduce.wasm");

/** @throws Error with the compiler's words when the source does not compile */
export async function compileReducer(): Promise<Uint8Array> {
  const { default: asc } = await import("assemblyscript/asc");
  const words = ["reduce.ts", "--outFile", "reduce.wasm", "-O3", "--noAssert", "--runtime", "stub"];
  const binaries: Uint8Array[] = [];
  const { error, stderr } = await asc.main([...words, "--enable", "simd"], {
    // The compiler asks for its own library too, which it carries in itself.
    readFile: (name) => readFile(join(SOURCES, name), "utf8").catch(() => null),
    writeFile: (name, contents) => {
      if (name === "reduce.wasm" && contents instanceof Uint8Array) binaries.push(contents);
    },
    listFiles: () => [],
  });
  const [binary] = binaries;
  if (error !== null || binary === undefined) throw new Error(`${stderr.toString()}${error?.message ?? ""}`);
  return binary;
}

if (import.meta.main) {
  const binary = await compileReducer();
  const same = Buffer.compare(await readFile(BINARY).catch(() => Buffer.alloc(0)), binary) === 0;
  if (process.argv.includes("--check")) process.exitCode = same ? 0 : 1;
  else if (!same) await writeFile(BINARY, binary);
}
