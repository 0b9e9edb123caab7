import { type Decoded, decoded, refused } from "../errors.ts";

/** Reads a byte of the frames by its number; undefined where there is none. */
export type ByteAt = (index: number) => number | undefined;

/** An expression made ready: its steps in the order in which they are carried out, over a stack. */
export type Expression = {
  readonly text: string;
  readonly steps: readonly Step[];
};

type Operator = "+" | "-" | "*" | "/" | "&" | "|" | "^" | "<<" | ">>";

type Step =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "voltage" }
  | { readonly kind: "bytes"; readonly from: number; readonly to: number; readonly signed: boolean }
  | { readonly kind: "bit"; readonly byte: number; readonly bit: number }
  | { readonly kind: "operation"; readonly operator: Operator };

/** As in the firmware, from left to right; `|` and `^` bind alike, and arithmetic binds tighter than bits. */
const BINDING: Readonly<Record<Operator, number>> = {
  "|": 1,
  "^": 1,
  "&": 2,
  "<<": 3,
  ">>": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
};

const LONGEST = 500;
const DEEPEST = 32;
/** An ISO-TP message of 4,095 bytes, with the PCI bytes of its frames. */
const LAST_BYTE = 4_690;
const WIDEST = 8;
const TOKEN =
  /\s*(?:(0x[0-9a-fA-F]{1,8})|(\d+(?:\.\d*)?|\.\d+)|(V)|([BS])(\d+)(?::(\d))?|\[([BS])(\d+)(?::([BS])(\d+))?\]|(<<|>>|[-+*/&|^])|([()]))/y;

/**
 * Parses an expression of a WiCAN vehicle profile: numbers, `V` (the dongle's supply voltage), bytes `B4`, signed bytes
 * `S4`, bits `B4:7` (0 is the least significant), ranges `[B4:B6]` and `[S4:S6]` (most significant first), `+ - * /`,
 * `& | ^ << >>`, parentheses, and a sign before an operand.
 * @returns error `invalid-definition` with the place for anything else; there is no other way to run code than these
 */
export function parseExpression(text: string): Decoded<Expression> {
  if (text.length > LONGEST) return refused("invalid-definition", `longer than ${LONGEST} characters`);
  const steps: Step[] = [];
  const open: (Operator | "(")[] = [];
  let depth = 0;
  let operandNext = true;
  TOKEN.lastIndex = 0;
  const leave = (binding: number) => {
    for (;;) {
      const last = open.at(-1);
      if (last === undefined || last === "(" || BINDING[last] < binding) return;
      open.pop();
      steps.push({ kind: "operation", operator: last });
    }
  };
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (token === null) return refused("invalid-definition", `"${text}" is not understood from character ${at + 1}`);
    const [, , , , , , , , , , , operator, bracket] = token;
    if (isOperator(operator)) {
      if (operandNext && operator !== "-" && operator !== "+") return misplaced(text, at);
      // A sign is a product with one that nothing waiting is carried out before.
      if (operandNext) {
        steps.push({ kind: "number", value: operator === "-" ? -1 : 1 });
        open.push("*");
      } else {
        leave(BINDING[operator]);
        open.push(operator);
        operandNext = true;
      }
    } else if (bracket === "(") {
      if (!operandNext || ++depth > DEEPEST) return misplaced(text, at);
      open.push("(");
    } else if (bracket === ")") {
      if (operandNext || depth-- === 0) return misplaced(text, at);
      leave(0);
      open.pop();
    } else {
      const operand = operandOf(token);
      if (!operandNext || operand === undefined) return misplaced(text, at);
      steps.push(operand);
      operandNext = false;
    }
  }
  if (operandNext || depth > 0) return refused("invalid-definition", `"${text}" ends too early`);
  leave(0);
  return decoded({ text, steps });
}

function misplaced(text: string, at: number) {
  return refused("invalid-definition", `"${text}" is wrong at character ${at + 1}`);
}

function isOperator(token: string | undefined): token is Operator {
  return token !== undefined && Object.hasOwn(BINDING, token);
}

function operandOf(token: RegExpExecArray): Step | undefined {
  const [, hex, number, voltage, single, index, bit, first, from, last, to] = token;
  if (hex !== undefined || number !== undefined) return { kind: "number", value: Number(hex ?? number) };
  if (voltage !== undefined) return { kind: "voltage" };
  if (single !== undefined) {
    const byte = Number(index);
    if (byte > LAST_BYTE) return undefined;
    if (bit === undefined) return { kind: "bytes", from: byte, to: byte, signed: single === "S" };
    return single === "B" && Number(bit) < 8 ? { kind: "bit", byte, bit: Number(bit) } : undefined;
  }
  const start = Number(from);
  const end = to === undefined ? start : Number(to);
  if ((last !== undefined && last !== first) || end < start || end - start >= WIDEST || end > LAST_BYTE)
    return undefined;
  return { kind: "bytes", from: start, to: end, signed: first === "S" };
}

/**
 * The value of an expression.
 * @param voltage the dongle's supply voltage, for expressions with `V`
 * @returns undefined if a byte is not there, a division has no result, or the number is none
 */
export function evaluateExpression({ steps }: Expression, byteAt: ByteAt, voltage?: number): number | undefined {
  const stack: number[] = [];
  for (const step of steps) {
    const value = step.kind === "operation" ? operate(step.operator, stack) : operand(step, byteAt, voltage);
    if (value === undefined || !Number.isFinite(value)) return undefined;
    stack.push(value);
  }
  return stack[0];
}

function operand(
  step: Exclude<Step, { readonly kind: "operation" }>,
  byteAt: ByteAt,
  voltage: number | undefined,
): number | undefined {
  switch (step.kind) {
    case "number":
      return step.value;
    case "voltage":
      return voltage;
    case "bit": {
      const byte = byteAt(step.byte);
      return byte === undefined ? undefined : (byte >> step.bit) & 1;
    }
    case "bytes": {
      let value = 0;
      for (let index = step.from; index <= step.to; index++) {
        const byte = byteAt(index);
        if (byte === undefined) return undefined;
        value = value * 256 + byte;
      }
      const range = 2 ** (8 * (step.to - step.from + 1));
      return step.signed && value >= range / 2 ? value - range : value;
    }
  }
}

function operate(operator: Operator, stack: number[]): number | undefined {
  const right = stack.pop() ?? 0;
  const left = stack.pop() ?? 0;
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "<<":
      return Math.trunc(left) * 2 ** Math.trunc(right);
    case ">>":
      return Math.floor(Math.trunc(left) / 2 ** Math.trunc(right));
    default:
      return combineBits(operator, BigInt(Math.trunc(left)), BigInt(Math.trunc(right)));
  }
}

/** On whole numbers of any size, so that four bytes with the highest bit set stay positive. */
function combineBits(operator: "&" | "|" | "^", left: bigint, right: bigint): number {
  if (operator === "&") return Number(left & right);
  return Number(operator === "|" ? left | right : left ^ right);
}
