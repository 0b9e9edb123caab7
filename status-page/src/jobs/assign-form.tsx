import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { AssignJobRequest, JobView, TodayView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { useBayChoices, useTechnicianChoices } from "./choices.ts";

interface AssignFormProps {
  readonly view: TodayView;
  readonly job: JobView;
  readonly busy: boolean;
  readonly onAssign: (to: Omit<AssignJobRequest, "requestId">) => void;
}

/** Bay and technician of a job; either may be nobody's. */
export function AssignForm({ view, job, busy, onAssign }: AssignFormProps) {
  const { t } = useWords();
  const bays = useBayChoices(view, job.id);
  const technicians = useTechnicianChoices();
  const [bay, setBay] = useState<string>(job.bay ?? "");
  const [technician, setTechnician] = useState<string>(job.assignedTo?.id ?? "");
  return (
    <form
      className="assign"
      onSubmit={(event) => {
        event.preventDefault();
        onAssign({ bay: bays.idOf(bay), technicianId: technicians.idOf(technician) });
      }}
    >
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
      <Button
        type="submit"
        variant="default"
        loading={busy}
        disabled={bay === (job.bay ?? "") && technician === (job.assignedTo?.id ?? "")}
      >
        {t("job.assign")}
      </Button>
    </form>
  );
}
