#!/usr/bin/env node
/**
 * The command `gradinit` of an installed package or a linked checkout: src/cli.ts under the TypeScript loader. Installs what is missing
 * on its first call, as the npm scripts of a checkout do.
 */
process.argv.splice(2, 0, new URL('../src/cli.ts', import.meta.url).pathname);
await import('../scripts/run.mjs');
