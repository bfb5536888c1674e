import type { ReactNode } from "react";
import classes from "./notice.module.css";

type EmptyStateProps = { title: string; description?: ReactNode; action?: ReactNode };

/** Says what is missing and how to get it. */
export function EmptyState({ title, description, action }: EmptyStateProps) {
  return (
    <div className={classes.empty}>
      <p className={classes.title}>{title}</p>
      {description === undefined ? null : <div className={classes.description}>{description}</div>}
      {action === undefined ? null : <div className={classes.action}>{action}</div>}
    </div>
  );
}
