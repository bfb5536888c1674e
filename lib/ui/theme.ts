import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const brand: MantineColorsTuple = [
  "#eaf2fd",
  "#d3e2fa",
  "#a9c8f5",
  "#7db1ff",
  "#5a96ec",
  "#3a7de0",
  "#1f62c4",
  "#1a54a9",
  "#16478f",
  "#113a76",
];

const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#f1f3f6",
  "#e6e9ee",
  "#dbe0e7",
  "#cbd2db",
  "#9aa4b2",
  "#5b6675",
  "#475160",
  "#303845",
  "#1a1f27",
];

const dark: MantineColorsTuple = [
  "#e4e7ec",
  "#c2c9d3",
  "#98a1ae",
  "#6b7482",
  "#39404b",
  "#262b33",
  "#1b1f26",
  "#15181d",
  "#101317",
  "#0b0d10",
];

/** System fonts only: nothing is fetched from another origin. */
export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: { light: 6, dark: 6 },
  colors: { brand, gray, dark },
  black: "#1a1f27",
  fontFamily: "var(--pw-font)",
  fontFamilyMonospace: "var(--pw-mono)",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.55", xl: "1.4" },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  headings: {
    fontFamily: "var(--pw-font)",
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1rem", lineHeight: "1.4" },
      h3: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Ties Mantine's own surfaces to the tokens in `app/globals.css`. */
export const cssVariables: CSSVariablesResolver = () => {
  const tokens = {
    "--mantine-color-body": "var(--pw-surface)",
    "--mantine-color-text": "var(--pw-text)",
    "--mantine-color-dimmed": "var(--pw-text-2)",
    "--mantine-color-default-border": "var(--pw-border-strong)",
    "--mantine-color-anchor": "var(--pw-accent)",
    "--mantine-color-error": "var(--pw-failure-text)",
  };
  return { variables: {}, light: tokens, dark: tokens };
};
