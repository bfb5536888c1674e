"use client";

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./notice.module.css";

type ErrorNoticeProps = {
  /** What happened. */
  title: string;
  /** What to do about it. */
  description?: ReactNode;
  /** `warning` when what is on the page still holds. */
  tone?: "failure" | "warning";
  onRetry?: (() => void) | undefined;
};

export function ErrorNotice({ title, description, tone = "failure", onRetry }: ErrorNoticeProps) {
  const Symbol = tone === "warning" ? IconCloudOff : IconAlertTriangle;
  return (
    <div className={classes.error} data-tone={tone} role={tone === "warning" ? "status" : "alert"}>
      <Symbol size={18} className={classes.icon} aria-hidden />
      <div className={classes.text}>
        <p className={classes.title}>{title}</p>
        {description === undefined ? null : <div className={classes.description}>{description}</div>}
      </div>
      {onRetry === undefined ? null : (
        <Button
          size="xs"
          variant="default"
          onClick={onRetry}
          leftSection={<IconRefresh size={14} aria-hidden />}
        >
          Try again
        </Button>
      )}
    </div>
  );
}
