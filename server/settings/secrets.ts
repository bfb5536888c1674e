import "server-only";
import { isTree } from "./tree";

const HIDDEN = "••••";
const SHOWN_LENGTH = 200;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A value as the settings page and error messages may show it: secrets hidden, wherever they were written. */
export function withoutSecrets(path: string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withoutSecrets([...path, String(i)], item));
  if (isTree(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withoutSecrets([...path, key], item)]),
    );
  if (typeof value !== "string" && typeof value !== "number") return value;
  return scalarWithoutSecrets(path, value);
}

function scalarWithoutSecrets(path: string[], value: string | number): string | number {
  const [section, second] = path;
  const key = path.at(-1) ?? "";
  if (section === "auth" && second !== "enabled")
    return path.length === 4 && (key === "name" || key === "role") ? value : HIDDEN;
  if (section === "providers") {
    // People paste the key itself where only the name of its variable belongs, so nothing is shown on trust.
    const shown = path.length === 3 && isPublic(key, String(value));
    return shown ? withoutCredentials(value) : HIDDEN;
  }
  return withoutCredentials(value);
}

function isPublic(key: string, value: string): boolean {
  if (key === "api_key_env") return ENVIRONMENT_NAME.test(value);
  return key === "kind" || key === "base_url";
}

/** Before the last `@` stands who signs in, and after `?` may stand a key; also where the rest is no URL. */
function withoutCredentials(value: string | number): string | number {
  if (typeof value !== "string") return value;
  if (!value.includes("//")) return value;
  return value.replace(/\/\/.*@/s, `//${HIDDEN}@`).replace(/\?.*/s, `?${HIDDEN}`);
}

/** A value in one short line for an error message. */
export function show(path: string[], value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(withoutSecrets(path, value));
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
