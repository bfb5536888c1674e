import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  type Icon,
} from "@tabler/icons-react";
import type { HealthLevel } from "@/lib/shape/health";
import { ToneBadge, type BadgeTone } from "@/lib/ui/status-badge";

const LOOKS: Record<HealthLevel, { label: string; tone: BadgeTone; icon: Icon }> = {
  OK: { label: "OK", tone: "success", icon: IconCircleCheck },
  WARNING: { label: "Warning", tone: "warning", icon: IconAlertTriangle },
  ERROR: { label: "Error", tone: "failure", icon: IconCircleX },
  CRITICAL: { label: "Critical", tone: "failure", icon: IconAlertOctagon },
};

/** A health level by icon, word and colour. */
export function LevelBadge({ level }: { level: HealthLevel }) {
  return <ToneBadge {...LOOKS[level]} />;
}
