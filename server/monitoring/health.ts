import "server-only";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { messageOf } from "@/lib/errors";
import { HEALTH_LEVELS, type DatabaseStatus, type HealthLevel } from "@/lib/shape/health";
import statusSql from "@/sql/monitor/database_status.sql";
import type { Database } from "../database/database";
import type { Settings } from "../settings/schema";

const countsSchema = z.object({
  total: z.int(),
  recent_1h: z.int(),
  daily: z.int(),
  weekly: z.int(),
  daily_judged: z.int(),
  daily_success_rate: z.number().nullable(),
  avg_duration_seconds: z.number().nullable(),
  avg_quality_score: z.number().nullable(),
  schema_version: z.int(),
});
type Counts = z.infer<typeof countsSchema>;

/** A broken rule; `rule` names it in the `alerts` table. */
export type Finding = { rule: string; level: Exclude<HealthLevel, "OK">; message: string };

export type HealthParts = {
  database: Database;
  limits: Settings["monitoring"];
  recorder: () => { unsaved: number; problem: string | null };
  snapshotError: () => string | null;
};

/** What is said while the database does not answer; a schema version of 0 tells it from an empty one. */
const NO_COUNTS: Counts = {
  total: 0,
  recent_1h: 0,
  daily: 0,
  weekly: 0,
  daily_judged: 0,
  daily_success_rate: null,
  avg_duration_seconds: null,
  avg_quality_score: null,
  schema_version: 0,
};

const MB = 1024 * 1024;
const READ_TIMEOUT_MS = 5_000;
/** A rate over fewer attempts than this says nothing. */
const RATE_MIN_EXECUTIONS = 10;

/** Asks the database a real query and judges what is known. Never rejects: a failing database is a finding. */
export async function checkHealth(
  parts: HealthParts,
): Promise<{ status: DatabaseStatus; findings: Finding[] }> {
  const { database, limits } = parts;
  const sizeMb = database.sizeBytes() / MB;
  const findings: Finding[] = [];
  let counts = NO_COUNTS;
  try {
    counts = countsSchema.parse((await database.read(statusSql, {}, READ_TIMEOUT_MS))[0]);
    findings.push(...judgeRate(counts, limits));
  } catch (error) {
    findings.push({
      rule: "database",
      level: "CRITICAL",
      message: `The database does not answer: ${messageOf(error)}. Restart the server; if it persists run 'poolwise doctor'.`,
    });
  }
  findings.push(
    ...judgeSize(sizeMb, limits),
    ...(await judgeDisk(database.file, limits)),
    ...judgeWrites(parts),
  );
  return { status: describe(database, sizeMb, counts, findings), findings };
}

function describe(database: Database, sizeMb: number, counts: Counts, findings: Finding[]): DatabaseStatus {
  const worst = findings.reduce((level, finding) => Math.max(level, HEALTH_LEVELS.indexOf(finding.level)), 0);
  return {
    status: HEALTH_LEVELS[worst] ?? "OK",
    timestamp: new Date().toISOString(),
    database: {
      path: database.file,
      size_mb: Number(sizeMb.toFixed(2)),
      schema_version: counts.schema_version,
    },
    executions: {
      total: counts.total,
      recent_1h: counts.recent_1h,
      daily: counts.daily,
      weekly: counts.weekly,
    },
    performance: {
      daily_success_rate: counts.daily_success_rate,
      avg_duration_seconds: counts.avg_duration_seconds,
      avg_quality_score: counts.avg_quality_score,
    },
    warnings: findings.filter((finding) => finding.level === "WARNING").map((finding) => finding.message),
    errors: findings.filter((finding) => finding.level !== "WARNING").map((finding) => finding.message),
  };
}

function judgeRate(counts: Counts, limits: Settings["monitoring"]): Finding[] {
  const rate = counts.daily_success_rate;
  if (rate === null || counts.daily_judged < RATE_MIN_EXECUTIONS || rate >= limits.success_rate_warning)
    return [];
  const critical = rate < limits.success_rate_critical;
  const limit = critical ? limits.success_rate_critical : limits.success_rate_warning;
  return [
    {
      rule: "success_rate",
      level: critical ? "CRITICAL" : "WARNING",
      message: `Only ${(rate * 100).toFixed(1)} % of the last day's ${counts.daily_judged} executions succeeded (limit ${limit * 100} %).`,
    },
  ];
}

function judgeSize(sizeMb: number, limits: Settings["monitoring"]): Finding[] {
  if (sizeMb <= limits.database_size_warning_mb) return [];
  const critical = sizeMb > limits.database_size_critical_mb;
  return [
    {
      rule: "database_size",
      level: critical ? "CRITICAL" : "WARNING",
      message: `The database has ${sizeMb.toFixed(0)} MB.`,
    },
  ];
}

async function judgeDisk(file: string, limits: Settings["monitoring"]): Promise<Finding[]> {
  const disk = await statfs(dirname(file)).catch(() => null);
  if (!disk) return [];
  const freeMb = (disk.bavail * disk.bsize) / MB;
  if (freeMb >= limits.disk_free_warning_mb) return [];
  return [
    {
      rule: "disk_free",
      level: "WARNING",
      message: `Only ${freeMb.toFixed(0)} MB are free on the disk of the data directory.`,
    },
  ];
}

function judgeWrites(parts: HealthParts): Finding[] {
  const findings: Finding[] = [];
  const { unsaved, problem } = parts.recorder();
  if (unsaved > 0) {
    findings.push({
      rule: "unsaved_outcomes",
      level: "ERROR",
      message: `${unsaved} finished ${unsaved === 1 ? "attempt waits" : "attempts wait"} in the spool because the database refuses them: ${problem ?? "unknown"}. Free disk space or restart; nothing is lost meanwhile.`,
    });
  }
  const snapshotError = parts.snapshotError();
  if (snapshotError)
    findings.push({
      rule: "snapshot",
      level: "WARNING",
      message: `Snapshots cannot be published: ${snapshotError}`,
    });
  return findings;
}
