import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconClock,
  IconCircleX,
  IconPlayerPlay,
  type Icon,
} from "@tabler/icons-react";
import type { TaskStatus } from "@/lib/shape/task";
import classes from "./badge.module.css";

export type BadgeTone = "neutral" | "accent" | "success" | "failure" | "warning";

type Look = { label: string; tone: BadgeTone; icon: Icon };

const LOOKS: Record<TaskStatus, Look> = {
  queued: { label: "Queued", tone: "neutral", icon: IconClock },
  running: { label: "Running", tone: "accent", icon: IconPlayerPlay },
  succeeded: { label: "Succeeded", tone: "success", icon: IconCircleCheck },
  failed: { label: "Failed", tone: "failure", icon: IconCircleX },
  cancelled: { label: "Cancelled", tone: "neutral", icon: IconBan },
  interrupted: { label: "Interrupted", tone: "warning", icon: IconAlertTriangle },
};

/** A task's status by icon, word and colour, so that none has to be told apart by colour alone. */
export function StatusBadge({ status }: { status: TaskStatus }) {
  const look = LOOKS[status];
  return <ToneBadge label={look.label} tone={look.tone} icon={look.icon} />;
}

type ToneBadgeProps = { label: string; tone: BadgeTone; icon?: Icon };

/** The same look for other states: pools, alerts, availability. */
export function ToneBadge({ label, tone, icon: Symbol }: ToneBadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {Symbol === undefined ? null : <Symbol size={13} stroke={2} aria-hidden />}
      {label}
    </span>
  );
}
