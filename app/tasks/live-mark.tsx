import classes from "./live-mark.module.css";

/** Says whether what is shown follows the server; nothing is said before the first connection. */
export function LiveMark({ connected }: { connected: boolean | null }) {
  if (connected === null) return null;
  return (
    <span className={classes.mark} data-connected={connected} role="status">
      {connected ? "Live" : "Reconnecting"}
    </span>
  );
}
