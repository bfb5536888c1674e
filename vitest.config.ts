import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  plugins: [
    {
      name: "sql-as-text",
      enforce: "pre",
      load(id) {
        if (!id.endsWith(".sql")) return null;
        return `export default ${JSON.stringify(readFileSync(id, "utf8"))}`;
      },
    },
  ],
  resolve: {
    alias: {
      "@": root.replace(/\/$/, ""),
      // The guard throws outside a React server bundle; tests run the server code directly.
      "server-only": `${root}node_modules/server-only/empty.js`,
    },
  },
  test: {
    include: ["{app,lib,server,sql,scripts,test}/**/*.test.{ts,tsx}"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Each file that opens a database does so in its own process: two opens in one process lose data.
    pool: "forks",
  },
});
