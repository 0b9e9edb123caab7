/** Where an ELM327 sends and whom it hears, as far as its set-up commands say. */
export type ElmSetup = {
  readonly line: "can-11-bit" | "can-29-bit" | "other";
  /** CAN id of the request; undefined: the functional id. */
  readonly requestId: number | undefined;
  /** CAN id of the answer (ATCRA); undefined: whoever answers. */
  readonly responseId: number | undefined;
  /** Extended address (ATCEA). */
  readonly targetByte: number | undefined;
  /** Diagnostic requests among the set-up commands, such as entering a session. */
  readonly requests: readonly Uint8Array[];
};

type State = {
  protocol: number | undefined;
  header: string | undefined;
  priority: number;
  receive: string | undefined;
  target: number | undefined;
  readonly requests: Uint8Array[];
};

/** ELM327 protocols 6 to 9 are CAN; of these 6 and 8 have 11-bit ids. */
const CAN_PROTOCOLS = [6, 7, 8, 9];

/**
 * Carries out set-up strings such as `ATSP6;ATSH7E4;ATCRA7EC;` one after the other and tells where that leads. Time-outs,
 * flow control data and output formats are the dongle's own affair and are passed over.
 */
export function elmSetup(...texts: readonly string[]): ElmSetup {
  const state: State = {
    protocol: undefined,
    header: undefined,
    priority: 0x18,
    receive: undefined,
    target: undefined,
    requests: [],
  };
  for (const command of texts.flatMap((text) => text.split(/[;\r\n]/)))
    apply(state, command.replace(/\s+/g, "").toUpperCase());
  const { header, receive, protocol } = state;
  const wide = (header ?? "").length > 3 || (receive ?? "").length > 3 || protocol === 7 || protocol === 9;
  const can = protocol === undefined || protocol === 0 || CAN_PROTOCOLS.includes(protocol);
  return {
    line: can ? (wide ? "can-29-bit" : "can-11-bit") : "other",
    requestId: header === undefined ? undefined : idOf(header, state.priority),
    responseId: receive === undefined ? undefined : idOf(receive, state.priority),
    targetByte: state.target,
    requests: state.requests,
  };
}

function apply(state: State, command: string): void {
  const [, name, value = ""] = /^(?:AT|ST)(SP|TP|SH|CRA|CEA|CP|D|Z|WS)([0-9A-F]*)$/.exec(command) ?? [];
  switch (name) {
    case "SP":
    case "TP":
      // `ATSPA6` means "6, or search".
      state.protocol = Number.parseInt(value.replace(/^A(?=.)/, ""), 16);
      break;
    case "SH":
      state.header = value;
      break;
    case "CP":
      state.priority = Number.parseInt(value, 16) || 0x18;
      break;
    case "CRA":
      state.receive = value === "" ? undefined : value;
      break;
    case "CEA":
      state.target = value === "" ? undefined : Number.parseInt(value, 16);
      break;
    case "D":
    case "Z":
    case "WS":
      Object.assign(state, { header: undefined, receive: undefined, target: undefined, priority: 0x18 });
      break;
    default:
      if (/^(?:[0-9A-F]{2}){1,8}$/.test(command))
        state.requests.push(Uint8Array.from(command.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
  }
}

/** Three digits are an 11-bit id, six are behind the priority, eight are whole. */
function idOf(text: string, priority: number): number | undefined {
  if (!/^(?:[0-9A-F]{3}|[0-9A-F]{6}|[0-9A-F]{8})$/.test(text)) return undefined;
  const id = Number.parseInt(text, 16);
  const whole = text.length === 6 ? priority * 0x1000000 + id : id;
  return whole <= 0x1fffffff ? whole : undefined;
}
