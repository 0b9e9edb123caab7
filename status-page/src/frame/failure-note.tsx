import { notifications } from "@mantine/notifications";
import { type FailureWords, failureWords } from "../language/failure-words.ts";
import { useWords } from "../language/use-words.tsx";
import { IconAlertTriangle } from "../look/icons.ts";

/** Why something did not work: the plain sentence, the remedy and, small, the code. */
export function FailureNote({ failure }: { readonly failure: unknown }) {
  const { t, language } = useWords();
  return <FailureText words={failureWords(failure, language, t)} />;
}

function FailureText({ words }: { readonly words: FailureWords }) {
  const { t } = useWords();
  return (
    <div className="failure" role="alert">
      <IconAlertTriangle size={22} aria-hidden />
      <div>
        <p className="strong">{words.title}</p>
        <p>{words.remedy}</p>
        {words.code !== null && <p className="small soft">{t("app.code", { code: words.code })}</p>}
      </div>
    </div>
  );
}

/** Says the same in passing, for what failed after its dialog or button is gone. */
export function useSayFailure(): (failure: unknown) => void {
  const { t, language } = useWords();
  return (failure) => sayWords(failureWords(failure, language, t), t("app.close"));
}

export function sayWords(words: FailureWords, closeLabel: string): void {
  notifications.show({
    autoClose: 12_000,
    color: "red",
    withCloseButton: true,
    closeButtonProps: { "aria-label": closeLabel },
    message: <FailureText words={words} />,
  });
}
