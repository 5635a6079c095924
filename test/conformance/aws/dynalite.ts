import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';

/** Dynalite, an emulator of DynamoDB that is nobody's here. @see https://github.com/architect/dynalite */
const dynalite: (options: { createTableMs: number; deleteTableMs: number }) => Server = createRequire(import.meta.url)(
  'dynalite',
);

/** Starts it empty, in memory, on a free port of loopback. */
export async function startDynalite(): Promise<{ origin: string; stop(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was bound');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
