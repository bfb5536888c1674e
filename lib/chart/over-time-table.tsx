import { formatCount, formatPercent, NONE } from "@/lib/format";
import classes from "./chart.module.css";
import type { OverTimeModel } from "./prepare-over-time";

/** The chart's numbers as text, newest first; buckets in which nothing ran are left out. */
export function OverTimeTable({ model, caption }: { model: OverTimeModel; caption: string }) {
  const points = model.points.filter((point) => point.successRate !== null).reverse();
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={`${caption} table`}>
      <table className={classes.table}>
        <caption className={classes.caption}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Succeeded</th>
            <th scope="col">Failed</th>
            <th scope="col">Success rate</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.startMs}>
              <th scope="row">{point.label}</th>
              <td>{formatCount(point.succeeded)}</td>
              <td>{formatCount(point.failed)}</td>
              <td>{point.successRate === null ? NONE : formatPercent(point.successRate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
