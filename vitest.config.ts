import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    typecheck: {
      enabled: true,
      include: ["test/types/**/*.test-d.ts"],
      // Errors elsewhere are for `npm run types` to report.
      ignoreSourceErrors: true,
    },
    pool: "forks",
    // Test files start workers and children of their own.
    maxWorkers: 2,
    // Ends what hangs, and measures nothing: a busy machine starts a process in seconds.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Workers import these files untransformed. So must the tests, or one function would have two sources.
    server: { deps: { external: [/\/dist\//, /\/test\/fixtures\//] } },
  },
});
