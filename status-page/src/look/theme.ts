import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  Modal,
  NativeSelect,
  PasswordInput,
  TextInput,
} from "@mantine/core";

/** System fonts with good Chinese; nothing is loaded. */
const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

export const theme = createTheme({
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: "650" },
  defaultRadius: 8,
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Button: Button.extend({ defaultProps: { size: "md" } }),
    TextInput: TextInput.extend({ defaultProps: { size: "md" } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: "md" } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: "md" } }),
    Modal: Modal.extend({ defaultProps: { centered: true, radius: 12, transitionProps: { duration: 120 } } }),
  },
});

/** The library wears the page's own colours (tokens.css), which follow the system's light or dark by themselves. */
export const cssVariables: CSSVariablesResolver = () => {
  const both = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-soft)",
    "--mantine-color-placeholder": "var(--ink-soft)",
    "--mantine-color-error": "var(--bad)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--sunken)",
    "--mantine-color-default-color": "var(--ink)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-blue-filled": "var(--accent-fill)",
    "--mantine-color-blue-filled-hover": "var(--accent-fill-hover)",
    "--mantine-color-blue-light-color": "var(--accent)",
    "--mantine-color-blue-light-hover": "var(--accent-ground)",
  };
  return { variables: {}, light: both, dark: both };
};
