import type { ReportFormat, ReportName } from "@/lib/shape/report";

type ReportInfo = { title: string; description: string; columns: string; dated_by: string };

/** What each report holds, in words. */
export const REPORT_INFO: Record<ReportName, ReportInfo> = {
  executions: {
    title: "Executions",
    description:
      "One row for every finished attempt: what ran where, how long it took, what it cost, how it ended.",
    columns:
      "task_id, timestamp, task_type and the other reference columns in their order, without embedding; then pool, worker, provider, model, tokens, queue time, strategy, policy and exit code.",
    dated_by: "the execution's timestamp",
  },
  routing_decisions: {
    title: "Routing decisions",
    description:
      "One row for every decision: the score and its parts, the tier, pool and strategy chosen, and why.",
    columns:
      "Score, tier, confidence, expected savings, propensity, policy version, and the reason in words.",
    dated_by: "the time of the decision",
  },
  tasks: {
    title: "Tasks",
    description: "One row for every task as it was submitted, with its status now and its result.",
    columns: "Request without the prompt, status, pool, times, exit code, error, quality, cost and rating.",
    dated_by: "the time of submission",
  },
  pools: {
    title: "Pools",
    description: "One row for every pool and repository: how much ran, how well, how fast and for how much.",
    columns: "Executions, successes, success rate, average and 95th percentile duration, average wait, cost.",
    dated_by: "the executions' timestamps",
  },
};

export const FORMAT_INFO: Record<ReportFormat, string> = {
  parquet: "Typed and compressed; for DuckDB, pandas, Spark and the like",
  csv: "For spreadsheets and simple scripts",
  json: "An array of objects, for programs",
};
