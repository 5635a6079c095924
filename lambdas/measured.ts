import type { Measurement } from '../shared/ports.ts';
import { telemetry } from './deps.ts';

/** What a call may take longer so that its measurements are sent: between two calls a lambda stands still. */
const FLUSH_MS = 1_000;

type Attributes = NonNullable<Measurement['attributes']>;
type Handler<R> = (event: unknown) => Promise<R>;

/** The handler, each call measured where telemetry is wanted. */
export function measured<R>(entry: string, handler: Handler<R>, tell?: (result: R) => Attributes): Handler<R> {
  return flushed((event) => telemetry.call(entry, () => handler(event), tell));
}

/** The handler, and after each call what was measured is sent. */
export function flushed<R>(handler: Handler<R>): Handler<R> {
  if (!telemetry.on) return handler;
  return async (event) => {
    try {
      return await handler(event);
    } finally {
      await telemetry.flush(FLUSH_MS);
    }
  };
}
