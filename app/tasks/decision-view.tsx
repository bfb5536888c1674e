import { formatCount, formatPercent, formatUsd } from "@/lib/format";
import type { Decision, ScorePart } from "@/lib/shape/decision";
import { KeyValueList } from "@/lib/ui/key-value-list";
import classes from "./decision-view.module.css";

const PART_LABELS: Record<ScorePart["name"], string> = {
  file_count: "Files",
  estimated_tokens: "Tokens",
  task_type: "Task type",
  keywords: "Keywords",
};

/** A routing decision in words and numbers: for a dry run and for a task alike. */
export function DecisionView({ decision }: { decision: Decision }) {
  return (
    <div className={classes.decision}>
      <div className={classes.head}>
        <span className={classes.tier} data-tier={decision.tier}>
          {decision.tier}
        </span>
        <span className={classes.score}>
          <strong>{formatCount(decision.complexity_score)}</strong> of 100 complexity
        </span>
      </div>
      <div className={classes.meter} aria-hidden>
        <span style={{ width: `${Math.min(100, Math.max(0, decision.complexity_score))}%` }} />
      </div>
      <p className={classes.reason}>{decision.reason}</p>
      <ScoreParts parts={decision.score_parts} />
      <KeyValueList
        items={[
          { label: "Pool", value: decision.pool_name },
          { label: "Strategy", value: decision.strategy.replaceAll("_", " ") },
          { label: "Worker", value: decision.worker_type },
          { label: "Model", value: modelOf(decision) },
          { label: "Confidence", value: formatPercent(decision.confidence * 100, 0) },
          {
            label: "Expected savings",
            value: `${formatPercent(decision.expected_savings, 0)} of the large tier's price`,
          },
          { label: "Estimated tokens", value: formatCount(decision.estimated_tokens) },
          { label: "Estimated cost", value: formatUsd(decision.cost_estimate) },
          { label: "Policy", value: policyOf(decision) },
        ]}
      />
    </div>
  );
}

function modelOf({ model, provider, worker_type }: Decision): string {
  if (model === null || worker_type === "command") return "none: no model is called";
  return provider === null ? model : `${model} (${provider})`;
}

function policyOf({ policy_version, propensity }: Decision): string {
  return propensity === 1
    ? policy_version
    : `${policy_version}, tier drawn with ${formatPercent(propensity * 100, 0)} probability`;
}

function ScoreParts({ parts }: { parts: ScorePart[] }) {
  if (parts.length === 0) return null;
  return (
    <ul className={classes.parts} aria-label="Parts of the score">
      {parts.map((part) => (
        <li key={part.name}>
          <span className={classes.partName}>{PART_LABELS[part.name]}</span>
          <span className={classes.because}>{part.because}</span>
          <span className={classes.points}>{signed(part.points)}</span>
        </li>
      ))}
    </ul>
  );
}

function signed(points: number): string {
  return points > 0 ? `+${points}` : String(points);
}
