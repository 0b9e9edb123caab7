import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import type { AssignJobRequest, JobView } from "../../../contract/http-api.ts";
import type { WaitReason } from "../../../contract/payloads.ts";
import { assignJob, closeJob, pauseJob, requestScan, resumeJob } from "../api/calls.ts";
import { useSayFailure } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";

/** Says in passing that something was done. The views themselves come by the event stream. */
export function useSayDone(): (sentence: string) => void {
  const { t } = useWords();
  return (message) =>
    notifications.show({
      message,
      color: "green",
      autoClose: 5_000,
      closeButtonProps: { "aria-label": t("app.close") },
    });
}

export function useAskScan() {
  const { t } = useWords();
  const sayDone = useSayDone();
  return useMutation({
    mutationFn: (job: Pick<JobView, "id">) => requestScan(job.id),
    onSuccess: () => sayDone(t("job.scanAsked")),
    onError: useSayFailure(),
  });
}

/** What can be done to a job, as one press says it. */
export type JobDeed =
  | { readonly kind: "assign"; readonly to: Omit<AssignJobRequest, "requestId"> }
  | { readonly kind: "pause"; readonly reason: WaitReason }
  | { readonly kind: "resume" }
  | { readonly kind: "scan" }
  | { readonly kind: "close" };

function carryOut(job: Pick<JobView, "id">, deed: JobDeed) {
  switch (deed.kind) {
    case "assign":
      return assignJob(job.id, deed.to);
    case "pause":
      return pauseJob(job.id, deed.reason);
    case "resume":
      return resumeJob(job.id);
    case "scan":
      return requestScan(job.id);
    case "close":
      return closeJob(job.id);
  }
}

const DONE_WORDS = {
  assign: "job.assigned",
  pause: "job.paused",
  resume: "job.resumed",
  scan: "job.scanAsked",
  close: "job.closed",
} as const;

/** Carries out one deed at a time and says how it went; `variables` tells which is on its way. */
export function useJobDeed(job: Pick<JobView, "id" | "number"> | undefined) {
  const { t } = useWords();
  const sayDone = useSayDone();
  return useMutation({
    mutationFn: async (deed: JobDeed) => {
      if (job !== undefined) await carryOut(job, deed);
    },
    onSuccess: (_answer, deed) => sayDone(t(DONE_WORDS[deed.kind], { number: job?.number ?? "" })),
  });
}
