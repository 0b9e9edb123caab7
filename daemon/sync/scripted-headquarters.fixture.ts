import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { zstdDecompressSync } from "node:zlib";
import { Compile } from "typebox/compile";
import { BatchRequest, EnrolRequest, HelloRequest, StreamName } from "../../contract/headquarters.ts";
import { Authority } from "../../headquarters/authority.ts";
import type { Headquarters } from "../../headquarters/headquarters.ts";
import { Refused } from "../../headquarters/refused.ts";

const isEnrol = Compile(EnrolRequest);
const isHello = Compile(HelloRequest);
const isBatch = Compile(BatchRequest);
const isStream = Compile(StreamName);

/** What headquarters would have answered, and the means to answer something else. */
export interface Exchange {
  readonly kind: "enrol" | "hello" | "batch";
  /** The request's body. */
  readonly asked: unknown;
  /** Number of this request since the start, from 1. */
  readonly turn: number;
  /** Lets the real headquarters do its part (commit included) and gives its answer. */
  honest(): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  answer(status: number, body: unknown, headers?: Record<string, string>): void;
  /** Sends these bytes as the body of a 200. */
  raw(bytes: string): void;
  /** Ends the connection without an answer. */
  cut(): void;
}

export interface ScriptedHeadquarters {
  readonly url: string;
  readonly authorityPem: string;
  /** Bytes of batch bodies as they came, per stream, in order. */
  readonly batches: { readonly stream: string; readonly count: number }[];
  /** What happens to each request; returning without an answer lets the honest one go out. */
  script: (exchange: Exchange) => void | Promise<void>;
  stop(): Promise<void>;
}

/** A TLS server with its own authority in front of a real headquarters' ledger, which loses, garbles and invents answers as a test tells it. */
export async function startScripted(
  behind: Headquarters,
  hosts: readonly string[] = ["127.0.0.1"],
  nowMs: () => number = Date.now,
): Promise<ScriptedHeadquarters> {
  const authority = await Authority.open(undefined, nowMs);
  let turn = 0;
  const server = createServer(
    {
      ...(await authority.server(hosts)),
      ca: authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
    },
    (request, response) => void serve(request, response),
  );
  const scripted: ScriptedHeadquarters = {
    url: "",
    authorityPem: authority.certificatePem,
    batches: [],
    script: () => undefined,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const asked: unknown = JSON.parse(
      (request.headers["content-encoding"] === "zstd" ? zstdDecompressSync(bytes) : bytes).toString(),
    );
    const [, , , gateway = "", , epoch = "", kind = "", stream = ""] = (request.url ?? "").split("/");
    let answered = false;
    const send = (status: number, body: string, headers: Record<string, string> = {}): void => {
      answered = true;
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    };
    const honest = async (): Promise<{ status: number; body: Record<string, unknown> }> => {
      const serverTime = Date.now();
      try {
        if (isEnrol.Check(asked)) {
          const name = asked.claimCode.toLowerCase();
          const { pem } = await authority.signGateway(name, asked.csr, 86_400_000);
          return {
            status: 200,
            body: { gateway: name, certificate: pem, authority: authority.certificatePem, serverTime },
          };
        }
        if (isHello.Check(asked))
          return { status: 200, body: { serverTime, ...(await behind.store.hello(gateway, epoch, asked)) } };
        if (!isBatch.Check(asked) || !isStream.Check(stream)) throw new Refused("unknown-route", "what?");
        const mark = await behind.store.accept({ gateway, epoch, stream }, asked.records, asked.tombstones);
        return { status: 200, body: { highWaterMark: mark.seq, hash: mark.hash, serverTime } };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return { status: error.status, body: { ...error.body } };
      }
    };
    if (kind === "streams" && isBatch.Check(asked)) scripted.batches.push({ stream, count: asked.records.length });
    await scripted.script({
      kind: kind === "hello" ? "hello" : kind === "streams" ? "batch" : "enrol",
      asked,
      turn: ++turn,
      honest,
      answer: (status, body, headers) => send(status, JSON.stringify(body), headers),
      raw: (text) => send(200, text),
      cut: () => {
        answered = true;
        request.socket.destroy();
      },
    });
    if (answered) return;
    const { status, body } = await honest();
    send(status, JSON.stringify(body));
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return Object.assign(scripted, { url: `https://127.0.0.1:${bound.port}` });
}
