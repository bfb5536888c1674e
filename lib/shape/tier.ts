import { z } from "zod";

/** Model tiers, cheapest first. */
export const TIERS = ["small", "medium", "large"] as const;
export const tierSchema = z.enum(TIERS);
export type Tier = z.infer<typeof tierSchema>;
