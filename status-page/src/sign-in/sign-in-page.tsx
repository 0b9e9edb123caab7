import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SessionView } from "../../../contract/http-api.ts";
import { signIn } from "../api/calls.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { Gate } from "./gate.tsx";

export function SignInPage({ session }: { readonly session: SessionView }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: (view) => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      queries.setQueryData(["session"], view);
    },
    onError: () => setPassword(""),
  });
  return (
    <Gate session={session} title={t("signIn.title")}>
      {session.safeMode && <p className="gate-safe">{t("signIn.safeMode")}</p>}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (login !== "" && password !== "") enter.mutate({ login: login.trim(), password });
        }}
      >
        <TextInput
          label={t("signIn.login")}
          name="login"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={60}
          required
          withAsterisk={false}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("signIn.password")}
          name="password"
          autoComplete="current-password"
          maxLength={200}
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {enter.isError && <FailureNote failure={enter.error} />}
        <Button type="submit" loading={enter.isPending} fullWidth>
          {t("signIn.submit")}
        </Button>
      </form>
      <p className="small soft">{t("signIn.forgot")}</p>
    </Gate>
  );
}
