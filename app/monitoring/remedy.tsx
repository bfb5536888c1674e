import type { ReactNode } from "react";
import { TextLink } from "@/lib/ui/text-link";
import classes from "./monitoring.module.css";

/** What to do about the findings whose message does not say it already, told apart by their wording. */
const REMEDIES: readonly { says: RegExp; remedy: ReactNode }[] = [
  {
    says: /executions succeeded \(limit/,
    remedy: (
      <>
        See why in the <TextLink href="/tasks?status=failed">failed tasks</TextLink>.
      </>
    ),
  },
  {
    says: /^The database has [\d.]+ MB/,
    remedy: (
      <>
        Lower <code>learning.retention_days</code> so that more is archived, then stop the server and run{" "}
        <code>npx poolwise retention --compact</code>.
      </>
    ),
  },
  {
    says: /MB are free on the disk/,
    remedy: (
      <>
        Free disk space, or archive more by lowering <code>learning.retention_days</code>. On a full disk
        nothing more is written to the database.
      </>
    ),
  },
  {
    says: /^Snapshots cannot be published/,
    remedy: (
      <>
        Until it works again the dashboard shows the last snapshot. Check the disk, then run{" "}
        <code>npx poolwise doctor</code>.
      </>
    ),
  },
];

export function Remedy({ message }: { message: string }) {
  const known = REMEDIES.find(({ says }) => says.test(message));
  return known === undefined ? null : <span className={classes.hint}>{known.remedy}</span>;
}
