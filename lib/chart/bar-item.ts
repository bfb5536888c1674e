/** One labelled bar: the numbers are written out, the bar only compares. */
export type BarItem = {
  name: string;
  label: string;
  detail: string;
  /** Length of the bar, 0 to 1. */
  fraction: number;
};
