import type { Attributes, AttributeValue } from "./model.ts";
import type { ProblemList } from "./problems.ts";
import { readNumber } from "./scanner.ts";
import { type AttributeDefinition, type Statements, type Subject, subjectKey } from "./statements.ts";

export type AttributesOf = {
  /** The subject's own value, else the default of the definition. */
  value(subject: Subject, name: string): AttributeValue | undefined;
  /** What the file says of this subject itself. */
  own(subject: Subject): Attributes;
};

const NONE: Attributes = new Map();

/** Attributes by subject, with their values as their definitions say. */
export function attributeReader({ attributes, definitions, defaults, problems }: Statements): AttributesOf {
  const bySubject = new Map<string, Map<string, AttributeValue>>();
  for (const { name, subject, value, line } of attributes) {
    const key = subjectKey(subject);
    const own = bySubject.get(key) ?? new Map<string, AttributeValue>();
    own.set(name, typed(value, definitions.get(name), problems, line, name));
    bySubject.set(key, own);
  }
  return {
    value: (subject, name) => {
      const own = bySubject.get(subjectKey(subject))?.get(name);
      if (own !== undefined) return own;
      const standard = defaults.get(name);
      return standard === undefined ? undefined : typed(standard, definitions.get(name));
    },
    own: (subject) => bySubject.get(subjectKey(subject)) ?? NONE,
  };
}

/** ENUM values are written as a word or as its place in the list; without a definition the value's own look decides. */
function typed(
  value: string,
  definition: AttributeDefinition | undefined,
  problems?: ProblemList,
  line = 0,
  name = "",
): AttributeValue {
  const number = readNumber(value);
  switch (definition?.type) {
    case "STRING":
      return value;
    case "ENUM": {
      if (definition.choices.includes(value)) return value;
      const choice = number === undefined ? undefined : definition.choices[number];
      if (choice !== undefined) return choice;
      break;
    }
    default:
      if (number !== undefined) return number;
      if (definition === undefined) return value;
  }
  problems?.add("value-out-of-form", line, `${name} ${value}`);
  return number ?? value;
}
