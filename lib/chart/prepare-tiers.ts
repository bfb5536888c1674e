import { formatCount, formatPercent, formatUsd, pluralize } from "@/lib/format";
import { TIERS } from "@/lib/shape/tier";
import type { BarItem } from "./bar-item";

export type TierFigures = { tier: string; executions: number; succeeded: number; cost_usd: number };

const ORDER: readonly string[] = TIERS;

/** Success per tier, cheapest first, on a fixed scale of 0 to 100%: a tier that ran nothing is not listed. */
export function prepareSuccessByTier(rows: readonly TierFigures[]): BarItem[] {
  return sorted(rows).map((row) => {
    const rate = (100 * row.succeeded) / row.executions;
    return {
      name: row.tier,
      label: formatPercent(rate),
      detail: `${formatCount(row.succeeded)} of ${formatCount(row.executions)}`,
      fraction: rate / 100,
    };
  });
}

/** Cost per tier, cheapest tier first; bars compare with the dearest tier, and the share is of the whole. */
export function prepareCostByTier(rows: readonly TierFigures[]): BarItem[] {
  const total = rows.reduce((sum, row) => sum + row.cost_usd, 0);
  const most = Math.max(0, ...rows.map((row) => row.cost_usd));
  return sorted(rows).map((row) => ({
    name: row.tier,
    label: formatUsd(row.cost_usd),
    detail: `${pluralize(row.executions, "execution")}, ${formatUsd(row.cost_usd / row.executions)} each${share(row, total)}`,
    fraction: most === 0 ? 0 : row.cost_usd / most,
  }));
}

function share(row: TierFigures, total: number): string {
  return total === 0 ? "" : `, ${formatPercent((100 * row.cost_usd) / total, 0)} of cost`;
}

function sorted(rows: readonly TierFigures[]): TierFigures[] {
  const rank = (tier: string) => (ORDER.includes(tier) ? ORDER.indexOf(tier) : ORDER.length);
  return rows
    .filter((row) => row.executions > 0)
    .sort((a, b) => rank(a.tier) - rank(b.tier) || a.tier.localeCompare(b.tier));
}
