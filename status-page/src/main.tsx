import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/Group.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/Skeleton.css";
import "@mantine/core/styles/Notification.css";
import "@mantine/notifications/styles.css";
import "./look/tokens.css";
import "./frame/frame.css";
import "./today/today.css";
import "./jobs/jobs.css";
import "./my-job/my-job.css";
import "./car/car.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiFailure } from "./api/client.ts";
import { App } from "./app.tsx";
import { PageFault } from "./frame/page-fault.tsx";
import { browserLanguage, startWords, storedLanguage } from "./language/i18n.ts";
import { cssVariables, theme } from "./look/theme.ts";

declare global {
  /** Where the dialog's scroll lock looks for the nonce of its style element. */
  var __webpack_nonce__: string | undefined;
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
globalThis.__webpack_nonce__ = nonce;

startWords(storedLanguage() ?? browserLanguage());

/** A session that has ended is found out by any request; the sign-in then takes the page's place. */
function noticeSessionEnd(error: unknown): void {
  if (error instanceof ApiFailure && error.status === 401) void queries.invalidateQueries({ queryKey: ["session"] });
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSessionEnd }),
  mutationCache: new MutationCache({ onError: noticeSessionEnd }),
  defaultOptions: {
    // The event stream brings what is new; polling beside it would only tell it twice.
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 4 && error instanceof ApiFailure && error.kind === "offline",
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Notifications position="bottom-center" zIndex={400} limit={3} />
      <QueryClientProvider client={queries}>
        <PageFault>
          <App />
        </PageFault>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
