import type { JobView } from "../../../contract/http-api.ts";
import { useWords } from "../language/use-words.tsx";
import { IconCheck, IconPlayerPlay, IconX } from "../look/icons.ts";

const SIGN = { done: IconCheck, active: IconPlayerPlay, missing: null, failed: IconX } as const;

/** The steps of a job as dots on a line: shape, colour and word say how each stands; what is missing is an open ring. */
export function StepLine({ steps }: { readonly steps: JobView["steps"] }) {
  const { t } = useWords();
  return (
    <ol className="steps">
      {steps.map(({ step, state }) => {
        const Sign = SIGN[state];
        return (
          <li key={step} className="step" data-state={state} title={`${t(`step.${step}`)}: ${t(`stepState.${state}`)}`}>
            <span className="step-dot" aria-hidden>
              {Sign !== null && <Sign size={14} stroke={3} />}
            </span>
            <span className="step-name" aria-hidden>
              {t(`stepShort.${step}`)}
            </span>
            <span className="hidden-words">{`${t(`step.${step}`)}: ${t(`stepState.${state}`)}`}</span>
          </li>
        );
      })}
    </ol>
  );
}
