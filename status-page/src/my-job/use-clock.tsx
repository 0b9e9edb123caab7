import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useState } from "react";
import type { JobView, MyJobView } from "../../../contract/http-api.ts";
import type { JobId } from "../../../contract/ids.ts";
import { clockOff, clockOn } from "../api/calls.ts";
import { ApiFailure } from "../api/client.ts";
import { sayWords, useSayFailure } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { useLiveness } from "../live/live.tsx";
import { IconArrowBackUp } from "../look/icons.ts";
import { agrees, jobsOf, type PendingPress } from "./clock-face.ts";
import { useLatest } from "./use-latest.ts";

/** How long "Undo" is offered. */
const UNDO_MS = 10_000;
/** A recorded press that no view ever showed (a badge tap came between) is forgotten after this. */
const FORGET_MS = 6_000;

export interface Clock {
  readonly pending: PendingPress | null;
  on(job: Pick<JobView, "id" | "number">): void;
  off(): void;
}

/** The clock's buttons: shown at once, taken back when refused, with an undo, and refused at once while the page is not live. */
export function useClock(view: MyJobView, now: number): Clock {
  const { t } = useWords();
  const { phase } = useLiveness();
  const sayFailure = useSayFailure();
  const [pending, setPending] = useState<PendingPress | null>(null);

  const isShown = pending !== null && pending.phase === "recorded" && agrees(view, pending);
  useEffect(() => {
    if (pending?.phase !== "recorded") return;
    if (isShown) return setPending(null);
    const timer = setTimeout(() => setPending(null), FORGET_MS);
    return () => clearTimeout(timer);
  }, [pending, isShown]);

  const numberOf = (jobId: JobId | null) => jobsOf(view).find((job) => job.id === jobId)?.number ?? "";

  const press = async (jobId: JobId | null, number: string, isUndo: boolean) => {
    if (phase !== "live") {
      sayWords({ title: t("myJob.offline"), remedy: t("myJob.offlineRemedy"), code: null }, t("app.close"));
      return;
    }
    if (pending?.phase === "sending") return;
    const before = view.running?.jobId ?? null;
    const beforeNumber = numberOf(before);
    const mine: PendingPress = { jobId, number, at: now, phase: "sending" };
    setPending(mine);
    try {
      await (jobId === null ? clockOff() : clockOn(jobId));
      setPending({ ...mine, phase: "recorded" });
    } catch (error) {
      setPending(null);
      if (error instanceof ApiFailure && error.kind === "offline")
        sayWords({ title: t("myJob.unsure"), remedy: t("myJob.unsureRemedy"), code: null }, t("app.close"));
      else sayFailure(error);
      return;
    }
    if (isUndo)
      notifications.show({ message: t("myJob.undone"), color: "green", autoClose: 3_000, withCloseButton: false });
    else
      sayWithUndo(
        jobId === null ? t("myJob.clockedOff", { number }) : t("myJob.clockedOn", { number }),
        before,
        beforeNumber,
      );
  };

  const sayWithUndo = (sentence: string, before: JobId | null, beforeNumber: string) => {
    const id = `clock-${now}`;
    notifications.show({
      id,
      color: "green",
      autoClose: UNDO_MS,
      withCloseButton: false,
      message: (
        <div className="notice">
          <span className="strong">{sentence}</span>
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={20} aria-hidden />}
            onClick={() => {
              notifications.hide(id);
              void latestPress.current(before, beforeNumber, true);
            }}
          >
            {t("myJob.undo")}
          </Button>
        </div>
      ),
    });
  };

  const latestPress = useLatest(press);
  return {
    pending,
    on: (job) => void press(job.id, job.number, false),
    off: () => void press(null, numberOf(view.running?.jobId ?? null), false),
  };
}
