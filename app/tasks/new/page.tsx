import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PageHeader } from "@/lib/ui/page-header";
import { getRuntime } from "@/server/runtime";
import { submissionValues } from "./submission-form";
import { SubmitTaskForm } from "./submit-task-form";

export const metadata: Metadata = { title: "New task" };

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [prefilled, catalog] = await Promise.all([searchParams, getRuntime().catalog()]);
  const pools = getRuntime().pools.list();
  return (
    <>
      <PageHeader
        title="New task"
        description="Say what should be done and where; the router picks the tier and the pool."
      />
      <SubmitTaskForm
        catalog={catalog}
        pools={pools.filter((pool) => pool.status !== "closed").map((pool) => pool.name)}
        initialValues={submissionValues((field) => prefilled[field])}
      />
    </>
  );
}
