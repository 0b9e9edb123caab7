import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ChangeEvent, useState } from "react";
import type { TodayView } from "../../../contract/http-api.ts";
import { openJob } from "../api/calls.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { useBayChoices, useTechnicianChoices } from "./choices.ts";
import { useSayDone } from "./job-deeds.ts";
import { EMPTY_JOB, type NewJobFields, type NewJobProblem, newJobRequest } from "./new-job.ts";

/** A repair order as the advisor takes it at the counter; only its number is needed. */
export function NewJobDialog({ view, onClose }: { readonly view: TodayView; readonly onClose: () => void }) {
  const { t, timeZone } = useWords();
  const sayDone = useSayDone();
  const bays = useBayChoices(view, null);
  const technicians = useTechnicianChoices();
  const [fields, setFields] = useState<NewJobFields>(EMPTY_JOB);
  const [problems, setProblems] = useState<Partial<Record<keyof NewJobFields, NewJobProblem>>>({});
  const [bay, setBay] = useState("");
  const [technician, setTechnician] = useState("");
  const open = useMutation({
    mutationFn: openJob,
    onSuccess: (_answer, job) => {
      sayDone(t("newJob.opened", { number: job.number }));
      onClose();
    },
  });
  const field = (name: keyof NewJobFields) => {
    const problem = problems[name];
    return {
      name,
      value: fields[name],
      autoComplete: "off",
      error: problem === undefined ? undefined : t(`newJob.${problem}`),
      onChange: (event: ChangeEvent<HTMLInputElement>) => {
        const { value } = event.currentTarget;
        setFields((before) => ({ ...before, [name]: value }));
      },
    };
  };
  const submit = () => {
    const result = newJobRequest(fields, { bay: bays.idOf(bay), technicianId: technicians.idOf(technician) }, timeZone);
    setProblems("problems" in result ? result.problems : {});
    if ("job" in result) open.mutate(result.job);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("newJob.title")}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form
        className="new-job"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput {...field("number")} label={t("newJob.number")} maxLength={40} data-autofocus />
        <TextInput {...field("plate")} label={t("newJob.plate")} maxLength={16} />
        <TextInput {...field("work")} label={t("newJob.work")} maxLength={200} className="whole-row" />
        <TextInput
          {...field("vin")}
          label={t("newJob.vin")}
          description={t("newJob.vinHint")}
          maxLength={17}
          autoCapitalize="characters"
          spellCheck={false}
          className="whole-row"
        />
        <TextInput {...field("flatRateHours")} label={t("newJob.flatRate")} inputMode="decimal" maxLength={8} />
        <TextInput {...field("promised")} label={t("newJob.promised")} type="datetime-local" />
        <NativeSelect
          label={t("job.bay")}
          value={bay}
          onChange={(event) => setBay(event.currentTarget.value)}
          data={bays.options}
        />
        <NativeSelect
          label={t("job.technician")}
          value={technician}
          onChange={(event) => setTechnician(event.currentTarget.value)}
          data={technicians.options}
        />
        {open.isError && (
          <div className="whole-row">
            <FailureNote failure={open.error} />
          </div>
        )}
        <div className="row whole-row">
          <Button type="submit" loading={open.isPending}>
            {t("newJob.submit")}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("app.cancel")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
