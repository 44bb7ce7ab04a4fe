/** The console's build: static files with hashed names, no inline script or style (CSP). */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { alias: { "#web": import.meta.dirname } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // As data: URLs they would need `img-src data:` and `font-src data:`.
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
  },
});
