import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import currentPolicySql from "@/sql/read/current_policy.sql";
import policySql from "@/sql/write/policy.sql";
import policyUpdateSql from "@/sql/write/policy_update.sql";
import type { Database } from "../database/database";
import { policyVersion, type RoutingRules } from "../routing/route";

/** Makes the rules in force the current policy, and notes in the ledger when they took over from others. */
export async function recordPolicy(database: Database, rules: RoutingRules): Promise<void> {
  const version = policyVersion(rules);
  const [current] = z
    .array(z.object({ to_version: z.string() }))
    .parse(await database.read(currentPolicySql));
  if (current?.to_version === version) return;
  await database.writer.write([
    {
      sql: policySql,
      values: { policy_version: version, kind: "static", parameters: JSON.stringify(rules) },
    },
    {
      sql: policyUpdateSql,
      values: {
        update_id: randomUUID(),
        from_version: current?.to_version ?? null,
        to_version: version,
        evidence: "the settings of model_routing",
      },
    },
  ]);
}
