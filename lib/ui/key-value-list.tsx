import type { ReactNode } from "react";
import { NONE } from "@/lib/format";
import classes from "./key-value-list.module.css";

export type KeyValue = { label: string; value: ReactNode };

type KeyValueListProps = { items: readonly KeyValue[]; columns?: 1 | 2 };

/** Labelled facts; `null` and the empty string show as absence. */
export function KeyValueList({ items, columns = 1 }: KeyValueListProps) {
  return (
    <dl className={classes.list} data-columns={columns}>
      {items.map((item) => (
        <div key={item.label} className={classes.item}>
          <dt className={classes.label}>{item.label}</dt>
          <dd className={classes.value}>{item.value === null || item.value === "" ? NONE : item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
