import type { BarItem } from "./bar-item";
import classes from "./chart.module.css";

/** Labelled horizontal bars. The numbers are text, so the bars themselves are decoration. */
export function BarsChart({ items, label }: { items: readonly BarItem[]; label: string }) {
  return (
    <ul className={classes.bars} aria-label={label}>
      {items.map((item) => (
        <li key={item.name} className={classes.bar}>
          <span className={classes.barName}>{item.name}</span>
          <span className={classes.barValue}>{item.label}</span>
          <span className={classes.track} aria-hidden>
            <span className={classes.fill} style={{ width: `${item.fraction * 100}%` }} />
          </span>
          <span className={classes.barDetail}>{item.detail}</span>
        </li>
      ))}
    </ul>
  );
}
