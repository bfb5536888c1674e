import { RelativeTime } from "@/lib/ui/relative-time";

/** A time of the API (ISO 8601) as its age, or `none` when there is none. */
export function Moment({ at, none }: { at: string | null; none: string }) {
  return at === null ? none : <RelativeTime ms={Date.parse(at)} />;
}
