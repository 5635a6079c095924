#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

// The first thing that runs: old Nodes get one clear line, not a syntax error from deep inside.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`headroom needs Node 22.18 or newer; this is ${process.versions.node}\n`);
  process.exit(2);
}
// What was compiled once is not compiled at each command.
module.enableCompileCache?.();
// Whoever reads the output may stop early (`| head`).
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// A checkout runs its sources; Node refuses them below node_modules, so that the package holds them built.
const isCheckout = existsSync(new URL('./main.ts', import.meta.url));
const { main } = await import(isCheckout ? './main.ts' : '../dist/cli.js');
const code = await main(process.argv.slice(2));
// Stopped: nothing that is still under way is waited for.
if (code === 130) process.exit(code);
process.exitCode = code;
