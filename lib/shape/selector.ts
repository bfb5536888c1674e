import { z } from "zod";

/** How a pool is picked when none is named. */
export const SELECTORS = ["round_robin", "least_loaded", "random", "affinity"] as const;
export const selectorSchema = z.enum(SELECTORS);
export type Selector = z.infer<typeof selectorSchema>;
