import { formatCount, formatPercent, formatUsd, NONE } from "@/lib/format";

export type KpiFigures = {
  executions: number;
  succeeded: number;
  cost_usd: number;
  quality: number | null;
  graded: number;
};

export type KpiTile = {
  slug: "executions" | "success-rate" | "cost" | "quality";
  title: string;
  text: string;
  /** The number alone, unrounded; empty when there is none. */
  value: string;
  detail: string;
};

/** The four headline numbers, each with one line that puts it in proportion. */
export function prepareKpis(now: KpiFigures, before: KpiFigures | null, words: string): KpiTile[] {
  return [executions(now, before, words), successRate(now, before), cost(now), quality(now)];
}

function executions(now: KpiFigures, before: KpiFigures | null, words: string): KpiTile {
  return {
    slug: "executions",
    title: "Executions",
    text: formatCount(now.executions),
    value: String(now.executions),
    detail:
      before === null || before.executions === 0
        ? words
        : `${change(now.executions, before.executions)} vs previous period`,
  };
}

function successRate(now: KpiFigures, before: KpiFigures | null): KpiTile {
  const rate = rateOf(now);
  const past = before === null ? null : rateOf(before);
  const failed = `${formatCount(now.executions - now.succeeded)} failed`;
  return {
    slug: "success-rate",
    title: "Success rate",
    text: rate === null ? NONE : formatPercent(rate),
    value: rate === null ? "" : String(rate),
    detail: rate === null ? "Nothing ran" : past === null ? failed : `${failed}, ${points(rate - past)}`,
  };
}

function cost(now: KpiFigures): KpiTile {
  return {
    slug: "cost",
    title: "Cost",
    text: formatUsd(now.cost_usd),
    value: String(now.cost_usd),
    detail: now.executions === 0 ? "US dollars" : `${formatUsd(now.cost_usd / now.executions)} per execution`,
  };
}

function quality(now: KpiFigures): KpiTile {
  const graded = `${formatCount(now.graded)} of ${formatCount(now.executions)} graded`;
  return {
    slug: "quality",
    title: "Quality",
    text: now.quality === null ? NONE : now.quality.toFixed(1),
    value: now.quality === null ? "" : String(now.quality),
    detail: now.quality === null ? "Nothing was graded" : `of 100, ${graded}`,
  };
}

function rateOf(figures: KpiFigures): number | null {
  return figures.executions === 0 ? null : (100 * figures.succeeded) / figures.executions;
}

function change(now: number, before: number): string {
  const percent = (100 * (now - before)) / before;
  if (Math.abs(percent) < 0.5) return "Unchanged";
  return `${percent > 0 ? "+" : "-"}${formatCount(Math.abs(percent))}%`;
}

function points(difference: number): string {
  if (Math.abs(difference) < 0.05) return "rate unchanged";
  return `${difference > 0 ? "up" : "down"} ${Math.abs(difference).toFixed(1)} points`;
}
