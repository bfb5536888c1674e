"use client";

import { Button, Table, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { parseAsString, useQueryState } from "nuqs";
import { formatCount, NONE } from "@/lib/format";
import type { SettingView } from "@/lib/shape/setting";
import { EmptyState } from "@/lib/ui/empty-state";
import { ToneBadge, type BadgeTone } from "@/lib/ui/status-badge";
import tableClasses from "../tasks/data-table.module.css";
import { matchingSettings, sectionsOf } from "./settings-search";
import classes from "./settings.module.css";

const TONES: Record<SettingView["source"], BadgeTone> = {
  "standard.yaml": "neutral",
  "local.yaml": "accent",
  environment: "warning",
};

export function SettingsTable({ settings }: { settings: SettingView[] }) {
  const [q, setQ] = useQueryState("q", parseAsString.withDefault(""));
  const found = matchingSettings(settings, q);
  return (
    <section className={classes.surface} aria-label="Settings" data-testid="panel-settings">
      <div className={classes.toolbar}>
        <TextInput
          type="search"
          size="xs"
          className={classes.search}
          aria-label="Search settings"
          placeholder="Search keys, values, descriptions"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={q}
          onChange={(event) => void setQ(event.currentTarget.value || null)}
        />
        <span className={classes.count} role="status">
          {found.length === settings.length
            ? `${formatCount(settings.length)} settings`
            : `${formatCount(found.length)} of ${formatCount(settings.length)}`}
        </span>
      </div>
      {found.length === 0 ? (
        <EmptyState
          title="No setting matches"
          action={
            <Button size="xs" variant="default" onClick={() => void setQ(null)}>
              Clear search
            </Button>
          }
        />
      ) : (
        <Table
          className={classes.table}
          classNames={{ table: tableClasses.table, th: tableClasses.th, td: tableClasses.td }}
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Setting</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>Default</Table.Th>
              <Table.Th>Source</Table.Th>
            </Table.Tr>
          </Table.Thead>
          {sectionsOf(found).map(([section, entries]) => (
            <Section key={section} name={section} settings={entries} />
          ))}
        </Table>
      )}
    </section>
  );
}

function Section({ name, settings }: { name: string; settings: SettingView[] }) {
  return (
    <Table.Tbody>
      <Table.Tr className={classes.section}>
        <Table.Th colSpan={4} scope="rowgroup">
          {name}
        </Table.Th>
      </Table.Tr>
      {settings.map((setting) => (
        <SettingRow key={setting.key} setting={setting} />
      ))}
    </Table.Tbody>
  );
}

function SettingRow({ setting }: { setting: SettingView }) {
  const changed = setting.default_value !== null && setting.value !== setting.default_value;
  return (
    <Table.Tr className={classes.row}>
      <Table.Td className={classes.key}>
        <code>{setting.key}</code>
        <span>{setting.description}</span>
      </Table.Td>
      <Table.Td className={classes.value} data-changed={changed}>
        {setting.value === "" ? NONE : setting.value}
      </Table.Td>
      <Table.Td className={classes.default} data-label="Default">
        {setting.default_value === null || setting.default_value === "" ? NONE : setting.default_value}
      </Table.Td>
      <Table.Td className={classes.source}>
        <ToneBadge label={setting.source} tone={TONES[setting.source]} />
        {setting.source === "standard.yaml" ? null : <span className={classes.where}>{setting.where}</span>}
      </Table.Td>
    </Table.Tr>
  );
}
