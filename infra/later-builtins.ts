/**
 * Modules of Node's own that a bundle names at its head: what lies behind them is loaded with the first thing that is taken
 * from them.
 *
 * - `node:zlib` is 2 ms of a start. Microsoft's pipeline unpacks answers with it, and tables and queues send none that are packed.
 * - `node:util` has parts that Node loads when they are looked at, and a bundle's `import util from 'node:util'` looks at each
 *   of its names: 34 modules, worker threads and the differences of assertions among them, 3 ms.
 */
import * as util from 'node:util';
import * as zlib from 'node:zlib';
import type { Plugin } from 'esbuild';

const LATER: Readonly<Record<string, object>> = { 'node:util': util, 'node:zlib': zlib };
const NAMESPACE = 'later-builtin';

export const laterBuiltins: Plugin = {
  name: 'later-builtins',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?(?:util|zlib)$/ }, ({ path, namespace }) => {
      const module = path.startsWith('node:') ? path : `node:${path}`;
      return namespace === NAMESPACE ? { path: module, external: true } : { path: module, namespace: NAMESPACE };
    });
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: standIn(path) }));
  },
};

/** CommonJS with the same names, each read from the module when it is asked for. */
function standIn(path: string): string {
  const names = Object.keys(LATER[path] ?? {}).filter((name) => name !== 'default');
  return `for (const name of ${JSON.stringify(names)})
    Object.defineProperty(exports, name, { enumerable: true, get: () => require('${path}')[name] });`;
}
