import { Button } from "@mantine/core";
import i18next from "i18next";
import { Component, type ErrorInfo, type ReactNode } from "react";

/** A mistake in the page itself must not leave a white screen on the wall. */
export class PageFault extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main className="gate">
        <div className="panel gate-card stack" role="alert">
          <p className="strong">{i18next.t("app.broken")}</p>
          <Button onClick={() => location.reload()}>{i18next.t("app.reload")}</Button>
        </div>
      </main>
    );
  }
}
