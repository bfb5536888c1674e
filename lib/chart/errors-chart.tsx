import { RelativeTime } from "@/lib/ui/relative-time";
import classes from "./chart.module.css";
import type { ErrorItem } from "./prepare-errors";

export function ErrorsChart({ items }: { items: readonly ErrorItem[] }) {
  return (
    <ul className={classes.bars} aria-label="Kinds of failure, most frequent first">
      {items.map((item) => (
        <li key={item.type} className={classes.bar}>
          <span className={classes.barName}>{item.name}</span>
          <span className={classes.barValue}>
            {item.count} <span className={classes.share}>{item.share}</span>
          </span>
          <span className={classes.track} aria-hidden>
            <span className={classes.fill} data-tone="failure" style={{ width: `${item.fraction * 100}%` }} />
          </span>
          <span className={classes.barDetail}>
            <span className={classes.message} title={item.message ?? undefined}>
              {item.message ?? "No message"}
            </span>
            <RelativeTime ms={item.lastSeenMs} />
          </span>
        </li>
      ))}
    </ul>
  );
}
