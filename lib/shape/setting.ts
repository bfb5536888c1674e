/** One resolved setting as `/settings` and `doctor` show it. Secrets arrive masked. */
export type SettingView = {
  /** Dotted key path, e.g. `learning.retention_days`. */
  key: string;
  value: string;
  default_value: string | null;
  source: "standard.yaml" | "local.yaml" | "environment";
  /** File path or environment variable the value came from. */
  where: string;
  description: string;
};
