import type { ReactNode } from "react";
import type { DtcExplanation } from "../../../contract/dtc-explanation.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle, IconCar, IconQuestionMark, IconX } from "../look/icons.ts";

const ADVICE_LOOK = {
  drive: { className: "soft", Icon: IconCar },
  "drive-with-care": { className: "wait", Icon: IconAlertTriangle },
  "do-not-drive": { className: "bad", Icon: IconX },
  "not-known": { className: "soft", Icon: IconQuestionMark },
} as const;

interface DtcLineProps {
  readonly code: string;
  readonly known: DtcExplanation | undefined;
  /** Status, place or fate of the code. */
  readonly children: ReactNode;
  /** What belongs to it: freeze frame, snapshot. */
  readonly below?: ReactNode;
}

/** One trouble code: the code itself, what it means, whether one may drive, and what to check first. */
export function DtcLine({ code, known, children, below }: DtcLineProps) {
  const { language } = useWords();
  return (
    <li className="code-line">
      <div className="code-head">
        <span className="dtc-code">{code}</span>
        <span className="code-text">{known?.text?.[language] ?? <Structure code={code} known={known} />}</span>
        <span className="code-facts small">{children}</span>
      </div>
      {known !== undefined && <Knowledge known={known} />}
      {below}
    </li>
  );
}

function Structure({ known }: Pick<DtcLineProps, "code" | "known">) {
  const { t, language } = useWords();
  const unknown = t("car.code.unknown");
  if (known === undefined) return <span className="soft">{unknown}</span>;
  const { structure } = known;
  const words =
    structure.kind === "j2012"
      ? [structure.group[language], structure.area?.[language], structure.originText[language]]
      : [`SPN ${structure.spn}`, `FMI ${structure.fmi}`];
  return (
    <span>
      {unknown} <span className="small soft">{words.filter((word) => word !== undefined).join(" · ")}</span>
    </span>
  );
}

function Knowledge({ known }: { readonly known: DtcExplanation }) {
  const { t, language } = useWords();
  const advice = ADVICE_LOOK[known.advice];
  const failureType = known.structure.kind === "j2012" ? known.structure.failureType : null;
  return (
    <div className="code-know small">
      <span className={`with-icon strong ${advice.className}`}>
        <advice.Icon size={16} aria-hidden />
        {t(`car.code.advice.${known.advice}`)}
      </span>
      {known.system !== null && <span className="soft">{known.system.name[language]}</span>}
      {failureType !== null && (
        <span>
          {t("car.code.failureType", { byte: failureType.byte })}
          {failureType.text !== null && `: ${failureType.text[language]}`}
        </span>
      )}
      {known.otherReading !== null && (
        <span>
          {t("car.code.otherReading")}: {known.otherReading[language]}
        </span>
      )}
      {known.hint !== null && (
        <span>
          {t("car.code.hint")}: {known.hint[language]}
        </span>
      )}
      {known.shopNotes.map((note) => (
        <p key={JSON.stringify(note)} className="shop-note">
          <span className="strong">{t("car.code.shopNote")}: </span>
          {[
            note.text?.[language],
            note.cause && `${t("car.code.cause")}: ${note.cause[language]}`,
            note.fix && `${t("car.code.fix")}: ${note.fix[language]}`,
            note.note?.[language],
          ]
            .filter((part) => part !== undefined && part !== null)
            .join(" · ")}
        </p>
      ))}
    </div>
  );
}
