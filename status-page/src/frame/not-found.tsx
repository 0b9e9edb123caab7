import { Link } from "wouter";
import { useWords } from "../language/use-words.tsx";

export function NotFound() {
  const { t } = useWords();
  return (
    <div className="panel stack">
      <h1 className="panel-title">{t("failure.notFound")}</h1>
      <Link href="/today" className="text-link">
        {t("failure.toToday")}
      </Link>
    </div>
  );
}
