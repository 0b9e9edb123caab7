import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { Agent, fetch } from "undici";
import { RecordOnTheWire, STREAMS } from "../../contract/records.ts";

const StoredRecord = Type.Object({ ...RecordOnTheWire.properties, epoch: Type.String(), receivedAt: Type.Number() });
export type StoredRecord = Static<typeof StoredRecord>;

const Page = Compile(Type.Object({ records: Type.Array(StoredRecord) }));
const PAGE = 500;

/** An operator at headquarters: reads what a gateway has sent, with the operator's token. */
export class HeadquartersDesk {
  readonly #url: string;
  readonly #token: string;
  readonly #agent: Agent;

  private constructor(url: string, token: string, authority: string) {
    this.#url = url;
    this.#token = token;
    this.#agent = new Agent({ connect: { ca: authority } });
  }

  static async open(url: string, dataFolder: string): Promise<HeadquartersDesk> {
    const read = (name: string) => readFile(join(dataFolder, name), "utf8");
    return new HeadquartersDesk(url, (await read("operator.token")).trim(), await read("authority.pem"));
  }

  /** Everything of a gateway, stream by stream, in the order in which headquarters gives it out. */
  async recordsOf(gateway: string): Promise<StoredRecord[]> {
    const all: StoredRecord[] = [];
    for (const stream of STREAMS) {
      for (let after = 0; ; ) {
        const page = await this.#get(`/v1/gateways/${gateway}/records?stream=${stream}&after=${after}&limit=${PAGE}`);
        all.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) break;
        after = last.seq;
      }
    }
    return all;
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #get(path: string): Promise<StoredRecord[]> {
    const response = await fetch(this.#url + path, {
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${this.#token}` },
    });
    const value: unknown = await response.json();
    if (Page.Check(value)) return value.records;
    throw new Error(`headquarters answered ${response.status} to ${path}`);
  }
}
