import { Button, Modal } from "@mantine/core";
import type { AttentionItem } from "../../../contract/http-api.ts";
import { registryRow } from "../language/failure-words.ts";
import { useWords } from "../language/use-words.tsx";
import type { AttentionWords } from "./attention.ts";

interface RemedyDialogProps {
  readonly item: AttentionItem | null;
  readonly words: AttentionWords | null;
  readonly onClose: () => void;
}

/** Why it happened and what to do, from the error registry. */
export function RemedyDialog({ item, words, onClose }: RemedyDialogProps) {
  const { t, language } = useWords();
  const row = item?.code == null ? undefined : registryRow(item.code);
  return (
    <Modal
      opened={item !== null}
      onClose={onClose}
      title={words?.sentence}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <div className="stack">
        <p>{words?.meaning}</p>
        <dl className="stack">
          {row !== undefined && (
            <div>
              <dt className="small soft">{t("app.cause")}</dt>
              <dd>{row.cause[language]}</dd>
            </div>
          )}
          <div>
            <dt className="small soft">{t("app.remedy")}</dt>
            <dd className="strong">{row?.remedy[language] ?? words?.remedy}</dd>
          </div>
        </dl>
        {item?.code != null && <p className="small soft">{t("app.code", { code: item.code })}</p>}
        <Button onClick={onClose}>{t("app.close")}</Button>
      </div>
    </Modal>
  );
}
