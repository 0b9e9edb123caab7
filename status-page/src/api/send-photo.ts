import { Check } from "typebox/value";
import { ApiError, Committed } from "../../../contract/http-api.ts";
import type { Checkpoint } from "../../../contract/photos.ts";
import { currentLanguage } from "../language/i18n.ts";
import { newRequestId } from "./calls.ts";
import { ApiFailure, mayHelpToRepeat, tokenInUse } from "./client.ts";

/** How far a photo is: on its way (share of its bytes), or being looked at, which takes seconds. */
export type PhotoProgress = { readonly kind: "sending"; readonly share: number } | { readonly kind: "looking" };

/** Sending over a weak wireless network and looking at several photos before this one. */
const DEADLINE_MS = 240_000;
/** Waits between the tries of one photo; all carry the same `requestId`, so that the gateway records it once. */
const REPEAT_AFTER_MS = [1_000, 4_000] as const;

/** Sends a photo and resolves when it is on record. @throws ApiFailure */
export async function sendPhoto(
  jobId: string,
  checkpoint: Checkpoint,
  photo: Blob,
  onProgress: (progress: PhotoProgress) => void,
): Promise<Committed> {
  const query = new URLSearchParams({ requestId: newRequestId(), checkpoint });
  const address = `/api/jobs/${encodeURIComponent(jobId)}/photos?${query}`;
  for (const waitMs of REPEAT_AFTER_MS) {
    try {
      return await sendOnce(address, photo, onProgress);
    } catch (error) {
      if (!mayHelpToRepeat(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return sendOnce(address, photo, onProgress);
}

/** `fetch` does not say how far an upload is; this does. */
function sendOnce(address: string, photo: Blob, onProgress: (progress: PhotoProgress) => void): Promise<Committed> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.timeout = DEADLINE_MS;
    request.responseType = "json";
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("accept-language", currentLanguage());
    // A file whose kind the tablet does not know is judged by its content.
    request.setRequestHeader("content-type", photo.type.startsWith("image/") ? photo.type : "image/jpeg");
    const token = tokenInUse();
    if (token !== null) request.setRequestHeader("x-csrf-token", token);
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress({ kind: "sending", share: total === 0 ? 0 : loaded / total });
    request.upload.onload = () => onProgress({ kind: "looking" });
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status === 200 && Check(Committed, answer)) resolve(answer);
      else if (request.status !== 200 && Check(ApiError, answer))
        reject(new ApiFailure("refused", request.status, answer));
      else reject(new ApiFailure("unexpected", request.status));
    };
    request.onerror = () => reject(new ApiFailure("offline", 0));
    request.ontimeout = () => reject(new ApiFailure("offline", 0));
    request.send(photo);
  });
}
