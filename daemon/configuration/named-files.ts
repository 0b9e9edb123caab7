import { stat } from "node:fs/promises";
import type { Finding } from "./problems.ts";
import type { Configuration } from "./resolved.ts";

interface NamedFile {
  readonly path: readonly (string | number)[];
  readonly file: string;
  readonly secret: boolean;
  /** What stops working without it; the shop itself goes on. */
  readonly loss: { readonly en: string; readonly "zh-CN": string };
}

/** Warnings about the files that the configuration names: missing, or readable for others although secret. */
export async function checkNamedFiles(configuration: Configuration): Promise<Finding[]> {
  const findings = await Promise.all(namedFiles(configuration).map(checkFile));
  return findings.filter((finding) => finding !== undefined);
}

function namedFiles({ headquarters, broker, diagnostics, vision }: Configuration): NamedFile[] {
  const files: NamedFile[] = [];
  const noLine = { en: "Nothing can be sent to headquarters until it is there.", "zh-CN": "在此之前无法上传到总部。" };
  if (headquarters !== undefined)
    files.push({
      path: ["headquarters", "authorityFile"],
      file: headquarters.authorityFile,
      secret: false,
      loss: noLine,
    });
  // The claim code is used once and may be gone after enrolment: only its permissions matter.
  if (headquarters?.claimCodeFile !== undefined) {
    files.push({
      path: ["headquarters", "claimCodeFile"],
      file: headquarters.claimCodeFile,
      secret: true,
      loss: { en: "That is fine once the shop is enrolled.", "zh-CN": "若门店已注册则无妨。" },
    });
  }
  if (broker.tls !== undefined) {
    const noTls = { en: "Encrypted listeners cannot start without it.", "zh-CN": "缺少它无法启动加密监听。" };
    files.push({
      path: ["broker", "tls", "certificateFile"],
      file: broker.tls.certificateFile,
      secret: false,
      loss: noTls,
    });
    files.push({ path: ["broker", "tls", "keyFile"], file: broker.tls.keyFile, secret: true, loss: noTls });
  }
  if (diagnostics.faultCodeTexts !== undefined)
    files.push({
      path: ["diagnostics", "faultCodeTexts"],
      file: diagnostics.faultCodeTexts,
      secret: false,
      loss: {
        en: "Fault codes are explained by BayGate's own texts alone.",
        "zh-CN": "故障码仅使用 BayGate 自带的说明。",
      },
    });
  for (const [at, file] of vision.trustedModelKeys.entries())
    files.push({
      path: ["vision", "trustedModelKeys", at],
      file,
      secret: false,
      loss: { en: "No model can be added until it is there.", "zh-CN": "在此之前无法添加模型。" },
    });
  return files;
}

async function checkFile({ path, file, secret, loss }: NamedFile): Promise<Finding | undefined> {
  try {
    const { mode } = await stat(file);
    if (!secret || (mode & 0o077) === 0) return undefined;
    const bits = (mode & 0o777).toString(8);
    return {
      code: "CONFIG_SECRET_EXPOSED",
      path,
      found: `${file} (${bits})`,
      message: { en: "Other users of this machine can read this secret.", "zh-CN": "本机其他用户可读取此密钥文件。" },
      remedy: { en: `chmod 600 ${file}`, "zh-CN": `chmod 600 ${file}` },
    };
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return {
      code: "CONFIG_SECRET_MISSING",
      path,
      found: `${file} (${reason})`,
      message: { en: `The file cannot be read. ${loss.en}`, "zh-CN": `无法读取该文件。${loss["zh-CN"]}` },
    };
  }
}
