import type { NextConfig } from "next";

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // `npm run check` type-checks everything; a first start should not wait for it a second time.
  typescript: { ignoreBuildErrors: true },
  // Statements live in sql/ and are bundled as text, so nothing reads them from disk at run time.
  turbopack: { rules: { "*.sql": { type: "text" } } },
  experimental: {
    // A prompt that is too long must reach our own validation, which names the field.
    serverActions: { bodySizeLimit: "16mb" },
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
  },
};

export default config;
