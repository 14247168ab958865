import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is polled is expected at once; a busy machine takes longer.
    expect: { poll: { timeout: 10_000 } },
    // Type tests: `npm test` switches them on. They look at the tests' own types; `npm run types` looks at every file.
    typecheck: { include: ['test/**/*.test-d.ts'], ignoreSourceErrors: true },
  },
})
