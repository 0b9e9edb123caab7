import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The gateway writes a fresh nonce in its place with every answer.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Everything is a file of our own origin: the policy allows no data: addresses but for pictures.
    assetsInlineLimit: 0,
    // The libraries change seldom; tablets keep them across updates of the page.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "library", test: /node_modules/ }] } } },
    chunkSizeWarningLimit: 700,
  },
});
