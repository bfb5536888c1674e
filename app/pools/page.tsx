import type { Metadata } from "next";
import { PageHeader } from "@/lib/ui/page-header";
import { getRuntime } from "@/server/runtime";
import { PoolsView } from "./pools-view";
import { WorkersPanel } from "./workers-panel";
import classes from "./pools.module.css";

export const metadata: Metadata = { title: "Pools" };

export default async function Page() {
  const catalog = await getRuntime().catalog();
  return (
    <>
      <PageHeader title="Pools" description="Groups of workers that tasks are routed to." />
      <div className={classes.page}>
        <PoolsView initialPools={getRuntime().pools.list()} />
        <WorkersPanel workers={catalog.workers} />
      </div>
    </>
  );
}
