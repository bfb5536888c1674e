import type { Metadata } from "next";
import { PageHeader } from "@/lib/ui/page-header";
import { getRuntime } from "@/server/runtime";
import { SettingsTable } from "./settings-table";

export const metadata: Metadata = { title: "Settings" };

export default function Page() {
  return (
    <>
      <PageHeader
        title="Settings"
        description={
          <>
            To change one, write it into <code>settings/local.yaml</code> or set{" "}
            <code>POOLWISE_SECTION__KEY</code> in the environment, then restart. The environment wins.
          </>
        }
      />
      <SettingsTable settings={getRuntime().settings()} />
    </>
  );
}
