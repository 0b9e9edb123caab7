import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SessionView } from "../../../contract/http-api.ts";
import { setUp } from "../api/calls.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { useWords } from "../language/use-words.tsx";
import { Gate } from "./gate.tsx";

/** The first visit: the one-time code makes the first manager. */
export function SetupPage({ session }: { readonly session: SessionView }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const [fields, setFields] = useState({ setupCode: "", name: "", login: "", password: "" });
  const finish = useMutation({
    mutationFn: setUp,
    onSuccess: (view) => queries.setQueryData(["session"], view),
  });
  const field = (name: keyof typeof fields) => ({
    name,
    required: true,
    withAsterisk: false,
    value: fields[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Gate session={session} title={t("setup.title")}>
      <p>{t("setup.lead")}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          finish.mutate({ ...fields, setupCode: fields.setupCode.trim(), name: fields.name.trim() });
        }}
      >
        <TextInput
          {...field("setupCode")}
          label={t("setup.setupCode")}
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          minLength={6}
          maxLength={40}
        />
        <TextInput {...field("name")} label={t("setup.name")} autoComplete="name" maxLength={60} />
        <TextInput
          {...field("login")}
          label={t("setup.login")}
          description={t("setup.loginHint")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          pattern="[a-z0-9._\-]+"
          maxLength={60}
        />
        <PasswordInput
          {...field("password")}
          label={t("setup.password")}
          description={t("setup.passwordHint")}
          autoComplete="new-password"
          minLength={10}
          maxLength={200}
        />
        {finish.isError && <FailureNote failure={finish.error} />}
        <Button type="submit" loading={finish.isPending} fullWidth>
          {t("setup.submit")}
        </Button>
      </form>
    </Gate>
  );
}
