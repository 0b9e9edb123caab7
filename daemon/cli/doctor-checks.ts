import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { Compile } from "typebox/compile";
import { DIALECT_ROWS } from "../../contract/dialects/index.ts";
import type { Language } from "../../contract/errors.ts";
import { ReadyView } from "../../contract/http-api.ts";
import { type Configuration, loadConfiguration, problemLine } from "../configuration/configuration.ts";
import { placesIn } from "../gateway/places.ts";
import { type Running, readRunning } from "../gateway/running.ts";
import { probeDisk } from "../journal/index.ts";
import { IdentityStore } from "../sync/uplink.ts";
import { ModelStore } from "../vision/models.ts";
import { askOwnGateway } from "./own-gateway.ts";

export interface DoctorPlaces {
  readonly config: string;
  readonly data: string;
}

type Sentence = Readonly<Record<Language, string>>;

export interface Finding {
  readonly state: "ok" | "warning" | "fault";
  readonly what: Sentence;
  readonly remedy?: Sentence;
}

export interface Check {
  readonly name: string;
  examine(places: DoctorPlaces): Promise<Finding>;
}

/** A commit that takes longer makes people wait at the badge reader. */
const SLOW_COMMIT_MS = 50;
const LOW_DISK_BYTES = 5_000_000_000;
const CONNECT_MS = 3_000;
const CERTIFICATE_SOON_MS = 14 * 86_400_000;
/** The gateway did not exist before; a clock that says so is wrong. */
const EARLIEST_MS = Date.UTC(2026, 10, 1);

/** What can be said of a box whether or not a gateway runs on it. */
export const BOX_CHECKS: readonly Check[] = [
  {
    name: "node",
    examine: async () => ok(`Node.js ${process.versions.node}`, `Node.js ${process.versions.node}`),
  },
  {
    name: "database",
    examine: async ({ data }) => {
      const { sqliteVersion, synchronous, medianMs, p95Ms } = probeDisk(data);
      const figures = `SQLite ${sqliteVersion}, synchronous=${synchronous === 2 ? "FULL" : synchronous}, ${medianMs.toFixed(1)} ms (p95 ${p95Ms.toFixed(1)} ms)`;
      const what = { en: `A durable commit: ${figures}`, "zh-CN": `一次落盘提交:${figures}` };
      if (synchronous !== 2)
        return {
          state: "fault",
          what,
          remedy: {
            en: "This build of SQLite does not flush commits. Reinstall with npm ci.",
            "zh-CN": "此 SQLite 版本不会落盘。请用 npm ci 重新安装。",
          },
        };
      if (p95Ms > SLOW_COMMIT_MS)
        return {
          state: "warning",
          what,
          remedy: {
            en: "The disk is slow. Use an NVMe or SSD, not an SD card.",
            "zh-CN": "磁盘较慢。请使用 NVMe 或 SSD,不要使用 SD 卡。",
          },
        };
      return { state: "ok", what };
    },
  },
  {
    name: "disk",
    examine: async ({ data }) => {
      const { bavail, bsize } = await statfs(data);
      const free = bavail * bsize;
      const gb = (free / 1e9).toFixed(1);
      const what = { en: `${gb} GB free for data`, "zh-CN": `数据盘剩余 ${gb} GB` };
      return free >= LOW_DISK_BYTES
        ? { state: "ok", what }
        : {
            state: "warning",
            what,
            remedy: {
              en: "Free some room or lower retention.journalMaxMb.",
              "zh-CN": "请清理磁盘,或调低 retention.journalMaxMb。",
            },
          };
    },
  },
  {
    name: "clock",
    examine: async () => {
      const now = Date.now();
      if (now < EARLIEST_MS)
        return fault(
          `The clock says ${new Date(now).toISOString()}`,
          `时钟显示 ${new Date(now).toISOString()}`,
          "Set the clock, or connect the box to a network with NTP. Labour durations stay right meanwhile.",
          "请校准时钟或接入有 NTP 的网络。其间工时长度仍然准确。",
        );
      const synchronised = existsSync("/run/systemd/timesync/synchronized");
      return synchronised
        ? ok("Clock synchronised by NTP", "时钟已由 NTP 同步")
        : warning(
            "Clock plausible; nobody says that it is synchronised",
            "时钟可信,但未确认已同步",
            "Switch NTP on (timedatectl set-ntp true) if this box reaches a time server.",
            "如可访问时间服务器,请启用 NTP(timedatectl set-ntp true)。",
          );
    },
  },
  {
    name: "configuration",
    examine: async ({ config }) => {
      const loaded = await loadConfiguration(config);
      if (!loaded.ok) {
        const lines = (language: Language) =>
          loaded.problems.map((problem) => problemLine(problem, config, language)).join("\n    ");
        return { state: "fault", what: { en: lines("en"), "zh-CN": lines("zh-CN") } };
      }
      const { bays, cameras, dongles } = loaded.configuration;
      const counts = [bays, cameras, dongles].map((section) => Object.keys(section).length);
      return ok(
        `${config}: ${counts[0]} bays, ${counts[1]} cameras, ${counts[2]} dongles`,
        `${config}:${counts[0]} 个工位,${counts[1]} 个摄像头,${counts[2]} 个诊断盒`,
      );
    },
  },
  {
    name: "diagnostics",
    examine: async ({ config }) => {
      const loaded = await loadConfiguration(config);
      if (!loaded.ok) return ok("Dongles not looked at: see configuration", "未检查诊断盒:见 configuration 项");
      return examineDiagnostics(loaded.configuration);
    },
  },
  {
    name: "model",
    examine: async ({ config, data }) => {
      const loaded = await loadConfiguration(config);
      const shipped =
        (loaded.ok ? loaded.configuration.vision.models : undefined) ?? join(import.meta.dirname, "../../models");
      const { folder } = await new ModelStore({ directory: placesIn(data).models, shipped }).active("bay");
      const providers = loaded.ok ? loaded.configuration.vision.providers : (["cpu"] as const);
      // ONNX Runtime and libvips are loaded where they are used: a start of the gateway's main process needs neither.
      const { detectImages } = await import("../vision/detect-images.ts");
      const { model, provider, refusedProviders } = await detectImages("bay", [], {
        bundleFolder: folder,
        providers,
      });
      const refused = refusedProviders.map((each) => `${each.provider}: ${each.reason.split("\n")[0]}`).join("; ");
      const what = {
        en: `${model.name} ${model.version} runs on ${provider}${refused === "" ? "" : ` (${refused})`}`,
        "zh-CN": `${model.name} ${model.version} 运行于 ${provider}${refused === "" ? "" : `(${refused})`}`,
      };
      return provider === "cpu"
        ? {
            state: "warning",
            what,
            remedy: {
              en: "On the CPU alone: slower. On a Jetson, install the GPU build of ONNX Runtime.",
              "zh-CN": "仅使用 CPU,较慢。在 Jetson 上请安装 GPU 版 ONNX Runtime。",
            },
          }
        : { state: "ok", what };
    },
  },
  {
    name: "headquarters",
    examine: async ({ config, data }) => {
      const loaded = await loadConfiguration(config);
      const headquarters = loaded.ok ? loaded.configuration.headquarters : undefined;
      if (headquarters === undefined)
        return ok("No headquarters is configured: this shop stands alone", "未配置总部:本店独立运行");
      return examineHeadquarters(headquarters, data);
    },
  },
];

/** What a running gateway says of itself. */
export const RUNNING_CHECKS: readonly Check[] = [
  {
    name: "gateway",
    examine: async ({ data }) => {
      const running = await readRunning(placesIn(data).running);
      if (running === undefined)
        return warning(
          "No gateway runs on this data folder",
          "该数据目录上没有运行中的网关",
          "Start it: npx baygate start",
          "启动:npx baygate start",
        );
      const ready = await readyOf(running, data);
      const bad = Object.entries(ready.parts).filter(([, state]) => state !== "ok");
      const parts = bad.map(([part, state]) => `${part}: ${state}`).join(", ");
      if (bad.length === 0) return ok(`The gateway is up at ${running.page}`, `网关运行于 ${running.page}`);
      return {
        state: ready.ready ? "warning" : "fault",
        what: { en: `${running.page}: ${parts}`, "zh-CN": `${running.page}:${parts}` },
        remedy: { en: "The page says more under Today.", "zh-CN": "详情见页面“今日”。" },
      };
    },
  },
  {
    name: "broker",
    examine: async ({ data }) => {
      const running = await readRunning(placesIn(data).running);
      if (running === undefined) return ok("Broker not asked: no gateway runs", "未检查消息代理:网关未运行");
      const refused: string[] = [];
      for (const { address, port } of running.brokers)
        if (!(await answers(address, port))) refused.push(`${address}:${port}`);
      if (refused.length > 0)
        return fault(
          `Nobody answers at ${refused.join(", ")}`,
          `${refused.join(", ")} 无应答`,
          "Look for another program on that port, or restart the gateway.",
          "请检查端口是否被占用,或重启网关。",
        );
      const all = running.brokers.map(({ address, port, tls }) => `${address}:${port}${tls ? " TLS" : ""}`).join(", ");
      return ok(`Broker listens at ${all}`, `消息代理监听 ${all}`);
    },
  },
  {
    name: "cameras",
    examine: async ({ data, config }) => {
      const running = await readRunning(placesIn(data).running);
      const loaded = await loadConfiguration(config);
      if (running === undefined || !loaded.ok)
        return ok("Cameras not asked: no gateway runs", "未检查摄像头:网关未运行");
      return examineCameras(running, data, loaded.configuration);
    },
  },
  {
    name: "dongles",
    examine: async ({ data, config }) => {
      const running = await readRunning(placesIn(data).running);
      const loaded = await loadConfiguration(config);
      if (running === undefined || !loaded.ok)
        return ok("Dongles not asked: no gateway runs", "未检查诊断盒:网关未运行");
      return examineDongles(running, data, loaded.configuration);
    },
  },
];

function examineDiagnostics({ diagnostics, dongles, bays }: Configuration): Finding {
  if (!diagnostics.polling)
    return warning(
      "The configuration forbids asking cars: no scans, no live values",
      "配置禁止询问车辆:无法扫描,没有实时数据",
      "Set diagnostics.polling to true in shop.yaml when cars may be asked.",
      "允许询问车辆时,请将 shop.yaml 中 diagnostics.polling 设为 true。",
    );
  const used = Object.values(bays).flatMap(({ dongle }) => (dongle === undefined ? [] : [dongle]));
  const telling = used.filter((id) => DIALECT_ROWS.get(dongles[id]?.dialect ?? "")?.car === "told");
  const scanning = used.length - telling.length;
  return ok(
    `${scanning} bays scan cars${telling.length === 0 ? "" : `; only reports: ${telling.join(", ")}`}`,
    `${scanning} 个工位可扫描车辆${telling.length === 0 ? "" : `;只上报:${telling.join("、")}`}`,
  );
}

async function examineDongles(running: Running, data: string, configuration: Configuration): Promise<Finding> {
  const online = await metricsOf(running, data, "baygate_dongle_online", "dongle");
  const away = Object.values(configuration.bays)
    .flatMap(({ dongle }) => (dongle === undefined ? [] : [dongle]))
    .filter((id) => online.get(id) !== 1);
  if (away.length === 0) return ok("Every bay's dongle is heard", "所有工位的诊断盒均在线");
  return warning(
    `Not heard: ${away.join(", ")}`,
    `未在线:${away.join("、")}`,
    "Plug the dongle into a car or a bench supply, and check its network and its bridge.",
    "请将诊断盒插到车上或台架电源上,并检查其网络和固件桥。",
  );
}

async function examineCameras(running: Running, data: string, configuration: Configuration): Promise<Finding> {
  const FRAMES = "baygate_camera_frames_received_total";
  const before = await metricsOf(running, data, FRAMES, "camera");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = await metricsOf(running, data, FRAMES, "camera");
  const silent = Object.keys(configuration.cameras).filter(
    (camera) => (after.get(camera) ?? 0) <= (before.get(camera) ?? 0),
  );
  if (silent.length === 0) return ok("Every camera sends pictures", "所有摄像头都在发送画面");
  return warning(
    `No picture in two seconds from: ${silent.join(", ")}`,
    `两秒内无画面:${silent.join(", ")}`,
    "Check power and network of the camera, and its user name camera/<id> and password.",
    "请检查摄像头的电源、网络,以及用户名 camera/<id> 和密码。",
  );
}

/** Figures of one metric by its label. @throws Error when the gateway does not give them: no figure is not "zero" */
async function metricsOf(
  running: Running,
  data: string,
  metric: string,
  label: string,
): Promise<ReadonlyMap<string, number>> {
  const { status, body } = await askOwnGateway(running, data, "/metrics");
  if (status !== 200) throw new Error(`${running.page}/metrics answers ${status}`);
  const lines = body.matchAll(new RegExp(`^${metric}\\{${label}="([^"]+)"\\} (\\d+)`, "gm"));
  return new Map([...lines].map((match) => [match[1] ?? "", Number(match[2])]));
}

const isReadyView = Compile(ReadyView);

async function readyOf(running: Running, data: string): Promise<ReadyView> {
  const view: unknown = JSON.parse((await askOwnGateway(running, data, "/readyz")).body);
  if (!isReadyView.Check(view)) throw new Error(`${running.page}/readyz gave no state`);
  return view;
}

async function examineHeadquarters(
  { url, authorityFile }: NonNullable<Configuration["headquarters"]>,
  data: string,
): Promise<Finding> {
  const { hostname, port } = new URL(url);
  const ca = await readFile(authorityFile, "utf8");
  const reason = await new Promise<string | undefined>((resolve) => {
    const socket = connectTls({
      host: hostname,
      port: Number(port === "" ? 443 : port),
      ca,
      timeout: CONNECT_MS,
      ...(isAddress(hostname) ? {} : { servername: hostname }),
    });
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.on("secureConnect", () => end(undefined));
    socket.on("timeout", () => end("no answer"));
    socket.on("error", (error) => end(error.message));
  });
  if (reason !== undefined)
    return warning(
      `Headquarters cannot be reached: ${reason}. Records wait on this box`,
      `无法连接总部:${reason}。记录保留在本机`,
      "Check the line, the address in shop.yaml and the authority file.",
      "请检查网络、shop.yaml 中的地址以及证书颁发机构文件。",
    );
  const identity = await new IdentityStore(placesIn(data).headquarters).load();
  if (identity === undefined)
    return warning(
      "Headquarters answers; this box is not enrolled yet",
      "总部可达;本机尚未注册",
      "Put the claim code into the file that headquarters.claimCodeFile names and start the gateway.",
      "将领取码写入 headquarters.claimCodeFile 指定的文件并启动网关。",
    );
  const end = new Date(identity.notAfterMs).toISOString().slice(0, 10);
  if (identity.notAfterMs - Date.now() < CERTIFICATE_SOON_MS)
    return warning(
      `Headquarters answers; the certificate ends ${end}`,
      `总部可达;证书将于 ${end} 到期`,
      "It renews by itself while the gateway runs and headquarters is reachable.",
      "网关运行且总部可达时会自动续期。",
    );
  return ok(`Headquarters answers; certificate good until ${end}`, `总部可达;证书有效期至 ${end}`);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host,
      port,
      timeout: CONNECT_MS,
    });
    const end = (good: boolean) => {
      socket.destroy();
      resolve(good);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(false));
    socket.on("error", () => end(false));
  });
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}

const ok = (en: string, zh: string): Finding => ({ state: "ok", what: { en, "zh-CN": zh } });
const warning = (en: string, zh: string, remedyEn: string, remedyZh: string): Finding => ({
  state: "warning",
  what: { en, "zh-CN": zh },
  remedy: { en: remedyEn, "zh-CN": remedyZh },
});
const fault = (en: string, zh: string, remedyEn: string, remedyZh: string): Finding => ({
  ...warning(en, zh, remedyEn, remedyZh),
  state: "fault",
});
