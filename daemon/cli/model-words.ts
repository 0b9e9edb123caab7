import Type from "typebox";
import Value from "typebox/value";
import type { Language } from "../../contract/errors.ts";
import type { AddedBundle, AddStage } from "../vision/detect-images.ts";
import type { Question, SignatureState, StoredVersion } from "../vision/models.ts";

const QUESTIONS: Readonly<Record<Question, Readonly<Record<Language, string>>>> = {
  role: { en: "What is it for", "zh-CN": "用途" },
  size: { en: "Input size in pixels, such as 640x640", "zh-CN": "输入尺寸(像素),如 640x640" },
  family: { en: "Decode family", "zh-CN": "解码类型" },
  labels: { en: "Classes in the network's order, with commas", "zh-CN": "按网络输出顺序列出类别,用逗号分隔" },
  channels: { en: "Order of the colour channels", "zh-CN": "颜色通道顺序" },
  range: { en: "What black and white become", "zh-CN": "黑与白对应的数值范围" },
  anchor: { en: "Where the picture lies in the input", "zh-CN": "图片在输入中的位置" },
  licence: { en: "Licence", "zh-CN": "许可证" },
};

export function questionWords(question: Question, language: Language): string {
  return QUESTIONS[question][language];
}

const STAGES: Readonly<Record<AddStage, Readonly<Record<Language, string>>>> = {
  reading: { en: "reading the bundle …", "zh-CN": "正在读取模型包……" },
  "warming-up": { en: "trying the network …", "zh-CN": "正在试运行……" },
  "golden-set": { en: "measuring on the golden set …", "zh-CN": "正在用金标集测量……" },
};

export function stageWords(stage: AddStage, language: Language): string {
  return STAGES[stage][language];
}

/** What a person reads when a bundle was taken. */
export function wordsOfAdded(added: AddedBundle, gatewayFollows: boolean, language: Language): string[] {
  const { role, name, version, id, isNew, acceptance } = added;
  const english = language === "en";
  const what = `${name} ${version} (${id})`;
  return [
    isNew
      ? english
        ? `✓ ${role}: ${what} is added and active`
        : `✓ ${role}:${what} 已添加并启用`
      : english
        ? `✓ ${role}: ${what} was there already and is active`
        : `✓ ${role}:${what} 已存在,现已启用`,
    `  ${signatureWords(acceptance.signature, language)}`,
    `  ${goldenWords(acceptance.golden, language)}`,
    ...(gatewayFollows
      ? [
          english
            ? "  The running gateway prepares it and takes it over when it is warm; the page says so."
            : "  运行中的网关正在准备,就绪后自动切换,页面会显示状态。",
        ]
      : []),
  ];
}

/** What of an acceptance is listed; it was written by this program, perhaps by another version of it. */
const Listed = Type.Object({
  signature: Type.Union([
    Type.Object({ state: Type.Union([Type.Literal("unsigned"), Type.Literal("unchecked")]) }),
    Type.Object({ state: Type.Literal("signed"), by: Type.String() }),
  ]),
  golden: Type.Union([Type.Null(), Type.Object({ ap50: Type.Number(), pictures: Type.Number() })]),
});

/** One line of the list: ● is at work. */
export function wordsOfVersion(stored: StoredVersion, language: Language): string {
  const { id, name, version, family, active, accepted, refused } = stored;
  const shipped = language === "en" ? "shipped" : "自带";
  const facts = Value.Check(Listed, accepted)
    ? [signatureWords(accepted.signature, language), goldenWords(accepted.golden, language)]
    : [];
  const refusal =
    refused === undefined
      ? []
      : [language === "en" ? `⚠ the gateway could not open it [${refused.code}]` : `⚠ 网关无法打开 [${refused.code}]`];
  return [`${active ? "●" : "○"} ${name} ${version}`, id ?? shipped, family, ...facts, ...refusal].join("  ");
}

function signatureWords(signature: SignatureState, language: Language): string {
  const english = language === "en";
  if (signature.state === "signed") return english ? `signed by ${signature.by}` : `签名者 ${signature.by}`;
  if (signature.state === "unsigned") return english ? "unsigned" : "未签名";
  return english ? "signed, but no trusted key is configured to check it" : "已签名,但未配置可信公钥,无法验证";
}

function goldenWords(golden: { readonly ap50: number; readonly pictures: number } | null, language: Language): string {
  const english = language === "en";
  if (golden === null) return english ? "not measured on a golden set" : "未用金标集测量";
  const ap50 = golden.ap50.toFixed(1);
  return english
    ? `AP50 ${ap50} on ${golden.pictures} golden pictures`
    : `金标集 ${golden.pictures} 张图片,AP50 ${ap50}`;
}
