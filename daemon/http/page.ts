import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { ERRORS, GatewayError } from "../../contract/errors.ts";
import type { ApiLanguage } from "../../contract/http-api.ts";
import { styleNonce } from "./headers.ts";
import { languageOf } from "./language.ts";

/** Stands in the built `index.html` wherever the response's nonce belongs (Vite's `html.cspNonce`). */
const NONCE_PLACEHOLDER = "__CSP_NONCE__";

/**
 * The files of the built page. Addresses without a file name are the page's own routes and get `index.html`.
 * @param directory `status-page/dist`; may be missing, and may appear while the gateway runs
 */
export async function registerPage(
  app: FastifyInstance,
  directory: string,
  shopLanguage: () => ApiLanguage,
): Promise<void> {
  await app.register(fastifyStatic, {
    root: directory,
    serve: false,
    dotfiles: "deny",
    index: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      // Vite names what is under assets/ by its content.
      response.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  const index = new IndexFile(join(directory, "index.html"));
  app.get<{ Params: { "*": string } }>("/*", { config: { access: "everyone" } }, async (request, reply) => {
    const path = request.params["*"];
    if (path.startsWith("api/")) throw new GatewayError("HTTP_NOT_FOUND");
    const name = path.split("/").at(-1) ?? "";
    if (name.includes(".") && name !== "index.html") return reply.sendFile(path);
    const html = await index.text();
    if (html === undefined) return sayNotBuilt(reply, languageOf(request.headers["accept-language"], shopLanguage()));
    return reply
      .header("cache-control", "no-cache")
      .type("text/html; charset=utf-8")
      .send(html.replaceAll(NONCE_PLACEHOLDER, styleNonce(reply.raw)));
  });
}

function sayNotBuilt(reply: FastifyReply, language: ApiLanguage): FastifyReply {
  const { title, remedy, status } = ERRORS.PAGE_NOT_BUILT;
  return reply
    .code(status)
    .type("text/plain; charset=utf-8")
    .send(`BayGate\n${title[language]} ${remedy[language]} (PAGE_NOT_BUILT)\n`);
}

/** `index.html`, read again when it has been built anew. */
class IndexFile {
  readonly #path: string;
  #kept: { readonly modifiedMs: number; readonly text: string } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined while there is none. */
  async text(): Promise<string | undefined> {
    try {
      const { mtimeMs } = await stat(this.#path);
      if (this.#kept?.modifiedMs !== mtimeMs)
        this.#kept = { modifiedMs: mtimeMs, text: await readFile(this.#path, "utf8") };
      return this.#kept.text;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }
}
