"use client";

import { Button, VisuallyHidden } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { snapshots } from "@/lib/wasm/snapshots";
import classes from "./dashboard.module.css";

// A server that is gone refuses at once: without a moment to see it, the button would seem to do nothing.
const SHOWN_AT_LEAST_MS = 500;

/** Loads the snapshot again, and says so until that has worked or failed. */
export function RetryButton() {
  const [isRetrying, setRetrying] = useState(false);
  // Not a transition: those wait for each other, so that no link would work until this has ended.
  const retry = () => {
    setRetrying(true);
    void Promise.all([snapshots.refresh(), pause(SHOWN_AT_LEAST_MS)]).then(() => setRetrying(false));
  };
  return (
    <div className={classes.retry}>
      <Button
        size="xs"
        variant="default"
        onClick={retry}
        loading={isRetrying}
        leftSection={<IconRefresh size={14} aria-hidden />}
      >
        Try again
      </Button>
      {isRetrying ? <VisuallyHidden>Trying again</VisuallyHidden> : null}
    </div>
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
