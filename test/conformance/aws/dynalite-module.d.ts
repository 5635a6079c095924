declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Milliseconds that a table takes to be made and deleted; 500 each unless given. */
  export default function dynalite(options: { createTableMs: number; deleteTableMs: number }): Server;
}
