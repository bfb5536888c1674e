#!/usr/bin/env node
// CommonJS on purpose: this must run before anything uses libuv's thread pool. With the default of 4 threads,
// four long queries would block every other query and all file access of the process.
process.env.UV_THREADPOOL_SIZE ??= "16";

import("../scripts/build.mjs")
  .then(({ ensureServerBundle }) => ensureServerBundle())
  .then((program) => import(program))
  .then(({ main }) => main(process.argv))
  .catch((error) => {
    process.stderr.write(
      `poolwise: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  });
