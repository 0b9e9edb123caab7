import { Button, NativeSelect, Progress } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { CHECKPOINTS, type Checkpoint, PHOTO_MAX_BYTES } from "../../../contract/photos.ts";
import type { JobPhotosView } from "../../../contract/photos-api.ts";
import { ApiFailure } from "../api/client.ts";
import { type PhotoProgress, sendPhoto } from "../api/send-photo.ts";
import { CodeWords } from "../car/code-words.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { IconCamera } from "../look/icons.ts";

interface TakePhotoProps {
  readonly view: JobPhotosView;
  readonly onTaken: () => void;
}

/** One button: the tablet's camera, or a file. It says how far the photo is, and what to do when it is refused. */
export function TakePhoto({ view, onTaken }: TakePhotoProps) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<Checkpoint | null>(null);
  const [progress, setProgress] = useState<PhotoProgress | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const checkpoint = chosen ?? nextOf(view);
  const send = useMutation({
    mutationFn: (photo: File) => {
      if (photo.size > PHOTO_MAX_BYTES) throw tooLarge();
      setProgress({ kind: "sending", share: 0 });
      return sendPhoto(view.jobId, checkpoint, photo, setProgress);
    },
    onSuccess: () => setChosen(null),
    onSettled: () => {
      setProgress(null);
      onTaken();
    },
  });
  if (!view.takeNow.possible)
    return view.takeNow.code === null ? null : (
      <div className="no-print">
        <CodeWords code={view.takeNow.code} />
      </div>
    );
  return (
    <div className="stack tight no-print">
      <div className="take-photo">
        <NativeSelect
          label={t("photos.where")}
          value={checkpoint}
          disabled={send.isPending}
          onChange={(event) => setChosen(CHECKPOINTS.find((each) => each === event.currentTarget.value) ?? null)}
          data={CHECKPOINTS.map((each) => ({ value: each, label: t(`photos.checkpoint.${each}`) }))}
        />
        <Button
          leftSection={<IconCamera size={20} aria-hidden />}
          loading={send.isPending}
          onClick={() => input.current?.click()}
        >
          {t("photos.take")}
        </Button>
        <input
          ref={input}
          hidden
          type="file"
          accept="image/*"
          capture="environment"
          onChange={(event) => {
            const photo = event.currentTarget.files?.[0];
            // The same file may be chosen again after a failure.
            event.currentTarget.value = "";
            if (photo !== undefined) send.mutate(photo);
          }}
        />
      </div>
      <div role="status">
        {progress !== null && (
          <>
            <p className="small">{t(`photos.progress.${progress.kind}`)}</p>
            <Progress
              value={progress.kind === "sending" ? progress.share * 100 : 100}
              animated={progress.kind === "looking"}
              aria-label={t(`photos.progress.${progress.kind}`)}
            />
          </>
        )}
      </div>
      {send.isError && <FailureNote failure={send.error} />}
    </div>
  );
}

/** The next checkpoint around the car: those of arrival first; after them whatever a person chooses. */
function nextOf({ photos }: JobPhotosView): Checkpoint {
  const taken = new Set(photos.map((photo) => photo.checkpoint));
  return CHECKPOINTS.find((each) => each === "free" || !taken.has(each)) ?? "free";
}

/** What the gateway would say, told before megabytes are sent for nothing; the words for the code are the page's own. */
const tooLarge = () => new ApiFailure("refused", 413, { code: "HTTP_REQUEST_TOO_LARGE", title: "", remedy: "" });
