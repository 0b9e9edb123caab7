import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { AttentionItem } from "../../../contract/http-api.ts";
import { NOON, today } from "../../fixture/views.ts";
import { makeFormat } from "../language/format.ts";
import { RESOURCES, translateIn } from "../language/i18n.ts";
import { attentionWords, deedOf, sortAttention } from "./attention.ts";
import { boxConcerns, providerName } from "./box.ts";
import { pictureAddress, pictureLook } from "./picture.ts";

beforeAll(async () => {
  await i18next.init({ resources: RESOURCES, lng: "en", interpolation: { escapeValue: false } });
});

const view = today();

function item(kind: AttentionItem["kind"], change: Partial<AttentionItem> = {}): AttentionItem {
  return {
    key: kind,
    kind,
    urgency: "soon",
    since: NOON,
    values: {},
    action: "read-remedy",
    target: null,
    code: null,
    ...change,
  };
}

function words(card: AttentionItem, language: "en" | "zh-CN" = "en") {
  const t = translateIn(language);
  const bayName = (id: string) => view.bays.find((bay) => bay.id === id)?.name[language] ?? id;
  return attentionWords(card, t, makeFormat(language, "Asia/Shanghai", t), NOON, bayName);
}

describe("the cards of what needs a person", () => {
  it("stand by urgency, then by age", () => {
    const cards = [
      item("disk-low", { key: "a", urgency: "info", since: 1 }),
      item("disk-low", { key: "b", urgency: "now", since: 9 }),
      item("disk-low", { key: "c", urgency: "now", since: 3 }),
    ];
    expect(sortAttention(cards).map((card) => card.key)).toEqual(["c", "b", "a"]);
  });

  it("say their sentence with the shop's own names, times and amounts", () => {
    const camera = item("camera-silent", { values: { camera: "north", bay: "bay-3" } });
    expect(words(camera).sentence).toBe("Bay 3: no picture from camera north");
    expect(words(camera, "zh-CN").sentence).toBe("3 号工位:摄像头 north 没有画面");
    const flagged = { technician: "王建国", job: "RO-1", flag: "spans-reboot" };
    expect(words(item("labour-flagged", { values: flagged })).sentence).toBe(
      "王建国, job RO-1: spans a restart of the box",
    );
    const low = { technician: "Li", job: "RO-1", coverage: 0.58 };
    expect(words(item("labour-low-coverage", { values: low })).sentence).toBe("Li, job RO-1: only 58 % evidence");
    const late = { job: "RO-1", promisedAt: NOON };
    expect(words(item("promise-late", { values: late })).sentence).toBe("Job RO-1: promised 14:02, late");
    expect(words(item("headquarters-offline", { values: { waiting: 1204 } })).sentence).toContain("1,204 records");
    expect(words(item("records-lost", { values: { count: 12 } })).sentence).toBe("12 records were given up");
  });

  it("never have a hole where a value is missing", () => {
    expect(words(item("camera-silent", { values: { bay: "bay-3" } })).sentence).toBe("A camera sends no picture");
    expect(words(item("camera-silent", { values: { camera: "north, south" } })).sentence).toBe(
      "No picture from north, south",
    );
    expect(words(item("labour-flagged", { values: { job: "RO-1", technician: "" } })).sentence).toBe(
      "Labour time needs a look",
    );
  });

  it("name every bay that a camera serves", () => {
    expect(words(item("camera-silent", { values: { camera: "north", bay: "bay-1, bay-3" } })).sentence).toBe(
      "Bay 1, Bay 3: no picture from camera north",
    );
  });
});

describe("the button of a card", () => {
  const deed = (change: Partial<AttentionItem>) => deedOf(item("disk-low", change), view);

  it("shows the bay, also when only its camera is named", () => {
    expect(deed({ action: "see-bay", target: "bay-2" })).toMatchObject({ kind: "show-bay", bay: { id: "bay-2" } });
    expect(deed({ action: "see-camera", target: "bay-1-north" })).toMatchObject({ bay: { id: "bay-1" } });
    const byValue = { action: "see-camera", target: "gone", values: { bay: "bay-3" } } as const;
    expect(deed(byValue)).toMatchObject({ bay: { id: "bay-3" } });
  });

  it("opens the job, asks for its scan again, or names whom to call", () => {
    expect(deed({ action: "open-job", target: "job-2" })).toMatchObject({ kind: "open-job", job: { id: "job-2" } });
    expect(deed({ action: "retry", target: "job-3" })).toMatchObject({ kind: "scan-again", job: { id: "job-3" } });
    expect(deed({ action: "call-technician", target: "job-3" })).toEqual({ kind: "call", name: "赵雪" });
    expect(deed({ action: "call-technician", target: "p-li" })).toEqual({ kind: "call", name: "李敏" });
    expect(deed({ action: "call-technician", target: "nobody" })).toEqual({ kind: "call", name: null });
  });

  it("explains where what it would lead to is gone", () => {
    expect(deed({ action: "open-job", target: "closed-long-ago" })).toEqual({ kind: "explain" });
    expect(deed({ action: "see-bay", target: "bay-99" })).toEqual({ kind: "explain" });
    expect(deed({ action: "retry", target: null })).toEqual({ kind: "explain" });
  });
});

describe("a bay's picture", () => {
  const bay = (id: string) => {
    const found = view.bays.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no ${id} in the fixture`);
    return found;
  };

  it("says its age once it is not just now, by the reader's watch", () => {
    expect(pictureLook(bay("bay-1"), NOON, 1)).toMatchObject({ kind: "picture", staleForMs: null });
    expect(pictureLook(bay("bay-4"), NOON, 1)).toMatchObject({ kind: "picture", staleForMs: 48_000 });
    expect(pictureLook(bay("bay-4"), NOON, 30)).toMatchObject({ staleForMs: null });
  });

  it("is not shown at all when the camera is lost, only since when", () => {
    const lost = { ...bay("bay-1"), pictureLost: true, lastPictureAt: 5 };
    expect(pictureLook(lost, NOON, 1)).toEqual({ kind: "lost", since: 5 });
  });

  it("has an address of its own for each moment", () => {
    expect(pictureAddress("/api/cameras/a/thumbnail", 12.4)).toBe("/api/cameras/a/thumbnail?at=12");
    expect(pictureAddress("/api/cameras/a/thumbnail?at=7", 12)).toBe("/api/cameras/a/thumbnail?at=7");
  });
});

describe("the lines about the box", () => {
  it("mark what is not as it should be, and only that", () => {
    expect(boxConcerns(view.box)).toMatchObject({ cameras: true, dongles: false, disk: false, clock: false });
    expect(boxConcerns({ ...view.box, diskDaysLeft: 3, clock: "untrusted", journal: "pressure" })).toMatchObject({
      disk: true,
      clock: true,
      journal: true,
    });
  });

  it("name known providers in words and others by their own name", () => {
    expect(providerName("CUDAExecutionProvider")).toEqual({ known: "cuda" });
    expect(providerName("webgpu")).toBe("webgpu");
    expect(providerName(null)).toBeNull();
  });
});
