import { Table } from "@mantine/core";
import type { AlertView } from "@/lib/shape/monitoring";
import { EmptyState } from "@/lib/ui/empty-state";
import { Panel } from "@/lib/ui/panel";
import { ToneBadge } from "@/lib/ui/status-badge";
import tableClasses from "../tasks/data-table.module.css";
import { LevelBadge } from "./level-badge";
import { Moment } from "./moment";
import classes from "./monitoring.module.css";

export function AlertsPanel({ alerts }: { alerts: AlertView[] }) {
  return (
    <Panel
      title="Alerts"
      slug="alerts"
      subtitle="Times a health rule was broken, newest first"
      flush={alerts.length > 0}
    >
      {alerts.length === 0 ? (
        <EmptyState
          title="No alert so far"
          description="A health rule that breaks is listed here, with the time it held again."
        />
      ) : (
        <AlertTable alerts={alerts} />
      )}
    </Panel>
  );
}

function AlertTable({ alerts }: { alerts: AlertView[] }) {
  return (
    <Table
      className={classes.table}
      classNames={{ table: tableClasses.table, th: tableClasses.th, td: tableClasses.td }}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Rule</Table.Th>
          <Table.Th>Level</Table.Th>
          <Table.Th>Message</Table.Th>
          <Table.Th className={tableClasses.number}>Raised</Table.Th>
          <Table.Th className={tableClasses.number}>Resolved</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {alerts.map((alert) => (
          <AlertRow key={`${alert.rule} ${alert.raised_at}`} alert={alert} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function AlertRow({ alert }: { alert: AlertView }) {
  return (
    <Table.Tr className={classes.row}>
      <Table.Td className={classes.rule}>
        <code>{alert.rule}</code>
      </Table.Td>
      <Table.Td className={classes.level}>
        <LevelBadge level={alert.level} />
      </Table.Td>
      <Table.Td className={classes.message}>{alert.message}</Table.Td>
      <Table.Td className={tableClasses.number} data-label="Raised">
        <Moment at={alert.raised_at} none="" />
      </Table.Td>
      <Table.Td className={tableClasses.number} data-label="Resolved">
        {alert.resolved_at === null ? (
          <ToneBadge label="open" tone="warning" />
        ) : (
          <Moment at={alert.resolved_at} none="" />
        )}
      </Table.Td>
    </Table.Tr>
  );
}
