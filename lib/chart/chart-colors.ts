/** Tokens of app/globals.css: blue and vermilion stay apart in every common colour-vision deficiency. */
export const SUCCESS = "var(--pw-success)";
export const FAILURE = "var(--pw-failure)";
export const GRID = "var(--pw-grid)";
export const AXIS_TEXT = "var(--pw-text-2)";
