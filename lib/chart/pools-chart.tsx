import classes from "./chart.module.css";
import type { PoolItem } from "./prepare-pools";

/** A table with a bar for the load: six numbers per pool compare better as columns than as bars. */
export function PoolsChart({ items }: { items: readonly PoolItem[] }) {
  return (
    <div className={classes.wide} tabIndex={0} role="region" aria-label="Pool comparison table">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Pool</th>
            <th scope="col">Executions</th>
            <th scope="col">Success</th>
            <th scope="col">Median</th>
            <th scope="col">p95</th>
            <th scope="col">Queue</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.name}>
              <th scope="row">
                {item.name}
                <span className={classes.track} aria-hidden>
                  <span className={classes.fill} style={{ width: `${item.fraction * 100}%` }} />
                </span>
              </th>
              <td>{item.executions}</td>
              <td>{item.successRate}</td>
              <td>{item.median}</td>
              <td>{item.p95}</td>
              <td>{item.queue}</td>
              <td>{item.cost}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
