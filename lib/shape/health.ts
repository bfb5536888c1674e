export const HEALTH_LEVELS = ["OK", "WARNING", "ERROR", "CRITICAL"] as const;
export type HealthLevel = (typeof HEALTH_LEVELS)[number];

/** `database_status`: the same for `/api/health` and `poolwise monitor --json`. */
export type DatabaseStatus = {
  status: HealthLevel;
  timestamp: string;
  database: { path: string; size_mb: number; schema_version: number };
  executions: { total: number; recent_1h: number; daily: number; weekly: number };
  performance: {
    daily_success_rate: number | null;
    avg_duration_seconds: number | null;
    avg_quality_score: number | null;
  };
  warnings: string[];
  errors: string[];
};
