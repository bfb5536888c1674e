import type { Metadata } from "next";
import { PageHeader } from "@/lib/ui/page-header";
import { getRuntime } from "@/server/runtime";
import { MonitoringBoard } from "./monitoring-board";

export const metadata: Metadata = { title: "Monitoring" };

export default async function Page() {
  const view = await getRuntime().monitoring();
  return (
    <>
      <PageHeader title="Monitoring" description="How the server, its database and its disk are doing." />
      <MonitoringBoard initialView={view} />
    </>
  );
}
