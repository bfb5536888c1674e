import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const DRIVERS = [
  { name: "@duckdb/node-api", message: "Only server/database may name the driver." },
  { name: "@duckdb/duckdb-wasm", message: "Only lib/wasm may name the browser's database." },
];
const only = (allowed) => ["error", { paths: DRIVERS.filter(({ name }) => name !== allowed) }];

export default tseslint.config(
  {
    ignores: [
      "node_modules",
      ".next",
      "dist",
      "data",
      "public",
      "next-env.d.ts",
      "test-results",
      "playwright-report",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/return-await": ["error", "in-try-catch"],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/require-await": "off",
      // Objects are told apart by shape on purpose: pages and server are bundled apart, so classes differ.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      complexity: ["error", 12],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      "no-restricted-imports": only(),
    },
  },
  {
    files: ["**/*.tsx"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // Markup is long and flat; what matters is that components stay readable at a glance.
      "max-lines-per-function": ["error", { max: 90, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  { files: ["server/database/**/*.ts"], rules: { "no-restricted-imports": only("@duckdb/node-api") } },
  { files: ["lib/wasm/**/*.ts"], rules: { "no-restricted-imports": only("@duckdb/duckdb-wasm") } },
  {
    files: ["**/*.test.{ts,tsx}", "e2e/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "max-lines": "off",
      "max-lines-per-function": "off",
      "no-console": "off",
      "no-restricted-imports": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  // Playwright reads a fixture's needs from its first argument's pattern, empty or not.
  { files: ["e2e/fixtures.ts"], rules: { "no-empty-pattern": "off" } },
  {
    files: ["**/*.{mjs,cjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        URL: "readonly",
        Buffer: "readonly",
        setTimeout: "readonly",
        fetch: "readonly",
        console: "readonly",
      },
    },
  },
);
