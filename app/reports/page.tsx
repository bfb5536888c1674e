import type { Metadata } from "next";
import { PageHeader } from "@/lib/ui/page-header";
import { Panel } from "@/lib/ui/panel";
import { getRuntime } from "@/server/runtime";
import { ReportBuilder } from "./report-builder";
import classes from "./reports.module.css";

export const metadata: Metadata = { title: "Reports" };

const EXAMPLE_QUERY = `SELECT model_tier,
  count(*) AS executions,
  avg(actual_cost) AS avg_cost
FROM 'poolwise-executions-*.parquet'
GROUP BY ALL
ORDER BY executions DESC;`;

export default async function Page() {
  const { repos } = await getRuntime().catalog();
  return (
    <>
      <PageHeader title="Reports" description="Take the data with you: as a file that other tools open." />
      <div className={classes.page}>
        <ReportBuilder repos={repos.map((repo) => repo.name)} />
        <Panel title="Opening Parquet" slug="parquet-help">
          <p className={classes.text}>
            Any tool that reads Parquet opens the file. With the DuckDB command line, in the folder of the
            download:
          </p>
          <pre className={classes.code}>{EXAMPLE_QUERY}</pre>
          <p className={classes.text}>
            Times are UTC. From a terminal, <code>poolwise report</code> writes the same files.
          </p>
        </Panel>
      </div>
    </>
  );
}
