import { once } from 'node:events';
import dynalite from 'dynalite';

/**
 * Starts Dynalite, an emulator of DynamoDB that is nobody's here, empty, in memory, on a free port of loopback.
 *
 * @see https://github.com/architect/dynalite
 */
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
