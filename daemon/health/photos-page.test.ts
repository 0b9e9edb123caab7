import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { Compile } from "typebox/compile";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import type { JobId } from "../../contract/ids.ts";
import type { Checkpoint } from "../../contract/photos.ts";
import { JobPhotosView } from "../../contract/photos-api.ts";
import { nameOf } from "../evidence/sealed-picture.ts";
import type { PhotoLook } from "../vision/index.ts";
import { openJob, request, type TestShop, testShop } from "./shop-page.fixture.ts";

const wholeView = Compile(JobPhotosView);

/** Vision as it might answer: the covered picture of a photo is its bytes turned round. */
const covered = (photo: Buffer) => Buffer.from(photo).reverse();

const LOOK: Omit<PhotoLook, "picture"> = {
  width: 800,
  height: 600,
  covered: [{ what: "plate", box: [0.4, 0.7, 0.6, 0.8] }],
  findings: [
    {
      label: "dent",
      score: 0.9,
      probability: 0.91,
      box: [0.1, 0.1, 0.2, 0.2],
      outline: [[0.1, 0.1, 0.2, 0.1, 0.2, 0.2]],
    },
    { label: "scratch", score: 0.4, probability: 0.35, box: [0.5, 0.5, 0.9, 0.6] },
  ],
  models: [{ role: "damage", name: "damage", version: "1.0.0", sha256: "d".repeat(64) }],
};

const sees = async (photo: Buffer): Promise<PhotoLook> => ({ picture: covered(photo), ...LOOK });

/** Sends photos over real HTTP routes, as the page does. */
async function atPage(shop: TestShop, login: string) {
  const http = await shop.http();
  const headers = await shop.signIn(http, login);
  return {
    http,
    take: (
      jobId: JobId,
      photo: Buffer,
      requestId = request(),
      checkpoint: Checkpoint | "elsewhere" = "arrival-front",
    ) =>
      http.inject({
        method: "POST",
        url: `/api/jobs/${jobId}/photos?requestId=${requestId}&checkpoint=${checkpoint}`,
        headers: { ...headers, "content-type": "image/jpeg" },
        payload: photo,
      }),
    photos: async (jobId: JobId) => {
      const view: unknown = (await http.inject({ url: `/api/jobs/${jobId}/photos`, headers })).json();
      if (!wholeView.Check(view)) throw new Error(JSON.stringify(view));
      return view;
    },
    get: (url: string) => http.inject({ url, headers }),
    judge: (jobId: JobId, photoId: string, finding: number, verdict: string) =>
      http.inject({
        method: "POST",
        url: `/api/jobs/${jobId}/judge-finding`,
        headers,
        payload: { requestId: request(), photoId, finding, verdict },
      }),
    [Symbol.asyncDispose]: () => http.stop(),
  };
}

const recordsOf = ({ journal }: TestShop, type: string) => [...journal.tail()].filter((record) => record.type === type);

describe("photos of a job", () => {
  it("stores the covered picture, records what was found, and shows both to whoever may see it", async () => {
    await using shop = await testShop({ look: sees });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "wang");
    const before = shop.page.today().jobs[0]?.photosVersion;
    const photo = Buffer.from("a photo of a car");
    const answer = await page.take(jobId, photo);
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { committed: true, duplicate: false }]);
    const { photos, takeNow } = await page.photos(jobId);
    expect(takeNow).toEqual({ possible: true, code: null });
    expect(photos).toMatchObject([
      {
        checkpoint: "arrival-front",
        by: "王伟",
        picture: { state: "kept", url: `/api/photos/${nameOf(covered(photo))}`, widthPx: 800 },
        covered: [{ what: "plate" }],
        findings: [
          { label: "dent", tier: "found", judged: null },
          { label: "scratch", tier: "person-decides", judged: null },
        ],
        models: LOOK.models,
      },
    ]);
    expect(shop.page.today().jobs[0]?.photosVersion).not.toBe(before);
    const picture = await page.get(photos[0]?.picture.url ?? "");
    expect([picture.headers["content-type"], picture.headers["cache-control"]]).toEqual(["image/jpeg", "no-store"]);
    expect(picture.rawPayload).toEqual(covered(photo));
    // What was looked at, and by whom.
    expect(recordsOf(shop, "picture.seen")).toMatchObject([
      { body: { picture: nameOf(covered(photo)), personId: shop.wang.id } },
    ]);
  });

  it("makes one record of a photo that is sent twice, one after the other or at once, and looks once", async () => {
    let looks = 0;
    await using shop = await testShop({
      look: (photo) => {
        looks += 1;
        return sees(photo);
      },
    });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "wang");
    const id = request();
    const photo = Buffer.from("photo");
    const answers = [
      ...(await Promise.all([page.take(jobId, photo, id), page.take(jobId, photo, id)])),
      await page.take(jobId, photo, id),
    ];
    expect(answers.map((each) => each.json<{ duplicate: boolean }>().duplicate)).toEqual([false, true, true]);
    expect([looks, recordsOf(shop, "photo.looked-at").length]).toEqual([1, 1]);
  });

  it("keeps neither record nor picture of a photo that vision refuses, says why, and takes the same request later", async () => {
    let isBlind = false;
    await using shop = await testShop({
      look: (photo) =>
        isBlind
          ? Promise.reject(new GatewayError("VISION_NOT_RUNNING"))
          : photo.length < 4
            ? Promise.reject(new GatewayError("PICTURE_TRUNCATED"))
            : sees(photo),
    });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "wang");
    const id = request();
    const cut = await page.take(jobId, Buffer.from("cut"), id);
    expect([cut.statusCode, cut.json()]).toMatchObject([422, { code: "PICTURE_TRUNCATED" }]);
    await page.take(jobId, Buffer.from("cut"), id);
    isBlind = true;
    const blind = await page.take(jobId, Buffer.from("whole"), id);
    expect([blind.statusCode, blind.json()]).toMatchObject([503, { code: "VISION_NOT_RUNNING" }]);
    // The box's own trouble is not the photo's, and a refusal said twice is one.
    expect((await page.photos(jobId)).refused).toMatchObject([{ code: "PICTURE_TRUNCATED", by: "王伟" }]);
    expect(shop.evidence.status().pictures).toBe(0);
    isBlind = false;
    expect((await page.take(jobId, Buffer.from("whole"), id)).json()).toMatchObject({ duplicate: false });
    expect((await page.photos(jobId)).photos).toHaveLength(1);
  });

  it("takes the picture back when its job was closed meanwhile", async () => {
    let close = async () => {};
    await using shop = await testShop({
      look: async (photo) => {
        await close();
        return sees(photo);
      },
    });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "wang");
    close = async () => {
      await shop.page.execute({ person: shop.li, requestId: request(), action: { kind: "close-job", jobId } });
    };
    expect((await page.take(jobId, Buffer.from("photo"))).json()).toMatchObject({ code: "JOB_CLOSED" });
    expect(shop.evidence.status().pictures).toBe(0);
    expect((await page.photos(jobId)).takeNow).toEqual({ possible: false, code: "JOB_CLOSED" });
  });

  it("refuses the job of another technician, an unknown job, a wrong checkpoint, a wrong kind and a body that is too large", async () => {
    await using shop = await testShop({ look: sees });
    const jobId = await openJob(shop);
    await using other = await atPage(shop, "zhao");
    await using page = await atPage(shop, "li");
    const photo = Buffer.from("photo");
    const codeOf = async (answer: ReturnType<typeof page.take>) => (await answer).json<{ code: string }>().code;
    expect(await codeOf(other.take(jobId, photo))).toBe("PERMISSION_DENIED");
    expect(await codeOf(page.take("nobody" as JobId, photo))).toBe("JOB_UNKNOWN");
    expect(await codeOf(page.take(jobId, photo, request(), "elsewhere"))).toBe("HTTP_REQUEST_INVALID");
    expect(await codeOf(page.take(jobId, Buffer.alloc(13 * 1024 * 1024)))).toBe("HTTP_REQUEST_TOO_LARGE");
    const headers = await shop.signIn(page.http, "li");
    const url = `/api/jobs/${jobId}/photos?requestId=12345678&checkpoint=free`;
    const asJson = await page.http.inject({ method: "POST", url, headers, payload: { a: 1 } });
    expect(asJson.json()).toMatchObject({ code: "HTTP_MEDIA_TYPE_REFUSED" });
    const asText = {
      method: "POST",
      url,
      headers: { ...headers, "content-type": "text/plain" },
      payload: "x",
    } as const;
    expect((await page.http.inject(asText)).json()).toMatchObject({ code: "HTTP_MEDIA_TYPE_REFUSED" });
    const withoutToken = { ...asText, headers: { cookie: headers.cookie ?? "", "content-type": "image/jpeg" } };
    expect((await page.http.inject(withoutToken)).json()).toMatchObject({ code: "HTTP_FORGED_REQUEST" });
    expect(recordsOf(shop, "photo.looked-at")).toEqual([]);
  });

  it("shows no picture that no record names, and says what became of one that is gone", async () => {
    await using shop = await testShop({ look: sees, evidence: { maxBytes: 2_000 } });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "wang");
    const hidden = await shop.evidence.put(Buffer.from("nobody's"));
    expect((await page.get(`/api/photos/${hidden.picture}`)).json()).toMatchObject({ code: "PHOTO_UNKNOWN" });
    await shop.evidence.forget(hidden.picture);

    for (const name of ["first", "second", "third"]) await page.take(jobId, Buffer.from(name.padEnd(800)));
    const [first, second, third] = (await page.photos(jobId)).photos;
    expect([first, second, third].map((photo) => photo?.picture.state)).toEqual(["dropped", "kept", "kept"]);
    const gone = await page.get(first?.picture.url ?? "");
    expect([gone.statusCode, gone.json()]).toMatchObject([410, { code: "PICTURE_NOT_KEPT" }]);

    const files = join(shop.directory, "evidence", "pictures");
    await truncate(join(files, (second?.picture.url ?? "").slice(-64)), 30);
    expect((await page.get(second?.picture.url ?? "")).json()).toMatchObject({ code: "PICTURE_DAMAGED" });
    await shop.evidence.forget((third?.picture.url ?? "").slice(-64));
    expect((await page.get(third?.picture.url ?? "")).json()).toMatchObject({ code: "PICTURE_MISSING" });
    const states = (await page.photos(jobId)).photos.map((photo) => photo.picture.state);
    expect(states).toEqual(["dropped", "damaged", "missing"]);
    // Nothing was shown, so nobody has looked.
    expect(recordsOf(shop, "picture.seen")).toEqual([]);
  });

  it("asks a person for what is not sure, and shows who decided what", async () => {
    await using shop = await testShop({ look: sees });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "li");
    await page.take(jobId, Buffer.from("photo"));
    shop.page.look();
    const card = () => shop.page.attention().find(({ kind }) => kind === "findings-undecided");
    expect(card()).toMatchObject({ values: { job: "RO-1", count: 1 }, action: "open-job", target: jobId });
    const photoId = (await page.photos(jobId)).photos[0]?.photoId ?? "";
    expect((await page.judge(jobId, photoId, 1, "maybe")).statusCode).toBe(400);
    expect((await page.judge(jobId, photoId, 9, "confirmed")).json()).toMatchObject({ code: "PHOTO_UNKNOWN" });
    await page.judge(jobId, photoId, 1, "confirmed");
    await page.judge(jobId, photoId, 1, "dismissed");
    const [dent, scratch] = (await page.photos(jobId)).photos[0]?.findings ?? [];
    expect(dent?.judged).toBeNull();
    expect(scratch?.judged).toMatchObject({ verdict: "dismissed", by: "李娜" });
    shop.page.look();
    expect(card()).toBeUndefined();
  });

  it("keeps photos on record after the job is closed", async () => {
    await using shop = await testShop({ look: sees });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "li");
    await page.take(jobId, Buffer.from("photo"));
    await shop.page.execute({ person: shop.li, requestId: request(), action: { kind: "close-job", jobId } });
    const view = await page.photos(jobId);
    expect([view.photos.length, view.takeNow.code]).toEqual([1, "JOB_CLOSED"]);
    await shop.executor.checkpoint();
    expect(shop.executor.state.inspection).toEqual({});
  });

  it("lets only so many photos wait", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using shop = await testShop({
      look: async (photo) => {
        await held;
        return sees(photo);
      },
    });
    const jobId = await openJob(shop);
    await using page = await atPage(shop, "wang");
    const sent = Array.from({ length: 7 }, (_, index) => page.take(jobId, Buffer.from(`photo ${index}`)));
    const [busy] = await Promise.all([Promise.race(sent)]);
    expect(busy?.json()).toMatchObject({ code: "PHOTO_BUSY" });
    release();
    const codes = (await Promise.all(sent)).map((each) => each.statusCode);
    expect(codes.filter((code) => code === 200)).toHaveLength(5);
    expect(codes.filter((code) => code === 503)).toHaveLength(2);
  });
});
