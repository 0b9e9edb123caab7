import Type from "typebox";
import { GatewayError } from "../../contract/errors.ts";
import { ApiError, Committed, JobParams, type PersonSummary } from "../../contract/http-api.ts";
import { PHOTO_MAX_BYTES } from "../../contract/photos.ts";
import { JobPhotosView, JudgeFindingRequest, PictureParams, TakePhotoQuery } from "../../contract/photos-api.ts";
import type { SignedIn } from "./access.ts";
import type { App } from "./app.ts";
import type { PhotosApi } from "./photos-api.ts";
import type { ShopApi } from "./shop-api.ts";

export interface PhotosRoutesOptions {
  readonly shop: Pick<ShopApi, "execute">;
  readonly photos: PhotosApi;
}

const errors = { "4xx": ApiError, "5xx": ApiError };

/** A job's photos: taken, looked at, judged. */
export function registerPhotosRoutes(app: App, { shop, photos }: PhotosRoutesOptions): void {
  // What it really is shows when it is decoded. Every route's own limit holds; only the one for photos takes more than a page's request.
  app.addContentTypeParser(/^image\/[a-z0-9.+-]{1,40}$/, { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );

  app.get(
    "/api/jobs/:id/photos",
    {
      config: { access: "GET /api/jobs/:id/photos" },
      schema: { params: JobParams, response: { 200: JobPhotosView, ...errors } },
    },
    async (request) => photos.photos(request.params.id),
  );
  app.post(
    "/api/jobs/:id/photos",
    {
      config: { access: "POST /api/jobs/:id/photos" },
      bodyLimit: PHOTO_MAX_BYTES,
      schema: { params: JobParams, querystring: TakePhotoQuery, response: { 200: Committed, ...errors } },
    },
    async (request) => {
      const photo: unknown = request.body;
      if (!Buffer.isBuffer(photo)) throw new GatewayError("HTTP_MEDIA_TYPE_REFUSED");
      const { requestId, checkpoint } = request.query;
      return photos.take({
        person: personOf(request.signedIn),
        jobId: request.params.id,
        requestId,
        checkpoint,
        photo,
      });
    },
  );
  app.get(
    "/api/photos/:picture",
    {
      config: { access: "GET /api/photos/:picture" },
      schema: { params: PictureParams, response: { 200: Type.Unknown(), ...errors } },
    },
    async (request, reply) => {
      const picture = await photos.picture(personOf(request.signedIn), request.params.picture);
      return reply.type("image/jpeg").send(picture);
    },
  );
  app.post(
    "/api/jobs/:id/judge-finding",
    {
      config: { access: "POST /api/jobs/:id/judge-finding" },
      schema: { params: JobParams, body: JudgeFindingRequest, response: { 200: Committed, ...errors } },
    },
    (request) => {
      const { requestId, ...word } = request.body;
      const action = { kind: "judge-finding" as const, jobId: request.params.id, ...word };
      return shop.execute({ person: personOf(request.signedIn), requestId, action });
    },
  );
}

/** The access check has let only signed-in people come here. */
function personOf(signedIn: SignedIn | undefined): PersonSummary {
  if (signedIn === undefined) throw new GatewayError("SIGN_IN_NEEDED");
  const { id, name, role } = signedIn.person;
  return { id, name, role };
}
