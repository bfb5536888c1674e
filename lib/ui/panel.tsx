"use client";

import { Skeleton } from "@mantine/core";
import { useId, type ReactNode } from "react";
import { EmptyState } from "./empty-state";
import { ErrorNotice } from "./error-notice";
import classes from "./panel.module.css";

/** `content` stays on screen while newer data is fetched: never go back to `loading` for a refetch. */
export type PanelState =
  | { kind: "content" }
  | { kind: "loading"; label?: string }
  | { kind: "empty"; title: string; description?: ReactNode; action?: ReactNode }
  | { kind: "error"; title: string; description?: ReactNode; onRetry?: () => void };

type PanelProps = {
  title: string;
  /** Gives the panel `data-testid="panel-<slug>"`. */
  slug?: string;
  subtitle?: ReactNode;
  actions?: ReactNode;
  state?: PanelState;
  /** Without inner padding, for tables that reach the border. */
  flush?: boolean;
  minHeight?: number;
  children?: ReactNode;
};

/** A titled surface that knows four states: content, loading, empty and error. */
export function Panel({ title, slug, subtitle, actions, state, flush, minHeight, children }: PanelProps) {
  const headingId = useId();
  const shown = state ?? { kind: "content" };
  return (
    <section
      className={classes.panel}
      aria-labelledby={headingId}
      aria-busy={shown.kind === "loading"}
      data-testid={slug === undefined ? undefined : `panel-${slug}`}
    >
      <header className={classes.header}>
        <div className={classes.heading}>
          <h2 id={headingId} className={classes.title}>
            {title}
          </h2>
          {subtitle === undefined ? null : <p className={classes.subtitle}>{subtitle}</p>}
        </div>
        {actions === undefined ? null : <div className={classes.actions}>{actions}</div>}
      </header>
      <div
        className={classes.body}
        data-flush={flush === true && shown.kind === "content" ? "" : undefined}
        style={minHeight === undefined ? undefined : { minHeight }}
      >
        <PanelBody state={shown}>{children}</PanelBody>
      </div>
    </section>
  );
}

function PanelBody({ state, children }: { state: PanelState; children: ReactNode }) {
  switch (state.kind) {
    case "content":
      return children;
    case "loading":
      return <PanelSkeleton label={state.label ?? "Loading"} />;
    case "empty":
      return <EmptyState title={state.title} description={state.description} action={state.action} />;
    case "error":
      return <ErrorNotice title={state.title} description={state.description} onRetry={state.onRetry} />;
  }
}

function PanelSkeleton({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className={classes.skeleton}>
      <Skeleton height={12} width="38%" />
      <Skeleton height={12} width="72%" />
      <Skeleton height={12} width="56%" />
    </div>
  );
}
