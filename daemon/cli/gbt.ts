import type { Command } from "commander";
import type { Language } from "../../contract/errors.ts";
import {
  decodeMessage,
  type Gb32960Packet,
  Gb32960Stream,
  generalAlarms,
  type Message,
  reportValues,
  unixMsOf,
} from "../../vehicle-protocols/gbt32960/index.ts";
import { fromHex, toHex } from "../../vehicle-protocols/index.ts";
import { answerLines, lineError, TOO_LONG } from "./json-lines.ts";
import type { Add } from "./program.ts";

/** The longest packet in hex with spaces, several times over. */
const MOST_LINE_LENGTH = 1_000_000;

/** `baygate gbt decode`: what electric vehicles and platforms report by GB/T 32960.3, one JSON document for each line of hex. */
export function gbtCommands(program: Command, add: Add): void {
  const gbt = program.command("gbt").description("read what electric vehicles report by GB/T 32960.3");
  add(
    gbt,
    "decode",
    'decode packets: hex on stdin, {"packets","skipped"} a line on stdout; a packet may go on in the next line',
    async (terminal) => {
      const stream = new Gb32960Stream();
      let sound = true;
      await answerLines(process.stdin, process.stdout, MOST_LINE_LENGTH, (line) => {
        const answer =
          line === TOO_LONG
            ? lineError("GBT_LINE_INVALID", terminal.language)
            : answerHex(stream, line, terminal.language);
        if ("error" in answer || answer.skipped > 0) sound = false;
        return JSON.stringify(answer, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value));
      });
      return sound && stream.pending === 0 ? 0 : 1;
    },
  );
}

/** One line of `gbt decode`. */
function answerHex(stream: Gb32960Stream, line: string, language: Language) {
  const hex = line.replace(/\s/g, "");
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) return lineError("GBT_LINE_INVALID", language);
  const events = stream.push(fromHex(hex));
  return {
    packets: events.flatMap((event) => (event.kind === "packet" ? [packetJson(event.packet, language)] : [])),
    skipped: events.reduce((sum, event) => sum + (event.kind === "skipped" ? event.bytes : 0), 0),
  };
}

function packetJson(packet: Gb32960Packet, language: Language) {
  const { edition, vin, command, response, encryption } = packet;
  const message = decodeMessage(packet);
  return {
    edition,
    vin,
    ...(message.ok
      ? messageJson(message.value, language)
      : { kind: message.error.code, command, response, encryption, bytes: packet.data }),
  };
}

function messageJson(message: Message, language: Language) {
  if (message.kind !== "report" && message.kind !== "late-report") return message;
  const { edition, time, blocks, undecoded } = message.value;
  const alarms = blocks.flatMap((block) =>
    block.kind === "alarms" ? generalAlarms(edition, block.value.general).alarms : [],
  );
  return {
    kind: message.kind,
    at: unixMsOf(time) ?? null,
    values: Object.fromEntries(reportValues(message.value)),
    alarms: alarms.map((alarm) => ({ word: alarm.word, title: alarm[language] })),
    blocks,
    ...(undecoded === undefined ? {} : { undecoded }),
  };
}
