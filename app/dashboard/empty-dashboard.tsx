import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import Link from "next/link";
import { EmptyState } from "@/lib/ui/empty-state";
import classes from "./dashboard.module.css";

export function EmptyDashboard() {
  return (
    <div className={classes.firstTask}>
      <EmptyState
        title="No task has run yet"
        description="Submit one, and its outcome, duration and cost appear here within seconds. A recipe such as counting lines or running the tests needs no model and no key."
        action={
          <Button component={Link} href="/tasks/new" leftSection={<IconPlus size={16} aria-hidden />}>
            Submit your first task
          </Button>
        }
      />
    </div>
  );
}
