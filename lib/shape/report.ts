import { z } from "zod";

export const REPORTS = ["executions", "routing_decisions", "tasks", "pools"] as const;
export type ReportName = (typeof REPORTS)[number];
export const REPORT_FORMATS = ["parquet", "csv", "json"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const instant = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), "must be a date (2026-01-31) or an ISO 8601 time");

/** `from` is inclusive; `to` is exclusive, and a bare date means through the end of that day. */
export const reportQuerySchema = z
  .strictObject({ from: instant.optional(), to: instant.optional(), repo: z.string().min(1).optional() })
  .refine((q) => q.from === undefined || q.to === undefined || Date.parse(q.from) <= Date.parse(q.to), {
    path: ["from"],
    message: "must not be later than 'to'",
  });
export type ReportQuery = z.infer<typeof reportQuerySchema>;
