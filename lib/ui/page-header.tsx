import type { ReactNode } from "react";
import classes from "./page-header.module.css";

type PageHeaderProps = { title: ReactNode; description?: ReactNode; actions?: ReactNode };

/** The one `h1` of a page, with what belongs beside it. */
export function PageHeader({ title, description, actions }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      <div className={classes.text}>
        <h1 className={classes.title}>{title}</h1>
        {description === undefined ? null : <div className={classes.description}>{description}</div>}
      </div>
      {actions === undefined ? null : <div className={classes.actions}>{actions}</div>}
    </header>
  );
}
