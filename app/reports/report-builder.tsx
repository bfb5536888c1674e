"use client";

import { Button, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQueryStates } from "nuqs";
import { REPORT_FORMATS, REPORTS } from "@/lib/shape/report";
import { Panel } from "@/lib/ui/panel";
import { useNow } from "@/lib/ui/use-now";
import { FORMAT_INFO, REPORT_INFO } from "./report-catalog";
import { presetRange, RANGE_PRESETS, reportLink, reportParsers, type ReportState } from "./report-state";
import classes from "./reports.module.css";

type Change = (change: Partial<ReportState>) => void;

export function ReportBuilder({ repos }: { repos: string[] }) {
  const [state, setState] = useQueryStates(reportParsers);
  const change: Change = (next) => void setState(next);
  const info = REPORT_INFO[state.report];
  return (
    <Panel title="Download a report" slug="report">
      <div className={classes.builder}>
        <ReportChoice chosen={state.report} onChange={change} />
        <RangeFields state={state} onChange={change} datedBy={info.dated_by} />
        <div className={classes.row}>
          <NativeSelect
            label="Repository"
            value={state.repo}
            data={[{ value: "", label: "All repositories" }, ...repos]}
            onChange={(event) => change({ repo: event.currentTarget.value })}
          />
          <div>
            <span className={classes.label} id="report-format">
              Format
            </span>
            <SegmentedControl
              aria-labelledby="report-format"
              size="xs"
              fullWidth
              value={state.format}
              data={REPORT_FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
              onChange={(format) => change({ format })}
            />
            <p className={classes.hint}>{FORMAT_INFO[state.format]}</p>
          </div>
        </div>
        <Download state={state} />
      </div>
    </Panel>
  );
}

function ReportChoice({ chosen, onChange }: { chosen: ReportState["report"]; onChange: Change }) {
  return (
    <fieldset className={classes.choices}>
      <legend className={classes.label}>Report</legend>
      {REPORTS.map((report) => (
        <label key={report} className={classes.choice}>
          <input
            type="radio"
            name="report"
            value={report}
            checked={report === chosen}
            onChange={() => onChange({ report })}
          />
          <span>
            <strong>{REPORT_INFO[report].title}</strong>
            <span>{REPORT_INFO[report].description}</span>
            <span className={classes.columns}>{REPORT_INFO[report].columns}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

type RangeFieldsProps = { state: ReportState; onChange: Change; datedBy: string };

function RangeFields({ state, onChange, datedBy }: RangeFieldsProps) {
  const now = useNow();
  return (
    <div>
      <div className={classes.presets} role="group" aria-label="Time range">
        {RANGE_PRESETS.map((preset) => {
          const range = now === null ? null : presetRange(preset, now);
          const active = range !== null && range.from === state.from && range.to === state.to;
          return (
            <Button
              key={preset.label}
              size="compact-sm"
              variant={active ? "light" : "default"}
              aria-pressed={active}
              onClick={() => onChange(presetRange(preset, Date.now()))}
            >
              {preset.label}
            </Button>
          );
        })}
      </div>
      <div className={classes.row}>
        <TextInput
          type="date"
          label="From"
          value={state.from}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label="To"
          value={state.to}
          onChange={(event) => onChange({ to: event.currentTarget.value })}
        />
      </div>
      <p className={classes.hint}>Both days are included, in UTC, by {datedBy}. Empty means without limit.</p>
    </div>
  );
}

function Download({ state }: { state: ReportState }) {
  const link = reportLink(state);
  if ("problem" in link) {
    return (
      <p role="alert" className={classes.problem}>
        {link.problem}
      </p>
    );
  }
  return (
    <div className={classes.download}>
      <Button component="a" href={link.href} download leftSection={<IconDownload size={16} aria-hidden />}>
        Download {REPORT_INFO[state.report].title.toLowerCase()} ({state.format})
      </Button>
      <code className={classes.address}>{link.href}</code>
    </div>
  );
}
