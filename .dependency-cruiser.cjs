// The arrows of the house. A new room must be added here, so that it is a deliberate act.
const within = (room) => `^${room}/`;

/** What each room of the workshop may import from the workshop, besides itself. */
const ROOMS = {
  settings: [],
  imports: ["database/foreign", "settings"],
  routing: [],
  database: [],
  pools: ["log"],
  telemetry: ["database", "pools/types", "log"],
  snapshots: ["database", "log"],
  keeping: ["database", "snapshots/durable-file", "log"],
  monitoring: ["database", "settings/schema"],
};

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "lib-knows-nothing-above-it",
      severity: "error",
      from: { path: "^lib/" },
      to: { path: "^(app|server|settings)/" },
    },
    {
      name: "shapes-are-pure",
      severity: "error",
      from: { path: "^lib/shape/" },
      to: { path: "^(lib/(?!shape/)|sql/)" },
    },
    {
      name: "charts-never-fetch",
      severity: "error",
      from: { path: "^lib/chart/" },
      to: { path: "^(lib/(wasm|api)/|sql/)" },
    },
    {
      name: "server-knows-no-page",
      severity: "error",
      from: { path: "^server/" },
      to: { path: "^(app|lib/(wasm|chart|ui|api))/" },
    },
    {
      name: "pages-see-the-runtime-only",
      comment:
        "The server's code runs in a bundle of its own; a second copy in the pages' bundle would open the database twice.",
      severity: "error",
      from: { path: "^app/" },
      to: { path: "^server/", pathNot: "^server/(runtime|log)\\.ts$" },
    },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `room-${room}`,
      comment: "Rooms are put together in server/tasks only.",
      severity: "error",
      from: { path: within(`server/${room}`), pathNot: "\\.test\\.ts$" },
      to: { path: "^server/", pathNot: `^server/(${[room, ...allowed].join("|")})(/|\\.ts$)` },
    })),
    {
      name: "tasks-know-no-door",
      severity: "error",
      from: { path: "^server/tasks/" },
      to: { path: "^server/(http|cli|serve)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
