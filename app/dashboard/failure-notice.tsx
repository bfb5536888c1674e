"use client";

import { formatUtc } from "@/lib/format";
import { ErrorNotice } from "@/lib/ui/error-notice";
import { RelativeTime } from "@/lib/ui/relative-time";
import { TextLink } from "@/lib/ui/text-link";
import type { SnapshotError } from "@/lib/wasm/errors";
import type { SnapshotInfo } from "@/lib/wasm/snapshot-store";
import classes from "./dashboard.module.css";
import { RetryButton } from "./retry-button";

/** Nothing could be shown. */
export function FailureNotice({ error }: { error: SnapshotError }) {
  if (error.code !== "unsupported") {
    return <RetryNotice error={error} />;
  }
  return (
    <ErrorNotice
      title={error.message}
      description={
        <>
          {error.remedy} The figures are also available as files under{" "}
          <TextLink href="/reports">Reports</TextLink>.
        </>
      }
    />
  );
}

/** Figures are shown, but they could not be brought up to date. */
export function StaleNotice({ error, snapshot }: { error: SnapshotError; snapshot: SnapshotInfo }) {
  return (
    <div className={classes.stale}>
      {error.code === "network" ? (
        <ErrorNotice
          tone="warning"
          title={`Offline, as of ${formatUtc(snapshot.createdAtMs)}`}
          description={
            <>
              The server does not answer. What you see is from <RelativeTime ms={snapshot.createdAtMs} /> and
              is brought up to date by itself once the server is back.
              <RetryButton />
            </>
          }
        />
      ) : (
        <RetryNotice error={error} />
      )}
    </div>
  );
}

function RetryNotice({ error }: { error: SnapshotError }) {
  return (
    <ErrorNotice
      title={error.message}
      description={
        <>
          {error.remedy}
          <RetryButton />
        </>
      }
    />
  );
}
