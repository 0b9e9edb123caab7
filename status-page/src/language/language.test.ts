import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { ERRORS } from "../../../contract/errors.ts";
import { ATTENTION_KINDS, ATTENTION_VALUES, AttentionItem, JOB_STEPS } from "../../../contract/http-api.ts";
import { BAY_STATES, JOB_STATES, WAIT_REASONS } from "../../../contract/payloads.ts";
import { LABOUR_FLAGS } from "../../../contract/records.ts";
import { ApiFailure } from "../api/client.ts";
import { failureWords, registryRow } from "./failure-words.ts";
import { RESOURCES, translateIn } from "./i18n.ts";

const LANGUAGES = ["zh-CN", "en"] as const;

/** Every sentence of a table with the path of its key. */
function sentences(table: object, path = ""): readonly (readonly [string, string])[] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (typeof value === "string") return [[here, value] as const];
    return typeof value === "object" && value !== null ? sentences(value, here) : [];
  });
}

const slotsOf = (sentence: string) => [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();
const zh = new Map(sentences(RESOURCES["zh-CN"].translation));
const english = new Map(sentences(RESOURCES.en.translation));

beforeAll(async () => {
  await i18next.init({ resources: RESOURCES, lng: "en", fallbackLng: false, interpolation: { escapeValue: false } });
});

describe("the page's words", () => {
  it("stand under the same keys in both languages, but for English singulars", () => {
    const plural = (keys: Iterable<string>) => [...keys].filter((key) => !key.endsWith("_one")).toSorted();
    expect(plural(zh.keys())).toEqual(plural(english.keys()));
    for (const key of english.keys())
      if (key.endsWith("_one")) expect(english.has(key.replace(/_one$/, "_other"))).toBe(true);
  });

  it("take the same values in both languages", () => {
    for (const [key, sentence] of zh) expect([key, slotsOf(sentence)]).toEqual([key, slotsOf(english.get(key) ?? "")]);
  });

  it("are never empty, and Chinese ones are Chinese unless they are names or signs", () => {
    for (const [key, sentence] of [...zh, ...english]) expect([key, sentence.trim()]).not.toEqual([key, ""]);
    const same = [...zh].filter(([key, sentence]) => english.get(key) === sentence).map(([key]) => key);
    expect(same.toSorted()).toEqual([
      "app.name",
      "app.none",
      "box.provider.cuda",
      "box.provider.tensorrt",
      "car.group.low-voltage",
      "car.monitorName.egr-vvt",
      "job.vin",
      "newJob.vin",
      "unit.celsius",
      "unit.percent",
    ]);
  });

  it.each(LANGUAGES)("name every state, reason, step, flag and card of the contract in %s", (language) => {
    const words = language === "en" ? english : zh;
    const wanted = [
      ...BAY_STATES.map((state) => `bayState.${state}`),
      ...WAIT_REASONS.flatMap((reason) => [`wait.${reason}`, `waitShort.${reason}`]),
      ...JOB_STATES.map((state) => `jobState.${state}`),
      ...JOB_STEPS.flatMap((step) => [`step.${step}`, `stepShort.${step}`]),
      ...LABOUR_FLAGS.map((flag) => `flag.${flag}`),
      ...ATTENTION_KINDS.flatMap((kind) =>
        ["whole", "plain", "meaning", "remedy"].map((part) => `attention.${kind}.${part}`),
      ),
      ...wordsOf(AttentionItem.properties.action).map((action) => `needs.action.${action}`),
      ...wordsOf(AttentionItem.properties.urgency).map((urgency) => `needs.urgency.${urgency}`),
    ];
    expect(wanted.filter((key) => !words.has(key))).toEqual([]);
  });

  it("say of each card no more than the contract gives, and nothing that must be filled in where values are missing", () => {
    for (const kind of ATTENTION_KINDS) {
      const given: readonly string[] = ATTENTION_VALUES[kind];
      for (const words of [zh, english]) {
        const slots = slotsOf(words.get(`attention.${kind}.whole`) ?? "").map((slot) =>
          slot === "amount" ? "count" : slot,
        );
        expect(slots.filter((slot) => slot === undefined || !given.includes(slot))).toEqual([]);
        for (const part of ["plain", "meaning", "remedy"])
          expect(slotsOf(words.get(`attention.${kind}.${part}`) ?? "")).toEqual([]);
      }
    }
  });

  it.each(LANGUAGES)("choose plurals by the rules of %s", (language) => {
    const t = translateIn(language);
    expect([1, 2].map((count) => t("bays.people", { count }))).toEqual(
      language === "en" ? ["1 person", "2 people"] : ["1 人", "2 人"],
    );
  });
});

describe("words for failures", () => {
  it.each(LANGUAGES)("come from the registry for every code that can reach the page, in %s", (language) => {
    for (const code of Object.keys(ERRORS)) {
      const told = { code, title: "other", remedy: "other" };
      const words = failureWords(new ApiFailure("refused", 409, told), language, translateIn(language));
      expect(words).toEqual({
        title: registryRow(code)?.title[language],
        remedy: registryRow(code)?.remedy[language],
        code,
      });
      expect(words.title).not.toBe("other");
    }
  });

  it("are the gateway's own for a code that this page does not know yet", () => {
    const told = { code: "FROM_THE_FUTURE", title: "Something new", remedy: "Do this" };
    expect(failureWords(new ApiFailure("refused", 409, told), "en", translateIn("en"))).toEqual({
      title: "Something new",
      remedy: "Do this",
      code: "FROM_THE_FUTURE",
    });
    expect(registryRow("toString")).toBeUndefined();
  });

  it("say what to do when nobody answers", () => {
    expect(failureWords(new ApiFailure("offline", 0), "zh-CN", translateIn("zh-CN"))).toEqual({
      title: "网关没有应答",
      remedy: zh.get("failure.offlineRemedy"),
      code: null,
    });
  });
});

/** The words of a `OneOf` schema, which is a union of literals below its type. */
function wordsOf(schema: object): readonly string[] {
  const literals: unknown = "anyOf" in schema ? schema.anyOf : [];
  if (!Array.isArray(literals)) return [];
  const words = literals.map((literal: { const?: unknown }) => String(literal.const));
  expect(words.length).toBeGreaterThan(0);
  return words;
}
