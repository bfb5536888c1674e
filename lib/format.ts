const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;

/** What stands where there is no value: zero is data, absence is not. */
export const NONE = "-";

/** `1,234,567` */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** `1.2M`; below ten thousand every digit is kept. */
export function formatCompact(value: number): string {
  return Math.abs(value) < 10_000 ? COUNT.format(value) : COMPACT.format(value);
}

/** `value` is 0 to 100. Never rounds a rate that is not whole to 0% or 100%. */
export function formatPercent(value: number, digits = 1): string {
  const text = value.toFixed(digits);
  const smallest = 1 / 10 ** digits;
  if (value > 0 && Number(text) === 0) return `<${smallest}%`;
  if (value < 100 && Number(text) === 100) return `>${100 - smallest}%`;
  return `${digits > 0 ? text.replace(/\.0+$/, "") : text}%`;
}

/** US dollars; small amounts keep two significant digits, because one task may cost a fraction of a cent. */
export function formatUsd(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  if (size === 0) return "$0";
  if (size < 0.000_001) return `${sign}<$0.000001`;
  if (size < 0.995) return `${sign}$${smallAmount(size)}`;
  if (size < 1_000) return `${sign}$${size.toFixed(2)}`;
  if (size < 10_000) return `${sign}$${COUNT.format(size)}`;
  return `${sign}$${COMPACT.format(size)}`;
}

function smallAmount(size: number): string {
  const decimals = Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(size))));
  return size.toFixed(decimals);
}

/** `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 5 min`, `3 d 4 h` */
export function formatDuration(seconds: number): string {
  if (seconds < 0.000_5) return "0 s";
  if (seconds < 0.999_5) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 9.95) return `${trimZero(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < SECONDS.minute) return `${whole} s`;
  if (whole < SECONDS.hour) return twoUnits(whole, SECONDS.minute, "min", 1, "s");
  if (whole < SECONDS.day) return twoUnits(whole, SECONDS.hour, "h", SECONDS.minute, "min");
  return twoUnits(whole, SECONDS.day, "d", SECONDS.hour, "h");
}

function twoUnits(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): string {
  const first = Math.floor(seconds / large);
  const second = Math.floor((seconds - first * large) / small);
  return second === 0 ? `${first} ${largeName}` : `${first} ${largeName} ${second} ${smallName}`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Decimal units: `512 B`, `1.5 kB`, `34 MB` */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  const text = unit === 0 || size >= 9.95 ? String(Math.round(size)) : trimZero(size.toFixed(1));
  return `${text} ${BYTE_UNITS[unit] ?? ""}`;
}

/** `12 s ago`; a moment in the future, as two clocks may disagree, reads as `now`. Both are epoch milliseconds. */
export function formatRelativeTime(thenMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - thenMs) / 1_000);
  if (seconds < 0) return "now";
  if (seconds < SECONDS.minute) return `${seconds} s ago`;
  if (seconds < SECONDS.hour) return `${Math.floor(seconds / SECONDS.minute)} min ago`;
  if (seconds < 2 * SECONDS.day) return `${Math.floor(seconds / SECONDS.hour)} h ago`;
  return `${Math.floor(seconds / SECONDS.day)} d ago`;
}

/** `2026-02-03 14:05:06 UTC`: the same on the server and in every browser. */
export function formatUtc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `3 Feb, 14:05` in the reader's own time zone; only for what is drawn in the browser. */
export function formatLocalTime(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** `3 executions`, `1 execution` */
export function pluralize(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

function trimZero(text: string): string {
  return text.replace(/\.0+$/, "");
}
